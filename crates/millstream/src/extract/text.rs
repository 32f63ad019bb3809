//! Bytes of a key, a header or a payload as text, and text as a number.

use super::ExtractError;
use crate::error::BoxError;
use std::borrow::Cow;
use std::str::FromStr;

/// The bytes as UTF-8.
pub(super) fn utf8(bytes: &[u8], what: impl FnOnce() -> Cow<'static, str>) -> Result<&str, ExtractError> {
    std::str::from_utf8(bytes).map_err(|error| ExtractError::malformed(what(), error))
}

/// The bytes as a value written in UTF-8.
///
/// Only for types whose errors do not quote the text, as errors are logged.
pub(super) fn parse<T: FromStr<Err: Into<BoxError>>>(
    bytes: &[u8],
    what: impl Fn() -> Cow<'static, str>,
) -> Result<T, ExtractError> {
    utf8(bytes, &what)?.parse().map_err(|error| ExtractError::malformed(what(), error))
}

/// Calls a macro with every type that is written as text and whose errors do not quote it.
macro_rules! for_text_types {
    ($implement:ident) => {
        $implement!(
            u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char
        );
    };
}
pub(super) use for_text_types;
