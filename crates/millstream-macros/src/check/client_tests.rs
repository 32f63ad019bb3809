//! What the checks of clients accept and refuse.

use super::*;

fn messages_of(arguments: TokenStream, item: TokenStream) -> Vec<String> {
    let mut errors = ErrorSink::new();
    let block = TraitBlock::parse(item).unwrap();
    check_trait(arguments, &block, &mut errors);
    errors.into_messages()
}

/// Of a trait with this one method.
fn messages(method: &TokenStream) -> Vec<String> {
    messages_of(TokenStream::new(), quote! { trait Math { #method } })
}

#[test]
fn every_form_of_a_method_is_accepted() {
    for right in [
        quote! { #[request("a")] async fn a(&self) -> Result<(), RequestError>; },
        quote! { #[request(topics::A, key = id, wire = "spring", timeout = LIMIT, reply_topic = "b")] async fn a(&self, id: &str, body: (u8, &str)) -> R; },
        quote! { #[request("a", stream)] fn a(&self, #[header("h")] h: Option<&str>) -> impl Stream<Item = R> + Send + 'static; },
        quote! { #[emit("a", key = r#type)] async fn a(&self, r#type: &str) -> Result<Delivery, SendError>; },
        quote! { #[request("a")] async fn a(&self, body: &mut Body) -> R; async fn b(&self) { half typed } fn c(self) {} fn d() {} },
    ] {
        assert_eq!(messages(&right), Vec::<String>::new(), "{right}");
    }
    let every = quote! { wire = WIRE, timeout = "250ms", reply_topic = "b", cluster = "audit", name = Calculator, crate = a::b };
    let item = quote! { pub(crate) trait Math: Clock + Send + 'static { #[emit("a")] async fn a(&self) -> R; } };
    assert_eq!(messages_of(every, item), Vec::<String>::new());
}

#[test]
fn each_mistake_of_a_method_is_told_once() {
    for wrong in [
        quote! { async fn a(&self) -> R; },
        quote! { #[request] async fn a(&self) -> R; },
        quote! { #[request = "a"] async fn a(&self) -> R; },
        quote! { #[request()] async fn a(&self) -> R; },
        quote! { #[request("")] async fn a(&self) -> R; },
        quote! { #[request("a", "b")] async fn a(&self) -> R; },
        quote! { #[request(topic = "a")] async fn a(&self) -> R; },
        quote! { #[request("a")] #[request("b")] async fn a(&self) -> R; },
        quote! { #[request("a")] #[emit("b")] async fn a(&self) -> R; },
        quote! { #[request("a")] async fn a(&self) -> R { 5 } },
        quote! { #[request("a")] async fn a() -> R; },
        quote! { #[request("a")] async fn a(self) -> R; },
        quote! { #[request("a")] async fn a(&mut self) -> R; },
        quote! { #[request("a")] async fn a<T>(&self, body: T) -> R; },
        quote! { #[request("a")] async fn a<'a>(&self, body: &'a str) -> R; },
        quote! { #[request("a")] async fn a(&self) -> R where Self: Sized; },
        quote! { #[request("a")] async fn a(&self, body: impl Serialize) -> R; },
        quote! { #[request("a")] async unsafe fn a(&self) -> R; },
        quote! { #[request("a")] async fn a(&self); },
        quote! { #[request("a")] fn a(&self) -> R; },
        quote! { #[request("a")] async fn a(&self) -> impl Sized; },
        quote! { #[request("a")] async fn a(&self) -> impl Stream<Item = R>; },
        quote! { #[request("a", stream)] fn a(&self) -> R; },
        quote! { #[request("a", stream)] fn a(&self); },
        quote! { #[request("a", stream)] async fn a(&self) -> impl Stream<Item = R>; },
        quote! { #[request("a", stream = true)] async fn a(&self) -> R; },
        quote! { #[request("a", wire = "auto")] async fn a(&self) -> R; },
        quote! { #[request("a", wire = "nset")] async fn a(&self) -> R; },
        quote! { #[request("a", timeout = 5)] async fn a(&self) -> R; },
        quote! { #[request("a", timeout = "0s")] async fn a(&self) -> R; },
        quote! { #[request("a", timeout = "9999999999d")] async fn a(&self) -> R; },
        quote! { #[request("a", reply_topic = "a b")] async fn a(&self) -> R; },
        quote! { #[request("a", key = "id")] async fn a(&self, id: &str) -> R; },
        quote! { #[request("a", key = ID)] async fn a(&self, id: &str, other: &str) -> R; },
        quote! { #[request("a", key = id)] async fn a(&self, #[header("h")] id: &str) -> R; },
        quote! { #[request("a")] async fn a(&self, one: &str, two: &str) -> R; },
        quote! { #[request("a")] async fn a(&self, #[header] one: &str) -> R; },
        quote! { #[request("a")] async fn a(&self, #[header("a")] #[header("b")] one: &str) -> R; },
        quote! { #[request("a")] async fn a(&self, #[config("a")] one: &str) -> R; },
        quote! { #[request("a")] async fn a(&self, #[cfg(any())] one: &str) -> R; },
        quote! { #[emit("a")] async fn a(&self); },
        quote! { #[emit] async fn a(&self) -> R; },
        quote! { #[emit("a", stream)] async fn a(&self) -> R; },
        quote! { #[emit("a", timeout = "5s")] async fn a(&self) -> R; },
        quote! { #[emit("a")] fn a(&self) -> R; },
        quote! { #[emit("a")] async fn a(&self) -> R; async fn b<T>(&self) {} },
        quote! { #[emit("a")] async fn a(&self) -> R; async fn b(self) {} },
        quote! { #[emit("a")] async fn a(&self) -> R; async fn b(&self, #[header("a")] b: u8) {} },
        quote! { #[emit("a")] async fn a(&self) -> R; async fn b(&self) -> impl Sized {} },
        quote! { #[emit("a")] async fn a(&self) -> R; async fn b(&self) -> impl Stream<Item = R> {} },
        quote! { #[request("a", stream)] async fn a(&self) -> R; },
        quote! { fn b(&self) {} },
    ] {
        let found = messages(&wrong);
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
    }
}

#[test]
fn each_mistake_of_a_trait_is_told_once() {
    let method = quote! { #[emit("a")] async fn a(&self) -> R; };
    for wrong in [
        quote! { trait Math<T> { #method } },
        quote! { trait Math where Self: Clock { #method } },
        quote! { unsafe trait Math { #method } },
        quote! { trait Math { #method const LIMIT: u8; } },
        quote! { trait Math { #method type Number; } },
        quote! { trait Math { #method more!(); } },
        quote! { trait Math {} },
    ] {
        let found = messages_of(TokenStream::new(), wrong.clone());
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
    }
    let options = quote! { "a", wire = 5, timeout = "5", name = "A", cluster = "", reply_topic = "a b", topic = "a", colour = 1, crate = "a" };
    assert_eq!(messages_of(options, quote! { trait Math { #method } }).len(), 9);
}

#[test]
fn an_impl_block_says_nothing_about_what_is_sent() {
    let messages = |arguments: TokenStream, item: TokenStream| {
        let mut errors = ErrorSink::new();
        check_impl(&arguments, &ImplBlock::parse(item).unwrap(), &mut errors);
        errors.into_messages().len()
    };
    let right = quote! { impl<T> Math for Fake<T> { async fn a(&self, _: &str) {} fn b(&self) -> impl Stream<Item = u8> {} fn c<T>(self) {} type X = u8; } };
    assert_eq!(messages(TokenStream::new(), right), 0);
    assert_eq!(messages(quote! { wire = "nest" }, quote! { impl Math for Fake {} }), 1);
    assert_eq!(messages(TokenStream::new(), quote! { impl Fake {} }), 1);
    let wrong =
        quote! { impl Math for Fake { #[request("a")] async fn a<T>(&self, #[header("a")] b: u8) {} async fn b() {} } };
    assert_eq!(messages(TokenStream::new(), wrong), 4);
}
