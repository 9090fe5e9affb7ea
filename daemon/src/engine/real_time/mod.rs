//! Real time for the engine thread: what is asked of the system, and what it has really given.
//!
//! A system can say yes and do nothing, so everything is read back from the kernel, at the start and whenever somebody looks.
//! What is not given is told with what would help, and the sound goes on: on most machines it is good without.

mod affinity;
mod kernel;
mod memory;
mod procfs;
mod scheduling;

use std::sync::{Arc, OnceLock};

use serde::Serialize;

pub use scheduling::Scheduling;

/// The engine thread's real time; clones are one and the same.
#[derive(Clone, Debug, Default)]
pub struct RealTime {
    engine_cpu: Option<u32>,
    thread_id: Arc<OnceLock<u32>>,
    memory: Arc<OnceLock<Result<(), String>>>,
}

/// What the system has given, as the kernel says now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obtained {
    /// Of the engine thread; `None` before it has started and when the kernel does not say it.
    pub scheduling: Option<Scheduling>,
    /// Whether no page of the daemon has to be fetched from a disk.
    pub memory_locked: bool,
    /// `RLIMIT_MEMLOCK`; `None`: unlimited.
    pub memory_lock_limit_bytes: Option<u64>,
    /// CPUs that the engine thread may run on, such as `0-3`.
    pub cpus: Option<String>,
}

impl RealTime {
    /// Nothing is asked yet. `engine_cpu` is the only CPU that the engine is to run on.
    pub fn new(engine_cpu: Option<u32>) -> Self {
        RealTime {
            engine_cpu,
            ..Self::default()
        }
    }

    /// Locks the memory of the whole process; call it when the engine has been built. What is wrong is told by [`Self::begin`].
    pub fn lock_memory(&self) {
        self.memory.get_or_init(memory::lock);
    }

    /// Makes the current thread, which is to be the engine's, a real-time thread.
    ///
    /// # Errors
    /// What the system has not given, and what would help.
    pub fn begin(&self, block_frames: u32, sample_rate_hz: u32) -> Result<(), String> {
        let thread_id = *self.thread_id.get_or_init(kernel::thread_id);
        let asked = [
            scheduling::ask(thread_id, block_frames, sample_rate_hz),
            self.memory.get().cloned().unwrap_or(Ok(())),
            self.engine_cpu.map_or(Ok(()), |cpu| affinity::pin(thread_id, cpu)),
        ];
        let problems: Vec<String> = asked.into_iter().filter_map(Result::err).collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("; "))
        }
    }

    /// What the system has given.
    pub fn obtained(&self) -> Obtained {
        let thread_id = self.thread_id.get().copied();
        Obtained {
            scheduling: thread_id.and_then(|thread_id| procfs::scheduling(thread_id).ok()),
            memory_locked: matches!(self.memory.get(), Some(Ok(()))),
            memory_lock_limit_bytes: kernel::memory_lock_limit_bytes(),
            cpus: thread_id.and_then(|thread_id| procfs::allowed_cpus(thread_id).ok()),
        }
    }

    /// How much address space of the process is locked, as the kernel says now; a part of it is only reserved.
    pub fn locked_bytes(&self) -> Option<u64> {
        procfs::locked_bytes().ok()
    }
}
