//! What to do where a group has another protocol than ours.

use crate::plan::GroupProtocol;
use millstream_native::Code;

/// What mends an error of a member with this protocol, if it is that of the others which does not fit.
pub(super) fn fix(code: Code, protocol: GroupProtocol) -> Option<String> {
    let ours = match protocol {
        GroupProtocol::ClassicEager => "eager",
        GroupProtocol::ClassicCooperative => "cooperative",
        GroupProtocol::Consumer => "consumer",
    };
    match code {
        Code::INCONSISTENT_GROUP_PROTOCOL | Code::GROUP_ID_NOT_FOUND | Code::UNSUPPORTED_ASSIGNOR => Some(format!(
            "other members of the group share partitions out in another way than `group_protocol = \"{ours}\"`: set it to theirs (\"eager\" for \
             range and round robin, \"cooperative\" for cooperative-sticky, \"consumer\" for KIP-848), give this application a group of its own, or wait \
             until they have left"
        )),
        Code::UNSUPPORTED_VERSION | Code::UNSUPPORTED_FEATURE if protocol == GroupProtocol::Consumer => Some(
            "the brokers do not know `group_protocol = \"consumer\"`, which Kafka has from 4.0 on: leave it out"
                .to_owned(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_another_protocol_is_told_with_ours_and_what_to_set() {
        let fix = fix(Code::INCONSISTENT_GROUP_PROTOCOL, GroupProtocol::ClassicEager).unwrap();
        assert!(fix.contains("`group_protocol = \"eager\"`: set it to theirs"), "{fix}");
        assert!(!fix.contains("  "), "{fix}");
    }

    #[test]
    fn brokers_that_are_too_old_are_told_apart_from_other_members() {
        let fix_of = |protocol| fix(Code::UNSUPPORTED_FEATURE, protocol);
        assert!(fix_of(GroupProtocol::Consumer).unwrap().starts_with("the brokers do not know"));
        assert_eq!(fix_of(GroupProtocol::ClassicCooperative), None);
        assert_eq!(fix(Code::TRANSPORT, GroupProtocol::Consumer), None);
    }
}
