//! Layered configuration with an origin on every value, and all problems at once.
//!
//! This is the loader of Millstream's configuration. It knows nothing of Kafka: an application describes the keys it knows
//! with a [`KeySpace`], says where to look with a [`Request`], and reads what it wants by type from the [`Tree`] that
//! [`load`] returns. Nothing here logs, reads the command line, or ends the process.
//!
//! ```
//! use millstream_config::{DirectoryChoice, Duration, KeySpace, Problems, Request, load_leniently};
//!
//! // What the application knows. Variables are resolved against it, and what it does not know is reported.
//! let listener = KeySpace::table()
//!     .key("concurrency", KeySpace::value())
//!     .key("timeout", KeySpace::value());
//! let kafka = KeySpace::table()
//!     .key("brokers", KeySpace::value())
//!     .key("listeners", KeySpace::members("listener", ["Billing.on_order"], &listener));
//! let mut keys = KeySpace::table().key("kafka", kafka);
//! keys.declare(["billing", "currency"]);
//!
//! // Where to look. A program takes `Request::from_process()`; this example brings its own file and variables.
//! let mut request = Request::default();
//! request.directory = DirectoryChoice::Nothing;
//! request.base = Some(r#"
//!     [kafka]
//!     brokers = ["${KAFKA_URL:embedded}"]
//!     [kafka.listeners."Billing.on_order"]
//!     timeout = 30
//!     [billing]
//!     curency = "EUR"
//! "#.to_owned());
//! request.variables = vec![
//!     ("KAFKA_URL".to_owned(), "localhost:9092".to_owned()),
//!     ("MILLSTREAM__KAFKA__LISTENERS__BILLING_ON_ORDER__CONCURRENCY".to_owned(), "8".to_owned()),
//! ];
//!
//! let (loaded, mut problems) = load_leniently(&request, &keys);
//! let tree = loaded.tree;
//! let brokers = problems.keep(tree.get::<Vec<String>>("kafka.brokers")).flatten();
//! assert_eq!(brokers, Some(vec!["localhost:9092".to_owned()]));
//! let concurrency = problems.keep(tree.get::<u16>(r#"kafka.listeners."Billing.on_order".concurrency"#)).flatten();
//! assert_eq!(concurrency, Some(8));
//!
//! // Reading goes on after a problem, so that one report holds them all.
//! problems.keep(tree.get::<Duration>(r#"kafka.listeners."Billing.on_order".timeout"#));
//! problems.extend(tree.unknown_keys(&keys));
//! assert_eq!(problems.to_string(), r#"2 problems in the configuration:
//!
//!   1. kafka.listeners."Billing.on_order".timeout
//!      value   30
//!      set by  base:5:15
//!      rule    a duration needs its unit: write "30ms" or "30s" (ns, us, ms, s, m, h, d)
//!
//!   2. billing.curency
//!      value   "EUR"
//!      set by  base:7:15
//!      rule    unknown key
//!      fix     did you mean `currency`?"#);
//! ```
//!
//! # Layers
//!
//! Later wins: the program's [base](Request::base) < `default.toml` < `{environment}.toml` < `local.toml` (in `development`
//! only) < `MILLSTREAM__..` variables < `--set`. Tables merge key by key, anything else is replaced whole. `""` and `[]` unset a
//! key: it counts as absent, and what earlier layers say is hidden.
//!
//! # Sources
//!
//! - **Files** are TOML. In strings, `${VAR}` and `${VAR:default}` stand for variables of the environment: the first `:`
//!   splits, `$${` is a literal `${`, what a variable holds is not expanded again, and a variable that is not set and has no
//!   default is a problem. An empty variable gives way to a default. A string that is one `${..}` and nothing else has the
//!   type that is asked for, like a variable.
//! - **Variables** are named after keys: `MILLSTREAM__`, then the segments with `__` between them. A segment matches a known
//!   key, ignoring case, with `_` for every character but ASCII letters and digits. A variable that matches no key is a problem.
//! - **`--set KEY=VALUE`** has a key in TOML's syntax. A value that begins with a quote or a bracket is TOML; anything else is
//!   a text that has the type that is asked for.
//!
//! A text has the type that is asked for: `007` is a password for a [`String`] and seven for a `u8`. A list is split at
//! commas, or is a TOML array where it begins with `[`. A type that takes several kinds of value (an untagged enum, say)
//! is given the text.
//!
//! # Where
//!
//! The environment is named by `--env`, else `MILLSTREAM_ENV`, else it is `development`; one that is named must have its file.
//! The directory is named by `--config`, else `MILLSTREAM_CONFIG`; else it is the first `config/` from the running package up
//! to its workspace's root (where cargo runs the program), else `./config`. A directory that is named must be there.
//!
//! # Secrets
//!
//! [`Problem`]s and [entries](Tree::entries) hide the values of keys that [look secret](is_secret_key), the passwords of URLs,
//! and the defaults of variables. A syntax error never quotes the file. Reading a value by type gives it as it is, and the
//! `Debug` of a [`Tree`] or a [`Node`] shows only what the same rules allow.
//!
//! # Why the layers are merged here
//!
//! The `config` crate's merge was tried and left out. It reads every top-level key as an expression (`"a.b"` becomes two
//! tables, `"a[9999999999]"` an array of that length), forgets where a table came from, knows an origin as one string only,
//! and has no way to unset a key. What remains of a merge is shorter than the way around that.

mod access;
mod deserialize;
mod duration;
mod environment_source;
mod expand;
mod fault;
mod key_path;
mod key_space;
mod line_index;
mod load;
mod locate;
mod merge;
mod nearest;
mod node;
mod origin;
mod override_source;
mod problem;
mod quantity;
mod reader;
mod redact;
mod request;
mod size;
mod toml_source;
mod tree;
mod unknown;
mod usage;
mod variables;

pub use duration::{Duration, parse_duration};
pub use key_path::{KeyPath, Step, quote_key, quote_string};
pub use key_space::KeySpace;
pub use load::{Loaded, load, load_leniently};
pub use nearest::nearest;
pub use node::{Node, Table, Value};
pub use origin::{Layer, Origin, Place};
pub use problem::{Problem, Problems};
pub use quantity::QuantityError;
pub use redact::{REDACTED, is_secret_key, redact_urls};
pub use request::{DirectoryChoice, Request};
pub use size::{Size, parse_size};
pub use tree::{Entry, Located, Section, Tree};
