//! A JACK server of the test's own, without a sound card, by a name that nobody else has.

use std::{
    fs,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// Starting takes a tenth of a second; a busy machine pauses for more than one.
const START_PATIENCE_S: &str = "20";

/// A server that is asked to end has this long.
const END_PATIENCE: Duration = Duration::from_secs(3);

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A server that ends when it goes out of scope.
pub struct Jackd {
    name: String,
    process: Child,
}

impl Jackd {
    /// With this rate and period and without ports of its own, so that nothing is connected by itself.
    pub fn start(rate_hz: u32, period_frames: u32) -> Self {
        let name = unused_name();
        let process = Command::new("jackd")
            .args([
                "--name",
                &name,
                scheduling(),
                "--sync",
                "--timeout",
                "500",
                "--port-max",
                "1024",
            ])
            .args(["-d", "dummy", "-C", "0", "-P", "0"])
            .args(["-r", &rate_hz.to_string(), "-p", &period_frames.to_string()])
            .env("JACK_NO_AUDIO_RESERVATION", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("jackd is installed (Debian package jackd2)");
        let server = Jackd { name, process };
        let answers = server
            .client("jack_wait")
            .args(["-w", "-t", START_PATIENCE_S, "-s", &server.name])
            .stdout(Stdio::null())
            .status();
        assert!(answers.unwrap().success(), "jackd does not answer");
        server
    }

    /// A program that uses this server.
    pub fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        use_server(&mut command, &self.name);
        command
    }

    /// Lets a program use this server.
    pub fn serve(&self, command: &mut Command) {
        use_server(command, &self.name);
    }
}

impl Drop for Jackd {
    fn drop(&mut self) {
        // It may have ended; asked nicely, it leaves nothing behind.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let begun = Instant::now();
        while begun.elapsed() < END_PATIENCE && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        let left = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
        for entry in left.filter(|entry| entry.file_name().to_string_lossy().contains(&self.name)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A name of a server that does not run.
pub fn unused_name() -> String {
    format!("habitat-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Lets a program use the server of this name, and start none.
pub fn use_server(command: &mut Command, name: &str) {
    command.env("JACK_DEFAULT_SERVER", name).env("JACK_NO_START_SERVER", "1");
}

/// Real-time threads where the machine allows them: without, clients that come and go can stop a busy server.
fn scheduling() -> &'static str {
    let allowed = Command::new("chrt").args(["-r", "10", "true"]).stderr(Stdio::null()).status();
    match allowed {
        Ok(status) if status.success() => "--realtime",
        _ => "--no-realtime",
    }
}
