//! What replies look like, record by record.

use super::replies::GivenUp;
use super::*;
use crate::context::Headers;
use crate::engine::failing::letter::kind;
use crate::listener::Failure;
use crate::plan::AnswerPlan;
use crate::producer::{OutgoingMessage, SendError};
use crate::wire::Wire;
use futures_util::{StreamExt as _, stream};
use millstream_native::{Code, NativeError, Persisted};
use serde_json::json;
use std::time::Duration;

type HeaderList = Vec<(String, Option<Bytes>)>;

fn list(headers: &[(&str, &[u8])]) -> HeaderList {
    headers.iter().map(|(name, value)| ((*name).to_owned(), Some(Bytes::copy_from_slice(value)))).collect()
}

const UUID: [u8; 16] = [0x9f, 0x3c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

fn nest_request() -> HeaderList {
    list(&[("kafka_correlationId", b"id1"), ("kafka_replyTopic", b"sum.reply"), ("kafka_replyPartition", b"3")])
}

fn spring_request() -> HeaderList {
    list(&[("kafka_replyTopic", b"r"), ("kafka_correlationId", &UUID), ("kafka_replyPartition", &[0, 0, 1, 2])])
}

/// Those of a listener without options.
fn address(headers: &HeaderList) -> Address {
    Address::of(&AnswerPlan::default(), Headers::owned(headers), Some(b"request's key")).unwrap()
}

fn sent_to(topic: &str, headers: &HeaderList) -> Address {
    let plan = AnswerPlan { wire: None, send_to: Some(topic.into()) };
    Address::of(&plan, Headers::owned(headers), Some(b"request's key")).unwrap()
}

/// A message as it is written.
#[derive(Debug, PartialEq)]
struct Written {
    topic: String,
    partition: Option<i32>,
    key: Option<Bytes>,
    payload: Option<Bytes>,
    headers: HeaderList,
}

fn written(messages: Vec<OutgoingMessage>) -> Vec<Written> {
    let written = |message: OutgoingMessage| Written {
        topic: message.topic().to_owned(),
        partition: message.named_partition(),
        key: message.key_bytes().cloned(),
        payload: message.payload_bytes().cloned(),
        headers: message.header_list().to_vec(),
    };
    messages.into_iter().map(written).collect()
}

/// Everything that is sent, with every message acknowledged at once.
async fn all(replies: &mut Replies) -> Result<Vec<Written>, Box<Failure>> {
    let mut sent = Vec::new();
    while replies.draw(None).await? {
        let messages = written(replies.messages());
        for _ in &messages {
            replies.acknowledged(0);
        }
        sent.extend(messages);
    }
    Ok(sent)
}

async fn of<T>(address: Address, reply: Reply<T>) -> Result<Vec<Written>, Box<Failure>> {
    all(&mut Replies::new(address, reply.into_answer())).await
}

/// The payloads as text, `None` for null, and the names of the headers behind the correlation id.
fn shown(sent: &[Written]) -> Vec<(Option<&str>, Vec<&str>)> {
    let payload =
        |written: &Written| written.payload.as_deref().map(|payload| std::str::from_utf8(payload).unwrap().len());
    sent.iter()
        .map(|written| {
            let text = written.payload.as_deref().map(|payload| std::str::from_utf8(payload).unwrap());
            assert_eq!(payload(written), text.map(str::len));
            assert!(written.headers.iter().any(|(name, _)| name == "kafka_correlationId"));
            let marks = written.headers.iter().map(|(name, _)| &**name).filter(|name| *name != "kafka_correlationId");
            (text, marks.collect())
        })
        .collect()
}

fn values(values: &[u32]) -> Reply<u32> {
    let values: Vec<_> = values.iter().copied().map(Ok::<_, Error>).collect();
    Reply::stream(stream::iter(values))
}

fn breaking(before: &[u32]) -> Reply<u32> {
    let before = before.iter().copied().map(Ok::<_, Error>);
    Reply::stream(stream::iter(before.chain([Err(Error::new("overflow"))]).collect::<Vec<_>>()))
}

const DISPOSED: &str = "kafka_nest-is-disposed";

#[tokio::test]
async fn a_value_goes_to_the_named_partition_of_the_reply_topic_with_the_id_as_it_came() {
    let sent = of(address(&nest_request()), Reply::new(json!({ "sum": 15 }))).await.unwrap();
    let wanted = Written {
        topic: "sum.reply".into(),
        partition: Some(3),
        key: None,
        payload: Some(Bytes::from_static(b"{\"sum\":15}")),
        headers: list(&[("kafka_correlationId", b"id1"), (DISPOSED, b"\0")]),
    };
    assert_eq!(sent, [wanted]);
}

#[tokio::test]
async fn without_a_partition_it_is_left_to_the_partitioner() {
    let sent = of(address(&nest_request()[..2].to_vec()), Reply::new(1)).await.unwrap();
    assert_eq!((sent.len(), sent[0].partition), (1, None));
}

#[tokio::test]
async fn spring_gets_its_own_bytes_and_the_requests_key_back_and_a_mark_of_ours() {
    let sent = of(address(&spring_request()), Reply::new("x")).await.unwrap();
    let wanted = Written {
        topic: "r".into(),
        partition: Some(258),
        key: Some(Bytes::from_static(b"request's key")),
        payload: Some(Bytes::from_static(b"x")),
        headers: list(&[("kafka_correlationId", &UUID), ("millstream-last", b"value")]),
    };
    assert_eq!(sent, [wanted]);
}

#[tokio::test]
async fn the_listeners_headers_come_first_may_repeat_and_do_not_say_again_what_replies_say() {
    let request = nest_request();
    let mut reply = Reply::new(1).key("k").header("trace-id", "abc").header("a", "1").header("a", "2");
    for (name, value) in request.clone() {
        reply = reply.header(name, value);
    }
    let sent = of(address(&request), reply.header("kafka_nest-err", "{}").header(DISPOSED, "")).await.unwrap();
    let wanted: [(&str, &[u8]); 5] =
        [("trace-id", b"abc"), ("a", b"1"), ("a", b"2"), ("kafka_correlationId", b"id1"), (DISPOSED, b"\0")];
    assert_eq!((&sent[0].headers, sent[0].key.as_deref()), (&list(&wanted), Some(&b"k"[..])));
}

#[tokio::test]
async fn nest_is_told_of_the_end_with_the_last_value_or_with_null_where_there_is_none() {
    for (yielded, wanted) in [
        (&[][..], vec![(None, vec![DISPOSED])]),
        (&[1], vec![(Some("1"), vec![DISPOSED])]),
        (&[1, 2, 3], vec![(Some("1"), vec![]), (Some("2"), vec![]), (Some("3"), vec![DISPOSED])]),
    ] {
        let sent = of(address(&nest_request()), values(yielded)).await.unwrap();
        assert_eq!(shown(&sent), wanted, "{yielded:?}");
    }
}

#[tokio::test]
async fn spring_is_told_of_the_end_of_a_stream_by_a_null_of_its_own() {
    for (yielded, wanted) in [
        (&[][..], vec![(None, vec!["millstream-last"])]),
        (&[1], vec![(Some("1"), vec![]), (None, vec!["millstream-last"])]),
        (&[1, 2], vec![(Some("1"), vec![]), (Some("2"), vec![]), (None, vec!["millstream-last"])]),
    ] {
        let sent = of(address(&spring_request()), values(yielded)).await.unwrap();
        assert_eq!(shown(&sent), wanted, "{yielded:?}");
    }
}

#[tokio::test]
async fn more_values_than_are_sent_together_keep_their_order_and_one_end() {
    let many: Vec<u32> = (0..200).collect();
    let sent = of(address(&nest_request()), values(&many)).await.unwrap();
    let texts: Vec<String> = shown(&sent).into_iter().map(|(text, _)| text.unwrap().to_owned()).collect();
    assert_eq!(texts, many.iter().map(u32::to_string).collect::<Vec<_>>());
    let ends = shown(&sent).into_iter().filter(|(_, marks)| !marks.is_empty()).count();
    assert_eq!((ends, shown(&sent)[199].1.clone()), (1, vec![DISPOSED]));
}

#[tokio::test]
async fn an_error_before_the_first_value_is_the_messages_and_nothing_is_sent() {
    let failure = of(address(&nest_request()), breaking(&[])).await.unwrap_err();
    assert_eq!((kind(&failure), &*failure.to_string()), ("error", "overflow"));
}

#[tokio::test]
async fn an_error_after_the_first_value_follows_the_values_and_is_told() {
    for (request, marks) in [
        (nest_request(), vec!["kafka_nest-err", DISPOSED]),
        (spring_request(), vec!["kafka_exception-message", "kafka_exception-fqcn", "millstream-error"]),
    ] {
        let mut replies = Replies::new(address(&request), breaking(&[1, 2]).into_answer());
        let sent = all(&mut replies).await.unwrap();
        assert_eq!(shown(&sent), [(Some("1"), vec![]), (Some("2"), vec![]), (None, marks)]);
        assert_eq!(replies.failure().unwrap().to_string(), "overflow");
    }
}

#[tokio::test]
async fn a_panic_of_a_stream_ends_it_and_says_nothing_outside() {
    let panicking =
        || stream::iter([1, 2]).map(|value| if value == 2 { panic!("password") } else { Ok::<_, Error>(value) });
    let mut replies = Replies::new(address(&nest_request()), Reply::stream(panicking()).into_answer());
    let sent = all(&mut replies).await.unwrap();
    let error = sent[1].headers.iter().find(|(name, _)| name == "kafka_nest-err").unwrap().1.clone().unwrap();
    let error: Value = serde_json::from_slice(&error).unwrap();
    assert_eq!(error, json!({ "status": "error", "message": "internal server error", "kind": "panic" }));
    let failure = replies.failure().unwrap();
    assert!(matches!(&*failure, Failure::Panic(text) if text == "password"));
}

#[tokio::test(start_paused = true)]
async fn each_value_may_take_as_long_as_the_timeout_says_and_no_longer() {
    let slow = stream::unfold(0_u32, |number| async move {
        tokio::time::sleep(Duration::from_secs(if number < 3 { 4 } else { 6 })).await;
        Some((Ok::<_, Error>(number), number + 1))
    });
    let mut replies = Replies::new(address(&spring_request()), Reply::stream(slow).into_answer());
    let timeout = Some(Duration::from_secs(5));
    for _ in 0..3 {
        assert!(replies.draw(timeout).await.unwrap());
        assert_eq!(replies.messages().len(), 1);
        replies.acknowledged(0);
    }
    assert!(replies.draw(timeout).await.unwrap(), "the error is to be sent");
    assert!(matches!(*replies.failure().unwrap(), Failure::Timeout(after) if Some(after) == timeout));
}

#[tokio::test]
async fn a_value_is_sent_before_the_one_after_the_next_is_there() {
    let stuck = stream::iter([1, 2]).map(Ok::<u32, Error>).chain(stream::pending());
    let mut replies = Replies::new(address(&nest_request()), Reply::stream(stuck).into_answer());
    assert!(replies.draw(None).await.unwrap());
    assert_eq!(shown(&written(replies.messages())), [(Some("1"), vec![])], "the second may be the last");
}

#[tokio::test]
async fn a_refusal_is_told_as_the_listener_says_it() {
    let refused = |request: &HeaderList| of(address(request), Reply::<u32>::refuse("refused", "no such number"));
    let value = |sent: &[Written], name: &str| {
        let (_, value) = sent[0].headers.iter().find(|(each, _)| each == name).expect(name);
        String::from_utf8(value.clone().unwrap().to_vec()).unwrap()
    };
    let object = json!({ "status": "refused", "message": "no such number" });
    let sent = refused(&nest_request()).await.unwrap();
    assert_eq!(shown(&sent), [(None, vec!["kafka_nest-err", DISPOSED])]);
    assert_eq!(serde_json::from_str::<Value>(&value(&sent, "kafka_nest-err")).unwrap(), object);
    let sent = refused(&spring_request()).await.unwrap();
    assert_eq!(value(&sent, "kafka_exception-message"), "no such number");
    assert_eq!(value(&sent, "kafka_exception-fqcn"), "millstream.refused");
    assert_eq!(serde_json::from_str::<Value>(&value(&sent, "millstream-error")).unwrap(), object);
}

#[test]
fn a_failure_is_told_with_its_kind_and_its_text() {
    let message = address(&nest_request()).error("terminal", "no such account");
    assert_eq!((message.topic(), message.named_partition(), message.payload_bytes()), ("sum.reply", Some(3), None));
    let names: Vec<_> = message.header_list().iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["kafka_correlationId", "kafka_nest-err", DISPOSED]);
    let error: Value = serde_json::from_slice(message.header_list()[1].1.as_deref().unwrap()).unwrap();
    assert_eq!(error, json!({ "status": "error", "message": "no such account", "kind": "terminal" }));
    let message = address(&spring_request()).error("error", "no such account");
    let texts: Vec<_> = message.header_list().iter().map(|(_, value)| value.clone().unwrap()).collect();
    assert_eq!((&*texts[1], &*texts[2]), (&b"no such account"[..], &b"millstream.error"[..]));
}

#[tokio::test]
async fn what_cannot_be_written_as_bytes_is_a_terminal_failure_of_the_message() {
    let unwritable = std::collections::BTreeMap::from([(vec![1], 1)]);
    let failure = of(address(&nest_request()), Reply::new(unwritable)).await.unwrap_err();
    assert!(failure.is_terminal());
    assert!(failure.to_string().starts_with("the value of the reply to topic sum.reply cannot be written as bytes"));
}

fn too_large() -> SendError {
    SendError::native("sum.reply", 7, &NativeError::new(Code::MSG_SIZE_TOO_LARGE, "words"), Persisted::No)
}

#[tokio::test]
async fn a_reply_that_can_never_be_sent_is_the_messages_failure_before_anything_was_and_an_error_after() {
    let mut replies = Replies::new(address(&nest_request()), values(&[1, 2, 3]).into_answer());
    assert!(replies.draw(None).await.unwrap());
    let Err(GivenUp::Failed(failure)) = replies.give_up(too_large()) else { panic!("the message has failed") };
    assert!(failure.is_terminal());

    let mut replies = Replies::new(address(&nest_request()), values(&[1, 2, 3]).into_answer());
    assert!(replies.draw(None).await.unwrap());
    replies.acknowledged(0);
    assert!(replies.give_up(too_large()).is_ok());
    let sent = all(&mut replies).await.unwrap();
    assert_eq!(shown(&sent), [(None, vec!["kafka_nest-err", DISPOSED])]);
    assert!(replies.failure().unwrap().is_terminal());
}

#[tokio::test]
async fn an_error_that_can_never_be_sent_is_not_followed_by_another() {
    let mut replies = Replies::new(address(&nest_request()), breaking(&[1]).into_answer());
    assert!(replies.draw(None).await.unwrap());
    replies.acknowledged(0);
    assert!(matches!(replies.give_up(too_large()), Err(GivenUp::Unsendable(_))));
}

#[tokio::test]
async fn what_was_not_acknowledged_is_sent_again_before_anything_that_ends_the_answer() {
    for (request, end) in [(nest_request(), (Some("4"), vec![DISPOSED])), (spring_request(), (Some("4"), vec![]))] {
        let mut replies = Replies::new(address(&request), values(&[1, 2, 3, 4]).into_answer());
        assert!(replies.draw(None).await.unwrap());
        replies.acknowledged(1);
        let left = written(replies.messages());
        assert_eq!(shown(&left)[..2], [(Some("1"), vec![]), (Some("3"), vec![])]);
        for _ in &left {
            replies.acknowledged(0);
        }
        let sent = all(&mut replies).await.unwrap();
        let all_of_it: Vec<_> = shown(&left).into_iter().chain(shown(&sent)).collect();
        assert_eq!(all_of_it[2], end, "{all_of_it:?}");
    }
}

#[tokio::test]
async fn what_ends_an_answer_goes_alone() {
    let mut replies = Replies::new(address(&nest_request()), breaking(&[1, 2]).into_answer());
    assert!(replies.draw(None).await.unwrap());
    assert_eq!(shown(&written(replies.messages())), [(Some("1"), vec![]), (Some("2"), vec![])]);
}

#[tokio::test]
async fn replies_of_a_request_that_names_no_partition_keep_to_one() {
    let request = nest_request()[..2].to_vec();
    let mut replies = Replies::new(address(&request), values(&[1, 2, 3]).into_answer());
    replies.keep_to_one_partition(7);
    let sent = all(&mut replies).await.unwrap();
    let partitions: Vec<_> = sent.iter().map(|written| written.partition).collect();
    assert!(partitions[0].is_some_and(|partition| (0..7).contains(&partition)), "{partitions:?}");
    assert_eq!((partitions[1], partitions[2]), (partitions[0], partitions[0]));
    let mut named = Replies::new(address(&nest_request()), values(&[1]).into_answer());
    named.keep_to_one_partition(7);
    assert_eq!(all(&mut named).await.unwrap()[0].partition, Some(3));
}

/// As a Spring service does it: the template's container finds its replies by their key's partition.
#[tokio::test]
async fn replies_to_spring_that_name_no_partition_go_where_the_requests_key_goes() {
    let request = spring_request()[..2].to_vec();
    let mut replies = Replies::new(address(&request), breaking(&[1, 2]).into_answer());
    replies.keep_to_one_partition(7);
    let sent = all(&mut replies).await.unwrap();
    assert_eq!(sent.len(), 3);
    for written in sent {
        assert_eq!((written.partition, written.key.as_deref()), (None, Some(&b"request's key"[..])));
    }
    assert_eq!(address(&request).error("error", "no").key_bytes().map(|key| &**key), Some(&b"request's key"[..]));
    let keyless = Address::of(&AnswerPlan::default(), Headers::owned(&request), None).unwrap();
    let mut replies = Replies::new(keyless, values(&[1]).into_answer());
    replies.keep_to_one_partition(7);
    assert!(all(&mut replies).await.unwrap()[0].partition.is_some());
}

#[tokio::test]
async fn a_topic_for_all_results_gets_the_values_alone_with_the_requests_key_and_id() {
    let sent = of(sent_to("sums", &nest_request()), values(&[1, 2])).await.unwrap();
    let written = |payload: &'static [u8]| Written {
        topic: "sums".into(),
        partition: None,
        key: Some(Bytes::from_static(b"request's key")),
        payload: Some(Bytes::from_static(payload)),
        headers: list(&[("kafka_correlationId", b"id1")]),
    };
    assert_eq!(sent, [written(b"1"), written(b"2")]);
    assert_eq!(of(sent_to("sums", &nest_request()), values(&[])).await.unwrap(), []);
    let event = of(sent_to("sums", &Vec::new()), Reply::new(1).key("own")).await.unwrap();
    assert_eq!((event[0].headers.len(), event[0].key.as_deref()), (0, Some(&b"own"[..])));
}

#[tokio::test]
async fn a_topic_for_all_results_is_told_of_no_error_and_of_no_refusal() {
    let to = sent_to("sums", &nest_request());
    assert!(!to.takes(&Reply::<u32>::refuse("refused", "no").into_answer()));
    assert!(to.takes(&Reply::new(1).into_answer()));
    let failure = of(to, breaking(&[1])).await.unwrap_err();
    assert_eq!(failure.to_string(), "overflow", "the failure policy decides, also after the first value");
    let plan = AnswerPlan { wire: None, send_to: Some("sums".into()) };
    assert_eq!(Address::of_request(&plan, Headers::owned(&nest_request()), None), None);
}

#[test]
fn nobody_is_answered_who_did_not_ask() {
    let plan = AnswerPlan::default();
    assert_eq!(Address::of(&plan, Headers::empty(), None), None);
    assert_eq!(Address::of(&plan, Headers::owned(&nest_request()[..1]), None), None);
    let spring = AnswerPlan { wire: Some(Wire::Spring), send_to: None };
    assert!(Address::of(&spring, Headers::owned(&nest_request()), None).is_some());
}
