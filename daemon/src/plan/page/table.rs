//! Tables.

use habitat_layout::{drawing::escaped, figures::Quality};

/// A table under construction. Cells are HTML.
pub(super) struct Table {
    html: String,
}

/// One cell: its HTML and whether it is a number.
pub(super) struct Cell {
    html: String,
    is_number: bool,
}

impl Cell {
    /// Plain text.
    pub(super) fn text(text: &str) -> Self {
        Self {
            html: escaped(text),
            is_number: false,
        }
    }

    /// A number, to the right.
    pub(super) fn number(text: impl Into<String>) -> Self {
        Self {
            html: escaped(&text.into()),
            is_number: true,
        }
    }

    /// A number with a word on how good it is.
    pub(super) fn judged(text: &str, quality: Quality) -> Self {
        let word = quality.word();
        Self {
            html: format!("{} <span class=\"badge {word}\">{word}</span>", escaped(text)),
            is_number: true,
        }
    }
}

impl Table {
    /// With a caption and headings.
    pub(super) fn new(caption: &str, headings: &[&str]) -> Self {
        let headings: String = headings
            .iter()
            .map(|heading| format!("<th scope=\"col\">{heading}</th>"))
            .collect();
        let caption = escaped(caption);
        Self {
            html: format!(
                "<div class=\"scroll\"><table>\n<caption>{caption}</caption>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n"
            ),
        }
    }

    /// Adds a row; the first cell is its heading.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.html += "<tr>";
        for (index, cell) in cells.into_iter().enumerate() {
            let class = if cell.is_number { " class=\"number\"" } else { "" };
            self.html += &match index {
                0 => format!("<th scope=\"row\"{class}>{}</th>", cell.html),
                _ => format!("<td{class}>{}</td>", cell.html),
            };
        }
        self.html += "</tr>\n";
    }

    pub(super) fn finish(self) -> String {
        self.html + "</tbody>\n</table></div>\n"
    }
}
