//! What annotations and calls say about listeners.

use super::contracts;
use super::listener_settings::{ListenerSettings, Subject};
use super::reading::said;
use super::rules::{self, Verdict};
use super::said::{Refusal, Said, Scope, Site, in_source};
use crate::options::{DurationOption, ErrorTest, ListenerOptions, RetriesOption, SizeOption};
use crate::plan::Retries;
use crate::registry::Location;
use millstream_config::{Duration, Problems, Size, quote_string};

/// Who says it, for messages, and where.
pub(super) struct Speaker {
    pub(super) scope: Scope,
    /// Such as `listener Billing.on_order`.
    pub(super) name: String,
    pub(super) location: Location,
}

impl Speaker {
    pub(super) fn site(&self, option: &str, value: impl Into<String>) -> Site {
        Site {
            scope: self.scope,
            key: format!("{}: {option}", self.name),
            value: value.into(),
            origin: Some(in_source(self.location)),
        }
    }

    pub(super) fn text<V>(
        &self,
        option: &str,
        text: Option<&str>,
        problems: &mut Problems,
        rule: impl FnOnce(&str) -> Verdict<V>,
    ) -> Option<Said<V>> {
        let text = text?;
        said(self.site(option, quote_string(text)), rule(text), problems)
    }

    pub(super) fn value<T: Copy + ToString, V>(
        &self,
        option: &str,
        value: Option<T>,
        problems: &mut Problems,
        rule: impl FnOnce(T) -> Verdict<V>,
    ) -> Option<Said<V>> {
        let value = value?;
        said(self.site(option, value.to_string()), rule(value), problems)
    }

    pub(super) fn duration(
        &self,
        option: &str,
        duration: Option<&DurationOption>,
        problems: &mut Problems,
        rule: impl FnOnce(std::time::Duration) -> Verdict<std::time::Duration>,
    ) -> Option<Said<std::time::Duration>> {
        match duration? {
            DurationOption::Text(text) => {
                self.text(option, Some(text), problems, |text| rules::duration(text).and_then(rule))
            }
            DurationOption::Value(value) => {
                let shown = quote_string(&Duration::from(*value).to_string());
                said(self.site(option, shown), rule(*value), problems)
            }
        }
    }

    /// The delays of retry topics, each by its rule and all by theirs.
    fn retry_topics(
        &self,
        delays: Option<&[DurationOption]>,
        problems: &mut Problems,
    ) -> Option<Said<Vec<std::time::Duration>>> {
        let delays = delays?;
        let shown = delays.iter().map(|delay| match delay {
            DurationOption::Text(text) => quote_string(text),
            DurationOption::Value(value) => quote_string(&Duration::from(*value).to_string()),
        });
        let site = self.site("retry_topics", format!("[{}]", shown.collect::<Vec<_>>().join(", ")));
        let verdicts = delays.iter().map(|delay| match delay {
            DurationOption::Text(text) => rules::duration(text).and_then(rules::retry_delay),
            DurationOption::Value(value) => rules::retry_delay(*value),
        });
        let kept = verdicts.filter_map(|verdict| problems.keep(verdict.map_err(|refusal| site.problem(refusal))));
        let kept: Vec<_> = kept.collect();
        said(site, rules::retry_delays(kept), problems)
    }

    pub(super) fn size(
        &self,
        option: &str,
        size: Option<&SizeOption>,
        problems: &mut Problems,
        rule: impl FnOnce(u64) -> Verdict<u64>,
    ) -> Option<Said<u64>> {
        match size? {
            SizeOption::Text(text) => self.text(option, Some(text), problems, |text| rules::size(text).and_then(rule)),
            SizeOption::Bytes(bytes) => {
                let shown = quote_string(&Size::from_bytes(*bytes).to_string());
                said(self.site(option, shown), rule(*bytes), problems)
            }
        }
    }

    fn error_test(&self, option: &str, test: Option<&ErrorTest>) -> Option<Said<ErrorTest>> {
        test.map(|test| Said { value: test.clone(), site: self.site(option, quote_string(&test.name)) })
    }
}

/// Reads options by the same rules as those of the configuration.
pub(super) fn listener_settings(
    options: &ListenerOptions,
    speaker: &Speaker,
    problems: &mut Problems,
) -> ListenerSettings {
    let text = |text: &Option<crate::options::Text>| text.as_ref().map(ToString::to_string);
    let backoff = options.backoff.clone().unwrap_or_default();
    let dead_letter = options.dead_letter.clone().unwrap_or_default();
    ListenerSettings {
        subject: subject(options, speaker, problems),
        group_id: speaker.text("group_id", text(&options.group_id).as_deref(), problems, rules::filled),
        cluster: speaker.text("cluster", text(&options.cluster).as_deref(), problems, rules::filled),
        enabled: speaker.value("enabled", options.enabled, problems, Ok),
        start: speaker.text("start", text(&options.start).as_deref(), problems, rules::start),
        auto_commit: speaker.value("auto_commit", options.auto_commit, problems, Ok),
        commit_interval: speaker.duration(
            "commit_interval",
            options.commit_interval.as_ref(),
            problems,
            rules::commit_interval,
        ),
        concurrency: speaker.value("concurrency", options.concurrency, problems, rules::at_least_one),
        order_by: speaker.text("order_by", text(&options.order_by).as_deref(), problems, rules::order_by),
        rate: speaker.text("rate", options.rate.as_deref(), problems, rules::rate),
        blocking: speaker.value("blocking", options.blocking, problems, Ok),
        batch: options.batch.as_ref().and_then(|batch| contracts::batch(batch, speaker, problems)),
        // A topic for results says that there are some.
        reply: speaker.value("reply", options.reply.or(options.send_to.as_ref().map(|_| true)), problems, Ok),
        send_to: speaker.text("send_to", options.send_to.as_deref(), problems, rules::topic),
        wire: speaker.text("wire", options.wire.as_deref(), problems, rules::wire),
        idempotent: options.idempotent.as_ref().and_then(|option| contracts::idempotent(option, speaker, problems)),
        timeout: speaker.duration("timeout", options.timeout.as_ref(), problems, rules::positive),
        retries: match &options.retries {
            Some(RetriesOption::Count(count)) => {
                speaker.value("retries", Some(*count), problems, |count| Ok(Retries::Count(count)))
            }
            Some(RetriesOption::Text(word)) => speaker.text("retries", Some(word), problems, rules::retries),
            None => None,
        },
        backoff_initial: speaker.duration("backoff", backoff.initial.as_ref(), problems, rules::positive),
        backoff_max: speaker.duration("backoff.max", backoff.max.as_ref(), problems, rules::positive),
        backoff_factor: speaker.value("backoff.factor", backoff.factor, problems, rules::factor),
        backoff_jitter: speaker.value("backoff.jitter", backoff.jitter, problems, rules::share),
        deadline: speaker.duration("deadline", options.deadline.as_ref(), problems, rules::positive),
        retry_on: speaker.error_test("retry_on", options.retry_on.as_ref()),
        terminal: speaker.error_test("terminal", options.terminal.as_ref()),
        retry_topics: speaker.retry_topics(options.retry_topics.as_deref(), problems),
        reorder: speaker.value("reorder", options.reorder, problems, Ok),
        dead_letter_topic: speaker.text(
            "dead_letter.topic",
            dead_letter.topic.as_deref(),
            problems,
            rules::dead_letter_topic,
        ),
        dead_letter_spring_headers: speaker.value(
            "dead_letter.spring_headers",
            dead_letter.spring_headers,
            problems,
            Ok,
        ),
        max_crashes: speaker.value("max_crashes", options.max_crashes, problems, rules::max_crashes),
        on_failure: speaker.text("on_failure", text(&options.on_failure).as_deref(), problems, rules::on_failure),
        accept_loss: speaker.value("accept_loss", options.accept_loss, problems, Ok),
        on_lost_position: speaker.text(
            "on_lost_position",
            text(&options.on_lost_position).as_deref(),
            problems,
            rules::on_lost_position,
        ),
        window: speaker.value("window", options.window, problems, rules::window),
        window_bytes: speaker.size("window_bytes", options.window_bytes.as_ref(), problems, rules::window_bytes),
        skip_offsets: None,
    }
}

fn subject(options: &ListenerOptions, speaker: &Speaker, problems: &mut Problems) -> Option<Said<Subject>> {
    if let Some(pattern) = &options.pattern {
        if !options.topics.is_empty() {
            let refusal = Refusal::new("a listener has topics or a `pattern`, not both");
            let site = speaker.site("pattern", quote_string(pattern));
            problems.push(site.problem(refusal.fix("write the topics into the pattern, or remove one")));
            return None;
        }
        return speaker.text("pattern", Some(pattern), problems, |text| rules::pattern(text).map(Subject::Pattern));
    }
    if options.topics.is_empty() {
        return None;
    }
    let quoted: Vec<String> = options.topics.iter().map(|topic| quote_string(topic)).collect();
    let site = speaker.site("topics", format!("[{}]", quoted.join(", ")));
    let mut topics = Vec::new();
    for topic in &options.topics {
        let topic = problems.keep(rules::topic(topic).map_err(|refusal| site.problem(refusal)));
        topics.extend(topic.filter(|topic| !topics.contains(topic)));
    }
    Some(Said { value: Subject::Topics(topics), site })
}
