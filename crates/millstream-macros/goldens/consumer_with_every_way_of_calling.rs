impl Billing {
    fn on_order(&self, order: Json<Order>) -> Result<()> {}
    #[allow(clippy::unused_async)]
    async fn on_refunds(&self, refunds: Batch<'_, Json<Refund>>, limit: u32) {}
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    #[allow(unused_imports)]
    use __ms::{
        CannotListen as _, CannotTake as _, Listens as _, ListensBatch as _,
        TakesBatch as _, ListensBlocking as _, Takes as _, TakesConfig as _,
    };
    struct __Listener0;
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl __ms::BlockingMethod for __Listener0
    where
        Billing: ::core::marker::Send + ::core::marker::Sync + 'static,
        Json<Order>: __ms::PreparesMessage,
    {
        type Consumer = Billing;
        type Prepared = (<Json<Order> as __ms::PreparesMessage>::Prepared,);
        fn needs(__needs: &mut __ms::Needs) {
            __needs
                .at(
                    "argument `order` of `Billing.on_order`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Json<Order> as __ms::PreparesMessage>::needs(__needs);
        }
        fn prepare(
            __injector: &mut __ms::Injector<'_>,
        ) -> ::core::option::Option<Self::Prepared> {
            let __prepared0 = {
                __injector
                    .at(
                        "argument `order` of `Billing.on_order`",
                        __ms::Location {
                            crate_name: ::core::env!("CARGO_PKG_NAME"),
                            file: ::core::file!(),
                            line: 1u32,
                            column: 1u32,
                        },
                    );
                <Json<Order> as __ms::PreparesMessage>::prepare(__injector)
            };
            ::core::option::Option::Some((__prepared0?,))
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Billing,
            __context: &'m __ms::Context,
            __prepared: &'m Self::Prepared,
        ) -> __ms::Outcome {
            let __argument0 = loop {
                match __ms::Ask::<Json<Order>>::new()
                    .take_message(__context, &__prepared.0)
                {
                    ::core::result::Result::Ok(value) => break value,
                    ::core::result::Result::Err(error) => {
                        if let ::core::result::Result::Err(failure) = __ms::wait_blocking(
                            __ms::wait_to_extract(error, "order"),
                        ) {
                            return ::core::result::Result::Err(failure);
                        }
                    }
                }
            };
            <Result<
                (),
            > as __ms::IntoOutcome>::into_outcome(
                <Billing>::on_order(__consumer, __argument0),
            )
        }
    }
    struct __Listener1;
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl __ms::BatchMethod for __Listener1
    where
        Billing: ::core::marker::Send + ::core::marker::Sync + 'static,
        Batch<'static, Json<Refund>>: __ms::PreparesBatch,
        u32: __ms::PreparesConfig,
    {
        type Consumer = Billing;
        type Prepared = (
            <Batch<'static, Json<Refund>> as __ms::PreparesBatch>::Prepared,
            <u32 as __ms::PreparesConfig>::Prepared,
        );
        fn needs(__needs: &mut __ms::Needs) {
            __needs
                .at(
                    "argument `refunds` of `Billing.on_refunds`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Batch<'static, Json<Refund>> as __ms::PreparesBatch>::needs(__needs);
            __needs
                .at(
                    "argument `limit` of `Billing.on_refunds`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <u32 as __ms::PreparesConfig>::needs(__needs, "billing.limit");
        }
        fn prepare(
            __injector: &mut __ms::Injector<'_>,
        ) -> ::core::option::Option<Self::Prepared> {
            let __prepared0 = {
                __injector
                    .at(
                        "argument `refunds` of `Billing.on_refunds`",
                        __ms::Location {
                            crate_name: ::core::env!("CARGO_PKG_NAME"),
                            file: ::core::file!(),
                            line: 1u32,
                            column: 1u32,
                        },
                    );
                <Batch<
                    'static,
                    Json<Refund>,
                > as __ms::PreparesBatch>::prepare(__injector)
            };
            let __prepared1 = {
                __injector
                    .at(
                        "argument `limit` of `Billing.on_refunds`",
                        __ms::Location {
                            crate_name: ::core::env!("CARGO_PKG_NAME"),
                            file: ::core::file!(),
                            line: 1u32,
                            column: 1u32,
                        },
                    );
                <u32 as __ms::PreparesConfig>::prepare(__injector, "billing.limit")
            };
            ::core::option::Option::Some((__prepared0?, __prepared1?))
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Billing,
            __batch: &'m __ms::BatchContext,
            __prepared: &'m Self::Prepared,
        ) -> impl ::core::future::Future<
            Output = __ms::BatchOutcome,
        > + ::core::marker::Send + 'm {
            async move {
                let __argument0 = loop {
                    match __ms::Ask::<Batch<'m, Json<Refund>>>::new()
                        .take_batch(__batch, &__prepared.0)
                    {
                        ::core::result::Result::Ok(value) => break value,
                        ::core::result::Result::Err(error) => {
                            if let ::core::result::Result::Err(outcome) = __ms::wait_to_take(
                                    error,
                                    "refunds",
                                )
                                .await
                            {
                                return outcome;
                            }
                        }
                    }
                };
                let __argument1 = __ms::Ask::<u32>::new().take_config(&__prepared.1);
                __ms::IntoBatchOutcome::into_batch_outcome(
                    <Billing>::on_refunds(__consumer, __argument0, __argument1).await,
                )
            }
        }
    }
    __ms::submit! {
        __ms::ListenersSpec { type_id : __ms::TypeId::of:: < Billing >, name : "Billing",
        location : __ms::Location { crate_name : ::core::env!("CARGO_PKG_NAME"), file :
        ::core::file!(), line : 1u32, column : 1u32, }, options : ||
        __ms::ListenerOptions::new(), listeners : & [__ms::ListenerSpec { method :
        "on_order", location : __ms::Location { crate_name :
        ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line : 1u32, column :
        1u32, }, options : || __ms::ListenerOptions::new().topic("orders")
        .retry_topics([__ms::DurationOption::from("5s"),
        __ms::DurationOption::from(ONE_MINUTE)]).reorder(true)
        .dead_letter(__ms::DeadLetterOption::new().topic("{topic}.dead")
        .spring_headers(true)).blocking(true)
        .retry_on(__ms::ErrorTest::new("Timeout, std::io::Error", | error | error.is:: <
        Timeout > () || error.is:: < std::io::Error > ()))
        .idempotent(__ms::IdempotentOption::by_header("x-id").ttl("24h")).layer:: < Audit
        > ().layer_named("log-outcomes"), needs : | needs | __ms::Ask:: < __Listener0 >
        ::new().needs_blocking(needs), bind : | consumer, injector | __ms::Ask:: <
        __Listener0 > ::new().bind_blocking(consumer, injector), }, __ms::ListenerSpec {
        method : "on_refunds", location : __ms::Location { crate_name :
        ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line : 1u32, column :
        1u32, }, options : || __ms::ListenerOptions::new().topic("refunds")
        .batch(__ms::BatchOption::new().max(500).wait("200ms")), needs : | needs |
        __ms::Ask:: < __Listener1 > ::new().needs_batch(needs), bind : | consumer,
        injector | __ms::Ask:: < __Listener1 > ::new().bind_batch(consumer, injector),
        }], }
    }
};
