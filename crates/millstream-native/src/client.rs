//! A native client, driven by events.

use std::collections::HashMap;
use std::ffi::{CStr, c_char};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rdkafka_sys::bindings as sys;

use crate::code::Code;
use crate::error::{CreateError, NativeError};
use crate::event::{self, Event};
use crate::handle::{Handle, Resources};
use crate::properties::{self, Configuration};
use crate::raw;
use crate::wake::{WakeSlot, Waker};

/// What a client is made from.
#[derive(Clone, Debug, Default)]
pub struct ClientOptions {
    /// librdkafka's property names with their values; a later one wins. A consumer needs `group.id`.
    ///
    /// Two defaults differ from librdkafka's: `log.queue=true`, so that logs come as [`Event::Log`], always; and
    /// `allow.auto.create.topics=false`, unless it is given, so that asking for a topic never creates it.
    pub properties: Vec<(String, String)>,
}

/// A native client. Clones share it; see [`Client::destroy`] for its end.
///
/// No method is async. Those that block say so; the others return within a round trip to librdkafka's own thread.
#[derive(Clone, Debug)]
pub struct Client {
    handle: Arc<Handle>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Consumer,
    Producer,
}

impl Client {
    /// A group member. It connects in the background and joins when it [subscribes](Client::subscribe).
    ///
    /// `wake` is called when the client has an [event](Client::poll) after it had none.
    ///
    /// # Errors
    ///
    /// All properties that are unknown or out of range at once, a missing `group.id`, or what librdkafka says about the
    /// properties taken together.
    pub fn consumer(options: &ClientOptions, wake: Waker) -> Result<Client, CreateError> {
        Client::create(Kind::Consumer, options, wake)
    }

    /// A client without a group: it writes messages, and asks for metadata and offsets. Errors as for [`Client::consumer`].
    pub fn producer(options: &ClientOptions, wake: Waker) -> Result<Client, CreateError> {
        Client::create(Kind::Producer, options, wake)
    }

    fn create(kind: Kind, options: &ClientOptions, wake: Waker) -> Result<Client, CreateError> {
        let configuration = configuration(kind, options)?;
        let raw_kind = match kind {
            Kind::Consumer => sys::rd_kafka_type_t::RD_KAFKA_CONSUMER,
            Kind::Producer => sys::rd_kafka_type_t::RD_KAFKA_PRODUCER,
        };
        let client = configuration.into_client(raw_kind)?;
        // SAFETY: the client was made just now. `get_consumer` is null only without a group, which `configuration`
        // refuses; the queues hold references until they are destroyed with the client.
        let (main, reply) = unsafe {
            let main = if kind == Kind::Consumer {
                sys::rd_kafka_poll_set_consumer(client.as_ptr());
                sys::rd_kafka_queue_get_consumer(client.as_ptr())
            } else {
                sys::rd_kafka_queue_get_main(client.as_ptr())
            };
            (NonNull::new(main), NonNull::new(sys::rd_kafka_queue_new(client.as_ptr())))
        };
        let (Some(main), Some(reply)) = (main, reply) else {
            // SAFETY: nobody else has seen the client yet. A queue that does exist is freed by nobody: this cannot
            // happen short of a librdkafka that breaks its own contract.
            unsafe { sys::rd_kafka_destroy(client.as_ptr()) };
            return Err(CreateError::Refused("librdkafka gave no queue for the client's events".into()));
        };
        let slot = WakeSlot::new();
        slot.set(wake);
        // SAFETY: live queues of the live client; the slot is kept in the handle, which frees it after the client.
        unsafe {
            WakeSlot::attach(&slot, main.as_ptr());
            WakeSlot::attach(&slot, reply.as_ptr());
            sys::rd_kafka_set_log_queue(client.as_ptr(), main.as_ptr());
        }
        let partitions = Mutex::new(HashMap::new());
        Ok(Client { handle: Arc::new(Handle::new(Resources { client, main, reply, wake: slot, partitions })) })
    }

    pub(crate) fn handle(&self) -> &Arc<Handle> {
        &self.handle
    }

    pub(crate) fn raw(&self) -> *mut sys::rd_kafka_t {
        self.handle.client()
    }

    /// The next event, without blocking: the main queue first, then answers. `None` means that both were empty, so that
    /// the waker is called for whatever comes next.
    ///
    /// On a consumer every call, also one that finds nothing, counts as polling for `max.poll.interval.ms` (librdkafka
    /// marks the group's queue as one that may hold messages, and such a queue registers every poll). So does
    /// [`PartitionQueue::take`](crate::PartitionQueue::take).
    pub fn poll(&self) -> Option<Event> {
        loop {
            let event = event::next(self.handle.main()).or_else(|| event::next(self.handle.reply()))?;
            if let Some(event) = event.decode(self) {
                return Some(event);
            }
        }
    }

    /// The partition's first offset and the one after its last, asked from the broker. Blocks for up to `timeout`.
    pub fn watermarks(&self, topic: &str, partition: i32, timeout: Duration) -> Result<(i64, i64), NativeError> {
        let name = raw::to_c("topic", topic)?;
        let (mut low, mut high) = (0, 0);
        let timeout = raw::milliseconds(timeout);
        // SAFETY: live client, name and targets for the whole call.
        let code = unsafe {
            raw::rd_kafka_query_watermark_offsets(
                self.raw(),
                name.as_ptr(),
                partition,
                &raw mut low,
                &raw mut high,
                timeout,
            )
        };
        NativeError::check(code).map(|()| (low, high))
    }

    /// The error after which the client can do nothing more, with its cause. Such a client is only good for
    /// [`Client::destroy`].
    pub fn fatal_error(&self) -> Option<(Code, String)> {
        let mut buffer = [0_u8; 512];
        // SAFETY: live client; the buffer is writable for its length and gets a terminated text.
        let code = unsafe { raw::rd_kafka_fatal_error(self.raw(), buffer.as_mut_ptr().cast::<c_char>(), buffer.len()) };
        Code::from_number(code).to_error().map(|code| (code, raw::buffer_text(&buffer)))
    }

    /// The id that the coordinator gave this member; empty before it joined.
    pub fn member_id(&self) -> String {
        // SAFETY: a live client; the string is ours to free with librdkafka's allocator.
        unsafe {
            let id = sys::rd_kafka_memberid(self.raw());
            let text = raw::text(id).into_owned();
            if !id.is_null() {
                sys::rd_kafka_mem_free(self.raw(), id.cast());
            }
            text
        }
    }

    /// The client's name as it stands in librdkafka's logs: `billing#consumer-1`.
    pub fn name(&self) -> String {
        // SAFETY: a live client; the name lives as long as it does.
        unsafe { CStr::from_ptr(sys::rd_kafka_name(self.raw())) }.to_string_lossy().into_owned()
    }

    /// Begins to leave the group, without blocking. Go on calling [`Client::poll`] and answering (a last
    /// [`Event::Revoke`] comes) until [`Client::closed`], then [destroy](Client::destroy).
    ///
    /// A static member (`group.instance.id`) of a classic group stays in it.
    ///
    /// # Errors
    ///
    /// The fatal error when there is one: such a client cannot close, destroy it at once. [`Code::DESTROY`] when it is
    /// closed already. [`Code::UNKNOWN_GROUP`] without a group.
    pub fn close_begin(&self) -> Result<(), NativeError> {
        // SAFETY: a live client and its own queue; forwarding a queue to itself is a no-op in librdkafka, so the
        // closing events stay where `poll` reads them. The error object becomes ours.
        unsafe { NativeError::check_object(sys::rd_kafka_consumer_close_queue(self.raw(), self.handle.main())) }
    }

    /// Whether the member has left and nothing more comes.
    pub fn closed(&self) -> bool {
        // SAFETY: a live client.
        unsafe { sys::rd_kafka_consumer_closed(self.raw()) != 0 }
    }

    /// Messages taken from the queues and not yet freed.
    ///
    /// Messages that a batch frees one by one are subtracted when the batch is used or dropped next, so the figure may
    /// lag behind; it is never too low.
    pub fn live_messages(&self) -> usize {
        self.handle.live_messages()
    }

    /// Destroys the client on this thread; blocks, usually about 100 ms. With a commit under way whose coordinator is
    /// away librdkafka waits for it up to `session.timeout.ms` (45 s unless set, under KIP-848 always). A consumer that
    /// has not been [closed](Client::close_begin) does not leave its group: the broker waits for its session to end.
    ///
    /// # Errors
    ///
    /// The client itself, when clones, queues or non-empty batches still hold it. Dropping the last of them then
    /// destroys it, on a thread of its own so that the one who drops never waits.
    pub fn destroy(self) -> Result<(), Client> {
        match Arc::try_unwrap(self.handle) {
            Ok(handle) => {
                handle.destroy();
                Ok(())
            }
            Err(handle) => Err(Client { handle }),
        }
    }
}

fn configuration(kind: Kind, options: &ClientOptions) -> Result<Configuration, CreateError> {
    let mut configuration = Configuration::new();
    let mut problems = Vec::new();
    let mut value_of = HashMap::new();
    for (name, value) in &options.properties {
        match configuration.set(name, value) {
            Ok(()) => drop(value_of.insert(name.as_str(), value.as_str())),
            Err(problem) => problems.push(problem),
        }
    }
    if kind == Kind::Consumer && value_of.get("group.id").is_none_or(|group| group.is_empty()) {
        problems
            .push(properties::PropertyError::missing("group.id", "a consumer needs the group that keeps its position"));
    }
    if !value_of.contains_key("allow.auto.create.topics") {
        problems.extend(configuration.set("allow.auto.create.topics", "false").err());
    }
    problems.extend(configuration.set("log.queue", "true").err());
    if !problems.is_empty() {
        return Err(CreateError::Properties(problems));
    }
    let mut events = sys::RD_KAFKA_EVENT_ERROR | sys::RD_KAFKA_EVENT_STATS | sys::RD_KAFKA_EVENT_LOG;
    if kind == Kind::Producer {
        events |= sys::RD_KAFKA_EVENT_DR;
    }
    if kind == Kind::Consumer {
        events |= sys::RD_KAFKA_EVENT_REBALANCE | sys::RD_KAFKA_EVENT_OFFSET_COMMIT;
    }
    // With OIDC librdkafka fetches the tokens itself.
    if value_of.get("sasl.oauthbearer.method").is_none_or(|method| !method.eq_ignore_ascii_case("oidc")) {
        events |= sys::RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH;
    }
    configuration.set_events(events);
    Ok(configuration)
}
