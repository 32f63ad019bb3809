/// Bills.
#[derive(Debug)]
struct Billing {
    ledger: Arc<Ledger>,
    currency: String,
    #[cfg(feature = "count")]
    seen: u64,
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    fn __needs(__needs: &mut __ms::Needs) {
        {
            __needs
                .at(
                    "field `ledger` of `Billing`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Arc<Ledger> as __ms::Injected>::needs(__needs);
        }
        {
            __needs
                .at(
                    "field `currency` of `Billing`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <String as __ms::ConfigValue>::needs(__needs, "billing.currency");
        }
    }
    fn __build(
        __injector: &mut __ms::Injector<'_>,
    ) -> ::core::option::Option<__ms::SharedValue> {
        let __value0 = {
            __injector
                .at(
                    "field `ledger` of `Billing`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Arc<Ledger> as __ms::Injected>::inject(__injector)
        };
        let __value1 = {
            __injector
                .at(
                    "field `currency` of `Billing`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <String as __ms::ConfigValue>::inject(__injector, "billing.currency")
        };
        #[cfg(feature = "count")]
        let __value2 = ::core::option::Option::Some(
            <u64 as ::core::default::Default>::default(),
        );
        ::core::option::Option::Some(
            __ms::shared::<
                Billing,
            >(Billing {
                ledger: __value0?,
                currency: __value1?,
                #[cfg(feature = "count")]
                seen: __value2?,
            }),
        )
    }
    const __SPEC: __ms::ConsumerSpec = __ms::ConsumerSpec {
        type_id: __ms::TypeId::of::<Billing>,
        name: "Billing",
        location: __ms::Location {
            crate_name: ::core::env!("CARGO_PKG_NAME"),
            file: ::core::file!(),
            line: 1u32,
            column: 1u32,
        },
        options: || __ms::ListenerOptions::new().group_id("billing"),
        needs: __needs,
        build: __build,
    };
    #[automatically_derived]
    impl __ms::Consumer for Billing {
        const SPEC: &'static __ms::ConsumerSpec = &__SPEC;
    }
    __ms::submit! {
        __SPEC
    }
};
