//! `habitatd plan`

use std::{fs, path::Path};

use habitat_config::exchange::to_geojson;
use jiff::Timestamp;

use crate::{
    cli::Plan,
    exit_code::Failure,
    plan::{Outlook, Progress, html, svg, text},
    print::print_line,
};

/// Prints what the layout predicts and writes the files that were asked for.
pub fn plan(options: &Plan) -> Result<(), Failure> {
    let loaded = habitat_config::load(&options.config).map_err(|problems| Failure::Usage(problems.render(false)))?;
    let site = loaded.site;
    let progress = Progress::start(site.plan.zones.len());
    let outlook = Outlook::of(site, options.background_db, &progress);
    if let Some(path) = &options.svg {
        write(path, &svg(&outlook))?;
    }
    if let Some(path) = &options.html {
        let today = outlook.site.time_zone.to_datetime(Timestamp::now()).date();
        write(path, &html(&outlook, today))?;
    }
    if let Some(path) = &options.geojson {
        write(path, &to_geojson(&outlook.site, options.origin))?;
    }
    print_line(text(&outlook).trim_end())?;
    Ok(())
}

fn write(path: &Path, content: &str) -> Result<(), Failure> {
    fs::write(path, content).map_err(|error| Failure::unavailable(format!("{} cannot be written", path.display()), error))
}
