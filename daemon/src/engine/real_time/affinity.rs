//! A CPU for the engine alone.

use std::io;

use super::{kernel, procfs};

/// Lets the current thread run on this CPU only.
///
/// # Errors
/// A sentence about where it runs instead.
pub(super) fn pin(thread_id: u32, cpu: u32) -> Result<(), String> {
    let answer = kernel::pin_current_thread(cpu);
    match (answer, procfs::allowed_cpus(thread_id)) {
        (Ok(()), Ok(cpus)) if cpus == cpu.to_string() => Ok(()),
        (answer, cpus) => Err(advice(cpu, answer, cpus)),
    }
}

fn advice(cpu: u32, answer: io::Result<()>, cpus: io::Result<String>) -> String {
    let cpus = cpus.unwrap_or_else(|_| "unknown".to_owned());
    let reason = match answer {
        // What the kernel says to a CPU that is not there, is switched off or is not for this process.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            "this machine, container or unit does not have it".to_owned()
        }
        Err(error) => error.to_string(),
        Ok(()) => "the system said yes and did not do it".to_owned(),
    };
    format!(
        "the engine does not run on CPU {cpu} ({reason}): `engine_cpu` in [audio] can be one of those that it may run on, {cpus}, \
         or be left out"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpu_that_does_not_exist_is_refused_with_those_that_do() {
        let refused = std::thread::spawn(|| pin(kernel::thread_id(), 1023)).join().unwrap();
        let told = refused.expect_err("no machine of ours has so many");
        assert!(
            told.contains("CPU 1023 (this machine, container or unit does not have it)"),
            "{told}"
        );
        let cpus = procfs::allowed_cpus(kernel::thread_id()).unwrap();
        assert!(told.contains(&format!("may run on, {cpus}, or be left out")), "{told}");
    }
}
