//! A real PostgreSQL server of the test's own, in a folder that goes away with it, with everything as Debian's package has
//! it: commits are on disk before they are answered.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Starting takes a fifth of a second, after a crash a second; a busy machine pauses for longer.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// The server refuses to run as root.
const USER: &str = "postgres";
const ROLE: &str = "habitat";

/// A server that ends when it goes out of scope.
pub struct Postgres {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl Postgres {
    /// With an empty database.
    pub fn start() -> Self {
        Self::start_in(&std::env::temp_dir())
    }

    /// With its data in a folder of this one.
    pub fn start_in(parent: &Path) -> Self {
        let template = template();
        let folder = TempDir::with_prefix_in("habitat-postgres-", parent).expect("a temporary folder");
        // The user of the server has to get through.
        let (from, to) = (template.display().to_string(), data(&folder).display().to_string());
        run(Command::new("cp").args(["-a", &from, &to]));
        give_to_server(folder.path());
        let mut server = Postgres {
            folder,
            port: free_port(),
            process: None,
        };
        server.start_again();
        server
    }

    /// What to give as `--database`.
    pub fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it keeps its data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process that the others come from.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the server runs").id()
    }

    /// Kill -9; what it had committed must be there when it starts again.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("the server runs");
        process.kill().expect("the server can be killed");
        process.wait().expect("the server has ended");
    }

    /// On the same port, with the same data.
    pub fn start_again(&mut self) {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < START_PATIENCE, "postgres does not start: {}", self.log());
            if self.process.is_none() {
                self.process = Some(self.launch());
            }
            // It ends at once while processes of the one that was killed still go.
            if self
                .process
                .as_mut()
                .is_some_and(|process| process.try_wait().expect("a child").is_some())
            {
                self.process = None;
            } else if self.answers() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The answer to a statement, a line per row, columns with `|` between.
    pub fn sql(&self, statement: &str) -> String {
        let output = Command::new(program("psql"))
            .args([
                "-X",
                "-A",
                "-t",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                &self.url(),
                "-c",
                statement,
            ])
            .output()
            .expect("psql runs");
        assert!(
            output.status.success(),
            "{statement}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
    }

    /// The answer to a question of another role: the names of the columns, and the rows.
    pub fn rows(&self, role: &str, question: &str) -> Vec<Vec<String>> {
        let url = self.url().replace(&format!("{ROLE}@"), &format!("{role}@"));
        let output = Command::new(program("psql"))
            .args(["-X", "--csv", "-q", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", question])
            .output()
            .expect("psql runs");
        assert!(
            output.status.success(),
            "{question}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut table = csv::ReaderBuilder::new().has_headers(false).from_reader(&output.stdout[..]);
        let rows = table
            .records()
            .map(|row| row.expect("a row").iter().map(str::to_owned).collect());
        rows.collect()
    }

    /// Everything in it, as a backup has it.
    pub fn dump(&self) -> Vec<u8> {
        let output = Command::new(program("pg_dump"))
            .arg(self.url())
            .output()
            .expect("pg_dump runs");
        assert!(output.status.success());
        output.stdout
    }

    /// Does a statement in a transaction that stays open until the answer is dropped.
    pub fn hold(&self, statement: &str) -> Held {
        let mut session = Command::new(program("psql"))
            .args(["-X", "-A", "-t", "-q", "-d", &self.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql runs");
        let script = format!("BEGIN; {statement};\n\\echo held\n");
        let input = session.stdin.as_mut().expect("stdin is piped");
        input.write_all(script.as_bytes()).expect("psql listens");
        let output = BufReader::new(session.stdout.take().expect("stdout is piped"));
        let mut lines = output.lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "held"), "{statement} failed");
        Held(session)
    }

    fn launch(&self) -> Child {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"));
        let log = log.expect("a log file");
        let mut command = as_server_user(&program("postgres"));
        command.arg("-D").arg(data(&self.folder)).args(["-p", &self.port.to_string()]);
        command
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=64MB", "-k"])
            .arg(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().expect("postgres starts")
    }

    fn answers(&self) -> bool {
        let mut ready = Command::new(program("pg_isready"));
        ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        ready.status().expect("pg_isready runs").success()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// An open transaction.
pub struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // At once, but without leaving its shared memory behind.
            let _ = Command::new("kill").args(["-s", "QUIT", &process.id().to_string()]).status();
            let _ = process.wait();
        }
    }
}

fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("data")
}

/// A fresh cluster to copy, made once: `initdb` takes a second, and every test wants one.
fn template() -> PathBuf {
    let version = bin().parent().and_then(Path::file_name).expect("a version").to_owned();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = folder.join(format!("postgres-{}", version.display()));
    let lock = File::create(folder.join("postgres.lock")).expect("a lock file");
    lock.lock().expect("locked");
    if !template.exists() {
        let scratch = TempDir::with_prefix("habitat-initdb-").expect("a temporary folder");
        give_to_server(scratch.path());
        let made = scratch.path().join("data");
        let mut initdb = as_server_user(&program("initdb"));
        initdb
            .args(["-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&made);
        run(initdb.stdout(Stdio::null()));
        // Two steps, so that a half copy is never taken for a whole one.
        let half = folder.join("postgres-half");
        let _ = std::fs::remove_dir_all(&half);
        run(Command::new("cp").arg("-a").arg(&made).arg(&half));
        std::fs::rename(half, &template).expect("renamed");
    }
    template
}

/// Debian has the programs of each version in a folder of their own, not on the path.
fn bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("postgres").exists())
        .max_by_key(|bin| {
            bin.parent()
                .and_then(Path::file_name)
                .and_then(|name| name.to_str()?.parse::<u32>().ok())
        });
    newest.expect("PostgreSQL is installed (Debian package postgresql)")
}

fn program(name: &str) -> PathBuf {
    bin().join(name)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn as_server_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args([&format!("--reuid={USER}"), &format!("--regid={USER}"), "--clear-groups", "--"])
        .arg(program);
    // Its own folder may be closed to that user.
    command.current_dir("/");
    command
}

fn give_to_server(folder: &Path) {
    if is_root() {
        let id = |flag: &str| -> u32 {
            let output = Command::new("id").args([flag, USER]).output().expect("id runs");
            String::from_utf8_lossy(&output.stdout)
                .trim()
                .parse()
                .expect("the user of the server exists")
        };
        chown(folder, Some(id("-u")), Some(id("-g"))).expect("root may");
    }
}

fn run(command: &mut Command) {
    assert!(command.status().expect("it runs").success(), "{command:?}");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
