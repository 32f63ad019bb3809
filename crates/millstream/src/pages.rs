//! The pages for readers, so that the code in them is compiled.

#[doc = include_str!("../../../README.md")]
struct Readme;

#[doc = include_str!("../../../docs/around-a-listener.md")]
struct AroundAListener;

#[doc = include_str!("../../../docs/failure-policies.md")]
struct FailurePolicies;

#[doc = include_str!("../../../docs/guarantees.md")]
struct Guarantees;

#[doc = include_str!("../../../docs/idempotent-handling.md")]
struct IdempotentHandling;
