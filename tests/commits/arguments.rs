//! What reaches a method's arguments from a message, from the application and from its configuration.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{ConfigKey, Setting, TimestampKind};
use serde::Deserialize;

use crate::stage::Stage;

#[derive(Debug, Deserialize)]
struct Order<'m> {
    customer: &'m str,
    cents: u64,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Seen {
    order: Option<(String, u64)>,
    key: Option<String>,
    trace: Option<String>,
    hops: Option<u32>,
    headers: Vec<(String, Option<Vec<u8>>)>,
    milliseconds: Option<i64>,
    bytes: Option<Vec<u8>>,
    place: (String, i32, i64),
    about: String,
}

#[derive(Default)]
struct Journal(Mutex<Vec<Seen>>);

#[derive(Deserialize)]
struct Limits {
    cents: u64,
}

impl ConfigKey for Limits {
    const KEY: &'static str = "billing.limits";
}

struct Region(&'static str);

#[consumer]
struct Everything {
    journal: Arc<Journal>,
    #[config("billing.currency")]
    currency: String,
}

#[consumer]
impl Everything {
    #[kafka_listener("named-by-the-configuration")]
    #[allow(clippy::too_many_arguments)] // all of them in one method is the point
    async fn on_order(
        &self,
        order: Option<Json<Order<'_>>>,
        key: Option<Key<&str>>,
        #[header("trace-id")] trace: Option<&str>,
        #[header("hops")] hops: Option<u32>,
        headers: Headers<'_>,
        time: Option<Timestamp>,
        payload: Option<Bytes>,
        limits: Config<Limits>,
        journal: Inject<Journal>,
        ctx: &Context,
    ) {
        assert_eq!(payload.as_deref(), ctx.payload());
        assert_eq!(key.as_ref().map(|key| key.0.as_bytes()), ctx.key());
        assert!(Arc::ptr_eq(&journal.0, &self.journal), "one value serves the whole application");
        let region = ctx.attribute::<Region>().expect("it was attached").0;
        let seen = Seen {
            order: order.map(|Json(order)| (order.customer.to_owned(), order.cents)),
            key: key.map(|Key(key)| key.to_owned()),
            trace: trace.map(str::to_owned),
            hops,
            headers: headers.iter().map(|(name, value)| (name.to_owned(), value.map(<[u8]>::to_vec))).collect(),
            milliseconds: time.filter(|time| time.kind == TimestampKind::CreateTime).map(|time| time.milliseconds),
            bytes: payload.map(|payload| payload.to_vec()),
            place: (ctx.topic().to_owned(), ctx.partition(), ctx.offset()),
            about: format!(
                "{} {} {} {} {} {region}",
                ctx.cluster(),
                ctx.group_id(),
                ctx.listener(),
                self.currency,
                limits.cents
            ),
        };
        journal.0.0.lock().unwrap().push(seen);
    }
}

const TEXT: &str = r#"{"customer":"c-1","cents":500}"#;

both_brokers! {
    /// Payload, key, headers, timestamp, place, components and configuration; a tombstone without anything.
    async fn a_message_reaches_every_kind_of_argument(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        // Not now, and not so long ago that the broker's retention would delete it.
        let written = SystemTime::now() - Duration::from_secs(3600);
        let written = written.duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
        let written = i64::try_from(written).expect("a time of this age");
        let full = Record::to(&stage.topic)
            .partition(1)
            .key("k-1")
            .payload(TEXT)
            .header("trace-id", "old")
            .header("hops", "3")
            .header("trace-id", "t-1")
            .null_header("empty")
            .timestamp(written);
        broker.produce(full).await;
        broker.produce(Record::to(&stage.topic).partition(1)).await;

        let app = stage
            .app()
            .consumers::<(Everything,)>()
            .component(Journal::default())
            .attribute(Region("eu"))
            .config_text("[billing]\ncurrency = \"EUR\"\nlimits = { cents = 900 }")
            .set("kafka.listeners.\"Everything.on_order\".topics", Setting::from([&*stage.topic]));
        let running = stage.start(app).await;
        stage.wait_for_position(1, 2).await;
        let journal = running.handle.component::<Journal>().expect("it is reached");
        running.end().await;

        let seen = journal.0.lock().unwrap().clone();
        let header = |name: &str, value: Option<&str>| (name.to_owned(), value.map(|value| value.as_bytes().to_vec()));
        let about = format!("default {} Everything.on_order EUR 900 eu", stage.group);
        let first = Seen {
            order: Some(("c-1".to_owned(), 500)),
            key: Some("k-1".to_owned()),
            trace: Some("t-1".to_owned()),
            hops: Some(3),
            headers: vec![
                header("trace-id", Some("old")),
                header("hops", Some("3")),
                header("trace-id", Some("t-1")),
                header("empty", None),
            ],
            // The embedded broker keeps no timestamps of producers.
            milliseconds: if broker.can(Capability::Timestamps) { Some(written) } else { seen[0].milliseconds },
            bytes: Some(TEXT.as_bytes().to_vec()),
            place: (stage.topic.clone(), 1, 0),
            about: about.clone(),
        };
        assert_eq!(seen[0], first);
        let tombstone = Seen {
            place: (stage.topic.clone(), 1, 1),
            about,
            milliseconds: seen[1].milliseconds,
            ..Seen::default()
        };
        assert_eq!(seen[1], tombstone);
        assert_eq!(seen.len(), 2);
    }
}
