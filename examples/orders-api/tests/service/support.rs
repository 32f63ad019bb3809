//! The application under test, with payments that do as they are told.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use millstream::kafka_client;
use millstream_test::{TestApp, TestAppBuilder};
use orders_api::{Charge, ChargeError, HttpServer, OrderBook, Payments, Receipt, application};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tower::ServiceExt as _;
use uuid::Uuid;

pub const PATIENCE: Duration = Duration::from_secs(30);

/// A builder of the application as it is configured, but for what takes long.
pub fn builder() -> TestAppBuilder {
    TestApp::builder()
        .with(application)
        .set("http.address", "127.0.0.1:0")
        .set("http.operator_address", "127.0.0.1:0")
        .set("kafka.listeners.\"Orders.on_order\".backoff", "1ms")
}

pub async fn start(payments: &Arc<FakePayments>) -> Shop {
    Shop::new(builder().provide::<dyn Payments>(Arc::clone(payments) as _).start().await.unwrap())
}

/// The application and its routes.
pub struct Shop {
    pub app: TestApp,
    customers: Router,
    operators: Router,
}

/// A response: its status, and its body as JSON.
pub type Answer = (StatusCode, Value);

impl Shop {
    pub fn new(app: TestApp) -> Self {
        let server = app.component::<HttpServer>().unwrap();
        let (customers, operators) = (server.customer_routes(), server.operator_routes(app.handle()));
        Self { app, customers, operators }
    }

    pub async fn place(&self, key: &str, order: &Value) -> Answer {
        let request = Request::post("/orders").header("idempotency-key", key);
        self.customer(request.header("content-type", "application/json").body(order.to_string().into()).unwrap()).await
    }

    pub async fn customer(&self, request: Request<Body>) -> Answer {
        call(&self.customers, request).await
    }

    pub async fn find(&self, id: &str) -> Answer {
        self.customer(Request::get(format!("/orders/{id}")).body(Body::empty()).unwrap()).await
    }

    pub async fn operator_sees(&self, path: &str) -> Answer {
        call(&self.operators, Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn operator_does(&self, what: &str, listener: &str, body: Value) -> Answer {
        let request = Request::post(format!("/operator/listeners/{listener}/{what}"));
        let request = request.header("content-type", "application/json").body(body.to_string().into()).unwrap();
        call(&self.operators, request).await
    }

    /// Waits until an order is served as being in this state.
    pub async fn wait_for(&self, id: &str, state: &str) -> Value {
        wait_until(&format!("order {id} is {state}"), async || {
            let (_, served) = self.find(id).await;
            (served["state"] == state).then_some(served)
        })
        .await
    }

    /// Waits until the book has everything that is in a topic.
    pub fn book(&self) -> Arc<OrderBook> {
        self.app.component::<OrderBook>().unwrap()
    }
}

async fn call(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into()))
}

pub async fn wait_until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect(what)
}

pub fn order(customer: &str, cents: u64) -> Value {
    json!({ "customer": customer, "cents": cents, "card": "card_ada00001" })
}

pub fn id_of(answer: &Answer) -> String {
    answer.1["id"].as_str().unwrap_or_else(|| panic!("no order: {answer:?}")).to_owned()
}

/// What payments does with one charge.
pub enum Plan {
    Refuse(&'static str),
    AnotherOrder,
    /// As when there is no answer.
    Silence,
    /// Waits until the test lets it go on.
    Wait(Arc<Notify>),
}

/// Does what was planned, then charges whatever comes.
#[derive(Default)]
pub struct FakePayments {
    plans: Mutex<VecDeque<Plan>>,
    asked: Mutex<Vec<Uuid>>,
}

impl FakePayments {
    pub fn planned(plans: impl IntoIterator<Item = Plan>) -> Arc<Self> {
        Arc::new(Self { plans: Mutex::new(plans.into_iter().collect()), asked: Mutex::default() })
    }

    /// The orders that it was asked to charge, in that order.
    pub fn asked(&self) -> Vec<Uuid> {
        self.asked.lock().unwrap().clone()
    }
}

/// The receipt of an order.
pub fn receipt(order: Uuid) -> Uuid {
    Uuid::from_u128(!order.as_u128())
}

#[kafka_client]
impl Payments for FakePayments {
    async fn charge(&self, order: &str, charge: &Charge) -> Result<Receipt, ChargeError> {
        assert_eq!(order, charge.order.to_string(), "the key is the order");
        self.asked.lock().unwrap().push(charge.order);
        let plan = self.plans.lock().unwrap().pop_front();
        match plan {
            Some(Plan::Refuse(reason)) => {
                return Err(ChargeError::Refused { reason: reason.into(), message: "no".into() });
            }
            Some(Plan::AnotherOrder) => return Err(ChargeError::AnotherOrder("no".into())),
            Some(Plan::Silence) => return Err(ChargeError::Undecided("no answer".into())),
            Some(Plan::Wait(go)) => go.notified().await,
            None => {}
        }
        Ok(Receipt { receipt: receipt(charge.order) })
    }
}
