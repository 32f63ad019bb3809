impl Pricing {
    #[allow(clippy::unused_async)]
    async fn price(&self, Json(order): Json<Order<'_>>) -> Result<Price<'_>> {}
    #[allow(clippy::unused_async)]
    async fn stock(&self) -> Result<Reply<u64>> {}
    fn priced(&self) -> Result<u64> {}
    #[allow(clippy::unused_async)]
    async fn ping(&self) {}
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    #[allow(unused_imports)]
    use __ms::{
        CannotListen as _, CannotTake as _, Listens as _, ListensBlocking as _,
        Takes as _, TakesConfig as _,
    };
    struct __Listener0;
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl __ms::ListenerMethod for __Listener0
    where
        Pricing: ::core::marker::Send + ::core::marker::Sync + 'static,
        Json<Order<'static>>: __ms::PreparesMessage,
    {
        type Consumer = Pricing;
        type Prepared = (<Json<Order<'static>> as __ms::PreparesMessage>::Prepared,);
        fn needs(__needs: &mut __ms::Needs) {
            __needs
                .at(
                    "argument `order` of `Pricing.price`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Json<Order<'static>> as __ms::PreparesMessage>::needs(__needs);
        }
        fn prepare(
            __injector: &mut __ms::Injector<'_>,
        ) -> ::core::option::Option<Self::Prepared> {
            let __prepared0 = {
                __injector
                    .at(
                        "argument `order` of `Pricing.price`",
                        __ms::Location {
                            crate_name: ::core::env!("CARGO_PKG_NAME"),
                            file: ::core::file!(),
                            line: 1u32,
                            column: 1u32,
                        },
                    );
                <Json<Order<'static>> as __ms::PreparesMessage>::prepare(__injector)
            };
            ::core::option::Option::Some((__prepared0?,))
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Pricing,
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
                __ms::leave_answer(
                    __context,
                    <Result<
                        Price<'m>,
                    > as __ms::IntoAnswer>::into_answer(
                        <Pricing>::price(__consumer, __argument0).await,
                    ),
                )
            }
        }
    }
    struct __Listener1;
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl __ms::ListenerMethod for __Listener1
    where
        Pricing: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Consumer = Pricing;
        type Prepared = ();
        fn needs(_needs: &mut __ms::Needs) {}
        fn prepare(
            _injector: &mut __ms::Injector<'_>,
        ) -> ::core::option::Option<Self::Prepared> {
            ::core::option::Option::Some(())
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Pricing,
            __context: &'m __ms::Context,
            _prepared: &'m Self::Prepared,
        ) -> impl ::core::future::Future<
            Output = __ms::Outcome,
        > + ::core::marker::Send + 'm {
            async move {
                __ms::leave_answer(
                    __context,
                    <Result<
                        Reply<u64>,
                    > as __ms::IntoAnswer>::into_answer(
                        <Pricing>::stock(__consumer).await,
                    ),
                )
            }
        }
    }
    struct __Listener2;
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl __ms::BlockingMethod for __Listener2
    where
        Pricing: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Consumer = Pricing;
        type Prepared = ();
        fn needs(_needs: &mut __ms::Needs) {}
        fn prepare(
            _injector: &mut __ms::Injector<'_>,
        ) -> ::core::option::Option<Self::Prepared> {
            ::core::option::Option::Some(())
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Pricing,
            __context: &'m __ms::Context,
            _prepared: &'m Self::Prepared,
        ) -> __ms::Outcome {
            __ms::leave_answer(
                __context,
                <Result<
                    u64,
                > as __ms::IntoAnswer>::into_answer(<Pricing>::priced(__consumer)),
            )
        }
    }
    struct __Listener3;
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl __ms::ListenerMethod for __Listener3
    where
        Pricing: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Consumer = Pricing;
        type Prepared = ();
        fn needs(_needs: &mut __ms::Needs) {}
        fn prepare(
            _injector: &mut __ms::Injector<'_>,
        ) -> ::core::option::Option<Self::Prepared> {
            ::core::option::Option::Some(())
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Pricing,
            __context: &'m __ms::Context,
            _prepared: &'m Self::Prepared,
        ) -> impl ::core::future::Future<
            Output = __ms::Outcome,
        > + ::core::marker::Send + 'm {
            async move {
                __ms::leave_answer(
                    __context,
                    __ms::IntoAnswer::into_answer(
                        ::core::result::Result::<
                            (),
                            __ms::Error,
                        >::Ok(<Pricing>::ping(__consumer).await),
                    ),
                )
            }
        }
    }
    __ms::submit! {
        __ms::ListenersSpec { type_id : __ms::TypeId::of:: < Pricing >, name : "Pricing",
        location : __ms::Location { crate_name : ::core::env!("CARGO_PKG_NAME"), file :
        ::core::file!(), line : 1u32, column : 1u32, }, options : ||
        __ms::ListenerOptions::new(), listeners : & [__ms::ListenerSpec { method :
        "price", location : __ms::Location { crate_name : ::core::env!("CARGO_PKG_NAME"),
        file : ::core::file!(), line : 1u32, column : 1u32, }, options : ||
        __ms::ListenerOptions::new().topic("prices").wire("nest").reply(true), needs : |
        needs | __ms::Ask:: < __Listener0 > ::new().needs(needs), bind : | consumer,
        injector | __ms::Ask:: < __Listener0 > ::new().bind(consumer, injector), },
        __ms::ListenerSpec { method : "stock", location : __ms::Location { crate_name :
        ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line : 1u32, column :
        1u32, }, options : || __ms::ListenerOptions::new().topic("stock").reply(true),
        needs : | needs | __ms::Ask:: < __Listener1 > ::new().needs(needs), bind : |
        consumer, injector | __ms::Ask:: < __Listener1 > ::new().bind(consumer,
        injector), }, __ms::ListenerSpec { method : "priced", location : __ms::Location {
        crate_name : ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line : 1u32,
        column : 1u32, }, options : || __ms::ListenerOptions::new().topic("orders")
        .send_to({ let __text : & 'static str = topics::PRICED; __text }).blocking(true)
        .reply(true), needs : | needs | __ms::Ask:: < __Listener2 > ::new()
        .needs_blocking(needs), bind : | consumer, injector | __ms::Ask:: < __Listener2 >
        ::new().bind_blocking(consumer, injector), }, __ms::ListenerSpec { method :
        "ping", location : __ms::Location { crate_name : ::core::env!("CARGO_PKG_NAME"),
        file : ::core::file!(), line : 1u32, column : 1u32, }, options : ||
        __ms::ListenerOptions::new().topic("pings").reply(true), needs : | needs |
        __ms::Ask:: < __Listener3 > ::new().needs(needs), bind : | consumer, injector |
        __ms::Ask:: < __Listener3 > ::new().bind(consumer, injector), }], }
    }
};
