//! The sheet of paper: coordinates, escaping, style.

use std::fmt::Write;

use geo::{LineString, Rect};

/// Rules that any page may override: `:where` has no weight.
const STYLE: &str = include_str!("style.css");

/// Collects the elements of a picture.
pub(super) struct Sheet {
    west_m: f64,
    north_m: f64,
    width_m: f64,
    height_m: f64,
    body: String,
}

impl Sheet {
    /// A sheet that shows a rectangle of the floor and a margin around it.
    pub(super) fn new(bounds: Rect<f64>, margin_m: f64) -> Self {
        Self {
            west_m: bounds.min().x - margin_m,
            north_m: bounds.max().y + margin_m,
            width_m: bounds.width() + 2.0 * margin_m,
            height_m: bounds.height() + 2.0 * margin_m,
            body: String::new(),
        }
    }

    /// Size of the sheet, metres.
    pub(super) fn size_m(&self) -> (f64, f64) {
        (self.width_m, self.height_m)
    }

    /// A place on the floor as a place on the sheet, whose y runs downwards.
    pub(super) fn place(&self, x_m: f64, y_m: f64) -> (f64, f64) {
        (x_m - self.west_m, self.north_m - y_m)
    }

    /// An outline as the value of a `points` attribute.
    pub(super) fn points(&self, outline: &LineString<f64>) -> String {
        let mut points = String::new();
        let count = outline.0.len().saturating_sub(usize::from(outline.is_closed()));
        for corner in outline.0.iter().take(count) {
            let (x, y) = self.place(corner.x, corner.y);
            let separator = if points.is_empty() { "" } else { " " };
            append(&mut points, format_args!("{separator}{},{}", number(x), number(y)));
        }
        points
    }

    /// Adds a line of SVG.
    pub(super) fn add(&mut self, element: std::fmt::Arguments<'_>) {
        append(&mut self.body, element);
        self.body.push('\n');
    }

    /// The whole file.
    pub(super) fn finish(self, floor: &str) -> String {
        let (width, height, floor) = (number(self.width_m), number(self.height_m), escaped(floor));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"floor-plan\" data-floor=\"{floor}\" role=\"img\" \
             viewBox=\"0 0 {width} {height}\">\n<title>Floor {floor}</title>\n<style>\n{STYLE}</style>\n{}</svg>\n",
            self.body
        )
    }
}

fn append(text: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(more);
}

/// A number with at most three decimals (millimetres), as SVG reads it; what is not finite becomes 0.
pub(super) fn number(value: f64) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.3}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".into() } else { short.into() }
}

/// Text for XML content and attributes; characters that XML cannot hold become U+FFFD.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
