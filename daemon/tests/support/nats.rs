//! Real NATS servers with their MQTT gateway, which speaks MQTT 3.1.1 only, in a folder that goes away with them.

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
    host: String,
    port: u16,
    /// Where its monitoring listens, for one of a cluster.
    monitor: u16,
    process: Child,
}

impl Nats {
    /// Lets anyone in.
    pub fn start() -> Self {
        let (host, port, monitor) = ("127.0.0.1", free_port(), free_port());
        let listen = format!("server_name: test\nlisten: {host}:{}\n", free_port());
        let config = format!("{listen}jetstream {{ store_dir: /var/lib/nats }}\nmqtt {{ listen: {host}:{port} }}\n");
        Self::with(host.to_owned(), port, monitor, &config).listening()
    }

    /// Three servers that are one broker, as the documentation sets them up, on three addresses of this machine.
    pub fn cluster() -> [Self; 3] {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/nats.conf");
        let mut example = std::fs::read_to_string(example).unwrap();
        let mqtt = free_port();
        for (documented, here) in [(4222, free_port()), (6222, free_port()), (1883, mqtt)] {
            assert!(example.contains(&format!(".example:{documented}")));
            example = example.replace(&format!(".example:{documented}"), &format!(".example:{here}"));
        }
        let monitor = free_port();
        let servers = ["1", "2", "3"].map(|number| {
            let own = example
                .replace("server_name: nats-1", &format!("server_name: nats-{number}"))
                .replace("listen: nats-1.", &format!("listen: nats-{number}."));
            let config = ["1", "2", "3"].into_iter().fold(own, |text, number| {
                text.replace(&format!("nats-{number}.example"), &format!("127.0.0.{number}"))
            });
            Self::with(format!("127.0.0.{number}"), mqtt, monitor, &config)
        });
        servers.map(Nats::listening)
    }

    /// Where it keeps things is put into the configuration, and where the test asks.
    fn with(host: String, port: u16, monitor: u16, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store").display().to_string();
        assert!(config.contains("/var/lib/nats"), "{config}");
        let config = format!("{}http: {host}:{monitor}\n", config.replace("/var/lib/nats", &store));
        let path = folder.path().join("nats.conf");
        std::fs::write(&path, config).unwrap();
        let program = ["/usr/sbin/nats-server", "/usr/bin/nats-server"]
            .into_iter()
            .find(|path| Path::new(path).exists());
        let process = Command::new(program.expect("nats-server is installed (Debian package nats-server)"))
            .arg("-c")
            .arg(path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Nats {
            _folder: folder,
            host,
            port,
            monitor,
            process,
        }
    }

    fn listening(mut self) -> Self {
        let begun = Instant::now();
        while TcpStream::connect((self.host.as_str(), self.port)).is_err() {
            assert!(self.process.try_wait().unwrap().is_none(), "nats-server ended");
            assert!(begun.elapsed() < START_PATIENCE, "nats-server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// Which address of this machine it listens on.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Where its MQTT gateway listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether an MQTT client with this id is connected to it.
    pub async fn has_client(&self, id: &str) -> bool {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let Ok(answer) = client
            .get(format!("http://{}:{}/connz", self.host, self.monitor))
            .send()
            .await
        else {
            return false;
        };
        answer.text().await.unwrap().contains(&format!("\"mqtt_client\": \"{id}\""))
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
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
    TcpListener::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}
