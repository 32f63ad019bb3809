//! A `#[kafka_client]` trait.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Ident, Path, Signature, Type, Visibility};

/// A trait and the client that is made of it.
pub(crate) struct Client {
    pub(crate) of_trait: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) options: ClientOptions,
    pub(crate) methods: Vec<ClientMethod>,
    pub(crate) span: Span,
}

/// What `#[kafka_client]` says.
#[derive(Default)]
pub(crate) struct ClientOptions {
    pub(crate) wire: Option<ClientWire>,
    pub(crate) timeout: Option<TokenStream>,
    pub(crate) reply_topic: Option<TokenStream>,
    pub(crate) cluster: Option<TokenStream>,
    pub(crate) name: Option<Ident>,
    pub(crate) crate_path: Option<Path>,
}

/// Whose conventions a request follows.
#[derive(Clone)]
pub(crate) enum ClientWire {
    Nest,
    Spring,
    Constant(TokenStream),
}

/// A method that sends something.
pub(crate) struct ClientMethod {
    pub(crate) signature: Signature,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) sends: Sends,
    pub(crate) sent: Sent,
}

/// What a method sends.
pub(crate) enum Sends {
    /// A request, with what it says in place of the client.
    Request {
        wire: Option<ClientWire>,
        timeout: Option<TokenStream>,
        reply_topic: Option<TokenStream>,
        /// What the method returns.
        output: Box<Type>,
    },
    /// A request with several answers.
    Stream {
        wire: Option<ClientWire>,
        timeout: Option<TokenStream>,
        reply_topic: Option<TokenStream>,
        /// What the stream yields.
        item: Box<Type>,
    },
    /// A message that asks for no answer.
    Event {
        /// What the method returns.
        output: Box<Type>,
    },
}

/// What of a method's arguments goes where; numbers are places among the arguments, `&self` not counted.
pub(crate) struct Sent {
    pub(crate) topic: TokenStream,
    pub(crate) key: Option<usize>,
    pub(crate) headers: Vec<(TokenStream, usize)>,
    pub(crate) body: Option<usize>,
}

impl ClientOptions {
    /// What the client of this trait is called.
    pub(crate) fn name_for(&self, of_trait: &Ident) -> Ident {
        self.name.clone().unwrap_or_else(|| quote::format_ident!("{of_trait}Client"))
    }
}
