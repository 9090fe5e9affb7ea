//! Signals: SIGTERM and SIGINT end the daemon, SIGUSR1 mutes it.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    control::{Channel, Control},
    exit_code::Failure,
};

/// A token that is cancelled by SIGTERM or SIGINT.
///
/// # Errors
/// When the system refuses to deliver signals.
pub fn shutdown_on_signal() -> Result<CancellationToken, Failure> {
    let refused = |error| Failure::unavailable("signals cannot be received", error);
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        cancelled.cancel();
    });
    Ok(token)
}

/// Mutes the whole site whenever SIGUSR1 arrives. It never releases: that takes MQTT or HTTP.
pub async fn mute_on_usr1(control: Control, shutdown: CancellationToken) {
    let mut mute = match signal(SignalKind::user_defined1()) {
        Ok(mute) => mute,
        Err(error) => {
            tracing::error!(%error, "SIGUSR1 cannot be received; mute by MQTT or HTTP");
            return;
        }
    };
    loop {
        tokio::select! {
            _ = mute.recv() => control.mute(None, true, Channel::Signal),
            () = shutdown.cancelled() => return,
        }
    }
}
