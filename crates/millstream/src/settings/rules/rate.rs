//! How many messages may begin in a time.

use super::{Refusal, Verdict, duration};
use crate::plan::Rate;
use std::num::NonZeroU32;
use std::time::Duration;

const EXAMPLES: &str = "write as in \"500/s\", \"100/m\", \"10/h\" or \"20/250ms\"";

/// `"500/s"`: a number of messages, and the time in which at most so many begin.
pub(in crate::settings) fn rate(text: &str) -> Verdict<Rate> {
    let Some((messages, per)) = text.split_once('/') else {
        return Err(Refusal::new("expects a number of messages, a `/` and a time").fix(EXAMPLES));
    };
    let Ok(messages) = messages.trim().parse::<NonZeroU32>() else {
        let rule = format!("expects a whole number from 1 to {} before the `/`", u32::MAX);
        return Err(Refusal::new(rule).fix(EXAMPLES));
    };
    let per = per.trim();
    // A unit alone is one of it.
    let per = if per.starts_with(|first: char| first.is_ascii_digit()) { per.to_owned() } else { format!("1{per}") };
    let per = duration(&per).map_err(|refusal| refusal.fix(EXAMPLES))?;
    if per < Duration::from_millis(1) || per > super::DAY {
        return Err(Refusal::new("expects a time from \"1ms\" to \"1d\" after the `/`").fix(EXAMPLES));
    }
    Ok(Rate { messages, per })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_in_a_time() {
        let read = |text| rate(text).map(|rate| (rate.messages.get(), rate.per.as_millis()));
        assert_eq!(read("500/s"), Ok((500, 1000)));
        assert_eq!(read("1/m"), Ok((1, 60_000)));
        assert_eq!(read("10 / h"), Ok((10, 3_600_000)));
        assert_eq!(read("20/250ms"), Ok((20, 250)));
        for wrong in
            ["", "500", "/s", "0/s", "-1/s", "1.5/s", "5/", "5/fortnight", "5/0s", "5/2d", "5/1us", "4294967296/s"]
        {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
