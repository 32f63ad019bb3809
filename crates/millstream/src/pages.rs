//! The pages for readers, so that the code in them is compiled.

#[doc = include_str!("../../../README.md")]
struct Readme;

#[doc = include_str!("../../../docs/around-a-listener.md")]
struct AroundAListener;

#[doc = include_str!("../../../docs/failure-policies.md")]
struct FailurePolicies;

#[doc = include_str!("../../../docs/from-midway.md")]
struct FromMidway;

#[doc = include_str!("../../../docs/from-nestjs.md")]
struct FromNestjs;

#[doc = include_str!("../../../docs/from-rdkafka.md")]
struct FromRdkafka;

#[doc = include_str!("../../../docs/from-spring.md")]
struct FromSpring;

#[doc = include_str!("../../../docs/guarantees.md")]
struct Guarantees;

#[doc = include_str!("../../../docs/idempotent-handling.md")]
struct IdempotentHandling;

#[doc = include_str!("../../../docs/requests-and-replies.md")]
struct RequestsAndReplies;
