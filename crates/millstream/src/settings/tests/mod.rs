//! Tests of the whole: configuration and declarations in, a plan or problems out.

mod default_file;
mod fixture;
mod golden;
mod scopes;
