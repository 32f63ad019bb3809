//! A client of `NestJS`.

use harness::unique;
use serde_json::{Value, json};

use crate::program::Program;
use crate::stage::Stage;

/// A `ClientKafka` in the `NestJS` program, for the patterns of one stage.
pub(crate) struct NestClient {
    nest: &'static Program,
    name: String,
    group: String,
    prefix: String,
}

impl NestClient {
    /// Connects one in a group of its own; the topics of replies are created here, three partitions each.
    pub(crate) async fn connect(stage: &Stage<'_>, patterns: &[&str]) -> Self {
        for pattern in patterns {
            stage.broker.create_topic(&stage.topic(&format!("{pattern}.reply")), 3).await;
        }
        Self::connect_to(stage, &stage.group("client"), patterns).await
    }

    /// One more in the group of another.
    pub(crate) async fn join(stage: &Stage<'_>, other: &Self, patterns: &[&str]) -> Self {
        Self::connect_to(stage, &other.group, patterns).await
    }

    async fn connect_to(stage: &Stage<'_>, group: &str, patterns: &[&str]) -> Self {
        let nest = Program::nest(stage.broker).await;
        let (name, group) = (unique("client"), group.to_owned());
        let client = Self { nest, name, group, prefix: stage.prefix.clone() };
        let patterns: Vec<_> = patterns.iter().map(|pattern| stage.topic(pattern)).collect();
        nest.tell("connect", json!({ "client": client.name, "group": client.group, "patterns": patterns })).await;
        client
    }

    /// The group that reads replies, as Nest names it.
    pub(crate) fn reader_group(&self) -> String {
        format!("{}-client", self.group)
    }

    /// Every value of the answer, and how it ended: `{values, error?}`.
    pub(crate) async fn ask(&self, pattern: &str, data: Value) -> Value {
        let pattern = format!("{}.{pattern}", self.prefix);
        self.nest.tell("ask", json!({ "client": self.name, "pattern": pattern, "data": data })).await
    }

    /// The only value of the answer.
    pub(crate) async fn ask_one(&self, pattern: &str, data: Value) -> Value {
        let mut answer = self.ask(pattern, data).await;
        assert_eq!((answer["values"].as_array().map(Vec::len), answer.get("error")), (Some(1), None), "{answer}");
        answer["values"][0].take()
    }

    pub(crate) async fn disconnect(self) {
        self.nest.tell("disconnect", json!({ "client": self.name })).await;
    }
}
