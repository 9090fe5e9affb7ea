//! The prediction as one page of HTML that a facilities manager can show to a client, on a screen or printed.
//!
//! Everything is in the file: no script, font, picture or style is fetched, and a content security policy sees to it.

mod data;
mod sections;
mod table;

use habitat_layout::drawing::escaped;
use jiff::civil::Date;

use super::Outlook;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page, dated.
pub fn html(outlook: &Outlook, date: Date) -> String {
    let name = escaped(&outlook.site.name);
    let date = date.strftime("%-d %B %Y");
    let body = [
        sections::overview(outlook),
        sections::listening(outlook),
        sections::workplaces(outlook),
        sections::figures(outlook),
        sections::coverage(outlook),
        sections::zones(outlook),
        sections::pairs(outlook),
        sections::warnings(outlook),
        sections::method(outlook),
    ]
    .concat();
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>{name}: speech and masking, predicted</title>
<style>
{STYLE}</style>
</head>
<body>
<header>
<p class="kicker">Acoustic plan</p>
<h1>{name}</h1>
<p class="quiet">{date} · predicted from the floor plan, not measured · Habitat {version}</p>
</header>
<main>
{body}</main>
<script type="application/json" id="talkers">{data}</script>
<script>
{SCRIPT}</script>
</body>
</html>
"#,
        version = env!("CARGO_PKG_VERSION"),
        data = data::talkers(outlook),
    )
}
