//! For a works council or a wall: one page that needs no other file.

use habitat_layout::drawing::escaped;

use super::{ENVELOPE, IMPROVEMENT, Kind, NEVER, kinds};

const STYLE: &str = include_str!("page.css");

/// The list as a page.
pub fn html() -> String {
    let kinds: String = kinds().iter().map(of_kind).collect();
    let [never, envelope, improvement] = [NEVER, ENVELOPE, IMPROVEMENT].map(escaped);
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>What leaves the building</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>What leaves the building</h1>\n<p class=\"never\">{never}</p>\n{kinds}\
         <p>{envelope}</p>\n<p>{improvement}</p>\n<footer>habitatd {version}</footer>\n</main>\n</body>\n</html>"
    )
}

fn of_kind(kind: &Kind) -> String {
    let name = escaped(kind.name);
    let said = [
        ("Why", kind.why),
        ("Where to", kind.where_to),
        ("How often", kind.how_often),
        ("How long kept", kind.kept),
    ];
    let said: String = said
        .map(|(key, value)| format!("<dt>{key}</dt><dd>{}</dd>\n", marked(value)))
        .concat();
    let fields = kind.fields.iter().map(|(name, what)| {
        let (name, what) = (escaped(name), marked(what));
        format!("<tr><td><code>{name}</code></td><td>{what}</td></tr>\n")
    });
    let fields: String = fields.collect();
    format!(
        "<section>\n<h2>{name}</h2>\n<dl>\n{said}</dl>\n\
         <table>\n<thead><tr><th>What we collect</th><th>What it holds</th></tr></thead>\n<tbody>\n{fields}</tbody>\n</table>\n</section>\n"
    )
}

/// Text in which names stand between backticks.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let mark = |(index, part): (usize, &str)| match index % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    parts.map(mark).collect()
}
