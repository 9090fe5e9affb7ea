//! `habitatd outbox`

use habitat_config::site::Cloud;
use serde_json::{Value, json};

use crate::{
    cli::{OutboxFormat, OutboxOptions},
    exit_code::Failure,
    print::print_line,
    store::{Outbox, RefusedEvent, outbox as look},
};

/// Prints what waits for the tenant, what it refused and what was given up.
pub fn outbox(options: &OutboxOptions) -> Result<(), Failure> {
    let loaded = habitat_config::load(&options.config).map_err(|problems| Failure::Usage(problems.render(false)))?;
    let outbox = look(&loaded.site.state_dir).map_err(|error| Failure::unavailable("the outbox cannot be read", error))?;
    match options.format {
        OutboxFormat::Text => print_line(text(&outbox, loaded.site.cloud.as_ref()))?,
        OutboxFormat::Json => print_line(format_args!("{:#}", document(&outbox)))?,
    };
    Ok(())
}

fn text(outbox: &Outbox, cloud: Option<&Cloud>) -> String {
    let mut lines = Vec::new();
    match cloud {
        Some(cloud) => lines.push(format!("tenant: {}", cloud.url)),
        None => lines.push("this site has no [cloud]: nothing is sent".to_owned()),
    }
    let waiting: u64 = outbox.waiting.iter().map(|waiting| waiting.events).sum();
    lines.push(format!("waiting: {waiting} events"));
    lines.extend(outbox.waiting.iter().map(|waiting| {
        let (name, events) = (waiting.event_type, waiting.events);
        format!("  {name:<30} {events:>9}   {} to {}", waiting.oldest, waiting.newest)
    }));
    lines.push(format!(
        "refused by the tenant and set aside: {} events",
        outbox.refused.len()
    ));
    lines.extend(outbox.refused.iter().map(|event| {
        let RefusedEvent {
            time,
            event_type,
            subject,
            reason,
            ..
        } = event;
        format!("  {time} {event_type} {subject}: {reason}")
    }));
    lines.push(format!(
        "given up because too much waited: {} events",
        outbox.given_up.total()
    ));
    if let (1.., Value::Object(counts)) = (outbox.given_up.total(), json!(outbox.given_up)) {
        let counts = counts.iter().filter(|(_, events)| **events != json!(0));
        lines.extend(counts.map(|(name, events)| format!("  {name:<30} {:>9}", events.to_string())));
    }
    let bound = cloud.map_or(String::new(), |cloud| format!(" of at most {} MiB", cloud.outbox_mib));
    lines.push(format!(
        "database: {:.1} MiB{bound}",
        outbox.bytes as f64 / f64::from(1 << 20)
    ));
    lines.join("\n")
}

/// The same for programs.
pub fn document(outbox: &Outbox) -> Value {
    let waiting = outbox.waiting.iter().map(|waiting| {
        json!({ "type": waiting.event_type, "events": waiting.events, "oldest": waiting.oldest, "newest": waiting.newest })
    });
    let refused = outbox.refused.iter().map(|event| {
        let document: Value = serde_json::from_str(&event.json).unwrap_or_default();
        json!({ "reason": event.reason, "event": document })
    });
    json!({
        "waiting": waiting.collect::<Vec<_>>(), "refused": refused.collect::<Vec<_>>(),
        "given_up": outbox.given_up, "database_bytes": outbox.bytes,
    })
}
