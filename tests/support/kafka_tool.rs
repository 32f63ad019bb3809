//! Kafka's own command-line tools, and the tables they print.

use std::collections::BTreeMap;

use crate::broker::blocking;
use crate::waiting::Waiting;
use crate::{Broker, BrokerKind, kafka_scripts};

/// One line of a table by column name.
pub(crate) type Row = BTreeMap<String, String>;

impl Broker {
    /// Runs one of Kafka's tools against this broker and returns what it prints: `consumer-groups`, `topics`,
    /// `get-offsets` and so on, as `scripts/kafka tool` names them. A tool takes a second or two.
    ///
    /// # Panics
    /// On the embedded broker, which the tools cannot talk to, and when the tool fails.
    pub async fn kafka_tool(&self, name: &str, arguments: &[&str]) -> String {
        assert!(
            self.kind == BrokerKind::Real,
            "Kafka's tools cannot talk to the embedded broker; write this test with `real_broker!`"
        );
        let _waiting = Waiting::for_(&format!("Kafka's tool {name} ends"));
        let mut words = vec!["tool".to_owned(), name.to_owned()];
        words.extend(["--bootstrap-server".to_owned(), self.bootstrap.clone()]);
        words.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let home = self.home.clone();
        blocking(move || {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            kafka_scripts::run(home.as_deref(), &[], &words)
        })
        .await
    }
}

/// The lines of a table whose first column is `GROUP`; other lines are talk.
pub(crate) fn rows(text: &str) -> Vec<Row> {
    let mut names: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.first() == Some(&"GROUP") {
            names = words;
        } else if !names.is_empty() && words.len() == names.len() {
            let cells = words.iter().map(|word| (*word).to_owned());
            rows.push(names.iter().map(|name| (*name).to_owned()).zip(cells).collect());
        }
    }
    rows
}

/// A cell by its column; empty without it.
pub(crate) fn column<'row>(row: &'row Row, name: &str) -> &'row str {
    row.get(name).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_by_column_names_and_talk_is_left_out() {
        let text = "\nConsumer group 'g' has no active members.\n\n\
            GROUP  TOPIC  PARTITION  CURRENT-OFFSET  LAG\n\
            g      orders 0          3               0\n\
            g      orders 1          -               -\n";
        let rows = rows(text);
        assert_eq!(rows.len(), 2);
        assert_eq!(column(&rows[0], "CURRENT-OFFSET"), "3");
        assert_eq!(column(&rows[1], "CURRENT-OFFSET"), "-");
        assert_eq!(column(&rows[0], "OWNER"), "");
    }
}
