//! Tokens for SASL OAUTHBEARER.

use std::ffi::c_char;

use rdkafka_sys::bindings as sys;

use crate::client::Client;
use crate::code::Code;
use crate::error::NativeError;
use crate::raw;

impl Client {
    /// Answers [`Event::TokenRefresh`](crate::Event::TokenRefresh) with a token.
    ///
    /// `expires` is when it ends, in milliseconds since 1970; `extensions` are SASL extensions by name (KIP-342).
    ///
    /// # Errors
    ///
    /// A malformed token, principal or extension, a token that has ended, or a client that does not use OAUTHBEARER.
    pub fn set_token(
        &self,
        token: &str,
        expires: i64,
        principal: &str,
        extensions: &[(&str, &str)],
    ) -> Result<(), NativeError> {
        let token = raw::to_c("the token of principal", token)
            .map_err(|_| NativeError::new(Code::INVALID_ARGUMENT, "the token contains a zero byte"))?;
        let principal = raw::to_c("principal", principal)?;
        let mut owned = Vec::with_capacity(extensions.len() * 2);
        for (name, value) in extensions {
            owned.push(raw::to_c("extension", name)?);
            owned.push(raw::to_c("the value of an extension", value)?);
        }
        let mut pointers: Vec<*const c_char> = owned.iter().map(|text| text.as_ptr()).collect();
        let mut buffer = [0_u8; 512];
        // SAFETY: live client; every pointer is a terminated string that outlives the call, and the count is theirs.
        let code = unsafe {
            sys::rd_kafka_oauthbearer_set_token(
                self.raw(),
                token.as_ptr(),
                expires,
                principal.as_ptr(),
                pointers.as_mut_ptr(),
                pointers.len(),
                buffer.as_mut_ptr().cast::<c_char>(),
                buffer.len(),
            )
        };
        match Code::from_number(code as i32).to_error() {
            None => Ok(()),
            Some(code) => Err(NativeError::new(code, raw::buffer_text(&buffer))),
        }
    }

    /// Answers [`Event::TokenRefresh`](crate::Event::TokenRefresh) with the reason why there is no token; librdkafka
    /// asks again in 10 s.
    pub fn set_token_failure(&self, reason: &str) -> Result<(), NativeError> {
        let reason = raw::to_c("reason", reason)?;
        // SAFETY: live client and text.
        NativeError::check(unsafe { sys::rd_kafka_oauthbearer_set_token_failure(self.raw(), reason.as_ptr()) } as i32)
    }
}
