//! `habitatd privacy`

use habitat_events::inventory::{DISCLOSURES, fields};

use crate::{
    cli::PrivacyFormat,
    exit_code::Failure,
    mqtt::ANNOUNCED_FIELDS,
    print::print_line,
    status::{STATE_FIELDS, StateField},
};

/// Prints every field that can leave the building.
pub fn privacy(format: PrivacyFormat) -> Result<(), Failure> {
    match format {
        PrivacyFormat::Json => {
            let inventory = serde_json::json!({
                "events": DISCLOSURES, "fields": fields(), "zone_state": STATE_FIELDS, "home_assistant": ANNOUNCED_FIELDS,
            });
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
    lines.extend(local(
        "state of a zone, beside its measurement",
        "lets the building see and use what each zone does",
        "on change, at most once a second",
        &STATE_FIELDS,
    ));
    lines.extend(local(
        "discovery for Home Assistant, with home_assistant = true",
        "sets up the zones in Home Assistant",
        "at each connect",
        &ANNOUNCED_FIELDS,
    ));
    lines.push("Every event also carries id, source (site and controller), subject (zone or device) and time.".to_owned());
    lines.join("\n")
}

/// What goes to MQTT on the local network and nowhere else.
fn local(title: &str, why: &str, how_often: &str, fields: &[StateField]) -> Vec<String> {
    let mut lines = vec![
        title.to_owned(),
        format!("  why:       {why}"),
        "  where to:  MQTT on the local network".to_owned(),
        format!("  how often: {how_often}"),
        "  fields:".to_owned(),
    ];
    lines.extend(fields.iter().map(|field| format!("    {:<22} {}", field.name, field.what)));
    lines.push(String::new());
    lines
}
