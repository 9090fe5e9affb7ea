//! Real-time scheduling of a thread: asked for, then read back.

use serde::Serialize;

use super::{kernel, procfs};

/// How the kernel chooses when a thread runs: sched(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Scheduling {
    /// Its name in sched(7).
    pub policy: &'static str,
    /// 1 to 99 under a real-time policy, else 0.
    pub priority: u32,
}

impl Scheduling {
    /// Of the kernel's numbers.
    pub(super) fn new(policy: u32, priority: u32) -> Self {
        let policy = match policy {
            0 => "SCHED_OTHER",
            1 => "SCHED_FIFO",
            2 => "SCHED_RR",
            3 => "SCHED_BATCH",
            5 => "SCHED_IDLE",
            6 => "SCHED_DEADLINE",
            7 => "SCHED_EXT",
            _ => "SCHED_UNKNOWN",
        };
        Scheduling { policy, priority }
    }

    /// Whether nothing but other real-time threads and the kernel can hold the thread up.
    pub fn is_real_time(self) -> bool {
        matches!(self.policy, "SCHED_FIFO" | "SCHED_RR" | "SCHED_DEADLINE")
    }
}

/// Asks for real-time scheduling of the current thread.
///
/// # Errors
/// A sentence about what was obtained instead.
pub(super) fn ask(thread_id: u32, block_frames: u32, sample_rate_hz: u32) -> Result<(), String> {
    let answer = audio_thread_priority::promote_current_thread_to_real_time(block_frames, sample_rate_hz);
    let reason = match answer {
        Ok(_) => "although the system said yes".to_owned(),
        Err(error) => error.to_string().replace("AudioThreadPriorityError: ", ""),
    };
    match procfs::scheduling(thread_id) {
        Ok(scheduling) if scheduling.is_real_time() => Ok(()),
        Ok(scheduling) => Err(advice(scheduling, &reason, kernel::real_time_priority_limit())),
        Err(error) => Err(format!(
            "whether the engine has real-time priority cannot be read back ({error}): mount /proc, and let habitatd read its own part"
        )),
    }
}

fn advice(scheduling: Scheduling, reason: &str, limit: Option<u64>) -> String {
    let limit = limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
    format!(
        "the engine runs without real-time priority, under {} ({reason}; RLIMIT_RTPRIO is {limit}), so that other programs can make it \
         late: allow it with LimitRTPRIO=20 in the unit, `rtprio 20` in limits.conf, or the capability SYS_NICE of a container",
        scheduling.policy
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_back_is_told_with_what_would_help() {
        let told = advice(Scheduling::new(0, 0), "Operation not permitted", Some(0));
        assert!(
            told.contains("under SCHED_OTHER (Operation not permitted; RLIMIT_RTPRIO is 0)"),
            "{told}"
        );
        assert!(told.contains("LimitRTPRIO=20") && told.contains("limits.conf"), "{told}");
    }

    #[test]
    fn only_three_policies_are_real_time() {
        let real_time: Vec<u32> = (0..9).filter(|policy| Scheduling::new(*policy, 1).is_real_time()).collect();
        assert_eq!(real_time, [1, 2, 6]);
    }
}
