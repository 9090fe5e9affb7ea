//! A daemon in lock-step, and beside it an undisturbed one that hears the same and has nothing around it that could break.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    console::Console,
    habitatd::{Daemon, HANG, Site, free_port},
    pipe::Pipe,
    room::{RATE_HZ, Room, layout},
    tenant::SITE,
};

/// Zones, and so many microphones and loudspeakers.
pub const ZONES: usize = 2;
/// A block is 20 ms, as long as a step of the control.
pub const BLOCK: usize = RATE_HZ / 50;
/// Blocks in a second of stream time.
pub const BLOCKS_PER_S: usize = RATE_HZ / BLOCK;
/// Seconds from the start until the masking is at its level, and some more.
pub const STARTUP_S: usize = 12;
/// What SIGTERM may take; the promise is 2 s on a machine that has nothing else to do.
const END: Duration = Duration::from_secs(10);

/// Configuration of a site with these further tables.
pub fn habitat_toml(start: &str, further: &str) -> String {
    format!(
        r#"layout = "layout.toml"
state_dir = "state"
[site]
id = "{SITE}"
name = "Test"
[audio]
backend = "pipe"
sample_rate_hz = {RATE_HZ}
block_frames = {BLOCK}
[audio.pipe]
start = "{start}"
[adaptation]
slew_up_db_per_min = 6.0
slew_down_db_per_min = 6.0
acknowledge_noticeable = true
startup_ramp_s = 10
{further}"#
    )
}

/// Both daemons and what they hear.
pub struct Office {
    pub console: Console,
    daemon: Daemon,
    pipe: Pipe,
    undisturbed: (Daemon, Pipe),
    room: Room,
    blocks: u64,
    _sites: [Site; 2],
}

impl Office {
    /// Starts both, the disturbed one with these further tables, and plays until the masking is at its level.
    pub fn open(further: &str) -> Self {
        Self::with(further, |_| {})
    }

    /// The same, with files in the disturbed site.
    pub fn with(further: &str, furnish: impl FnOnce(&Site)) -> Self {
        let port = free_port();
        let console = format!("[console]\nlisten = \"127.0.0.1:{port}\"\n");
        let start = "2026-01-05T08:00:00+02:00";
        let sites = [console + further, String::new()].map(|further| Site::new(&habitat_toml(start, &further), &layout(ZONES)));
        furnish(&sites[0]);
        let [(mut daemon, pipe), undisturbed] = [&sites[0], &sites[1]].map(|site| {
            let mut daemon = Daemon::start(patient(&site.command("run")));
            let pipe = Pipe::of(&mut daemon, BLOCK * ZONES);
            (daemon, pipe)
        });
        let mut office = Office {
            console: Console::of(&mut daemon, port),
            daemon,
            pipe,
            undisturbed,
            room: Room::new(ZONES),
            blocks: 0,
            _sites: sites,
        };
        office.play(STARTUP_S);
        office
    }

    /// Plays some seconds of stream time. Both daemons must play the same.
    pub fn play(&mut self, seconds: usize) {
        let mut energy = 0.0;
        for _ in 0..seconds * BLOCKS_PER_S {
            let heard = self.room.listen(BLOCK);
            self.pipe.give(&heard);
            let expected = self.undisturbed.1.exchange(&heard);
            let played = self.pipe.take();
            self.blocks += 1;
            let same = played.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "block {} is not what an undisturbed daemon plays", self.blocks);
            energy += played.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
        }
        assert!(energy > 0.0, "there is no masking");
    }

    /// Plays until the console says something about a part, and gives the problem, which is empty when there is none.
    pub fn play_until(&mut self, part: &str, state: &str) -> String {
        let begun = Instant::now();
        loop {
            self.play(1);
            let health = self.health();
            let part_now = &health["parts"][part];
            if part_now["state"] == state {
                let problem = part_now["problem"].as_str().unwrap_or_default().to_owned();
                println!("{part} {state} after {:.1} s: {problem}", begun.elapsed().as_secs_f64());
                return problem;
            }
            assert!(begun.elapsed() < HANG, "{part} is never {state}: {health}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the console says about all parts. The sound must have lost nothing.
    pub fn health(&self) -> Value {
        let health = self.console.get("/api/v1/health");
        let mut counters = health["counters"].as_object().unwrap().clone();
        assert_eq!(counters.remove("blocks"), Some(self.blocks.into()));
        assert_eq!(counters.len(), 5);
        assert!(counters.values().all(|lost| *lost == 0), "{counters:?}");
        health
    }

    /// Process id of the disturbed daemon.
    pub fn id(&self) -> u32 {
        self.daemon.id()
    }

    /// SIGTERM ends it in order, whatever is broken.
    pub fn terminate(mut self) {
        let begun = Instant::now();
        self.daemon.signal("TERM");
        let status = self.daemon.wait();
        println!("SIGTERM took {:.2} s", begun.elapsed().as_secs_f64());
        assert_eq!(status.code(), Some(0), "{}", self.daemon.log());
        assert!(begun.elapsed() < END, "SIGTERM took {:?}", begun.elapsed());
        assert!(!self.daemon.log().contains("panicked"), "{}", self.daemon.log());
    }
}

/// A write beyond the largest allowed size of a file is an error for the program, and not its end.
fn patient(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}
