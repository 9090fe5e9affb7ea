//! Logs go to standard error, where the journal picks them up; standard output is for what a command prints.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// What is logged unless `RUST_LOG` says otherwise: what an administrator can act on. The libraries of JACK and PulseAudio repeat what our own
/// errors say, and the latter's takes for an error that we have left.
pub const DEFAULT_FILTER: &str = "info,mqtt5=warn,rumqttc=error,jack=off,pulseaudio=off";

/// Starts logging for the whole process.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    // The journal has its own time stamps.
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let logs = logs.with_ansi(std::io::stderr().is_terminal());
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        logs.without_time().init()
    } else {
        logs.init()
    }
}
