//! What the sender needs to know of the configuration.

use std::{path::PathBuf, time::Duration};

use habitat_config::site::Cloud;

use super::handshake::Demands;

/// A minute, which is what measurements are aggregated over.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);

/// What the sender needs to know of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub url: String,
    pub token_file: Option<PathBuf>,
    pub certificate_file: Option<PathBuf>,
    pub interval: Duration,
    pub demands: Demands,
}

impl Site {
    pub fn new(cloud: &Cloud) -> Self {
        Site {
            url: cloud.url.clone(),
            token_file: cloud.token_file.clone(),
            certificate_file: cloud.certificate_file.clone(),
            // A checked configuration has no other values.
            interval: Duration::try_from_secs_f64(cloud.interval_s).unwrap_or(DEFAULT_INTERVAL),
            demands: Demands {
                region: cloud.region.clone(),
                tenant: cloud.tenant.clone(),
            },
        }
    }
}
