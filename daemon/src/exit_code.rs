//! How the program ends (design: 0 done, 64 bad configuration or arguments, 69 unavailable, 70 internal fault).

use std::process::ExitCode;

/// Why a command could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration or the arguments are wrong.
    #[error("{0}")]
    Usage(String),
    /// A needed device, port or folder is not available.
    #[error("{0}")]
    Unavailable(String),
    /// Something that should not happen did.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl Failure {
    /// The code of sysexits.h that systemd and scripts can tell apart.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Usage(_) => 64,
            Failure::Unavailable(_) => 69,
            Failure::Internal(_) => 70,
        })
    }

    /// A thing that is not available: what was tried, and what the system said.
    pub fn unavailable(what: impl std::fmt::Display, error: impl std::fmt::Display) -> Self {
        Failure::Unavailable(format!("{what}: {error}"))
    }
}
