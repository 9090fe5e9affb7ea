//! For the documentation.

use super::{ENVELOPE, IMPROVEMENT, Kind, NEVER, kinds};

/// What people do with their data; the same for every version.
const RIGHTS: &str = "## See it, hand it over, erase it

| to do this | |
|---|---|
| see this list on the machine, as text, a page to print, or for programs | `habitatd privacy`, `habitatd privacy --format html > privacy.html`, `--format json`; `/api/v1/privacy` on the console |
| see every event that is kept | `habitatd events --config habitat.toml` |
| see what has not reached the tenant yet | `habitatd outbox --config habitat.toml` |
| hand over everything that is stored about the site, in one archive | `habitatd data export --config habitat.toml --output site.zip` |
| erase it, with a receipt | stop the daemon, then `habitatd data erase --config habitat.toml --yes --receipt erased.json` |
| let a zone forget what its place has taught | [measurement.md](measurement.md) and the console |

Erasing keeps one thing: what is muted stays muted, because silence must not end by it. The receipt says so, and what is not on this machine:
what the tenant has, and what an MQTT broker retains.

The tenant's side, how long it keeps what it gets, and how it is erased there: [tenant.md](tenant.md).
";

/// The list as Markdown.
pub fn markdown() -> String {
    let mut lines = vec![
        "# What leaves the building".to_owned(),
        String::new(),
        "<!-- Written by `habitatd privacy --format markdown`; a test compares it. -->".to_owned(),
        String::new(),
        NEVER.to_owned(),
        String::new(),
    ];
    lines.extend(kinds().iter().flat_map(of_kind));
    lines.push(ENVELOPE.to_owned());
    lines.push(String::new());
    lines.push(IMPROVEMENT.to_owned());
    lines.push(String::new());
    lines.push(RIGHTS.to_owned());
    lines.join("\n")
}

fn of_kind(kind: &Kind) -> Vec<String> {
    let mut lines = vec![
        format!("## {}", kind.name),
        String::new(),
        "| | |".to_owned(),
        "|---|---|".to_owned(),
        format!("| why | {} |", cell(kind.why)),
        format!("| where to | {} |", cell(kind.where_to)),
        format!("| how often | {} |", cell(kind.how_often)),
        format!("| how long kept | {} |", cell(kind.kept)),
        String::new(),
        "| what we collect | what it holds |".to_owned(),
        "|---|---|".to_owned(),
    ];
    lines.extend(
        kind.fields
            .iter()
            .map(|(name, what)| format!("| `{name}` | {} |", cell(what))),
    );
    lines.push(String::new());
    lines
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
