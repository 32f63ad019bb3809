impl<T> Projector<T>
where
    T: Event,
{
    #[allow(clippy::unused_async)]
    async fn on_event(&self, event: Json<T>) {}
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use toolbox::millstream::__private as __ms;
    #[allow(unused_imports)]
    use __ms::{
        CannotListen as _, CannotTake as _, Listens as _, Takes as _, TakesConfig as _,
    };
    struct __Listener0<T>(
        ::core::marker::PhantomData<fn() -> Projector<T>>,
    )
    where
        T: Event;
    #[automatically_derived]
    #[allow(trivial_bounds)]
    impl<T> __ms::ListenerMethod for __Listener0<T>
    where
        T: Event,
        Projector<T>: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Consumer = Projector<T>;
        type Prepared = (<Json<T> as __ms::PreparesMessage>::Prepared,);
        fn needs(__needs: &mut __ms::Needs) {
            __needs
                .at(
                    "argument `event` of `Projector.on_event`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Json<T> as __ms::PreparesMessage>::needs(__needs);
        }
        fn prepare(
            __injector: &mut __ms::Injector<'_>,
        ) -> ::core::option::Option<Self::Prepared> {
            let __prepared0 = {
                __injector
                    .at(
                        "argument `event` of `Projector.on_event`",
                        __ms::Location {
                            crate_name: ::core::env!("CARGO_PKG_NAME"),
                            file: ::core::file!(),
                            line: 1u32,
                            column: 1u32,
                        },
                    );
                <Json<T> as __ms::PreparesMessage>::prepare(__injector)
            };
            ::core::option::Option::Some((__prepared0?,))
        }
        #[inline]
        fn call<'m>(
            __consumer: &'m Projector<T>,
            __context: &'m __ms::Context,
            __prepared: &'m Self::Prepared,
        ) -> impl ::core::future::Future<
            Output = __ms::Outcome,
        > + ::core::marker::Send + 'm {
            async move {
                let __argument0 = loop {
                    match __ms::Ask::<Json<T>>::new()
                        .take_message(__context, &__prepared.0)
                    {
                        ::core::result::Result::Ok(value) => break value,
                        ::core::result::Result::Err(error) => {
                            if let ::core::result::Result::Err(failure) = __ms::wait_to_extract(
                                    error,
                                    "event",
                                )
                                .await
                            {
                                return ::core::result::Result::Err(failure);
                            }
                        }
                    }
                };
                __ms::IntoOutcome::into_outcome(
                    <Projector<T>>::on_event(__consumer, __argument0).await,
                )
            }
        }
    }
    #[automatically_derived]
    impl<T> __ms::GenericConsumer for Projector<T>
    where
        T: Event,
        Projector<T>: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        const LISTENERS: &'static __ms::ListenersSpec = &__ms::ListenersSpec {
            type_id: __ms::TypeId::of::<Projector<T>>,
            name: "Projector",
            location: __ms::Location {
                crate_name: ::core::env!("CARGO_PKG_NAME"),
                file: ::core::file!(),
                line: 1u32,
                column: 1u32,
            },
            options: || __ms::ListenerOptions::new(),
            listeners: &[
                __ms::ListenerSpec {
                    method: "on_event",
                    location: __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                    options: || {
                        __ms::ListenerOptions::new()
                            .topic({
                                let __text: &'static str = <Projector<T>>::TOPIC;
                                __text
                            })
                            .id("projector")
                    },
                    needs: |needs| __ms::Ask::<__Listener0<T>>::new().needs(needs),
                    bind: |consumer, injector| {
                        __ms::Ask::<__Listener0<T>>::new().bind(consumer, injector)
                    },
                },
            ],
        };
    }
};
