impl<T: Clock> Math for FakeMath<T> {
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
    > {
        ::std::boxed::Box::pin(async move { Ok(numbers.iter().sum()) })
    }
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
    > {
        ::std::boxed::Box::pin((move || { stream::empty() })())
    }
}
