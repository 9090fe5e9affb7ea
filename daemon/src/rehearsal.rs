//! What a test can have the daemon suffer: an engine that works hard, and an async side that hangs. Only debug builds rehearse.

use std::time::Duration;

#[cfg(debug_assertions)]
mod suffered {
    use std::{
        sync::{Arc, Barrier},
        time::{Duration, Instant},
    };

    /// Share of every block's time that the engine is to work.
    const ENGINE_LOAD: &str = "HABITAT_REHEARSE_ENGINE_LOAD";

    /// Seconds until the async side hangs, and for how long, with a space between.
    const HANG: &str = "HABITAT_REHEARSE_HANG";

    pub fn engine_load() -> Option<f64> {
        std::env::var(ENGINE_LOAD).ok()?.parse().ok()
    }

    /// Works on until the given time.
    pub fn work_until(end: Instant) {
        while Instant::now() < end {
            std::hint::spin_loop();
        }
    }

    fn times() -> Option<(Duration, Duration)> {
        let times = std::env::var(HANG).ok()?;
        let (after, length) = times.split_once(' ')?;
        let seconds = |text: &str| text.parse().ok().map(Duration::from_secs_f64);
        Some((seconds(after)?, seconds(length)?))
    }

    /// All threads of the runtime hang at once: none has an idle moment for what others should do.
    pub async fn hang(workers: usize) {
        let Some((after, length)) = times() else {
            return std::future::pending().await;
        };
        tokio::time::sleep(after).await;
        let all = Arc::new(Barrier::new(workers));
        for _ in 0..workers {
            let all = all.clone();
            tokio::spawn(async move {
                all.wait();
                std::thread::sleep(length);
            });
        }
        std::thread::sleep(length);
        std::future::pending().await
    }
}

/// Runs a future on a runtime with so many workers, which may have to hang meanwhile.
pub async fn on_runtime<T>(future: impl Future<Output = T>, workers: usize) -> T {
    #[cfg(debug_assertions)]
    tokio::select! {
        result = future => result,
        () = suffered::hang(workers) => unreachable!("it hangs, but does not end"),
    }
    #[cfg(not(debug_assertions))]
    {
        let _ = workers;
        future.await
    }
}

/// The work of the engine beside its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct EngineWork {
    #[cfg(debug_assertions)]
    each_block: Option<Duration>,
}

impl EngineWork {
    /// What is asked for, in blocks of this length.
    #[cfg_attr(not(debug_assertions), allow(unused_variables, reason = "release builds do not rehearse"))]
    pub fn asked_for(block: Duration) -> Self {
        EngineWork {
            #[cfg(debug_assertions)]
            each_block: suffered::engine_load().map(|load| block.mul_f64(load.clamp(0.0, 1.0))),
        }
    }

    /// Does it, in a block that began at this time.
    #[cfg_attr(not(debug_assertions), allow(unused_variables, reason = "release builds do not rehearse"))]
    pub fn go(self, begun: std::time::Instant) {
        #[cfg(debug_assertions)]
        if let Some(time) = self.each_block {
            suffered::work_until(begun + time);
        }
    }
}
