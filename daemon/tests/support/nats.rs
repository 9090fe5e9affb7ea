//! A real NATS server with its MQTT gateway, which speaks MQTT 3.1.1 only, in a folder that goes away with it.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Starting takes a tenth of a second; a busy machine pauses for more than one.
const START_PATIENCE: Duration = Duration::from_secs(20);

/// A server that is killed when it goes out of scope.
pub struct Nats {
    _folder: TempDir,
    port: u16,
    process: Child,
}

impl Nats {
    /// Lets anyone in.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let config = format!(
            "server_name: test\nhost: 127.0.0.1\nport: {}\njetstream {{ store_dir: {:?} }}\nmqtt {{ host: 127.0.0.1, port: {port} }}\n",
            free_port(),
            folder.path().join("store")
        );
        std::fs::write(folder.path().join("nats.conf"), config).unwrap();
        let program = ["/usr/sbin/nats-server", "/usr/bin/nats-server"]
            .into_iter()
            .find(|path| Path::new(path).exists());
        let process = Command::new(program.expect("nats-server is installed (Debian package nats-server)"))
            .arg("-c")
            .arg(folder.path().join("nats.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Nats {
            _folder: folder,
            port,
            process,
        };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(server.process.try_wait().unwrap().is_none(), "nats-server ended");
            assert!(begun.elapsed() < START_PATIENCE, "nats-server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    /// Where its MQTT gateway listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
