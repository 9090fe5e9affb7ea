//! The real `habitatd`, started by a test on a site in a folder that goes away with it.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Nothing that a test waits for takes longer, unless it never comes.
pub const HANG: Duration = Duration::from_secs(120);

/// The files of a site.
pub struct Site(TempDir);

impl Site {
    /// Writes both files into a new folder.
    pub fn new(habitat: &str, layout: &str) -> Self {
        let site = Site(tempfile::tempdir().unwrap());
        site.write("habitat.toml", habitat);
        site.write("layout.toml", layout);
        site
    }

    /// Writes or replaces a file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// A file of the site.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `habitatd <command> --config <this site>`.
    pub fn command(&self, command: &str) -> Command {
        let mut habitatd = habitatd();
        habitatd.args([command, "--config"]).arg(self.path("habitat.toml"));
        habitatd
    }
}

/// The program, with the default logging.
pub fn habitatd() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_habitatd"));
    command.env_remove("RUST_LOG").env_remove("JOURNAL_STREAM");
    command
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs a command to its end with this input.
pub fn run(command: Command, input: &[u8]) -> Output {
    let mut daemon = Daemon::start(command);
    let (mut stdin, mut stdout) = daemon.streams();
    let mut output = Vec::new();
    std::thread::scope(|scope| {
        // It may end before it has read everything.
        scope.spawn(move || stdin.write_all(input));
        scope.spawn(|| stdout.read_to_end(&mut output));
        daemon.wait();
    });
    Output {
        status: daemon.wait(),
        stdout: output,
        stderr: daemon.log().into_bytes(),
    }
}

/// A running process; killed when it goes out of scope.
pub struct Daemon {
    child: Child,
    log: Arc<Mutex<String>>,
    logging: Option<JoinHandle<()>>,
}

impl Daemon {
    /// Starts the command with all streams piped.
    pub fn start(mut command: Command) -> Self {
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = streams.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let text = log.clone();
        let collect = move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = stderr.read(&mut piece) {
                text.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..count]));
            }
        };
        Daemon {
            child,
            log,
            logging: Some(std::thread::spawn(collect)),
        }
    }

    /// Its standard input and output; once.
    pub fn streams(&mut self) -> (ChildStdin, ChildStdout) {
        (self.child.stdin.take().unwrap(), self.child.stdout.take().unwrap())
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let pid = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Kill -9.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.wait();
    }

    /// Waits for its end and for the last of its log.
    pub fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if begun.elapsed() > HANG => {
                    self.child.kill().unwrap();
                    panic!("habitatd does not end");
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        if let Some(logging) = self.logging.take() {
            logging.join().unwrap();
        }
        status
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Fails when it has ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("log of habitatd:\n{}", self.log());
        }
    }
}
