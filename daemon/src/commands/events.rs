//! `habitatd events`

use std::time::Duration;

use serde_json::Value;

use crate::{
    cli::{EventFormat, Events},
    exit_code::Failure,
    print::print_line,
    store::{HistoryQuery, history},
};

/// Events that are read at once.
const PAGE: usize = 1000;

/// How often `--follow` looks for new ones.
const LOOK: Duration = Duration::from_millis(500);

/// Prints the local history, oldest first.
pub fn events(options: &Events) -> Result<(), Failure> {
    let loaded = habitat_config::load(&options.config).map_err(|problems| Failure::Usage(problems.render(false)))?;
    let mut query = HistoryQuery {
        zone: options.zone.clone(),
        since: options.since,
        after_seq: Some(0),
        limit: PAGE,
    };
    if options.format == EventFormat::Csv && !print_line("time,type,subject,data")? {
        return Ok(());
    }
    loop {
        let page = history(&loaded.site.state_dir, &query)
            .map_err(|error| Failure::unavailable("the local history cannot be read", error))?;
        for event in &page {
            let line = match options.format {
                EventFormat::Jsonl => event.json.clone(),
                EventFormat::Csv => csv(&event.json),
            };
            if !print_line(line)? {
                return Ok(());
            }
            query.after_seq = Some(event.seq);
        }
        match (page.len() == PAGE, options.follow) {
            (true, _) => {}
            (false, true) => std::thread::sleep(LOOK),
            (false, false) => return Ok(()),
        }
    }
}

/// One event as RFC 4180 columns.
fn csv(json: &str) -> String {
    let event: Value = serde_json::from_str(json).unwrap_or_default();
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let data = event.get("data").map(Value::to_string).unwrap_or_default();
    [text("time"), text("type"), text("subject"), data]
        .map(|field| quoted(&field))
        .join(",")
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_commas_survive_csv() {
        let line = csv(r#"{"time":"t","type":"y","subject":"a,b","data":{"x":"say \"hi\""}}"#);
        assert_eq!(line, "t,y,\"a,b\",\"{\"\"x\"\":\"\"say \\\"\"hi\\\"\"\"\"}\"");
    }
}
