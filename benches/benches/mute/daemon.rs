//! A real `habitatd` that plays over `pipe` in real time.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

use crate::{room::layout, ways::Answer};

/// Its id in topics.
pub const SITE: &str = "bench";

const ZONES: usize = 8;
const RATE_HZ: usize = 48_000;
const BLOCK_FRAMES: usize = 480;
const BLOCK: Duration = Duration::from_millis(10);
/// Nothing here takes longer, unless it never comes.
const HANG: Duration = Duration::from_secs(60);

/// A block that was just handed over to be played.
struct Block {
    at: Instant,
    /// From its begin to the end of its last frame that is not silent.
    sounds_for: Option<Duration>,
}

/// Killed when it goes out of scope.
pub struct Daemon {
    child: Child,
    console: u16,
    played: Receiver<Block>,
    _folder: tempfile::TempDir,
}

/// Compiles the program as it is shipped.
pub fn build() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--release", "-p", "habitatd"]).status();
    assert!(status.unwrap().success(), "habitatd cannot be compiled");
}

/// Beside this program.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(2).unwrap().join("habitatd")
}

impl Daemon {
    /// It begins to play.
    pub fn start(broker: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let console = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        fs::write(folder.path().join("layout.toml"), layout(ZONES)).unwrap();
        let config = folder.path().join("habitat.toml");
        let text = format!(
            "layout = \"layout.toml\"\nstate_dir = \"state\"\n[site]\nid = \"{SITE}\"\n[audio]\nbackend = \"pipe\"\n\
             sample_rate_hz = {RATE_HZ}\nblock_frames = {BLOCK_FRAMES}\n[audio.pipe]\nstart = \"2026-01-05T08:00:00+02:00\"\n\
             [adaptation]\nstartup_ramp_s = 10\n[console]\nlisten = \"127.0.0.1:{console}\"\n\
             [mqtt]\nhost = \"127.0.0.1\"\nport = {broker}\n"
        );
        fs::write(&config, text).unwrap();
        let mut child = Command::new(program())
            .args(["run", "--config"])
            .arg(&config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, played) = channel();
        spawn(move || play(stdin, stdout, |block| sender.send(block).is_ok()));
        Daemon {
            child,
            console,
            played,
            _folder: folder,
        }
    }

    /// Port of its console.
    pub fn console(&self) -> u16 {
        self.console
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until its commands work.
    pub fn wait_for_broker(&self) {
        let begun = Instant::now();
        while !self.health().contains("\"mqtt\":{\"state\":\"ok\"}") {
            assert!(begun.elapsed() < HANG, "{}", self.health());
            sleep(Duration::from_millis(50));
        }
    }

    fn health(&self) -> String {
        let mut answer = String::new();
        if let Ok(mut connection) = TcpStream::connect(("127.0.0.1", self.console)) {
            let request = format!(
                "GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
                self.console
            );
            connection.write_all(request.as_bytes()).unwrap();
            let _ = connection.read_to_string(&mut answer);
        }
        answer
    }

    /// Waits for a block that is not silent.
    pub fn wait_for_sound(&self) {
        while self.next().sounds_for.is_none() {}
    }

    /// Waits for a silent block, and says when sound ended.
    pub fn wait_for_silence(&self, since: Instant) -> Instant {
        let mut end = since;
        loop {
            let block = self.next();
            match block.sounds_for {
                Some(time) => end = end.max(block.at + time),
                None if block.at > since => return end,
                None => {}
            }
        }
    }

    /// Lets it play again.
    pub fn release(&self) {
        Answer::of_release(self.console).wait();
    }

    fn next(&self) -> Block {
        self.played.recv_timeout(HANG).expect("it plays")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A block in and a block out, every ten milliseconds.
fn play(mut stdin: ChildStdin, mut stdout: ChildStdout, tell: impl Fn(Block) -> bool) {
    let mut random = fastrand::Rng::with_seed(1);
    let noise = (0..BLOCK_FRAMES * ZONES).flat_map(|_| (1e-4 * (random.f32() - 0.5)).to_le_bytes());
    let heard: Vec<u8> = noise.collect();
    let mut bytes = vec![0; heard.len()];
    let mut due = Instant::now();
    loop {
        sleep(due.saturating_duration_since(Instant::now()));
        // What is late is not made up for.
        due = due.max(Instant::now() - BLOCK) + BLOCK;
        if stdin.write_all(&heard).is_err() || stdout.read_exact(&mut bytes).is_err() {
            return;
        }
        let samples = bytes.as_chunks::<4>().0;
        let last = samples.iter().rposition(|sample| f32::from_le_bytes(*sample) != 0.0);
        let sounds_for = last.map(|sample| Duration::from_secs_f64((sample / ZONES + 1) as f64 / RATE_HZ as f64));
        let at = Instant::now();
        if !tell(Block { at, sounds_for }) {
            return;
        }
    }
}
