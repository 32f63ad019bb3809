//! From byte offsets to lines and columns.

/// Where the lines of a text begin.
pub(crate) struct LineIndex<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map(|(offset, _)| offset + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The line and the column of a byte, both counted from 1, the column in characters.
    ///
    /// An offset behind the end counts as the end.
    pub(crate) fn position(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.starts.get(index)).copied().unwrap_or(0);
        let column = self
            .text
            .get(start..)
            .unwrap_or_default()
            .char_indices()
            .take_while(|(index, _)| start + index < offset)
            // A byte order mark is part of the file, not of what an editor shows.
            .filter(|(_, character)| *character != '\u{feff}')
            .count();
        (line, column + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let index = LineIndex::new("äb\r\nc\n");
        assert_eq!(index.position(0), (1, 1));
        assert_eq!(index.position(2), (1, 2));
        assert_eq!(index.position(5), (2, 1));
        assert_eq!(index.position(7), (3, 1));
        assert_eq!(index.position(700), (3, 1));
    }

    #[test]
    fn an_empty_text_has_a_first_line() {
        assert_eq!(LineIndex::new("").position(0), (1, 1));
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        assert_eq!(LineIndex::new("\u{feff}a").position(3), (1, 1));
    }
}
