//! For a terminal.

use super::{ENVELOPE, IMPROVEMENT, Kind, NEVER, kinds};

/// The list as text.
pub fn text() -> String {
    let mut lines = vec![NEVER.to_owned(), String::new()];
    lines.extend(kinds().iter().flat_map(of_kind));
    lines.push(ENVELOPE.to_owned());
    lines.push(IMPROVEMENT.to_owned());
    lines.join("\n")
}

fn of_kind(kind: &Kind) -> Vec<String> {
    let mut lines = vec![
        kind.name.to_owned(),
        format!("  why:           {}", kind.why),
        format!("  where to:      {}", kind.where_to),
        format!("  how often:     {}", kind.how_often),
        format!("  how long kept: {}", kind.kept),
        "  fields:".to_owned(),
    ];
    lines.extend(kind.fields.iter().map(|(name, what)| format!("    {name:<24} {what}")));
    lines.push(String::new());
    lines
}
