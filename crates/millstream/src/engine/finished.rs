//! Runs of messages that are finished beyond a position, and their text in the position's metadata.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Messages that are finished though the position has not passed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finished {
    /// The leader epoch that they have. One with another epoch at the same offset is another message: the log
    /// was truncated since.
    pub(crate) leader_epoch: Option<i32>,
    /// From and behind, ascending and apart.
    pub(crate) runs: Vec<(i64, i64)>,
}

impl Finished {
    /// Whether a message is one of them.
    pub(crate) fn holds(&self, offset: i64) -> bool {
        let after = self.runs.partition_point(|(begin, _)| *begin <= offset);
        after.checked_sub(1).and_then(|index| self.runs.get(index)).is_some_and(|(_, end)| offset < *end)
    }

    /// Behind the last of them.
    pub(crate) fn end(&self) -> i64 {
        self.runs.last().map_or(i64::MIN, |(_, end)| *end)
    }

    /// The runs as text of at most `limit` bytes, relative to a position; runs that do not fit are left out, the
    /// furthest first: their messages come again.
    pub(crate) fn write(&self, position: i64, limit: usize) -> String {
        // Four characters say three bytes.
        let room = limit / 4 * 3;
        let mut bytes = Vec::new();
        let mut at = position;
        for (begin, end) in &self.runs {
            let (Some(open), Some(length)) = (distance(at, *begin), distance(*begin, *end)) else { break };
            let mut run = Vec::with_capacity(4);
            write_number(&mut run, open);
            write_number(&mut run, length);
            if bytes.len() + run.len() > room {
                break;
            }
            bytes.extend(run);
            at = *end;
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a text that [`write`](Self::write) wrote; `None` for any other.
    pub(crate) fn read(text: &str, position: i64, leader_epoch: Option<i32>) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut bytes = bytes.as_slice();
        let mut runs = Vec::new();
        let mut at = position;
        while !bytes.is_empty() {
            let begin = at.checked_add(read_number(&mut bytes)?)?;
            let end = begin.checked_add(read_number(&mut bytes)?).filter(|end| *end > begin)?;
            runs.push((begin, end));
            at = end;
        }
        (!runs.is_empty()).then_some(Self { leader_epoch, runs })
    }
}

fn distance(from: i64, to: i64) -> Option<u64> {
    u64::try_from(to.checked_sub(from)?).ok()
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn read_number(bytes: &mut &[u8]) -> Option<i64> {
    let mut number: u64 = 0;
    for shift in (0..63).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return i64::try_from(number).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finished(runs: &[(i64, i64)]) -> Finished {
        Finished { leader_epoch: Some(3), runs: runs.to_vec() }
    }

    #[test]
    fn it_knows_its_messages() {
        let finished = finished(&[(5, 7), (10, 11)]);
        let held: Vec<_> = (0..13).filter(|offset| finished.holds(*offset)).collect();
        assert_eq!(held, [5, 6, 10]);
        assert_eq!(finished.end(), 11);
    }

    #[test]
    fn runs_that_do_not_fit_are_left_out_from_the_far_end() {
        let runs: Vec<_> = (0..1000).map(|index| (index * 10 + 1, index * 10 + 5)).collect();
        let all = finished(&runs);
        let text = all.write(0, 400);
        assert!(text.len() <= 400);
        let some = Finished::read(&text, 0, Some(3)).unwrap();
        assert_eq!(some.runs, runs[..some.runs.len()]);
        assert!(some.runs.len() > 100);
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(position in 0..i64::MAX / 2, lengths in prop::collection::vec((0..1_i64 << 40, 1..1_i64 << 20), 1..40)) {
            let mut at = position;
            let mut runs = Vec::new();
            for (open, done) in lengths {
                runs.push((at + open, at + open + done));
                at += open + done;
            }
            let all = finished(&runs);
            prop_assert_eq!(Finished::read(&all.write(position, 4000), position, Some(3)), Some(all));
        }

        #[test]
        fn no_text_makes_it_fail(text in ".{0,60}", position in any::<i64>()) {
            if let Some(read) = Finished::read(&text, position, None) {
                prop_assert!(read.runs.iter().all(|(begin, end)| begin < end));
            }
        }
    }
}
