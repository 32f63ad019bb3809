//! `[kafka.producer]`: how messages are sent.

use super::properties::{Audience, PropertyTable};
use super::reading::Reading;
use super::said::{Refusal, Said};
use millstream_config::Problems;

/// What is said about all producers.
#[derive(Clone, Debug, Default)]
pub(super) struct ProducerSettings {
    accept_loss: Option<Said<bool>>,
    pub(super) properties: PropertyTable,
}

/// librdkafka's two names of one property.
const ACKS: [&str; 2] = ["acks", "request.required.acks"];

impl ProducerSettings {
    /// Reads `producer` of a table.
    pub(super) fn read(table: &Reading<'_>, problems: &mut Problems) -> Self {
        let table = table.below("producer", table.scope, problems);
        Self {
            accept_loss: table.flag("accept_loss", problems),
            properties: PropertyTable::read(&table, Audience::Producers, problems),
        }
    }

    /// Checks the properties of a cluster's producer, all scopes merged.
    pub(super) fn check(
        &self,
        cluster: &str,
        merged: &PropertyTable,
        problems: &mut Problems,
        notices: &mut Vec<String>,
    ) {
        for acks in ACKS.iter().filter_map(|name| merged.get(name)) {
            let refusal = match acks.value.as_str() {
                "all" | "-1" => continue,
                "0" => Refusal::new("without an acknowledgement nobody can say whether a message was written")
                    .fix("leave it out, or set it to 1 with `[kafka.producer] accept_loss = true`"),
                _ if self.accept_loss.as_ref().is_some_and(|accept| accept.value) => continue,
                _ => Refusal::new("a message that not all replicas in sync have is lost when the others fail")
                    .fix("leave it out, or set `[kafka.producer] accept_loss = true` if losing messages is fine"),
            };
            problems.push(acks.site.problem(refusal));
        }
        if merged.get("enable.idempotence").is_some_and(|said| said.value == "false") {
            notices.push(format!(
                "the producer of cluster `{cluster}` has `enable.idempotence=false`: after a lost answer a message may be written twice, and behind later ones"
            ));
        }
    }
}
