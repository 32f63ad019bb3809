impl Billing {
    /// Bills.
    #[allow(clippy::unused_async)]
    async fn on_order(
        &self,
        Json(order): Json<Order<'_>>,
        trace: Option<&str>,
        limit: Config<u32>,
    ) -> Result<()> {
        Ok(())
    }
    #[cfg(feature = "refunds")]
    #[allow(clippy::unused_async)]
    async fn on_refund(&self) {}
    fn helper(&self) {}
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    #[allow(unused_imports)]
    use __ms::{
        CannotListen as _, CannotTake as _, Listens as _, Takes as _, TakesConfig as _,
    };
    struct __Listener0;
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl __ms::ListenerMethod for __Listener0
    where
        Billing: ::core::marker::Send + ::core::marker::Sync + 'static,
        Json<Order<'static>>: __ms::PreparesMessage,
        Config<u32>: __ms::PreparesConfig,
    {
        type Consumer = Billing;
        type Prepared = (
            <Json<Order<'static>> as __ms::PreparesMessage>::Prepared,
            <Config<u32> as __ms::PreparesConfig>::Prepared,
        );
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
            <Json<Order<'static>> as __ms::PreparesMessage>::needs(__needs);
            __needs
                .at(
                    "argument `limit` of `Billing.on_order`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Config<u32> as __ms::PreparesConfig>::needs(__needs, "billing.limit");
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
                <Json<Order<'static>> as __ms::PreparesMessage>::prepare(__injector)
            };
            let __prepared2 = {
                __injector
                    .at(
                        "argument `limit` of `Billing.on_order`",
                        __ms::Location {
                            crate_name: ::core::env!("CARGO_PKG_NAME"),
                            file: ::core::file!(),
                            line: 1u32,
                            column: 1u32,
                        },
                    );
                <Config<
                    u32,
                > as __ms::PreparesConfig>::prepare(__injector, "billing.limit")
            };
            ::core::option::Option::Some((__prepared0?, __prepared2?))
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Billing,
            __context: &'m __ms::Context,
            __prepared: &'m Self::Prepared,
        ) -> impl ::core::future::Future<
            Output = __ms::Outcome,
        > + ::core::marker::Send + 'm {
            async move {
                let __argument0 = loop {
                    match __ms::Ask::<Json<Order<'m>>>::new()
                        .take_message(__context, &__prepared.0)
                    {
                        ::core::result::Result::Ok(value) => break value,
                        ::core::result::Result::Err(error) => {
                            if let ::core::result::Result::Err(failure) = __ms::wait_to_extract(
                                    error,
                                    "order",
                                )
                                .await
                            {
                                return ::core::result::Result::Err(failure);
                            }
                        }
                    }
                };
                let __argument1 = match <Option<
                    &'m str,
                > as __ms::FromHeader<
                    'm,
                >>::from_header("trace-id", __context.header("trace-id")) {
                    ::core::result::Result::Ok(value) => value,
                    ::core::result::Result::Err(error) => {
                        return ::core::result::Result::Err(
                            __ms::not_extracted(error, "trace"),
                        );
                    }
                };
                let __argument2 = __ms::Ask::<Config<u32>>::new()
                    .take_config(&__prepared.1);
                <Result<
                    (),
                > as __ms::IntoOutcome>::into_outcome(
                    <Billing>::on_order(
                            __consumer,
                            __argument0,
                            __argument1,
                            __argument2,
                        )
                        .await,
                )
            }
        }
    }
    #[cfg(feature = "refunds")]
    struct __Listener1;
    #[cfg(feature = "refunds")]
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl __ms::ListenerMethod for __Listener1
    where
        Billing: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Consumer = Billing;
        type Prepared = ();
        fn needs(_needs: &mut __ms::Needs) {}
        fn prepare(
            _injector: &mut __ms::Injector<'_>,
        ) -> ::core::option::Option<Self::Prepared> {
            ::core::option::Option::Some(())
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Billing,
            _context: &'m __ms::Context,
            _prepared: &'m Self::Prepared,
        ) -> impl ::core::future::Future<
            Output = __ms::Outcome,
        > + ::core::marker::Send + 'm {
            async move {
                __ms::IntoOutcome::into_outcome(<Billing>::on_refund(__consumer).await)
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
        .auto_commit(false).retries(3u32).backoff(__ms::BackoffOption::new()
        .initial("1s").factor(2f64)), needs : | needs | __ms::Ask:: < __Listener0 >
        ::new().needs(needs), bind : | consumer, injector | __ms::Ask:: < __Listener0 >
        ::new().bind(consumer, injector), }, #[cfg(feature = "refunds")]
        __ms::ListenerSpec { method : "on_refund", location : __ms::Location { crate_name
        : ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line : 1u32, column :
        1u32, }, options : || __ms::ListenerOptions::new().topic({ let __text : & 'static
        str = topics::REFUNDS; __text }), needs : | needs | __ms::Ask:: < __Listener1 >
        ::new().needs(needs), bind : | consumer, injector | __ms::Ask:: < __Listener1 >
        ::new().bind(consumer, injector), }], }
    }
};
