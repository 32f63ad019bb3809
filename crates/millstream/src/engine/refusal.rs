//! What a refused commit means.

use millstream_native::Code;

/// Errors of the request as a whole: repeating the list in parts tells nothing more.
pub(super) fn matters_to_all(code: Code) -> bool {
    code.is_retriable()
        || matches!(
            code,
            Code::ILLEGAL_GENERATION
                | Code::UNKNOWN_MEMBER_ID
                | Code::STALE_MEMBER_EPOCH
                | Code::FENCED_MEMBER_EPOCH
                | Code::FENCED_INSTANCE_ID
                | Code::GROUP_AUTHORIZATION_FAILED
                | Code::DESTROY
                | Code::FATAL
                | Code::STATE
                | Code::FAIL
                | Code::ASSIGNMENT_LOST
        )
}

/// Whether repeating cannot help while the partition is ours. What says that it may not be ours any more
/// is repeated: a revoke then ends the matter.
pub(super) fn is_final(code: Code) -> bool {
    matches!(
        code,
        Code::TOPIC_AUTHORIZATION_FAILED
            | Code::GROUP_AUTHORIZATION_FAILED
            | Code::OFFSET_METADATA_TOO_LARGE
            | Code::INVALID_COMMIT_OFFSET_SIZE
            | Code::INVALID_GROUP_ID
            | Code::INVALID_ARGUMENT
            | Code::UNSUPPORTED_VERSION
    )
}
