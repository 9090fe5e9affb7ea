//! Calls of the Linux kernel that the standard library does not have.

use std::io;

use rustix::{
    mm::{MlockAllFlags, mlockall},
    process::{Resource, getrlimit},
    thread::{CpuSet, gettid, sched_setaffinity},
};

/// The kernel's name of the current thread.
pub(super) fn thread_id() -> u32 {
    gettid().as_raw_nonzero().get().unsigned_abs()
}

/// `RLIMIT_MEMLOCK`; `None`: unlimited.
pub(super) fn memory_lock_limit_bytes() -> Option<u64> {
    getrlimit(Resource::Memlock).current
}

/// `RLIMIT_RTPRIO`: the highest real-time priority without a privilege; `None`: unlimited.
pub(super) fn real_time_priority_limit() -> Option<u64> {
    getrlimit(Resource::Rtprio).current
}

/// Fetches and locks all memory of the process, and locks what is added later as soon as it is used.
///
/// Later memory is not fetched at once, because that would be two megabytes of stack for each thread.
pub(super) fn lock_all_memory() -> io::Result<()> {
    mlockall(MlockAllFlags::CURRENT)?;
    mlockall(MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)?;
    Ok(())
}

/// Lets the current thread run on this CPU only.
pub(super) fn pin_current_thread(cpu: u32) -> io::Result<()> {
    let mut cpus = CpuSet::new();
    let cpu = cpu as usize;
    if cpu >= CpuSet::MAX_CPU {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    cpus.set(cpu);
    sched_setaffinity(None, &cpus)?;
    Ok(())
}
