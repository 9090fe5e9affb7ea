//! The thread that the engine runs on.
//!
//! It sleeps between turns and does nothing else outside them. A live engine asks for real-time scheduling and says so when it
//! does not get it; it wakes by itself, because device callbacks must not make system calls. In lock-step it is woken by, and
//! wakes, the thread that feeds it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{JoinHandle, Thread},
    time::Duration,
};

use habitat_engine::{EngineLoop, Mode, Turn};

use crate::health::{Health, Part};

/// A lock-step engine that nobody wakes looks for itself after this time.
const LOCK_STEP_NAP: Duration = Duration::from_millis(50);

/// A live engine looks this often per block whether there is something to do.
const LOOKS_PER_BLOCK: u32 = 8;

/// The running thread.
pub struct EngineThread {
    thread: JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

impl EngineThread {
    /// Starts the engine. `partner` is woken after every block in lock-step.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        mut engine: EngineLoop,
        mode: Mode,
        (block_frames, sample_rate_hz): (u32, u32),
        partner: Option<Thread>,
        health: Health,
    ) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let block = Duration::from_secs_f64(f64::from(block_frames) / f64::from(sample_rate_hz));
        let nap = if mode == Mode::Live {
            block / LOOKS_PER_BLOCK
        } else {
            LOCK_STEP_NAP
        };
        let work = move || {
            if mode == Mode::Live {
                ask_for_real_time(block_frames, sample_rate_hz, &health);
            }
            loop {
                match engine.turn() {
                    Turn::Processed => partner.iter().for_each(Thread::unpark),
                    Turn::Finished => break,
                    Turn::Idle if stopped.load(Ordering::Acquire) => break,
                    Turn::Idle => std::thread::park_timeout(nap),
                }
            }
            engine.finish();
            partner.iter().for_each(Thread::unpark);
        };
        let thread = std::thread::Builder::new().name("engine".into()).spawn(work)?;
        Ok(EngineThread { thread, stop })
    }

    /// For waking the engine when there is input.
    pub fn handle(&self) -> Thread {
        self.thread.thread().clone()
    }

    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Ends the thread after the turn that it is in.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("the engine thread ended by a panic");
        }
    }
}

fn ask_for_real_time(block_frames: u32, sample_rate_hz: u32, health: &Health) {
    match audio_thread_priority::promote_current_thread_to_real_time(block_frames, sample_rate_hz) {
        Ok(_) => health.ok(Part::Engine),
        Err(error) => health.degraded(
            Part::Engine,
            format!("the engine runs without real-time priority ({error}); allow it with LimitRTPRIO=20 in the unit or rtprio in limits.conf"),
        ),
    }
}
