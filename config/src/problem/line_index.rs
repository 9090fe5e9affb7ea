//! From byte offsets to lines and columns.

/// First byte of each line of a text.
pub(crate) struct LineIndex(Vec<usize>);

impl LineIndex {
    /// Finds the lines.
    pub(crate) fn new(text: &str) -> Self {
        let after_breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(after_breaks).collect())
    }

    /// Line of a byte, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }

    /// First byte of a line that is counted from 1.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.0.get(line - 1).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_belongs_to_the_line_that_its_break_ends() {
        let index = LineIndex::new("ab\n\ncd");
        let lines: Vec<usize> = (0..=6).map(|offset| index.line(offset)).collect();
        assert_eq!(lines, [1, 1, 1, 2, 3, 3, 3]);
        assert_eq!([index.start(1), index.start(2), index.start(3)], [0, 3, 4]);
    }
}
