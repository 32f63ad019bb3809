//! What the command line asks to print.

use super::args::Args;
use super::check::Findings;
use super::start_line::start_line;
use super::start_table::start_table;
use crate::settings::Effective;
use millstream_config::Loaded;
use std::fmt::Write as _;

/// What `--check`, `--listeners` and `--print-config` print; `None` if nothing of that was asked for.
pub(super) fn asked_for(args: &Args, findings: &Findings) -> Option<String> {
    let mut parts = Vec::new();
    if args.print_config {
        parts.push(configuration(&findings.loaded));
        parts.extend(holds(&findings.effective));
    }
    if let Ok(checked) = &findings.outcome {
        if args.listeners {
            parts.push(start_table(&checked.plan));
        }
        if args.check {
            parts.extend(findings.notices.iter().map(|notice| format!("notice: {notice}")));
            parts.push(format!("all is well: {}", start_line(&findings.loaded, &checked.summary())));
        }
    }
    (args.check || args.listeners || args.print_config).then(|| parts.join("\n\n"))
}

/// What holds for each listener and group, a paragraph each.
fn holds(effective: &[Effective]) -> Option<String> {
    let paragraphs: Vec<String> = effective
        .chunk_by(|one, next| one.of == next.of)
        .map(|values| {
            let heading = values.first().map(|value| format!("# what holds for {}", value.of));
            let lines: Vec<String> = heading.into_iter().chain(values.iter().map(ToString::to_string)).collect();
            lines.join("\n")
        })
        .collect();
    (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n"))
}

/// Every value that is set, with the place that set it.
fn configuration(loaded: &Loaded) -> String {
    let entries = loaded.tree.entries();
    let lines: Vec<String> = entries.iter().map(|entry| format!("{} = {}", entry.key, entry.value)).collect();
    let width = lines.iter().map(|line| line.chars().count()).filter(|width| *width <= 60).max().unwrap_or_default();
    let mut text = format!("# {}", super::start_line::source(loaded));
    for (line, entry) in lines.iter().zip(&entries) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{line:width$}  # {}, {}", entry.origin.layer, entry.origin);
    }
    text
}
