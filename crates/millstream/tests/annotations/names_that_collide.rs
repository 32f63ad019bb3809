//! Whatever is in scope, the expansions mean their own.
#![allow(dead_code)]

struct Result;
struct Option;
struct String;
struct Box;
struct Arc;
struct Vec;
struct Some;
struct Ok;
struct Err;
struct None;
struct Send;
struct Sync;
struct Default;
struct Future;
struct Context;
struct Location;
struct Injector;
struct Needs;
mod core {}
mod std {}
mod millstream {}
mod inventory {}

trait Poison {
    fn into_outcome(&self) {}
    fn from_message(&self) {}
    fn needs(&self) {}
    fn bind(&self) {}
    fn at(&self) {}
}

impl<T> Poison for T {}

struct Ledger;

#[::millstream::consumer]
struct Billing {
    ledger: ::std::sync::Arc<Ledger>,
    #[config("billing.currency")]
    currency: ::std::string::String,
    #[default]
    seen: u64,
}

#[::millstream::consumer]
impl Billing {
    #[kafka_listener("orders", backoff = { initial = "1s" })]
    async fn on_order(
        &self,
        context: &::millstream::Context,
        value: &str,
        #[header("error")] error: &str,
    ) -> ::millstream::Result<()> {
        let _ = (context, value, error);
        ::core::result::Result::Ok(())
    }
}

#[::millstream::component]
impl Ledger {
    async fn init(
        #[config("a.b")] injector: ::std::string::String,
        needs: ::std::sync::Arc<Billing>,
    ) -> ::millstream::Result<Self> {
        let _ = (injector, needs);
        ::core::result::Result::Ok(Self)
    }

    async fn shutdown(&self) {}
}
