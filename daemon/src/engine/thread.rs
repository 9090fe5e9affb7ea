//! The thread that the engine runs on.
//!
//! It sleeps between turns and does nothing else outside them, but record what they took. A live engine asks for real time and
//! says so when it does not get it; it wakes by itself, because device callbacks must not make system calls. In lock-step it is
//! woken by, and wakes, the thread that feeds it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{JoinHandle, Thread},
    time::{Duration, Instant},
};

use habitat_engine::{Counters, EngineLoop, Turn};

use super::real_time::RealTime;
use crate::{
    health::{Health, Part},
    rehearsal::EngineWork,
};

/// A lock-step engine that nobody wakes looks for itself after this time.
const LOCK_STEP_NAP: Duration = Duration::from_millis(50);

/// A live engine looks this often per block whether there is something to do.
const LOOKS_PER_BLOCK: u32 = 8;

/// How the thread runs, and where it tells what.
pub struct Pace {
    /// Frames of a block.
    pub block_frames: u32,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Of a live engine; `None`: lock-step.
    pub real_time: Option<RealTime>,
    /// Where the time of each block goes.
    pub counters: Arc<Counters>,
    /// Where it is told what real time the system has not given.
    pub health: Health,
}

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
    pub fn start(mut engine: EngineLoop, pace: Pace, partner: Option<Thread>) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let block = Duration::from_secs_f64(f64::from(pace.block_frames) / f64::from(pace.sample_rate_hz));
        pace.counters.block_times.set_block_period(block);
        let nap = if pace.real_time.is_some() {
            block / LOOKS_PER_BLOCK
        } else {
            LOCK_STEP_NAP
        };
        let more_work = EngineWork::asked_for(block);
        let work = move || {
            pace.begin_real_time();
            loop {
                let begun = Instant::now();
                let turn = engine.turn();
                match turn {
                    Turn::Processed => {
                        more_work.go(begun);
                        pace.counters.block_times.record(begun.elapsed());
                        partner.iter().for_each(Thread::unpark);
                    }
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

impl Pace {
    fn begin_real_time(&self) {
        match self
            .real_time
            .as_ref()
            .map(|real_time| real_time.begin(self.block_frames, self.sample_rate_hz))
        {
            Some(Ok(())) => self.health.ok(Part::Engine),
            Some(Err(problem)) => self.health.degraded(Part::Engine, problem),
            None => {}
        }
    }
}
