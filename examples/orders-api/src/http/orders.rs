//! What customers see.

use super::problem::Problem;
use crate::book::{Known, OrderBook, State as OrderState};
use crate::order::{IdempotencyKey, NewOrder};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use millstream::{OutgoingMessage, Producer};
use std::sync::Arc;
use uuid::Uuid;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const LARGEST_BODY: usize = 16 * 1024;

/// What the routes share.
#[derive(Clone)]
pub(super) struct Shop {
    pub(super) producer: Arc<Producer>,
    pub(super) book: Arc<OrderBook>,
}

pub(super) fn routes(shop: Shop) -> Router {
    Router::new()
        .route("/orders", post(place))
        .route("/orders/{id}", get(find))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shop)
}

/// Accepts an order: once the brokers have it, it will be handled, whatever dies.
async fn place(
    State(shop): State<Shop>,
    headers: HeaderMap,
    body: Result<Json<NewOrder>, JsonRejection>,
) -> Result<Response, Problem> {
    let (key, new) = read(&headers, body)?;
    let order = new.clone().named(&key);
    let id = order.id;
    match shop.book.find(id) {
        Some(known) if known.is_of(&new) => return Ok(accepted(&known)),
        Some(_) => {
            let error = "this `Idempotency-Key` was used for another order; a new order has a new key";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error));
        }
        None => {}
    }
    let message = OutgoingMessage::new("orders").key(id.to_string()).payload(millstream::Json(&order));
    shop.producer.send(message).await.map_err(|error| {
        tracing::error!(order = %id, %error, "an order could not be written");
        let error = "the order could not be written and may have been; send it again with the same `Idempotency-Key`";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, error)
    })?;
    let NewOrder { customer, cents, card } = new;
    Ok(accepted(&Known { id, customer, cents, card: Some(card), state: OrderState::Accepted }))
}

/// The request's parts, or all that is wrong with them.
fn read(
    headers: &HeaderMap,
    body: Result<Json<NewOrder>, JsonRejection>,
) -> Result<(IdempotencyKey, NewOrder), Problem> {
    let key = match headers.get(IDEMPOTENCY_KEY) {
        Some(value) => IdempotencyKey::new(value.as_bytes()),
        None => {
            Err("the header `Idempotency-Key` is missing: a text of your choice, the same when you send again".into())
        }
    };
    let body = match body {
        Ok(Json(new)) => match new.problems() {
            problems if problems.is_empty() => Ok(new),
            problems => Err((StatusCode::BAD_REQUEST, problems)),
        },
        Err(rejection) => Err((rejection.status(), vec![rejection.body_text()])),
    };
    match (key, body) {
        (Ok(key), Ok(new)) => Ok((key, new)),
        (Err(error), Ok(_)) => Err(Problem::new(StatusCode::BAD_REQUEST, error)),
        (Ok(_), Err((status, problems))) => Err(Problem::all(status, problems)),
        (Err(error), Err((status, mut problems))) => {
            problems.insert(0, error);
            Err(Problem::all(status, problems))
        }
    }
}

fn accepted(known: &Known) -> Response {
    let location = [(header::LOCATION, format!("/orders/{}", known.id))];
    (StatusCode::ACCEPTED, location, Json(known)).into_response()
}

/// What is known of an order; it may take a moment after it was accepted.
async fn find(State(shop): State<Shop>, Path(id): Path<String>) -> Result<Json<Known>, Problem> {
    let known = id.parse::<Uuid>().ok().and_then(|id| shop.book.find(id));
    known.map(Json).ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "no such order is known here"))
}
