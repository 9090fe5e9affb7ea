//! `habitatd privacy`

use crate::{
    cli::PrivacyFormat,
    exit_code::Failure,
    print::print_line,
    privacy::{document, html, markdown, text},
};

/// Prints every field that can leave the building.
pub fn privacy(format: PrivacyFormat) -> Result<(), Failure> {
    match format {
        PrivacyFormat::Text => print_line(text())?,
        PrivacyFormat::Json => print_line(format_args!("{:#}", document()))?,
        PrivacyFormat::Html => print_line(html())?,
        PrivacyFormat::Markdown => print_line(markdown().trim_end())?,
    };
    Ok(())
}
