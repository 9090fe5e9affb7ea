//! A JACK server of the tests' own, without a sound card; one at a time on a machine.

use std::{
    fs::{self, File},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// Starting takes a tenth of a second; a busy machine pauses for more than one.
const START_PATIENCE_S: &str = "20";

/// A server that is asked to end has this long.
const END_PATIENCE: Duration = Duration::from_secs(3);

/// Always the same: a machine has room for eight names, and one that was killed keeps its own until somebody takes it again.
const NAME: &str = "habitat-test";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A server that ends when it goes out of scope.
pub struct Jackd {
    name: String,
    rate_hz: u32,
    period_frames: u32,
    process: Child,
    /// Held as long as it lives, so that there is one of this name at a time.
    _alone: File,
}

impl Jackd {
    /// With this rate and period and without ports of its own, so that nothing is connected by itself.
    pub fn start(rate_hz: u32, period_frames: u32) -> Self {
        let alone = File::create(std::env::temp_dir().join("habitat-test-jackd.lock")).unwrap();
        alone.lock().unwrap();
        let name = NAME.to_owned();
        let process = spawn(&name, rate_hz, period_frames);
        let server = Jackd {
            name,
            rate_hz,
            period_frames,
            process,
            _alone: alone,
        };
        server.wait();
        server
    }

    /// Kill -9.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    /// After its end: once more by the same name.
    pub fn start_again(&mut self) {
        self.start_again_at(self.rate_hz);
    }

    /// The same with another rate.
    pub fn start_again_at(&mut self, rate_hz: u32) {
        self.rate_hz = rate_hz;
        remove_what_is_left(&self.name);
        self.process = spawn(&self.name, self.rate_hz, self.period_frames);
        self.wait();
    }

    fn wait(&self) {
        let answers = self
            .client("jack_wait")
            .args(["-w", "-t", START_PATIENCE_S, "-s", &self.name])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(answers.unwrap().success(), "jackd does not answer");
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
        let process = self.process.id().to_string();
        let _ = Command::new("kill").args(["-s", "CONT", &process]).status();
        let _ = Command::new("kill").arg(&process).status();
        let begun = Instant::now();
        while begun.elapsed() < END_PATIENCE && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        remove_what_is_left(&self.name);
    }
}

fn spawn(name: &str, rate_hz: u32, period_frames: u32) -> Child {
    Command::new("jackd")
        .args([
            "--name",
            name,
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
        .expect("jackd is installed (Debian package jackd2)")
}

/// A server that was killed leaves its semaphores behind.
fn remove_what_is_left(name: &str) {
    let left = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
    for entry in left.filter(|entry| entry.file_name().to_string_lossy().contains(name)) {
        let _ = fs::remove_file(entry.path());
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
