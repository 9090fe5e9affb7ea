//! A Mosquitto of the test's own, on a free port of this machine, in a folder that goes away with it.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Starting takes milliseconds; a busy machine pauses for a second.
const START_PATIENCE: Duration = Duration::from_secs(20);

/// A broker that is killed when it goes out of scope.
pub struct Mosquitto {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Mosquitto {
    /// Lets anyone in.
    pub fn start() -> Self {
        Self::with(tempfile::tempdir().unwrap(), "allow_anonymous true")
    }

    /// With further lines of configuration, whose files are in the folder.
    pub fn with(folder: TempDir, lines: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = folder.path().join("log");
        let config = format!(
            "listener {port} 127.0.0.1\nuser root\nlog_type all\nlog_dest file {}\n{lines}\n",
            log.display()
        );
        std::fs::write(folder.path().join("mosquitto.conf"), config).unwrap();
        let process = spawn(folder.path(), port);
        Mosquitto { folder, port, process }
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A file in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// After [`Mosquitto::kill`], on the same port and with nothing remembered.
    pub fn restart(&mut self) {
        self.process = spawn(self.folder.path(), self.port);
    }

    /// Stops it from doing anything, without closing a connection.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        assert!(
            Command::new("kill")
                .args([signal, &self.process.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(folder: &Path, port: u16) -> Child {
    let program = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"]
        .into_iter()
        .find(|path| Path::new(path).exists());
    let mut process = Command::new(program.expect("mosquitto is installed (Debian package mosquitto)"))
        .arg("-c")
        .arg(folder.join("mosquitto.conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = process.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "mosquitto ended: {}",
            std::fs::read_to_string(folder.join("log")).unwrap_or_default()
        );
        assert!(begun.elapsed() < START_PATIENCE, "mosquitto does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    process
}
