//! What the kernel says of this process and its threads: proc(5).

use std::{fs, io, str::FromStr};

use super::Scheduling;

/// Position of the real-time priority in `stat`, counted from the state, which follows the name.
const STAT_PRIORITY: usize = 37;

/// Position of the scheduling policy, counted alike.
const STAT_POLICY: usize = 38;

/// `CAP_IPC_LOCK`: lock memory without limit.
const CAPABILITY_IPC_LOCK: u32 = 14;

/// Of a thread of this process.
pub(super) fn scheduling(thread_id: u32) -> io::Result<Scheduling> {
    let stat = fs::read_to_string(format!("/proc/self/task/{thread_id}/stat"))?;
    scheduling_in(&stat).ok_or_else(|| unreadable("stat"))
}

/// CPUs that a thread of this process may run on, such as `0-3,6`.
pub(super) fn allowed_cpus(thread_id: u32) -> io::Result<String> {
    let status = fs::read_to_string(format!("/proc/self/task/{thread_id}/status"))?;
    let cpus = value(&status, "Cpus_allowed_list").ok_or_else(|| unreadable("status"))?;
    Ok(cpus.to_owned())
}

/// Memory of this process that is locked.
pub(super) fn locked_bytes() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    locked_bytes_in(&status).ok_or_else(|| unreadable("status"))
}

/// Whether this process may lock memory without limit. In a user namespace, as containers without root have, the kernel does not
/// let the capability count.
pub(super) fn may_lock_without_limit() -> io::Result<bool> {
    let status = fs::read_to_string("/proc/self/status")?;
    let users = fs::read_to_string("/proc/self/uid_map")?;
    let own_namespace = users.split_whitespace().ne(["0", "0", "4294967295"]);
    Ok(!own_namespace && has_capability(&status, CAPABILITY_IPC_LOCK))
}

fn scheduling_in(stat: &str) -> Option<Scheduling> {
    // The name may hold anything, also spaces and brackets.
    let (_, behind_name) = stat.rsplit_once(") ")?;
    let number = |position| u32::from_str(behind_name.split_ascii_whitespace().nth(position)?).ok();
    Some(Scheduling::new(number(STAT_POLICY)?, number(STAT_PRIORITY)?))
}

fn locked_bytes_in(status: &str) -> Option<u64> {
    let kibibytes = value(status, "VmLck")?.strip_suffix("kB")?.trim();
    u64::from_str(kibibytes).ok()?.checked_mul(1024)
}

fn has_capability(status: &str, capability: u32) -> bool {
    let effective = value(status, "CapEff").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    effective.is_some_and(|bits| bits >> capability & 1 == 1)
}

fn value<'s>(status: &'s str, name: &str) -> Option<&'s str> {
    let mut lines = status.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim())
}

fn unreadable(file: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("/proc/self/{file} is not as proc(5) says"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_and_priority_are_found_behind_any_name() {
        let stat = |name: &str| {
            let numbers: Vec<String> = (4..=52)
                .map(|field| match field {
                    40 => "10".into(),
                    41 => "1".into(),
                    other => other.to_string(),
                })
                .collect();
            format!("7 ({name}) S {}\n", numbers.join(" "))
        };
        for name in ["engine", "a) S 1 (b", "two words"] {
            assert_eq!(scheduling_in(&stat(name)), Some(Scheduling::new(1, 10)), "{name}");
        }
        assert_eq!(scheduling_in("7 (engine) S 1 2 3"), None);
    }

    #[test]
    fn this_thread_has_a_policy_and_a_cpu() {
        let thread_id = super::super::kernel::thread_id();
        let policy = scheduling(thread_id).unwrap().policy;
        assert!(policy.starts_with("SCHED_"), "{policy}");
        assert!(
            allowed_cpus(thread_id)
                .unwrap()
                .starts_with(|first: char| first.is_ascii_digit())
        );
        locked_bytes().unwrap();
        assert!(scheduling(u32::MAX).is_err() && allowed_cpus(u32::MAX).is_err());
    }

    #[test]
    fn memory_and_capabilities_are_read_in_their_units() {
        let status = "Name:\tengine\nVmLck:\t   65536 kB\nCapEff:\t0000000000004000\n";
        assert_eq!(locked_bytes_in(status), Some(64 << 20));
        assert!(has_capability(status, CAPABILITY_IPC_LOCK) && !has_capability(status, 15));
        assert_eq!((locked_bytes_in("VmLck:\t? kB"), has_capability("", 14)), (None, false));
    }
}
