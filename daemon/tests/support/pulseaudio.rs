//! A PulseAudio server of the test's own, with devices that are not there, in a folder that goes away with it.

use std::{
    io::Read,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Starting takes a tenth of a second; a busy machine pauses for more than one.
const START_PATIENCE: Duration = Duration::from_secs(20);

/// A server that is killed when it goes out of scope.
pub struct PulseAudio {
    folder: TempDir,
    sinks: Vec<(String, u32)>,
    process: Child,
}

impl PulseAudio {
    /// With sinks of these names and numbers of channels; each has a source `<name>.monitor`.
    pub fn start(sinks: &[(&str, u32)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sinks: Vec<(String, u32)> = sinks.iter().map(|(name, channels)| ((*name).to_owned(), *channels)).collect();
        let process = spawn(&folder, &sinks);
        let mut server = PulseAudio { folder, sinks, process };
        server.wait();
        server
    }

    /// Kill -9.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// After its end: the same once more.
    pub fn start_again(&mut self) {
        let _ = std::fs::remove_file(self.socket());
        self.process = spawn(&self.folder, &self.sinks);
        self.wait();
    }

    /// Has it do something.
    pub fn pactl(&self, arguments: &[&str]) {
        assert!(self.ask(arguments), "pactl {arguments:?}");
    }

    /// Waits until a source gives something to another program, too: a sink without a card renders two seconds at once as long as nobody
    /// listens, and is silent to whoever comes meanwhile.
    pub fn wait_for_sound(&self, source: &str) {
        let mut command = Command::new("parec");
        self.serve(&mut command);
        let mut process = command
            .args(["--latency-msec=40", "--raw", "--device", source])
            .env("HOME", self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("parec is installed (Debian package pulseaudio-utils)");
        let mut stdout = process.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 64]).unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    fn wait(&mut self) {
        let begun = Instant::now();
        while !self.ask(&["info"]) {
            assert!(self.process.try_wait().unwrap().is_none(), "pulseaudio ended");
            assert!(begun.elapsed() < START_PATIENCE, "pulseaudio does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Lets a program use this server.
    pub fn serve(&self, command: &mut Command) {
        command.env("PULSE_SERVER", format!("unix:{}", self.socket().display()));
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("native")
    }

    fn ask(&self, arguments: &[&str]) -> bool {
        let mut pactl = Command::new("pactl");
        self.serve(&mut pactl);
        let status = pactl
            .args(arguments)
            .env("HOME", self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status
            .expect("pactl is installed (Debian package pulseaudio-utils)")
            .success()
    }
}

impl Drop for PulseAudio {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(folder: &TempDir, sinks: &[(String, u32)]) -> Child {
    let mut command = Command::new("pulseaudio");
    command
        .args([
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--disable-shm=yes",
        ])
        .args(["--realtime=no", "--high-priority=no", "-L"])
        .arg(format!(
            "module-native-protocol-unix auth-anonymous=1 socket={}",
            folder.path().join("native").display()
        ));
    for (name, channels) in sinks {
        let map: Vec<String> = (0..*channels).map(|channel| format!("aux{channel}")).collect();
        let map = map.join(",");
        command.arg("-L").arg(format!(
            "module-null-sink sink_name={name} rate=48000 format=float32le channels={channels} channel_map={map}"
        ));
    }
    command
        .env("HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env_remove("PULSE_RUNTIME_PATH")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("pulseaudio is installed (Debian package pulseaudio)")
}
