//! What is answered where a request cannot be done.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error response: a status, and all that is wrong as `{"errors": [..]}`.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    errors: Vec<String>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, error: impl ToString) -> Self {
        Self { status, errors: vec![error.to_string()] }
    }

    pub(super) fn all(status: StatusCode, errors: Vec<String>) -> Self {
        Self { status, errors }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "errors": self.errors }))).into_response()
    }
}
