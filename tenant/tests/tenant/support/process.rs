//! The real program, started by the test.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
};

use super::{Place, client::Client, token_file};

/// A running `habitat-tenant`; killed when the test ends before it does.
pub struct Program {
    child: Child,
    base: String,
}

/// The program with the `serve` arguments for a place, on a port that the system picks.
pub fn serve_command(place: &Place) -> Command {
    let token_path = place.folder().join("tokens");
    std::fs::write(&token_path, token_file()).expect("the token file is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_habitat-tenant"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", &place.argument()]);
    command.arg("--token-file").arg(token_path).env_remove("RUST_LOG");
    command
}

impl Program {
    /// Starts the program and waits until it says where it listens.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut log = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut program = Program {
            child,
            base: String::new(),
        };
        while program.base.is_empty() {
            let mut line = String::new();
            let read = log.read_line(&mut line).expect("the log is text");
            assert_ne!(read, 0, "the program ended before it listened");
            if let Some((_, base)) = line.trim_end().split_once("listening on ") {
                program.base = base.to_owned();
            }
        }
        // A full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        program
    }

    pub fn client(&self) -> Client {
        Client::new(&self.base)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        let address = self.base.strip_prefix("http://").and_then(|text| text.parse().ok());
        address.expect("plain HTTP on an address")
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
