//! The real `habitat-tenant`, started by a test.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

/// A running instance; killed when the test ends before it does.
pub struct Program {
    child: Child,
    base: String,
}

/// The arguments of `serve` for a database and a file of tokens, on a port that the system picks.
pub fn serve(program: &Path, database: &str, token_file: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", database]);
    command.arg("--token-file").arg(token_file).env_remove("RUST_LOG");
    command
}

impl Program {
    /// Starts the program and waits until it says where it listens. One that finds no database ends before: `None`.
    pub fn try_start(mut command: Command) -> Option<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut log = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut program = Program {
            child,
            base: String::new(),
        };
        while program.base.is_empty() {
            let mut line = String::new();
            if log.read_line(&mut line).expect("the log is text") == 0 {
                return None;
            }
            if let Some((_, base)) = line.trim_end().split_once("listening on ") {
                program.base = base.to_owned();
            }
        }
        // A full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Some(program)
    }

    /// The same with a database that is there.
    pub fn start(command: Command) -> Self {
        Self::try_start(command).expect("the program listens before it ends")
    }

    /// What its addresses begin with.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        let address = self.base.strip_prefix("http://").and_then(|text| text.parse().ok());
        address.expect("plain HTTP on an address")
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kill -9.
    pub fn kill(mut self) {
        self.child.kill().expect("the program can be killed");
        self.child.wait().expect("the program has ended");
    }

    /// Sends a signal by name.
    pub fn send_signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Sends a signal by name and waits for the end.
    pub fn signal(mut self, name: &str) -> ExitStatus {
        self.send_signal(name);
        self.child.wait().expect("the program has ended")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails when it has ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
