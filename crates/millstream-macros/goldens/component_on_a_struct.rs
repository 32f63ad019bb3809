struct Shelf(Arc<Clock>);
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    #[automatically_derived]
    impl __ms::Component for Shelf {}
    fn __needs(__needs: &mut __ms::Needs) {
        {
            __needs
                .at(
                    "field `0` of `Shelf`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Arc<Clock> as __ms::Injected>::needs(__needs);
        }
    }
    fn __build(
        __injector: &mut __ms::Injector<'_>,
    ) -> ::core::option::Option<__ms::BuildFuture> {
        let __value0 = {
            __injector
                .at(
                    "field `0` of `Shelf`",
                    __ms::Location {
                        crate_name: ::core::env!("CARGO_PKG_NAME"),
                        file: ::core::file!(),
                        line: 1u32,
                        column: 1u32,
                    },
                );
            <Arc<Clock> as __ms::Injected>::inject(__injector)
        };
        let __component: Shelf = Shelf(__value0?);
        ::core::option::Option::Some(
            __ms::built_by(async move { ::core::result::Result::Ok(__component) }),
        )
    }
    __ms::submit! {
        __ms::ComponentSpec { type_id : __ms::TypeId::of:: < Shelf >, name : "Shelf",
        location : __ms::Location { crate_name : ::core::env!("CARGO_PKG_NAME"), file :
        ::core::file!(), line : 1u32, column : 1u32, }, cast : __ms::component_cast:: <
        Shelf > (), eager : false, provides : & [], needs : __needs, build : __build,
        shutdown : ::core::option::Option::None, }
    }
};
