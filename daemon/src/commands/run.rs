//! `habitatd run`

use std::path::Path;

use crate::{app, exit_code::Failure, runtime::block_on, signals};

/// Runs the daemon in the foreground.
pub fn run(config: &Path) -> Result<(), Failure> {
    let loaded = habitat_config::load(config).map_err(|problems| Failure::Usage(problems.render(false)))?;
    if !loaded.warnings.is_empty() {
        eprintln!("{}", loaded.warnings.render(false));
    }
    block_on(async {
        let shutdown = signals::shutdown_on_signal()?;
        let site = loaded.site;
        let id = site.id.clone();
        app::run(site, shutdown, || tracing::info!(site = id, "running")).await
    })
}
