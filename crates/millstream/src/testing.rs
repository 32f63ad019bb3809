//! Contexts without a client, for tests of listeners. The crate `millstream-test` makes them pleasant.

use crate::context::{Attributes, Context, Held};
use crate::engine::lane::{Lane, LaneFacts, Port};
use millstream_native::OwnedMessage;
use std::fmt;
use std::sync::{Arc, Mutex};

pub use crate::engine::lane::Recorded;

/// What a context without a client says about itself.
#[derive(Debug)]
pub struct ContextFacts {
    /// The cluster's name.
    pub cluster: String,
    /// The group.
    pub group_id: String,
    /// The listener's id.
    pub listener: String,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// The application's attributes.
    pub attributes: Attributes,
}

impl Default for ContextFacts {
    fn default() -> Self {
        Self {
            cluster: "default".into(),
            group_id: "test".into(),
            listener: "Test.listener".into(),
            attempt: 1,
            attributes: Attributes::new(),
        }
    }
}

/// The verbs that were called on a context without a client.
#[derive(Clone)]
pub struct Recorder {
    lane: Arc<Lane>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Recorder").field(&self.recorded()).finish()
    }
}

impl Recorder {
    /// What was called, in order.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.lane.recorded()
    }

    /// Cancels the context's token, as a revoked partition does.
    pub fn cancel(&self) {
        self.lane.cancellation.cancel();
    }
}

/// A context around a message, with nothing behind it but a recorder.
pub fn context(message: OwnedMessage, facts: ContextFacts) -> (Context, Recorder) {
    let lane = Arc::new(Lane::new(
        LaneFacts {
            cluster: facts.cluster.into(),
            group_id: facts.group_id.into(),
            listener: facts.listener.into(),
            topic: Arc::clone(&message.topic),
            partition: message.partition,
            attributes: Arc::new(facts.attributes),
        },
        Port::Recording(Mutex::new(Vec::new())),
    ));
    let mut context = Context::new(Arc::clone(&lane));
    context.take(Held::Owned(Box::new(message)), facts.attempt);
    (context, Recorder { lane })
}
