struct Billing {
    currency: String,
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    #[automatically_derived]
    impl __ms::Consumer for Billing {
        const SPEC: &'static __ms::ConsumerSpec = &__ms::ConsumerSpec {
            type_id: __ms::TypeId::of::<Billing>,
            name: "Billing",
            location: __ms::Location {
                crate_name: ::core::env!("CARGO_PKG_NAME"),
                file: ::core::file!(),
                line: 1u32,
                column: 1u32,
            },
            options: __ms::ListenerOptions::new,
            needs: |_| {},
            build: |_| ::core::option::Option::None,
        };
    }
};
::core::compile_error! {
    "unknown option `colour`; options of `#[consumer]` are `group_id`, `cluster`, `enabled`, `start`, `from_beginning`, `auto_commit`, `commit_interval`, `concurrency`, `order_by`, `rate`, `timeout`, `retries`, `backoff`, `deadline`, `retry_topics`, `reorder`, `on_failure`, `dead_letter`, `max_crashes`, `accept_loss`, `on_lost_position`, `window`, `window_bytes`, `wire`, `crate`, `retry_on`, `terminal` and `layers`"
}
::core::compile_error! {
    "`#[config]` needs one key, as in `#[config(\"billing.currency\")]`"
}
