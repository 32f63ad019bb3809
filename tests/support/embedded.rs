//! The broker inside the test's process, and what a test does to it.

use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions};

use crate::Broker;

pub(crate) fn start(nodes: i32) -> EmbeddedCluster {
    let options = EmbeddedOptions { brokers: nodes, ..EmbeddedOptions::default() };
    EmbeddedCluster::start(options).unwrap_or_else(|error| panic!("the embedded broker does not start: {error}"))
}

impl Broker {
    /// The embedded broker itself, to make requests fail, to delay answers, and to take nodes down.
    ///
    /// # Panics
    /// On a real broker; write such a test with `embedded_broker!`.
    pub fn embedded_cluster(&self) -> &EmbeddedCluster {
        self.embedded
            .as_ref()
            .expect("faults are injected into the embedded broker only; write this test with `embedded_broker!`")
    }
}
