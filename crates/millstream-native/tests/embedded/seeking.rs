use millstream_native::{Batch, Code};

use crate::support::{LIMIT, Member, cluster, fill, until};

#[test]
fn after_a_seek_the_next_message_taken_is_the_one_asked_for() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 1000);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 500);
    for target in [3, 700, 0, 999] {
        batch.clear();
        member.client.seek("orders", 0, target).unwrap();
        member.take(&queues[0], &mut batch, 1);
        assert_eq!(batch.get(0).unwrap().offset(), target, "a message fetched before the seek was taken");
    }
}

#[test]
fn seeking_and_waiting_tells_whether_the_position_was_taken_over() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 10);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    // Right after an assign fetching may not have started, which is reported and may be tried again.
    until(&member.bell, "the seek", || match member.client.seek_wait("orders", 0, 7, LIMIT) {
        Ok(()) => Some(()),
        Err(error) => {
            assert_eq!(error.code, Code::STATE, "{error}");
            None
        }
    });
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 1);
    assert_eq!(batch.get(0).unwrap().offset(), 7);
}

#[test]
fn seeking_where_the_client_never_read_is_an_error() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    assert_eq!(member.client.seek("orders", 5, 0).unwrap_err().code, Code::UNKNOWN_PARTITION);
    assert_eq!(member.client.seek("or\0ders", 0, 0).unwrap_err().code, Code::INVALID_ARGUMENT);
}

#[test]
fn a_position_out_of_range_comes_as_an_error_in_the_partitions_queue() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 3);
    let member = Member::with(&cluster, "readers", &[("auto.offset.reset", "error")]);
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 3);
    batch.clear();
    member.client.seek("orders", 0, 1_000_000).unwrap();
    member.take(&queues[0], &mut batch, 1);
    let message = batch.get(0).unwrap();
    let error = message.error().expect("an error in place of a message");
    assert!(message.is_error());
    assert_eq!(error.code, Code::AUTO_OFFSET_RESET, "{error}");
    assert_eq!((message.payload(), message.key(), message.timestamp()), (None, None, None));
    assert_eq!(message.headers().count_all(), 0);
    assert_eq!((message.topic(), message.partition()), ("orders", 0));
    assert!(message.to_owned_parts().payload.is_none());
}
