//! `habitatd demo`

use crate::{demo, exit_code::Failure, runtime::block_on, signals};

/// Runs the demonstration in the foreground.
pub fn demo(port: u16) -> Result<(), Failure> {
    block_on(async {
        let shutdown = signals::shutdown_on_signal()?;
        demo::run(port, shutdown).await
    })
}
