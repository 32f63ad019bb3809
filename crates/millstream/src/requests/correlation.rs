//! The ids that tie replies to their requests: whose they are, and of which request.

use crate::wire::Wire;
use bytes::Bytes;
use std::hash::{BuildHasher, RandomState};

/// Makes the ids of one instance, and tells them from those of others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Correlation {
    instance: u64,
    /// The instance as it stands at the beginning of a text.
    digits: [u8; 16],
}

impl Correlation {
    /// Of an instance that no other is like.
    pub(super) fn random() -> Self {
        // Seeded by the operating system: two instances that start at the same moment differ too.
        Self::of(RandomState::new().hash_one(0_u8))
    }

    pub(super) fn of(instance: u64) -> Self {
        let mut digits = [0; 16];
        for (digit, place) in digits.iter_mut().rev().zip(0..16) {
            *digit = digit_of(instance >> (4 * place));
        }
        Self { instance, digits }
    }

    /// A number that differs from instance to instance.
    pub(super) fn instance(self) -> u64 {
        self.instance
    }

    /// The id of the request with this number.
    pub(super) fn write(self, number: u64, wire: Wire) -> Bytes {
        match wire {
            Wire::Nest => {
                let mut text = Vec::with_capacity(33);
                text.extend_from_slice(&self.digits);
                text.push(b'-');
                let digits = 16 - number.leading_zeros().min(63) / 4;
                text.extend((0..digits).rev().map(|digit| digit_of(number >> (4 * digit))));
                text.into()
            }
            Wire::Spring => {
                let mut bytes = Vec::with_capacity(16);
                bytes.extend_from_slice(&self.instance.to_be_bytes());
                bytes.extend_from_slice(&number.to_be_bytes());
                bytes.into()
            }
        }
    }

    /// The number of the request, where the id is one of ours.
    pub(super) fn read(self, id: &[u8]) -> Option<u64> {
        if let Some((instance, number)) = id.split_first_chunk::<8>()
            && let Ok(number) = <[u8; 8]>::try_from(number)
        {
            return (u64::from_be_bytes(*instance) == self.instance).then(|| u64::from_be_bytes(number));
        }
        let number = id.strip_prefix(&self.digits)?.strip_prefix(b"-")?;
        let canonical = matches!(number, [b'0'] | [b'1'..=b'9' | b'a'..=b'f', ..]) && number.len() <= 16;
        if !canonical {
            return None;
        }
        number.iter().try_fold(0, |value, digit| match digit {
            b'0'..=b'9' => Some(value << 4 | u64::from(digit - b'0')),
            b'a'..=b'f' => Some(value << 4 | u64::from(digit - b'a' + 10)),
            _ => None,
        })
    }
}

/// The last four bits as a digit.
fn digit_of(value: u64) -> u8 {
    match value.to_le_bytes()[0] & 0xf {
        small @ 0..=9 => b'0' + small,
        large => b'a' + large - 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_the_instance_and_the_number() {
        let correlation = Correlation::of(0x0123_4567_89ab_cdef);
        assert_eq!(correlation.write(0, Wire::Nest), "0123456789abcdef-0");
        assert_eq!(correlation.write(0x1f, Wire::Nest), "0123456789abcdef-1f");
        assert_eq!(
            correlation.write(7, Wire::Spring),
            &[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0, 0, 0, 0, 0, 0, 0, 7][..]
        );
    }

    #[test]
    fn two_instances_differ() {
        assert_ne!(Correlation::random().instance(), Correlation::random().instance());
    }

    #[test]
    fn what_only_looks_like_one_of_ours_is_none() {
        let ours = Correlation::of(0xabc);
        for id in [
            &b""[..],
            b"0000000000000abc",
            b"0000000000000abc-",
            b"0000000000000abc-01",
            b"0000000000000abc-A",
            b"0000000000000abc-1g",
            b"0000000000000abc-10000000000000000",
            b"0000000000000abd-1",
            b"0000000000000ABC-1",
            b"ce4d8ec3eb5872a2f2dd7",
            &[0; 16],
            b"\0\0\0\0\0\0\x0a\xbc\0\0\0\0\0\0\0",
        ] {
            assert_eq!(ours.read(id), None, "{id:?}");
        }
    }

    proptest! {
        #[test]
        fn an_id_is_read_by_its_instance_alone(instance: u64, other: u64, number: u64) {
            for wire in [Wire::Nest, Wire::Spring] {
                let id = Correlation::of(instance).write(number, wire);
                prop_assert_eq!(Correlation::of(instance).read(&id), Some(number));
                if other != instance {
                    prop_assert_eq!(Correlation::of(other).read(&id), None);
                }
            }
        }

        #[test]
        fn a_text_is_written_as_the_formatter_writes_it(instance: u64, number: u64) {
            let text = format!("{instance:016x}-{number:x}");
            prop_assert_eq!(Correlation::of(instance).write(number, Wire::Nest), text);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(id: Vec<u8>) {
            Correlation::of(7).read(&id);
        }
    }
}
