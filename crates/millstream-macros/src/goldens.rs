//! Golden expansions: what each attribute makes of an item, as a reader would like to see it.
//!
//! They stand in `goldens/`; after a wanted change, write them anew with
//! `UPDATE_GOLDENS=1 cargo test -p millstream-macros` and read the difference.

use crate::attributes;
use proc_macro2::TokenStream;
use quote::quote;
use std::path::Path;

fn check(name: &str, expansion: TokenStream) {
    let file = syn::parse2(expansion).expect("an expansion is a file");
    let actual = prettyplease::unparse(&file);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens").join(format!("{name}.rs"));
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("the folder can be made");
        std::fs::write(&path, &actual).expect("the golden can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{} differs from the expansion:\n{actual}", path.display());
}

#[test]
fn consumer_on_a_struct() {
    let item = quote! {
        /// Bills.
        #[derive(Debug)]
        struct Billing {
            ledger: Arc<Ledger>,
            #[config("billing.currency")]
            currency: String,
            #[default]
            #[cfg(feature = "count")]
            seen: u64,
        }
    };
    check("consumer_on_a_struct", attributes::consumer(quote! { group_id = "billing" }, item));
}

#[test]
fn consumer_on_an_impl() {
    let item = quote! {
        impl Billing {
            /// Bills.
            #[kafka_listener("orders", auto_commit = false, retries = 3, backoff = { initial = "1s", factor = 2 })]
            async fn on_order(
                &self,
                Json(order): Json<Order<'_>>,
                #[header("trace-id")] trace: Option<&str>,
                #[config("billing.limit")] limit: Config<u32>,
            ) -> Result<()> {
                half typed
            }

            #[cfg(feature = "refunds")]
            #[kafka_listener(topics::REFUNDS)]
            async fn on_refund(&self) {}

            fn helper(&self) {}
        }
    };
    // A body that does not parse is passed on as it is, but a golden must be readable.
    let expansion = attributes::consumer(TokenStream::new(), item).to_string().replace("half typed", "Ok(())");
    check("consumer_on_an_impl", expansion.parse().expect("it is Rust"));
}

#[test]
fn consumer_with_every_way_of_calling() {
    let item = quote! {
        impl Billing {
            #[kafka_listener(
                "orders",
                blocking,
                retry_on(Timeout, std::io::Error),
                retry_topics = ["5s", ONE_MINUTE],
                reorder = true,
                dead_letter = { topic = "{topic}.dead", spring_headers = true },
                idempotent(key = header("x-id"), ttl = "24h"),
                layers(Audit, "log-outcomes")
            )]
            fn on_order(&self, order: Json<Order>) -> Result<()> {}

            #[kafka_listener("refunds", batch = { max = 500, wait = "200ms" })]
            async fn on_refunds(&self, refunds: Batch<'_, Json<Refund>>, #[config("billing.limit")] limit: u32) {}
        }
    };
    check("consumer_with_every_way_of_calling", attributes::consumer(TokenStream::new(), item));
}

#[test]
fn consumer_that_answers() {
    let item = quote! {
        impl Pricing {
            #[kafka_listener("prices", reply, wire = "nest")]
            async fn price(&self, Json(order): Json<Order<'_>>) -> Result<Price<'_>> {}

            #[kafka_listener("stock")]
            async fn stock(&self) -> Result<Reply<u64>> {}

            #[kafka_listener("orders", blocking, send_to = topics::PRICED)]
            fn priced(&self) -> Result<u64> {}

            #[kafka_listener("pings", reply)]
            async fn ping(&self) {}
        }
    };
    check("consumer_that_answers", attributes::consumer(TokenStream::new(), item));
}

#[test]
fn consumer_on_a_generic_impl() {
    let item = quote! {
        impl<T> Projector<T>
        where
            T: Event,
        {
            #[kafka_listener(Self::TOPIC, id = "projector")]
            async fn on_event(&self, event: Json<T>) {}
        }
    };
    check("consumer_on_a_generic_impl", attributes::consumer(quote! { crate = toolbox::millstream }, item));
}

#[test]
fn consumer_with_mistakes() {
    let item = quote! {
        struct Billing {
            #[config]
            currency: String,
        }
    };
    check("consumer_with_mistakes", attributes::consumer(quote! { colour = "red" }, item));
}

#[test]
fn component_on_an_impl() {
    let item = quote! {
        impl Ledger {
            async fn init(#[config("ledger.url")] url: String, clock: Arc<dyn Clock>) -> Result<Self> {
                Ok(Self { url, clock })
            }

            async fn shutdown(&self) {}
        }
    };
    check("component_on_an_impl", attributes::component(quote! { provides = dyn Store, eager }, item));
}

#[test]
fn component_on_a_struct() {
    check("component_on_a_struct", attributes::component(TokenStream::new(), quote! { struct Shelf(Arc<Clock>); }));
}

#[test]
fn client_of_a_trait() {
    let item = quote! {
        /// Calculates.
        pub trait Math: Clock {
            /// Adds.
            #[request("math.sum", key = owner, timeout = "250ms")]
            async fn sum(&self, owner: &str, numbers: &[i64], #[header("trace-id")] trace: Option<&str>) -> Result<i64, RequestError>;

            #[cfg(feature = "steps")]
            #[request(topics::STEPS, stream, wire = "spring")]
            fn steps(&self, n: u32) -> impl Stream<Item = Result<i64, RequestError>>;

            #[emit("user.created", key = id)]
            async fn user_created(&self, id: &str, user: User) -> Result<(), SendError>;

            async fn half(&self, number: i64) -> Result<i64, RequestError> {
                half typed
            }
        }
    };
    let arguments = quote! { wire = "nest", timeout = "5s", cluster = "audit", reply_topic = "math.replies" };
    let expansion = attributes::kafka_client(arguments, item).to_string().replace("half typed", "Ok(number / 2)");
    check("client_of_a_trait", expansion.parse().expect("it is Rust"));
}

#[test]
fn client_with_mistakes() {
    let item = quote! {
        trait Math {
            #[request("math.sum")]
            async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError>;
            fn unmarked(&self);
        }
    };
    check("client_with_mistakes", attributes::kafka_client(quote! { name = Calculator, colour = "red" }, item));
}

#[test]
fn client_that_is_a_fake() {
    let item = quote! {
        impl<T: Clock> Math for FakeMath<T> {
            async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError> {
                Ok(numbers.iter().sum())
            }

            fn steps(&self, n: u32) -> impl Stream<Item = Result<i64, RequestError>> {
                stream::empty()
            }
        }
    };
    check("client_that_is_a_fake", attributes::kafka_client(TokenStream::new(), item));
}

#[test]
fn main_function() {
    let item = quote! {
        async fn main() -> Result<(), RunError> {
            App::from_args()?.run().await
        }
    };
    check("main_function", attributes::main(quote! { worker_threads = 4 }, item));
}
