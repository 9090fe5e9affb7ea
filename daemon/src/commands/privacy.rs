//! `habitatd privacy`

use habitat_events::inventory::{DISCLOSURES, fields};

use crate::{cli::PrivacyFormat, exit_code::Failure};

/// Prints every field that can leave the building.
pub fn privacy(format: PrivacyFormat) -> Result<(), Failure> {
    match format {
        PrivacyFormat::Json => {
            let inventory = serde_json::json!({ "events": DISCLOSURES, "fields": fields() });
            println!("{inventory:#}");
        }
        PrivacyFormat::Text => print_text(),
    }
    Ok(())
}

fn print_text() {
    println!("habitatd never stores or sends audio. What can leave this machine is listed here, and nothing else.\n");
    let fields = fields();
    for disclosure in DISCLOSURES {
        println!("{}", disclosure.event_type);
        println!("  why:       {}", disclosure.why);
        println!("  where to:  {}", disclosure.destinations);
        println!("  how often: {}", disclosure.how_often);
        println!("  fields:");
        for field in fields.iter().filter(|field| field.event_type == disclosure.event_type) {
            println!("    {:<22} {}", field.name, field.what);
        }
        println!();
    }
    println!("Every event also carries id, source (site and controller), subject (zone or device) and time.");
}
