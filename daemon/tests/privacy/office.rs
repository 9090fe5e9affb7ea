//! A daemon with everything switched on, among people who type things where they can, and everything that comes out of it.

use std::{
    io::Read,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::{Next, from_fn},
};

use crate::{
    canaries,
    captured::Captured,
    habitatd::{Daemon, HANG, Site, free_port, run},
    mosquitto::Mosquitto,
    pipe::Pipe,
    tenant::Tenant,
};

/// Sample rate of the voices that come with the program.
pub const RATE_HZ: usize = 16_000;
/// Zones, and so many microphones and loudspeakers.
pub const ZONES: usize = 2;
/// Two minutes for the tenant, and some more.
pub const SECONDS: usize = 130;
/// Ids of the site and what is in it, beside those that people have made up.
pub const IDS: [&str; 12] = [
    "test",
    "main",
    "1",
    "zone-1",
    "zone-2",
    "m1",
    "m2",
    "s1",
    "s2",
    "habitat",
    "Europe/Helsinki",
    "input",
];

const BLOCK: usize = RATE_HZ / 20;
/// A second of the stream takes so long, so that whoever listens hears each.
const PACE: Duration = Duration::from_millis(60);

/// Lets the daemon hear this, and gives everything that came out of it. The sound is interleaved, a sample for each zone.
pub fn listen(sound: &[f32], layout: &str) -> Captured {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let broker = Mosquitto::start();
    let subscriber = Subscriber::start(&broker);
    let requests = Arc::new(Mutex::new(Captured::default()));
    let folder = tempfile::tempdir().unwrap();
    let tenant = {
        let requests = requests.clone();
        let keep = from_fn(move |request, next| keep(requests.clone(), request, next));
        Tenant::start(folder.path(), SocketAddr::from(([127, 0, 0, 1], 0)), |router| {
            router.layer(keep)
        })
    };
    let port = free_port();
    let site = Site::new(
        &canaries::habitat_toml(RATE_HZ, BLOCK, port, broker.port(), tenant.address()),
        layout,
    );
    site.write("token", crate::tenant::TOKEN);
    site.write("password", canaries::PASSWORD);
    let mut command = site.command("run");
    command.env("RUST_LOG", "trace");
    let mut daemon = Daemon::start(command);
    let mut pipe = Pipe::of(&mut daemon, BLOCK * ZONES);
    let mut captured = Captured::default();
    let console = Console::of(&runtime, port);
    let stream = console.follow();

    for (second, sound) in sound.chunks_exact(RATE_HZ * ZONES).enumerate() {
        for block in sound.chunks_exact(BLOCK * ZONES) {
            pipe.exchange(block);
        }
        std::thread::sleep(PACE);
        match second {
            20 => canaries::type_into_mqtt(broker.port()),
            30 => canaries::type_into_console(&console, &mut captured),
            40 => console.read_everything(&mut captured),
            100 => captured.put_file("state file", &site.path("state/habitat.db-wal")),
            _ => {}
        }
    }
    console.read_everything(&mut captured);
    drop(pipe);
    assert!(daemon.wait().success(), "{}", daemon.log());

    captured.put("log", daemon.log());
    captured.put("sse", std::mem::take(&mut *stream.lock().unwrap()));
    subscriber.end(&mut captured);
    captured.0.append(&mut requests.lock().unwrap().0);
    captured.put_file("event log", &site.path("events.jsonl"));
    captured.put_database(&site.path("state/habitat.db"));
    for command in ["events", "outbox"] {
        let mut command_line = site.command(command);
        if command == "outbox" {
            command_line.args(["--format", "json"]);
        }
        captured.put(command, run(command_line, b"").stdout);
    }
    let mut export = habitatd_data_export(&site);
    export.args(["--output"]).arg(site.path("site.zip"));
    assert!(run(export, b"").status.success());
    captured.put_archive(&site.path("site.zip"));
    assert_no_other_files(&site);
    captured
}

fn habitatd_data_export(site: &Site) -> Command {
    let mut command = crate::habitatd::habitatd();
    command.args(["data", "export", "--config"]).arg(site.path("habitat.toml"));
    command
}

/// The folder of the site has what was put there, and what is captured.
fn assert_no_other_files(site: &Site) {
    let known = [
        "events.jsonl",
        "habitat.db",
        "habitat.db-shm",
        "habitat.db-wal",
        "habitat.lock",
        "habitat.toml",
        "layout.toml",
        "password",
        "site.zip",
        "state",
        "token",
    ];
    for folder in [site.path(""), site.path("state")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(known.contains(&name.to_str().unwrap()), "the daemon has written {name:?}");
        }
    }
}

/// What goes to the tenant: the head of each request, and its body unpacked.
async fn keep(requests: Arc<Mutex<Captured>>, request: Request, next: Next) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    {
        let mut requests = requests.lock().unwrap();
        requests.put("cloud head", format!("{} {}\n{:?}", parts.method, parts.uri, parts.headers));
        let is_packed = parts
            .headers
            .get("content-encoding")
            .is_some_and(|encoding| encoding == "zstd");
        let plain = if is_packed {
            zstd::decode_all(body.as_ref()).unwrap()
        } else {
            body.to_vec()
        };
        requests.put("cloud", plain);
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Hears every topic.
struct Subscriber(Child);

impl Subscriber {
    fn start(broker: &Mosquitto) -> Self {
        let mut command = Command::new("stdbuf");
        command.args(["-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", &broker.port().to_string()]);
        command.args(["-t", "#", "-F", "%t %x"]).stdout(Stdio::piped());
        let child = command
            .spawn()
            .expect("mosquitto_sub is installed (Debian package mosquitto-clients)");
        let begun = Instant::now();
        while !broker.log().contains("SUBACK") {
            assert!(begun.elapsed() < HANG, "the broker takes no subscription");
            std::thread::sleep(Duration::from_millis(10));
        }
        Subscriber(child)
    }

    /// Everything but what people have sent: a line is a topic, and the message in hexadecimal digits.
    fn end(mut self, captured: &mut Captured) {
        std::thread::sleep(Duration::from_millis(500));
        let _ = self.0.kill();
        let mut lines = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut lines).unwrap();
        let _ = self.0.wait();
        for (topic, digits) in lines.lines().filter_map(|line| line.rsplit_once(' ')) {
            if topic.ends_with("/set") {
                continue;
            }
            let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
            let payload: Vec<u8> = digits.as_bytes().chunks_exact(2).map(byte).collect();
            captured.put(format!("mqtt {topic}"), payload);
        }
    }
}

/// Whoever asks the console.
pub struct Console<'a> {
    runtime: &'a tokio::runtime::Runtime,
    pub http: reqwest::Client,
    base: String,
}

impl<'a> Console<'a> {
    fn of(runtime: &'a tokio::runtime::Runtime, port: u16) -> Self {
        let console = Console {
            runtime,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            base: format!("http://127.0.0.1:{port}"),
        };
        let begun = Instant::now();
        while console.try_send(console.http.get(console.url("/healthz"))).is_none() {
            assert!(begun.elapsed() < HANG, "the console does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        console
    }

    /// Of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The head and the body of an answer.
    pub fn send(&self, request: reqwest::RequestBuilder) -> (String, Vec<u8>) {
        self.try_send(request).expect("an answer")
    }

    fn try_send(&self, request: reqwest::RequestBuilder) -> Option<(String, Vec<u8>)> {
        self.runtime.block_on(async {
            let answer = request.send().await.ok()?;
            let head = format!("{} {:?}", answer.status(), answer.headers());
            Some((head, answer.bytes().await.ok()?.to_vec()))
        })
    }

    /// The stream of server-sent events, from now on.
    fn follow(&self) -> Arc<Mutex<Vec<u8>>> {
        let request = self
            .http
            .get(self.url("/api/v1/events"))
            .header("accept", "text/event-stream");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hearing = heard.clone();
        self.runtime.spawn(async move {
            let mut answer = request.send().await.unwrap();
            while let Ok(Some(piece)) = answer.chunk().await {
                hearing.lock().unwrap().extend_from_slice(&piece);
            }
        });
        heard
    }

    /// Asks for everything that the documentation says can be read.
    fn read_everything(&self, captured: &mut Captured) {
        for path in documented_paths() {
            for path in [path.replace("{id}", "zone-1"), path.replace("{id}", "zone-2")] {
                let (head, body) = self.send(self.http.get(self.url(&path)));
                assert!(head.starts_with("200"), "{path}: {head}");
                captured.put(format!("http {path} head"), head);
                captured.put(format!("http {path}"), body);
            }
        }
    }
}

/// Of the table under "Read".
fn documented_paths() -> Vec<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/console.md")).unwrap();
    let (_, read) = page.split_once("## Read").unwrap();
    let (read, _) = read.split_once("\n## ").unwrap();
    let cells = read.lines().filter_map(|line| line.strip_prefix("| `/")?.split('|').next());
    let paths = cells.flat_map(|cell| {
        let cell = format!("`/{cell}");
        let paths: Vec<String> = cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        paths
    });
    let mut paths: Vec<String> = paths.collect();
    assert!(paths.len() >= 10, "{paths:?}");
    paths.push("/".to_owned());
    paths
}
