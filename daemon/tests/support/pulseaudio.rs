//! A PulseAudio server of the test's own, with devices that are not there, in a folder that goes away with it.

use std::{
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
    process: Child,
}

impl PulseAudio {
    /// With sinks of these names and numbers of channels; each has a source `<name>.monitor`.
    pub fn start(sinks: &[(&str, u32)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("native");
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
                socket.display()
            ));
        for (name, channels) in sinks {
            let map: Vec<String> = (0..*channels).map(|channel| format!("aux{channel}")).collect();
            let map = map.join(",");
            command.arg("-L").arg(format!(
                "module-null-sink sink_name={name} rate=48000 format=float32le channels={channels} channel_map={map}"
            ));
        }
        let process = command
            .env("HOME", folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .env_remove("PULSE_RUNTIME_PATH")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pulseaudio is installed (Debian package pulseaudio)");
        let mut server = PulseAudio { folder, process };
        let begun = Instant::now();
        while !server.answers() {
            assert!(server.process.try_wait().unwrap().is_none(), "pulseaudio ended");
            assert!(begun.elapsed() < START_PATIENCE, "pulseaudio does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Lets a program use this server.
    pub fn serve(&self, command: &mut Command) {
        command.env("PULSE_SERVER", format!("unix:{}", self.socket().display()));
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("native")
    }

    fn answers(&self) -> bool {
        let mut pactl = Command::new("pactl");
        self.serve(&mut pactl);
        let status = pactl
            .arg("info")
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
