//! One controller, which starts, runs and ends again and again in every way that there is.

use std::{
    collections::BTreeSet,
    fmt,
    net::SocketAddr,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    SITE, TOKEN,
    console::Console,
    disk::Disk,
    feed::{BLOCK_FRAMES, Feed},
    habitatd::{Daemon, HANG, Site, free_port, run},
    room::{RATE_HZ, Room, layout, zone_id},
    witness::{FIRST, RUN_S, Witness},
};

const ZONES: usize = 8;
/// Room for everything that it keeps.
const DISK_MIB: u32 = 1024;

/// The controller, its disk, and what was done to it.
pub struct Controller {
    site: Site,
    disk: StateDisk,
    tenant: SocketAddr,
    random: fastrand::Rng,
    sound: Arc<Vec<u8>>,
    witness: Witness,
    /// Runs that ended in order, on a disk with room.
    whole: BTreeSet<u64>,
    runs: u64,
    kills: u64,
    full_disks: u64,
    changes: u64,
}

/// Where the state is.
enum StateDisk {
    /// On a disk of its own.
    Mounted(Disk),
    /// Somewhere: instead of filling the disk, the daemon may write to no file.
    Shared,
}

impl Controller {
    /// Which ships to this address.
    pub fn new(tenant: SocketAddr, seed: u64) -> Self {
        let site = Site::new("", &layout(ZONES));
        site.write("token", TOKEN);
        let sound = Room::new(ZONES).listen(600 * RATE_HZ);
        Controller {
            witness: Witness::listen(&site.path("events")),
            site,
            disk: Disk::mount(DISK_MIB).map_or(StateDisk::Shared, StateDisk::Mounted),
            tenant,
            random: fastrand::Rng::with_seed(seed),
            sound: Arc::new(sound.iter().flat_map(|sample| sample.to_le_bytes()).collect()),
            whole: BTreeSet::new(),
            runs: 0,
            kills: 0,
            full_disks: 0,
            changes: 0,
        }
    }

    /// One life: a start, some seconds with whatever happens in them, an end.
    pub fn live(&mut self) {
        let run = self.runs;
        let full_at_start = run > 0 && self.random.u32(..8) == 0;
        // Without a disk of its own, that of the daemon can only be filled while it runs.
        if full_at_start && let StateDisk::Mounted(disk) = &self.disk {
            disk.fill();
        }
        let (mut daemon, console) = self.start();
        let feed = Feed::start(&mut daemon, self.sound.clone(), ZONES);
        if full_at_start && let StateDisk::Mounted(disk) = &self.disk {
            self.full_disks += 1;
            std::thread::sleep(Duration::from_millis(self.random.u64(200..2000)));
            disk.free();
        }
        let mut is_full = false;
        for _ in 0..self.random.u32(1..6) {
            std::thread::sleep(Duration::from_millis(self.random.u64(100..1200)));
            assert!(!daemon.has_ended(), "it ended before it was killed:\n{}", daemon.log());
            match self.random.u32(..8) {
                0 if !is_full => {
                    self.fill(&daemon, true);
                    is_full = true;
                }
                1 | 2 if is_full => {
                    self.fill(&daemon, false);
                    is_full = false;
                }
                3..7 => self.change(&console),
                _ => {}
            }
        }
        let kill = self.random.bool();
        if is_full && !(kill && self.random.bool()) {
            self.fill(&daemon, false);
            is_full = false;
        }
        if kill {
            // With the disk as it is.
            daemon.kill();
            self.kills += 1;
            feed.stop();
        } else {
            let mut feed = Some(feed);
            if self.random.bool() {
                daemon.signal("TERM");
            } else {
                // The end of its input.
                drop(feed.take().map(Feed::stop));
            }
            assert!(daemon.wait().success(), "{}", daemon.log());
            drop(feed.map(Feed::stop));
            self.whole.insert(run);
        }
        assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
        if is_full && let StateDisk::Mounted(disk) = &self.disk {
            disk.free();
        }
    }

    /// Starts and ends in order until nothing waits any more.
    pub fn deliver_the_rest(&mut self) {
        let begun = Instant::now();
        while self.waiting() > 0 {
            assert!(begun.elapsed() < 5 * HANG, "the outbox does not become empty");
            let (mut daemon, _) = self.start();
            let feed = Feed::start(&mut daemon, self.sound.clone(), ZONES);
            std::thread::sleep(Duration::from_millis(500));
            // Its input stays open while it ships, and brings nothing new.
            let (_, stdin) = feed.stop();
            let shipping = Instant::now();
            while self.waiting() > 0 && shipping.elapsed() < HANG {
                std::thread::sleep(Duration::from_millis(100));
            }
            drop(stdin);
            assert!(daemon.wait().success(), "{}", daemon.log());
            self.whole.insert(self.runs - 1);
        }
    }

    /// Everything that it has recorded, as it says itself.
    pub fn history(&self) -> Vec<Value> {
        let output = run(self.site.command("events"), b"");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What its event log has said.
    pub fn witness(&self) -> Confirmation<'_> {
        Confirmation {
            witness: &self.witness,
            whole: &self.whole,
        }
    }

    /// Whether it was hit in these seconds.
    pub fn assert_hot(&self, seconds: u64) {
        assert!(
            self.kills > seconds / 20 && self.whole.len() as u64 > seconds / 20,
            "hardly a kill: {self}"
        );
        assert!(
            self.full_disks > seconds / 60 && self.changes > seconds / 20,
            "hardly anything happened: {self}"
        );
    }

    fn start(&mut self) -> (Daemon, Console) {
        let port = free_port();
        self.site.write("habitat.toml", self.habitat_toml(port));
        self.runs += 1;
        let mut daemon = Daemon::start(patient(&self.site.command("run")));
        let console = Console::of(&mut daemon, port);
        (daemon, console)
    }

    fn fill(&mut self, daemon: &Daemon, full: bool) {
        self.full_disks += u64::from(full);
        match &self.disk {
            StateDisk::Mounted(disk) if full => disk.fill(),
            StateDisk::Mounted(disk) => disk.free(),
            StateDisk::Shared => {
                let limit = if full { "--fsize=0:" } else { "--fsize=unlimited:" };
                let set = Command::new("prlimit")
                    .args(["--pid", &daemon.id().to_string(), limit])
                    .status();
                assert!(set.unwrap().success());
            }
        }
    }

    /// Somebody mutes a zone, releases it or changes its settings; whether that can be kept is another matter.
    fn change(&mut self, console: &Console) {
        let zone = zone_id(self.random.usize(..ZONES));
        if self.random.bool() {
            let body = json!({ "zone": zone, "muted": self.random.bool() });
            console.try_change(reqwest::Method::PUT, "/api/v1/mute", &body);
        } else {
            let body = json!({ "offset_db": f64::from(self.random.u32(..8)) / -2.0 });
            console.try_change(reqwest::Method::PATCH, &format!("/api/v1/zones/{zone}"), &body);
        }
        self.changes += 1;
    }

    fn waiting(&self) -> u64 {
        let mut command = self.site.command("outbox");
        command.args(["--format", "json"]);
        let output = run(command, b"");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let outbox: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(outbox["refused"], json!([]), "the tenant refuses nothing");
        assert!(
            outbox["given_up"]
                .as_object()
                .unwrap()
                .values()
                .all(|events| events.as_u64() == Some(0)),
            "{outbox}"
        );
        let waiting = outbox["waiting"].as_array().unwrap().iter();
        waiting.map(|kind| kind["events"].as_u64().unwrap()).sum()
    }

    fn habitat_toml(&self, port: u16) -> String {
        let first: jiff::Timestamp = FIRST.parse().unwrap();
        let start = first + jiff::SignedDuration::from_secs((self.runs * RUN_S) as i64);
        let state_dir = match &self.disk {
            StateDisk::Mounted(disk) => disk.path().join("state"),
            StateDisk::Shared => self.site.path("state"),
        };
        format!(
            r#"layout = "layout.toml"
state_dir = "{}"
[site]
id = "{SITE}"
name = "Test"
[audio]
backend = "pipe"
sample_rate_hz = {RATE_HZ}
block_frames = {BLOCK_FRAMES}
[audio.pipe]
start = "{start}"
[adaptation]
slew_up_db_per_min = 6.0
slew_down_db_per_min = 6.0
acknowledge_noticeable = true
startup_ramp_s = 10
[console]
listen = "127.0.0.1:{port}"
[event_log]
path = "events"
[cloud]
url = "http://{}"
token_file = "token"
interval_s = 1
"#,
            state_dir.display(),
            self.tenant
        )
    }
}

impl fmt::Display for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Controller {
            runs,
            kills,
            full_disks,
            changes,
            ..
        } = self;
        write!(
            f,
            "{runs} runs of the daemon: {kills} killed, {} ended in order; {full_disks} times its disk was full, {changes} mutes and \
             settings",
            self.whole.len()
        )
    }
}

/// The event log as evidence, and for which runs it is complete.
pub struct Confirmation<'a> {
    pub witness: &'a Witness,
    pub whole: &'a BTreeSet<u64>,
}

/// A write beyond the largest allowed size of a file is an error for the program, and not its end.
fn patient(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_remove("RUST_LOG")
        .env_remove("JOURNAL_STREAM");
    shell
}
