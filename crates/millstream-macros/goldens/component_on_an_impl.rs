impl Ledger {
    async fn init(url: String, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self { url, clock })
    }
    async fn shutdown(&self) {}
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    #[automatically_derived]
    impl __ms::Component for Ledger {}
    fn __needs(__needs: &mut __ms::Needs) {
        {
            __needs
                .at(
                    "argument `url` of `Ledger`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <String as __ms::ConfigValue>::needs(__needs, "ledger.url");
        }
        {
            __needs
                .at(
                    "argument `clock` of `Ledger`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Arc<dyn Clock> as __ms::Injected>::needs(__needs);
        }
    }
    fn __build(
        __injector: &mut __ms::Injector<'_>,
    ) -> ::core::option::Option<__ms::BuildFuture> {
        let __value0 = {
            __injector
                .at(
                    "argument `url` of `Ledger`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <String as __ms::ConfigValue>::inject(__injector, "ledger.url")
        };
        let __value1 = {
            __injector
                .at(
                    "argument `clock` of `Ledger`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Arc<dyn Clock> as __ms::Injected>::inject(__injector)
        };
        let __given0 = __value0?;
        let __given1 = __value1?;
        ::core::option::Option::Some(
            __ms::built_by(async move {
                <Result<
                    Ledger,
                > as __ms::IntoComponent<
                    Ledger,
                >>::into_component(<Ledger>::init(__given0, __given1).await)
            }),
        )
    }
    __ms::submit! {
        __ms::ComponentSpec { type_id : __ms::TypeId::of:: < Ledger >, name : "Ledger",
        location : __ms::Location { crate_name : ::core::env!("CARGO_PKG_NAME"), file :
        ::core::file!(), line : 1u32, column : 1u32, }, cast : __ms::component_cast:: <
        Ledger > (), eager : true, provides : & [__ms::Provision { type_id :
        __ms::TypeId::of:: < dyn Store >, name : "dyn Store", cast : | component | { let
        component : __ms::Arc < dyn Store > = __ms::component_of:: < Ledger > (component)
        ?; __ms::provided(component) }, }], needs : __needs, build : __build, shutdown :
        ::core::option::Option::Some(| component | match __ms::component_of:: < Ledger >
        (& component) { ::core::option::Option::Some(__component) => __ms::ended_by(async
        move { < () as __ms::IntoShutdown > ::into_shutdown(< Ledger > ::shutdown(&
        __component). await) }), ::core::option::Option::None => __ms::ended_by(async {
        ::core::result::Result::Ok(()) }), }), }
    }
};
