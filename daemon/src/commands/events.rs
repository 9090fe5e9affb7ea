//! `habitatd events`

use std::time::Duration;

use super::csv;
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
    if options.format == EventFormat::Csv && !print_line(csv::HEADER)? {
        return Ok(());
    }
    loop {
        let page = history(&loaded.site.state_dir, &query)
            .map_err(|error| Failure::unavailable("the local history cannot be read", error))?;
        for event in &page {
            let line = match options.format {
                EventFormat::Jsonl => event.json.clone(),
                EventFormat::Csv => csv::row(&event.json),
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
