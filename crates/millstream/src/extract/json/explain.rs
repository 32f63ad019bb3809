//! What is wrong with a payload, without quoting it.
//!
//! The texts of `serde_json` quote the value that did not fit, so that they must not be logged. On the
//! error's way, which is rare, the payload is read a second time into a tree, and the type is decoded from
//! that tree with an error of our own that keeps what the *type* says and drops what the payload says.

use super::deserializer::NodeDeserializer;
use super::node::Node;
use super::refusal::Refusal;
use serde::Deserialize;

/// Says what did not decode: field, expectation, position.
pub(crate) fn explain<'m, T: Deserialize<'m>>(payload: &'m [u8], error: &serde_json::Error) -> String {
    let node = match serde_json::from_slice::<Node<'m>>(payload) {
        Ok(node) => node,
        // A tree takes everything that is JSON, so that this text is about the syntax: it is one of a
        // fixed set and ends in the position.
        Err(syntax) => return format!("it is not JSON: {syntax}"),
    };
    let refusal = T::deserialize(NodeDeserializer::new(node)).err();
    let refusal = refusal.unwrap_or_else(Refusal::unexplained);
    match (error.line(), error.column()) {
        // `serde_json` knows no place of what the type itself refused.
        (0, _) => refusal.to_string(),
        (line, column) => format!("{refusal} (line {line}, column {column})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn explained<'m, T: Deserialize<'m>>(payload: &'m str) -> String {
        let error = serde_json::from_slice::<T>(payload.as_bytes()).err().expect("it decodes");
        let text = explain::<T>(payload.as_bytes(), &error);
        assert!(!text.contains("secret"), "the payload is quoted: {text}");
        text.split(" (line").next().unwrap_or_default().to_owned()
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Order {
        id: u64,
        #[serde(default)]
        lines: Vec<Line>,
        #[serde(default)]
        notes: BTreeMap<String, u8>,
        #[serde(default)]
        by_number: BTreeMap<u16, u8>,
        payment: Option<Payment>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Line {
        cents: u32,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[allow(dead_code)]
    enum Payment {
        Cash,
        Card { number: u64 },
        Split(u8, u8),
        Other(Line),
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Either {
        Number(u64),
        Flag(bool),
    }

    #[derive(Debug)]
    struct Currency;

    impl<'de> Deserialize<'de> for Currency {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            Err(serde::de::Error::custom(format!("invalid value: {text}, expected {text}")))
        }
    }

    #[test]
    fn what_is_not_json_is_said_with_its_position() {
        assert_eq!(explained::<Order>(r#"{"id": secret}"#), "it is not JSON: expected value at line 1 column 8");
        assert_eq!(explained::<Order>(""), "it is not JSON: EOF while parsing a value at line 1 column 0");
        assert_eq!(
            explained::<Order>(r#"{"id": 1} secret"#),
            "it is not JSON: trailing characters at line 1 column 11"
        );
    }

    #[test]
    fn a_wrong_type_names_the_field_and_what_is_expected() {
        assert_eq!(explained::<Order>(r#"{"id":"secret, expected secret"}"#), "`id`: expected u64, found a string");
        assert_eq!(explained::<Order>(r#"{"id":-5}"#), "`id`: expected u64, found a number that is none");
        assert_eq!(explained::<Order>(r#"{"id":null}"#), "`id`: expected u64, found null");
        assert_eq!(explained::<Order>(r#"{"id":1.5}"#), "`id`: expected u64, found a number with a fraction");
        assert_eq!(explained::<Order>("[]"), "expected struct Order with 5 elements, found 0 elements");
        assert_eq!(explained::<Order>(r#""secret""#), "expected struct Order, found a string");
    }

    #[test]
    fn the_path_goes_through_lists_and_options() {
        assert_eq!(
            explained::<Order>(r#"{"id":1,"lines":[{"cents":1},{"cents":"secret"}]}"#),
            "`lines[1].cents`: expected u32, found a string"
        );
        assert_eq!(
            explained::<Order>(r#"{"id":1,"payment":{"card":{"number":"secret"}}}"#),
            "`payment.card.number`: expected u64, found a string"
        );
        assert_eq!(
            explained::<Order>(r#"{"id":1,"payment":{"split":[1,"secret"]}}"#),
            "`payment.split[1]`: expected u8, found a string"
        );
        assert_eq!(
            explained::<Order>(r#"{"id":1,"payment":{"other":{"cents":"secret"}}}"#),
            "`payment.other.cents`: expected u32, found a string"
        );
    }

    #[test]
    fn keys_that_come_from_the_payload_are_not_shown() {
        assert_eq!(explained::<Order>(r#"{"id":1,"notes":{"secret":"x"}}"#), "`notes.*`: expected u8, found a string");
        assert_eq!(
            explained::<Order>(r#"{"id":1,"by_number":{"secret":1}}"#),
            "`by_number.*`: expected u16, found a string"
        );
        assert_eq!(
            explained::<Order>(r#"{"id":1,"by_number":{"7":"x"}}"#),
            "`by_number.*`: expected u8, found a string"
        );
    }

    #[test]
    fn missing_unknown_and_duplicate_fields_name_what_the_type_has() {
        assert_eq!(explained::<Order>("{}"), "field `id` is missing");
        assert_eq!(explained::<Order>(r#"{"id":1,"lines":[{}]}"#), "`lines[0]`: field `cents` is missing");
        assert_eq!(
            explained::<Order>(r#"{"id":1,"secret":2}"#),
            "there is a field that the type does not have; it has `id`, `lines`, `notes`, `by_number`, `payment`"
        );
        assert_eq!(explained::<Order>(r#"{"id":1,"id":2}"#), "field `id` stands there twice");
    }

    #[test]
    fn an_unknown_variant_names_those_that_exist() {
        assert_eq!(
            explained::<Order>(r#"{"id":1,"payment":"secret"}"#),
            "`payment`: not one of `cash`, `card`, `split`, `other`"
        );
        assert_eq!(
            explained::<Order>(r#"{"id":1,"payment":"card"}"#),
            "`payment.card`: expected struct variant Payment::Card, found nothing"
        );
        assert_eq!(
            explained::<Order>(r#"{"id":1,"payment":{"cash":1}}"#),
            "`payment.cash`: expected unit, found a number"
        );
        assert_eq!(explained::<Either>(r#""secret""#), "no variant of the untagged enum Either fits");
    }

    #[test]
    fn the_text_of_a_hand_written_type_is_left_out() {
        assert_eq!(
            explained::<BTreeMap<String, Option<Currency>>>(r#"{"secret":"secret"}"#),
            "`*`: the type refuses the value"
        );
    }

    #[test]
    fn what_only_serde_json_itself_understands_stays_unexplained() {
        assert_eq!(
            explained::<(u128, u8)>(r#"[340282366920938463463374607431768211455,"secret"]"#),
            "its JSON does not fit the type"
        );
    }

    #[test]
    fn no_damage_to_a_payload_panics_or_shows_it() {
        let sound = br#"{"id":1,"lines":[{"cents":5}],"notes":{"secret":2},"by_number":{"7":1},"payment":{"card":{"number":9}}}"#;
        for at in 0..sound.len() {
            let cut = sound.get(..at).unwrap();
            let replaced = b"\"{}[],:5-\\\x00\xff".iter().map(|byte| {
                let mut damaged = sound.to_vec();
                damaged[at] = *byte;
                damaged
            });
            for damaged in replaced.chain([cut.to_vec()]) {
                if let Err(error) = serde_json::from_slice::<Order>(&damaged) {
                    let text = explain::<Order>(&damaged, &error);
                    assert!(!text.contains("secret"), "{text}");
                }
            }
        }
    }
}
