//! `habitatd privacy`

use habitat_events::inventory::{DISCLOSURES, fields};

use crate::{cli::PrivacyFormat, exit_code::Failure, print::print_line, status::STATE_FIELDS};

/// Prints every field that can leave the building.
pub fn privacy(format: PrivacyFormat) -> Result<(), Failure> {
    match format {
        PrivacyFormat::Json => {
            let inventory = serde_json::json!({ "events": DISCLOSURES, "fields": fields(), "zone_state": STATE_FIELDS });
            print_line(format_args!("{inventory:#}"))?;
        }
        PrivacyFormat::Text => {
            print_line(text())?;
        }
    }
    Ok(())
}

fn text() -> String {
    let mut lines =
        vec!["habitatd never stores or sends audio. What can leave this machine is listed here, and nothing else.\n".to_owned()];
    let fields = fields();
    for disclosure in DISCLOSURES {
        lines.push(disclosure.event_type.to_owned());
        lines.push(format!("  why:       {}", disclosure.why));
        lines.push(format!("  where to:  {}", disclosure.destinations));
        lines.push(format!("  how often: {}", disclosure.how_often));
        lines.push("  fields:".to_owned());
        let of_type = fields.iter().filter(|field| field.event_type == disclosure.event_type);
        lines.extend(of_type.map(|field| format!("    {:<22} {}", field.name, field.what)));
        lines.push(String::new());
    }
    lines.push("state of a zone, beside its measurement".to_owned());
    lines.push("  why:       lets the building see and use what each zone does".to_owned());
    lines.push("  where to:  MQTT on the local network".to_owned());
    lines.push("  how often: on change, at most once a second".to_owned());
    lines.push("  fields:".to_owned());
    lines.extend(STATE_FIELDS.map(|field| format!("    {:<22} {}", field.name, field.what)));
    lines.push(String::new());
    lines.push("Every event also carries id, source (site and controller), subject (zone or device) and time.".to_owned());
    lines.join("\n")
}
