//! The async runtime: everything that waits for networks. The sound does not run on it.

use std::{future::Future, time::Duration};

use crate::{exit_code::Failure, rehearsal};

/// It only waits.
const WORKERS: usize = 2;

/// Threads that still wait for something (standard input, a name server) are left behind after this time.
const LEAVE_BEHIND: Duration = Duration::from_millis(100);

/// Runs a future to its end on a new runtime.
///
/// # Errors
/// What the future says, or that there is no runtime.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::unavailable("the async runtime cannot start", error))?;
    let result = runtime.block_on(rehearsal::on_runtime(future, WORKERS));
    runtime.shutdown_timeout(LEAVE_BEHIND);
    result
}
