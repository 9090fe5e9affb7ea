//! Memory that stays in memory: a page that has to be fetched from a disk makes a block late.

use super::{kernel, procfs};

/// Locks all memory of the process, present and future.
///
/// # Errors
/// A sentence about why not.
pub(super) fn lock() -> Result<(), String> {
    // Under a limit, locking future memory would make later allocations fail, and with them what has nothing to do with sound.
    if let Some(limit_bytes) = kernel::memory_lock_limit_bytes()
        && !procfs::may_lock_without_limit().unwrap_or(false)
    {
        return Err(advice(&format!(
            "RLIMIT_MEMLOCK is {} KiB, and with any limit later allocations could fail",
            limit_bytes / 1024
        )));
    }
    kernel::lock_all_memory().map_err(|error| advice(&error.to_string()))?;
    match procfs::locked_bytes() {
        Ok(0) => Err(advice("the system said yes and did not do it")),
        Ok(bytes) => {
            tracing::debug!(bytes, "memory is locked");
            Ok(())
        }
        Err(error) => Err(advice(&format!("it cannot be read back: {error}"))),
    }
}

fn advice(reason: &str) -> String {
    format!(
        "memory is not locked ({reason}), so that a machine short of memory can make the engine late: allow it with \
         LimitMEMLOCK=infinity in the unit, `memlock unlimited` in limits.conf, or `--ulimit memlock=-1` of a container"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_every_place_where_the_limit_can_stand() {
        let told = advice("RLIMIT_MEMLOCK is 8192 KiB");
        for word in [
            "RLIMIT_MEMLOCK is 8192 KiB",
            "LimitMEMLOCK=infinity",
            "limits.conf",
            "--ulimit memlock=-1",
        ] {
            assert!(told.contains(word), "{told}");
        }
    }
}
