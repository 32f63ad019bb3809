//! What is known to be right: only valid values can be made of these.

mod client;

pub(crate) use client::{Client, ClientMethod, ClientOptions, ClientWire, Sends, Sent};

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Generics, Ident, Path, Type};

/// Options of a listener, or defaults of a consumer, as calls on `ListenerOptions`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) topics: Vec<TokenStream>,
    pub(crate) setters: Vec<Setter>,
    /// Where the runtime is found, if not at `::millstream`.
    pub(crate) crate_path: Option<Path>,
    /// The id that a literal gives.
    pub(crate) id: Option<syn::LitStr>,
    pub(crate) loss: Loss,
    pub(crate) calling: Calling,
    /// Whether what the method returns is sent.
    pub(crate) answers: bool,
}

/// What the attribute says about losing messages.
#[derive(Clone, Copy, Default)]
pub(crate) struct Loss {
    /// `on_failure`: whether a literal says `"skip"`; a constant is not known.
    pub(crate) skips: Said,
    /// `accept_loss`: whether a literal says `true`.
    pub(crate) accepted: Said,
}

/// What an attribute says about something.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    #[default]
    Nothing,
    Yes,
    No,
    /// By a constant, which only the compiler knows.
    Unknown,
}

impl Said {
    /// What holds if `self` is silent.
    pub(crate) fn or(self, default: Self) -> Self {
        if self == Self::Nothing { default } else { self }
    }
}

/// A call on `ListenerOptions`.
pub(crate) struct Setter {
    pub(crate) name: Ident,
    pub(crate) value: SetTo,
}

/// What a setter is given.
pub(crate) enum SetTo {
    Value(TokenStream),
    Built(Built),
    /// Durations in a list.
    Durations(Vec<TokenStream>),
    /// A test for errors of these types.
    Errors(Vec<Type>),
    /// A type, as in `.layer::<Audit>()`.
    Type(Box<Type>),
    Nothing,
}

/// A value of one of the option types, made part by part: `BackoffOption::new().initial("1s")`.
pub(crate) struct Built {
    pub(crate) option: &'static str,
    pub(crate) constructor: &'static str,
    pub(crate) arguments: Option<TokenStream>,
    pub(crate) parts: Vec<(Ident, TokenStream)>,
}

impl Built {
    /// From nothing.
    pub(crate) fn new(option: &'static str, parts: Vec<(Ident, TokenStream)>) -> Self {
        Self { option, constructor: "new", arguments: None, parts }
    }
}

/// How a listener's method is called.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) enum Calling {
    /// An async function, once for each message.
    #[default]
    Async,
    /// A plain function that may block.
    Blocking,
    /// An async function, with several messages at once.
    Batch,
}

/// A `#[consumer]` impl block.
pub(crate) struct ListenersBlock {
    pub(crate) consumer: SelfType,
    pub(crate) options: Options,
    pub(crate) listeners: Vec<Listener>,
    pub(crate) span: Span,
}

/// The type that an impl block is of.
pub(crate) struct SelfType {
    pub(crate) ty: Type,
    /// The last word of its path: what ids begin with.
    pub(crate) name: String,
    pub(crate) generics: Generics,
}

/// A `#[kafka_listener]` method.
pub(crate) struct Listener {
    pub(crate) method: Ident,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) options: Options,
    pub(crate) arguments: Vec<ListenerArgument>,
    /// `None` is `()`.
    pub(crate) output: Option<Type>,
    /// The attribute's place.
    pub(crate) span: Span,
}

/// An argument of a listener.
pub(crate) struct ListenerArgument {
    /// As messages call it.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) source: ArgumentSource,
}

/// Where an argument's value comes from.
pub(crate) enum ArgumentSource {
    Message,
    Header(TokenStream),
    Config(TokenStream),
}

/// A field of a consumer or a component, or an argument of a constructor.
pub(crate) struct Injection {
    /// As messages call it, with what it is: ``field `ledger` ``.
    pub(crate) what: String,
    pub(crate) ty: Type,
    pub(crate) source: InjectionSource,
    pub(crate) cfgs: Vec<Attribute>,
    /// The field's name; `None` in a tuple struct and for arguments.
    pub(crate) field: Option<Ident>,
}

/// Where an injected value comes from.
pub(crate) enum InjectionSource {
    Component,
    /// Of the cluster with this name.
    Cluster(TokenStream),
    Config(TokenStream),
    Default,
}

/// A struct whose fields are injected.
pub(crate) struct InjectedStruct {
    pub(crate) name: Ident,
    pub(crate) shape: Shape,
    pub(crate) fields: Vec<Injection>,
}

/// How a struct's value is written.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Named,
    Tuple,
    Unit,
}

/// A `#[consumer]` struct.
pub(crate) struct ConsumerStruct {
    pub(crate) value: InjectedStruct,
    pub(crate) options: Options,
}

/// What `#[component]` says.
#[derive(Default)]
pub(crate) struct ComponentOptions {
    pub(crate) provides: Vec<Type>,
    pub(crate) eager: Option<TokenStream>,
    pub(crate) crate_path: Option<Path>,
}

/// A component, and how it is built.
pub(crate) struct Component {
    pub(crate) ty: Type,
    pub(crate) name: String,
    pub(crate) options: ComponentOptions,
    pub(crate) constructor: Constructor,
    pub(crate) shutdown: Option<Shutdown>,
    pub(crate) span: Span,
}

pub(crate) enum Constructor {
    Fields(InjectedStruct),
    Init(Init),
}

/// The method that builds a component.
pub(crate) struct Init {
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Injection>,
    pub(crate) is_async: bool,
    pub(crate) output: Box<Type>,
}

/// The method that ends a component.
pub(crate) struct Shutdown {
    pub(crate) name: Ident,
    pub(crate) is_async: bool,
    pub(crate) output: Option<Type>,
}

/// What `#[millstream::main]` says.
#[derive(Default)]
pub(crate) struct MainOptions {
    pub(crate) worker_threads: Option<TokenStream>,
    pub(crate) current_thread: bool,
    pub(crate) crate_path: Option<Path>,
}
