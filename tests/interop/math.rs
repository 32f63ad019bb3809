//! The service of the `NestJS` program once more, in Millstream: the same patterns with the same answers.

use std::convert::Infallible;

use futures_util::stream;
use millstream::Handle;
use millstream::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::stage::{Stage, start};

/// What can be summed, as Nest's clients send it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Numbers {
    Object { numbers: Vec<i64> },
    List(Vec<i64>),
    Text(String),
}

impl Numbers {
    fn sum(&self) -> Result<i64> {
        match self {
            Self::Object { numbers } | Self::List(numbers) => Ok(numbers.iter().sum()),
            Self::Text(text) => {
                let digits = text.split(if text.contains(',') { "," } else { "" });
                let digits = digits.filter(|digit| !digit.is_empty());
                digits.map(|digit| digit.parse::<i64>().map_err(Error::terminal)).sum()
            }
        }
    }
}

#[derive(Serialize)]
struct Step {
    step: i64,
}

pub(crate) struct Math;

#[consumer]
impl Math {
    #[kafka_listener("replaced", reply)]
    async fn sum(&self, Nest(numbers): Nest<Numbers>) -> Result<i64> {
        numbers.sum()
    }

    #[kafka_listener("replaced")]
    async fn steps(&self, Nest(count): Nest<i64>) -> Result<Reply<i64>> {
        Ok(Reply::stream(stream::iter((1..=count).map(Ok::<_, Infallible>))))
    }

    #[kafka_listener("replaced")]
    async fn objects(&self, Nest(count): Nest<i64>) -> Result<Reply<Step>> {
        Ok(Reply::stream(stream::iter((1..=count).map(|step| Ok::<_, Infallible>(Step { step })))))
    }

    #[kafka_listener("replaced")]
    async fn fail(&self, how: &str) -> Result<Reply<i64>> {
        match how {
            "object" => Ok(Reply::refuse_with(json!({ "status": "refused", "message": "no such number", "code": 42 }))),
            "text" => Ok(Reply::refuse("error", "no such number")),
            "later" => {
                let failure = Err(Error::terminal("no third number"));
                Ok(Reply::stream(stream::iter([Ok(1), Ok(2), failure])))
            }
            _ => Err(Error::terminal("the service has failed")),
        }
    }

    #[kafka_listener("replaced", reply, retries = 1, backoff = "1ms")]
    async fn retry(&self, name: &str, context: &Context) -> Result<String> {
        if context.attempt() == 1 { Err(Error::new("not yet")) } else { Ok(format!("{name} again")) }
    }

    #[kafka_listener("replaced")]
    async fn empty(&self) -> Result<Reply<i64>> {
        Ok(Reply::stream(stream::empty::<Result<i64>>()))
    }

    #[kafka_listener("replaced", reply)]
    async fn nothing(&self) -> Result<()> {
        Ok(())
    }

    #[kafka_listener("replaced")]
    async fn envelope(&self) -> Result<Reply<Value>> {
        Ok(Reply::new(json!({ "sum": 15 })).key("answer").header("trace-id", "abc"))
    }

    #[kafka_listener("replaced", reply)]
    async fn echo(&self, data: Option<Nest<Value>>, key: Option<Key<&str>>) -> Result<Value> {
        // An object with fields `key` and `value` is no envelope here.
        Ok(json!({ "value": data.map(Nest::into_inner), "key": key.map(|Key(key)| key) }))
    }
}

const PATTERNS: [&str; 9] = ["sum", "steps", "objects", "fail", "retry", "empty", "nothing", "envelope", "echo"];

impl Math {
    /// An application that answers these patterns on the stage's topics, and no others.
    pub(crate) async fn start(stage: &Stage<'_>, group: &str, patterns: &[&str]) -> Handle {
        let ids = PATTERNS.map(|pattern| (format!("Math.{pattern}"), pattern));
        let (answered, others): (Vec<_>, Vec<_>) = ids.iter().partition(|(_, pattern)| patterns.contains(pattern));
        let listeners: Vec<_> = answered.iter().map(|(id, pattern)| (id.as_str(), *pattern)).collect();
        let mut app = stage.app(group, &listeners).consumer(Self);
        for (id, _) in others {
            app = app.config_text(format!("[kafka.listeners.\"{id}\"]\nenabled = false"));
        }
        start(app).await
    }
}
