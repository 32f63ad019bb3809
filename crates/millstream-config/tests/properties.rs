//! Whatever is thrown at the loader: it answers, and what it says of lines is true.

#![allow(clippy::unwrap_used, reason = "a failed assumption should stop the test")]

use std::fmt::Write as _;

use millstream_config::{
    DirectoryChoice, Duration, KeyPath, KeySpace, Place, Problem, Problems, Request, Size, Tree, load, load_leniently,
    nearest, parse_duration, parse_size,
};
use proptest::prelude::*;

/// Everything that can be asked of a tree, so that no way through it is left out.
fn exercise(request: &Request) {
    let mut known = KeySpace::table()
        .key("a", KeySpace::free())
        .key("b", KeySpace::named(KeySpace::table().key("c", KeySpace::value())))
        .key("p", KeySpace::properties(["session.timeout.ms"], |name| Some(name.to_lowercase().replace('_', "."))))
        .key("l", KeySpace::members("listener", ["A.b", "A.__c"], &KeySpace::table().key("d", KeySpace::value())));
    known.declare(["declared", "key"]);
    let (loaded, mut problems) = load_leniently(request, &known);
    let tree = loaded.tree;
    let names: Vec<String> = tree.root().iter().map(|(name, _)| name.to_owned()).collect();
    for name in &names {
        let key = KeyPath::root().key(name).to_string();
        read_as_everything(&tree, &key, &mut problems);
    }
    for entry in tree.entries() {
        assert_eq!(KeyPath::parse(&entry.key), Ok(KeyPath::from_segments(entry.segments)));
        read_as_everything(&tree, &entry.key, &mut problems);
    }
    problems.extend(tree.unknown_keys(&known));
    assert!(!problems.to_string().is_empty());
}

fn read_as_everything(tree: &Tree, key: &str, problems: &mut Problems) {
    problems.keep(tree.get::<String>(key));
    problems.keep(tree.get::<bool>(key));
    problems.keep(tree.get::<u8>(key));
    problems.keep(tree.get::<i64>(key));
    problems.keep(tree.get::<u128>(key));
    problems.keep(tree.get::<f32>(key));
    problems.keep(tree.get::<char>(key));
    problems.keep(tree.get::<Option<Vec<String>>>(key));
    problems.keep(tree.get::<(u8, String)>(key));
    problems.keep(tree.get::<std::collections::BTreeMap<String, f64>>(key));
    problems.keep(tree.get::<std::collections::BTreeMap<u8, Vec<bool>>>(key));
    problems.keep(tree.get::<Duration>(key));
    problems.keep(tree.get::<Size>(key));
    problems.keep(tree.get::<()>(key));
    problems.keep(tree.get::<std::net::IpAddr>(key));
}

fn in_memory() -> Request {
    let mut request = Request::default();
    request.directory = DirectoryChoice::Nothing;
    request
}

/// Texts that look enough like TOML to get past its first character.
fn nearly_toml() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a"),
        Just("b"),
        Just("p"),
        Just("l"),
        Just("."),
        Just("="),
        Just("["),
        Just("]"),
        Just("[["),
        Just("]]"),
        Just("{"),
        Just("}"),
        Just("\""),
        Just("'"),
        Just("\"\"\""),
        Just("\n"),
        Just("\r\n"),
        Just(" "),
        Just(","),
        Just("1"),
        Just("0x"),
        Just("-"),
        Just("1.5e9"),
        Just("true"),
        Just("nan"),
        Just("2024-01-01"),
        Just("${"),
        Just("$${"),
        Just("${HOME:x}"),
        Just("}"),
        Just(":"),
        Just("#"),
        Just("\\u00e9"),
        Just("\u{feff}"),
        Just("é"),
        Just("\u{0}"),
        Just("a = \"${A}\"\n"),
        Just("[a.b]\n"),
        Just("x = [1, \"y\", {z = 1}]\n"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_the_loader_panic(text in any::<String>()) {
        let mut request = in_memory();
        request.base = Some(text);
        exercise(&request);
    }

    #[test]
    fn no_text_like_toml_makes_the_loader_panic(text in nearly_toml()) {
        let mut request = in_memory();
        request.base = Some(text);
        exercise(&request);
    }

    #[test]
    fn no_variable_makes_the_loader_panic(
        pairs in prop::collection::vec(("(MILLSTREAM__)?[ABLPCD_.a-e]{0,12}", "\\PC{0,12}|[\\[\\],\"= ]{0,6}"), 0..8),
        any_pairs in prop::collection::vec((any::<String>(), any::<String>()), 0..4),
        text in nearly_toml(),
    ) {
        let mut request = in_memory();
        request.base = Some(text);
        request.variables = pairs.into_iter().chain(any_pairs).collect();
        exercise(&request);
    }

    #[test]
    fn no_override_makes_the_loader_panic(
        overrides in prop::collection::vec(prop_oneof![any::<String>(), nearly_toml(), "[abpl.\"']{0,9} ?= ?\\PC{0,9}"], 0..6),
    ) {
        let mut request = in_memory();
        request.overrides = overrides;
        exercise(&request);
    }

    #[test]
    fn no_name_makes_the_rest_panic(text in any::<String>(), other in any::<String>()) {
        let _ = (parse_duration(&text), parse_size(&text), KeyPath::parse(&text), nearest(&text, [other.as_str()]));
        let shown = Problem::new(text.clone()).with_key(other.clone()).with_value(&text).to_string();
        prop_assert!(shown.contains(&other));
    }

    #[test]
    fn a_key_that_is_shown_parses_to_itself(segments in prop::collection::vec(any::<String>(), 1..5)) {
        let path = KeyPath::from_segments(segments);
        prop_assert_eq!(KeyPath::parse(&path.to_string()), Ok(path));
    }

    #[test]
    fn an_override_reaches_exactly_its_key(segments in prop::collection::vec("[a-z.\" é=]{0,5}", 1..5), value in "[a-z0-9=.:]{1,9}") {
        let key = KeyPath::from_segments(segments).to_string();
        let mut request = in_memory();
        request.overrides = vec![format!("{key} = {value}")];
        let loaded = load(&request, &KeySpace::table());
        prop_assert_eq!(loaded.unwrap().tree.get::<String>(&key), Ok(Some(value)));
    }

    #[test]
    fn a_duration_and_a_size_are_written_as_they_are_read(seconds in any::<u64>(), nanoseconds in 0..1_000_000_000_u32, bytes in any::<u64>()) {
        let duration = Duration::from(std::time::Duration::new(seconds, nanoseconds));
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        let size = Size::from_bytes(bytes);
        prop_assert_eq!(size.to_string().parse(), Ok(size));
    }
}

/// One thing in a generated document.
#[derive(Debug, Clone)]
enum Line {
    Blank,
    Comment(String),
    Header(String),
    Value(String),
}

fn line() -> impl Strategy<Value = Line> {
    let value = prop_oneof![
        Just("1".to_owned()),
        Just("true".to_owned()),
        Just("[\n  1,\n\n  2, # two\n]".to_owned()),
        Just("\"\"\"\none\ntwo\"\"\"".to_owned()),
        Just("{ x = 1, \"y.z\" = 'two' }".to_owned()),
        "[a-zé日 ]{1,9}".prop_map(|text| format!("\"{text}\"")),
    ];
    prop_oneof![
        Just(Line::Blank),
        "[a-zé =\"\\[]{0,12}".prop_map(Line::Comment),
        "[a-z]{1,6}".prop_map(Line::Header),
        value.prop_map(Line::Value),
    ]
}

/// A document, and where each of its values stands: key, line and column.
#[derive(Debug)]
struct Document {
    text: String,
    values: Vec<(String, usize, usize)>,
}

fn document(lines: &[Line], line_end: &str, byte_order_mark: bool) -> Document {
    let mut text = String::new();
    let mut values = Vec::new();
    let mut table = String::from("root");
    let mut name = 0;
    let mut row = 1;
    for line in lines {
        name += 1;
        let written = match line {
            Line::Blank => String::new(),
            Line::Comment(comment) => format!("# {comment}"),
            Line::Header(header) => {
                // A number keeps tables and keys from being there twice.
                table = format!("{header}{name}");
                format!("[root.{table}]")
            }
            Line::Value(value) => {
                let indent = " ".repeat(name % 4);
                let before = format!("{indent}\"é{name}\" = ");
                let key = if table == "root" { format!("\"é{name}\"") } else { format!("root.{table}.\"é{name}\"") };
                values.push((key, row, before.chars().count() + 1));
                format!("{before}{value}")
            }
        };
        writeln!(text, "{written}").unwrap();
        row += 1 + written.matches('\n').count();
    }
    text = text.replace('\n', line_end);
    if byte_order_mark {
        text.insert(0, '\u{feff}');
    }
    Document { text, values }
}

/// A type that no generated value is of.
#[derive(Debug, serde::Deserialize)]
#[allow(dead_code)]
enum Never {
    Possible,
}

proptest! {
    #[test]
    fn the_reported_line_is_the_true_line(
        lines in prop::collection::vec(line(), 0..30),
        windows in any::<bool>(),
        byte_order_mark in any::<bool>(),
    ) {
        let document = document(&lines, if windows { "\r\n" } else { "\n" }, byte_order_mark);
        let mut request = in_memory();
        request.base = Some(document.text.clone());
        let loaded = load(&request, &KeySpace::table()).unwrap();
        for (key, line, column) in &document.values {
            let problem = loaded.tree.get::<Never>(key).unwrap_err();
            let place = problem.place().map(|origin| origin.place.clone());
            let expected = Place::File { file: "base".into(), line: *line, column: *column };
            prop_assert_eq!(place, Some(expected), "{} in\n{}", key, document.text);
        }
    }

    #[test]
    fn the_line_of_a_syntax_error_is_the_true_line(lines in prop::collection::vec(line(), 0..30)) {
        let before = document(&lines, "\n", false);
        let mut request = in_memory();
        request.base = Some(format!("{}broken = = 1\n[after]\nfine = 1\n", before.text));
        let problems = load(&request, &KeySpace::table()).unwrap_err();
        let reported = problems.iter().next().and_then(|problem| match &problem.place()?.place {
            Place::File { line, .. } => Some(*line),
            _ => None,
        });
        prop_assert_eq!(reported, Some(before.text.matches('\n').count() + 1));
    }
}

#[test]
fn deep_and_long_inputs_are_answered() {
    for text in [
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("a = {}{}", "{a=".repeat(100_000), "}".repeat(100_000)),
        format!("a = \"{}\"", "${".repeat(100_000)),
    ] {
        let mut request = in_memory();
        request.base = Some(text.clone());
        request.overrides = vec![text.clone(), format!("a={text}")];
        request.variables = vec![(format!("MILLSTREAM__{}", "A__".repeat(100_000)), text)];
        exercise(&request);
    }
}
