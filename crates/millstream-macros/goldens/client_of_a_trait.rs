/// Calculates.
pub trait Math: Clock + ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Adds.
    #[allow(
        clippy::type_complexity,
        clippy::needless_lifetimes,
        clippy::elidable_lifetime_names,
        clippy::redundant_closure_call
    )]
    fn sum<'call>(
        &'call self,
        owner: &'call str,
        numbers: &'call [i64],
        trace: Option<&'call str>,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<i64, RequestError>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    #[cfg(feature = "steps")]
    #[allow(
        clippy::type_complexity,
        clippy::needless_lifetimes,
        clippy::elidable_lifetime_names,
        clippy::redundant_closure_call
    )]
    fn steps<'call>(
        &'call self,
        n: u32,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn Stream<Item = Result<i64, RequestError>> + ::core::marker::Send + 'call,
        >,
    >;
    #[allow(
        clippy::type_complexity,
        clippy::needless_lifetimes,
        clippy::elidable_lifetime_names,
        clippy::redundant_closure_call
    )]
    fn user_created<'call>(
        &'call self,
        id: &'call str,
        user: User,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<(), SendError>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    #[allow(
        clippy::type_complexity,
        clippy::needless_lifetimes,
        clippy::elidable_lifetime_names,
        clippy::redundant_closure_call
    )]
    fn half<'call>(
        &'call self,
        number: i64,
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<i64, RequestError>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        ::std::boxed::Box::pin(async move { Ok(number / 2) })
    }
}
/**Sends what [`Math`] says through Kafka.

A component: it is injected as `Arc<MathClient>` and as `Arc<dyn Math>`.*/
#[derive(::core::clone::Clone)]
pub struct MathClient {
    __client: ::millstream::__private::TypedClient,
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    impl MathClient {
        ///A client of `Math` that asks with these; the application makes one by itself where `Arc<MathClient>` or `Arc<dyn Math>` is injected.
        #[allow(dead_code)]
        pub fn new(
            requests: __ms::Arc<__ms::Requests>,
            producer: __ms::Arc<__ms::Producer>,
        ) -> Self {
            Self {
                __client: __ms::TypedClient::new(requests, producer)
                    .timeout(::core::time::Duration::from_nanos(5000000000u64))
                    .wire(__ms::Wire::Nest)
                    .reply_topic("math.replies"),
            }
        }
        fn __injected(
            requests: __ms::Arc<__ms::Requests>,
            producer: __ms::Arc<__ms::Producer>,
            settings: ::core::option::Option<__ms::ClientSettings>,
        ) -> Self {
            let Self { __client } = Self::new(requests, producer);
            Self {
                __client: __client.configured(settings),
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for MathClient {
        fn fmt(
            &self,
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::core::fmt::Debug::fmt(&self.__client, formatter)
        }
    }
    #[automatically_derived]
    impl Math for MathClient {
        fn sum<'call>(
            &'call self,
            __argument0: &'call str,
            __argument1: &'call [i64],
            __argument2: Option<&'call str>,
        ) -> ::core::pin::Pin<
            ::std::boxed::Box<
                dyn ::core::future::Future<
                    Output = Result<i64, RequestError>,
                > + ::core::marker::Send + 'call,
            >,
        > {
            let __message = self
                .__client
                .request("math.sum")
                .timeout(::core::time::Duration::from_nanos(250000000u64));
            let __message = __message.key(__argument0);
            let __message = match __argument2 {
                ::core::option::Option::Some(__value) => {
                    __message.header("trace-id", __value)
                }
                ::core::option::Option::None => __message,
            };
            let __message = __message.body(__argument1);
            __ms::ask::<Result<i64, RequestError>>(__message)
        }
        #[cfg(feature = "steps")]
        fn steps<'call>(
            &'call self,
            __argument0: u32,
        ) -> ::core::pin::Pin<
            ::std::boxed::Box<
                dyn Stream<
                    Item = Result<i64, RequestError>,
                > + ::core::marker::Send + 'call,
            >,
        > {
            let __message = self
                .__client
                .request({
                    let __text: &'static str = topics::STEPS;
                    __text
                })
                .wire(__ms::Wire::Spring);
            let __message = __message.body(&__argument0);
            __ms::ask_for_several::<Result<i64, RequestError>>(__message)
        }
        fn user_created<'call>(
            &'call self,
            __argument0: &'call str,
            __argument1: User,
        ) -> ::core::pin::Pin<
            ::std::boxed::Box<
                dyn ::core::future::Future<
                    Output = Result<(), SendError>,
                > + ::core::marker::Send + 'call,
            >,
        > {
            let __message = self.__client.event("user.created");
            let __message = __message.key(__argument0);
            let __message = __message.body(&__argument1);
            __ms::emit::<Result<(), SendError>>(__message)
        }
    }
};
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    #[automatically_derived]
    impl __ms::Component for MathClient {}
    fn __needs(__needs: &mut __ms::Needs) {
        {
            __needs
                .at(
                    "requests of `MathClient`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <__ms::Arc<__ms::Requests> as __ms::OfCluster>::needs(__needs, "audit");
        }
        {
            __needs
                .at(
                    "producer of `MathClient`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <__ms::Arc<__ms::Producer> as __ms::OfCluster>::needs(__needs, "audit");
        }
        {
            __needs
                .at(
                    "settings of `MathClient`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <::core::option::Option<
                __ms::ClientSettings,
            > as __ms::ConfigValue>::needs(__needs, "kafka.clients.Math");
        }
    }
    fn __build(
        __injector: &mut __ms::Injector<'_>,
    ) -> ::core::option::Option<__ms::BuildFuture> {
        let __value0 = {
            __injector
                .at(
                    "requests of `MathClient`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <__ms::Arc<__ms::Requests> as __ms::OfCluster>::inject(__injector, "audit")
        };
        let __value1 = {
            __injector
                .at(
                    "producer of `MathClient`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <__ms::Arc<__ms::Producer> as __ms::OfCluster>::inject(__injector, "audit")
        };
        let __value2 = {
            __injector
                .at(
                    "settings of `MathClient`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <::core::option::Option<
                __ms::ClientSettings,
            > as __ms::ConfigValue>::inject(__injector, "kafka.clients.Math")
        };
        let __given0 = __value0?;
        let __given1 = __value1?;
        let __given2 = __value2?;
        ::core::option::Option::Some(
            __ms::built_by(async move {
                <MathClient as __ms::IntoComponent<
                    MathClient,
                >>::into_component(
                    <MathClient>::__injected(__given0, __given1, __given2),
                )
            }),
        )
    }
    __ms::submit! {
        __ms::ComponentSpec { type_id : __ms::TypeId::of:: < MathClient >, name :
        "MathClient", location : __ms::Location { crate_name :
        ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line : 1u32, column :
        1u32, }, cast : __ms::component_cast:: < MathClient > (), eager : false, provides
        : & [__ms::Provision { type_id : __ms::TypeId::of:: < dyn Math >, name :
        "dyn Math", cast : | component | { let component : __ms::Arc < dyn Math > =
        __ms::component_of:: < MathClient > (component) ?; __ms::provided(component) },
        }], needs : __needs, build : __build, shutdown : ::core::option::Option::None, }
    }
};
