//! Equal keys meet, in the partition that other languages' producers choose.

use harness::prelude::*;

use crate::stage::Stage;

/// Kafka's own hash of keys, written down from its definition (murmur2, 32 bits, seed 0x9747b28c).
fn murmur2(key: &[u8]) -> u32 {
    const MULTIPLIER: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ u32::try_from(key.len()).unwrap();
    let mut chunks = key.chunks_exact(4);
    for chunk in &mut chunks {
        let mut word = u32::from_le_bytes(chunk.try_into().unwrap()).wrapping_mul(MULTIPLIER);
        word ^= word >> 24;
        hash = hash.wrapping_mul(MULTIPLIER) ^ word.wrapping_mul(MULTIPLIER);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        for (index, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * index);
        }
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 15)
}

fn chosen(key: &[u8], partitions: u32) -> i32 {
    i32::try_from((murmur2(key) & 0x7fff_ffff) % partitions).unwrap()
}

#[test]
fn the_hash_of_this_test_is_kafkas() {
    // From Kafka's own test of its hash.
    for (key, hash) in [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("abc", 479_470_107),
    ] {
        assert_eq!(murmur2(key.as_bytes()).cast_signed(), hash, "{key}");
    }
}

both_brokers! {
    async fn a_key_chooses_the_partition_that_javas_producer_chooses(broker: &Broker) {
        let stage = Stage::new(broker, 7).await;
        let sender = stage.sender("").await;
        for key in ["21", "foobar", "a-little-bit-long-string", "abc", "ключ", "", "customer-4711"] {
            // An empty key is a key, and a null one is none.
            for _ in 0..2 {
                let delivery = sender.producer.send(stage.message().key(key)).await.unwrap();
                if !key.is_empty() {
                    assert_eq!(delivery.partition, chosen(key.as_bytes(), 7), "{key}");
                }
            }
        }
        sender.end().await;
    }

    async fn a_named_partition_stands_over_the_key(broker: &Broker) {
        let stage = Stage::new(broker, 7).await;
        let sender = stage.sender("").await;
        let other = (chosen(b"abc", 7) + 1) % 7;
        let delivery = sender.producer.send(stage.message().key("abc").partition(other)).await.unwrap();
        assert_eq!(delivery.partition, other);
        sender.end().await;
    }
}
