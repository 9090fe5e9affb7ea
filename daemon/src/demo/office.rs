//! The demonstration's site.

use std::{io, net::SocketAddr, path::Path};

use habitat_config::Site;

use crate::exit_code::Failure;

/// Id of the site.
pub const SITE: &str = "demo";

const LAYOUT: &str = include_str!("office/layout.toml");

/// What the configuration has to name.
pub struct Office {
    /// Where the console listens.
    pub console: SocketAddr,
    /// Where the broker listens.
    pub broker: SocketAddr,
    /// Where the tenant listens.
    pub tenant: SocketAddr,
    /// Bearer token for the tenant.
    pub token: String,
}

impl Office {
    /// Writes the configuration into a folder and reads it back through the usual checks.
    pub fn write_and_load(&self, folder: &Path) -> Result<Site, Failure> {
        let config = folder.join("habitat.toml");
        let write = || -> io::Result<()> {
            std::fs::write(folder.join("layout.toml"), LAYOUT)?;
            std::fs::write(folder.join("token"), &self.token)?;
            std::fs::write(&config, self.habitat_toml())
        };
        write().map_err(|error| Failure::unavailable("the demonstration cannot write its configuration", error))?;
        let loaded = habitat_config::load(&config).map_err(|problems| Failure::Internal(problems.render(false)))?;
        Ok(loaded.site)
    }

    fn habitat_toml(&self) -> String {
        let Office {
            console, broker, tenant, ..
        } = self;
        let (host, port) = (broker.ip(), broker.port());
        format!(
            r#"layout = "layout.toml"
state_dir = "state"

[site]
id = "{SITE}"
name = "Demonstration office"

[audio]
backend = "virtual"

[adaptation]
slew_up_db_per_min = 6.0            # brisk, to be watched; a real site has 0.2
slew_down_db_per_min = 3.0
acknowledge_noticeable = true
startup_ramp_s = 10

[mqtt]
host = "{host}"
port = {port}

[cloud]
url = "http://{tenant}"
token_file = "token"
interval_s = 5

[console]
listen = "{console}"

[event_log]
path = "events.jsonl"
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_passes_its_own_checks_without_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 8480));
        let office = Office {
            console: address,
            broker: address,
            tenant: address,
            token: "t".into(),
        };
        let site = office.write_and_load(folder.path()).unwrap();
        assert_eq!(site.plan.zones.len(), 6);
        let loaded = habitat_config::load(&folder.path().join("habitat.toml")).unwrap();
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    }
}
