//! What a method that answers may return.

use super::{Answer, Reply};
use crate::error::{Error, Result};
use crate::listener::Failure;
use crate::wire::IntoBody;

/// What a listener with `reply` or `send_to` may return: a `Result<T, E>` whose value serde can write, or a
/// `Result<Reply<T>, E>`.
#[diagnostic::on_unimplemented(
    message = "a listener that answers cannot return `{Self}`",
    label = "not a `Result<T, E>` or `Result<Reply<T>, E>`",
    note = "a listener with `reply` or `send_to` returns `Result<T, E>`, where `T` implements `serde::Serialize` or is a `Reply<..>`, and the error converts into `millstream::Error` (every error does)"
)]
pub trait IntoAnswer {
    /// The answer, or why there is none.
    fn into_answer(self) -> std::result::Result<Answer, Box<Failure>>;
}

/// The value of a result that is an answer.
pub trait AnswerValue {
    /// The answer.
    fn answer(self) -> Answer;
}

impl<T: IntoBody> AnswerValue for T {
    fn answer(self) -> Answer {
        Reply::new(self).into_answer()
    }
}

impl<T> AnswerValue for Reply<T> {
    fn answer(self) -> Answer {
        self.into_answer()
    }
}

impl<T: AnswerValue, E: Into<Error>> IntoAnswer for Result<T, E> {
    fn into_answer(self) -> std::result::Result<Answer, Box<Failure>> {
        self.map(AnswerValue::answer).map_err(|error| Box::new(Failure::Error(error.into())))
    }
}
