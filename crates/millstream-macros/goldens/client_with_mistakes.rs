trait Math: ::core::marker::Send + ::core::marker::Sync + 'static {
    #[allow(
        clippy::type_complexity,
        clippy::needless_lifetimes,
        clippy::elidable_lifetime_names,
        clippy::redundant_closure_call
    )]
    fn sum<'call>(
        &'call self,
        numbers: &'call [i64],
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<i64, RequestError>,
            > + ::core::marker::Send + 'call,
        >,
    >;
    fn unmarked(&self);
}
/**Sends what [`Math`] says through Kafka.

A component: it is injected as `Arc<Calculator>` and as `Arc<dyn Math>`.*/
#[derive(::core::clone::Clone)]
struct Calculator {
    __client: ::millstream::__private::TypedClient,
}
#[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::millstream::__private as __ms;
    impl Calculator {
        #[allow(dead_code)]
        fn new(
            requests: __ms::Arc<__ms::Requests>,
            producer: __ms::Arc<__ms::Producer>,
        ) -> Self {
            Self {
                __client: __ms::TypedClient::new(requests, producer),
            }
        }
    }
};
#[allow(clippy::all, clippy::pedantic)]
impl Math for Calculator {
    #[allow(unused_variables)]
    fn sum<'call>(
        &'call self,
        numbers: &'call [i64],
    ) -> ::core::pin::Pin<
        ::std::boxed::Box<
            dyn ::core::future::Future<
                Output = Result<i64, RequestError>,
            > + ::core::marker::Send + 'call,
        >,
    > {
        loop {
            ::std::thread::park();
        }
    }
    #[allow(unused_variables)]
    fn unmarked(&self) {
        loop {
            ::std::thread::park();
        }
    }
}
::core::compile_error! {
    "unknown option `colour`; options of `#[kafka_client]` are `wire`, `timeout`, `reply_topic`, `cluster`, `name` and `crate`"
}
::core::compile_error! {
    "method `unmarked` says neither what it sends nor what it does; add `#[request(\"topic\")]`, `#[emit(\"topic\")]`, or a body"
}
