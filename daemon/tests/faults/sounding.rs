//! A daemon in lock-step with a room, which can be killed and started again.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;

use crate::{
    console::Console,
    habitatd::{Daemon, HANG, Site, free_port},
    office::{BLOCK, ZONES, habitat_toml},
    pipe::Pipe,
    room::Room,
};

/// A daemon, and all that it has played.
pub struct Sounding {
    pub daemon: Daemon,
    pub console: Console,
    pipe: Pipe,
    room: Room,
    played: Vec<Vec<f32>>,
}

impl Sounding {
    /// Begins at a time.
    pub fn start(site: &Site, time: &str) -> Self {
        Self::with(site, time, "")
    }

    /// The same, with these further tables.
    pub fn with(site: &Site, time: &str, further: &str) -> Self {
        let port = free_port();
        let further = format!("[console]\nlisten = \"127.0.0.1:{port}\"\n{further}");
        site.write("habitat.toml", habitat_toml(time, &further));
        let mut daemon = Daemon::start(site.command("run"));
        Sounding {
            pipe: Pipe::of(&mut daemon, BLOCK * ZONES),
            console: Console::of(&mut daemon, port),
            daemon,
            room: Room::new(ZONES),
            played: Vec::new(),
        }
    }

    /// Plays on, and says which blocks that were.
    pub fn play(&mut self, blocks: usize) -> Range<usize> {
        let begin = self.played.len();
        for _ in 0..blocks {
            let heard = self.room.listen(BLOCK);
            self.played.push(self.pipe.exchange(&heard));
        }
        begin..self.played.len()
    }

    /// The loudest sample of these blocks.
    pub fn peak(&self, blocks: Range<usize>) -> f32 {
        self.played[blocks]
            .iter()
            .flatten()
            .fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    /// The loudest sample of one loudspeaker in these blocks.
    pub fn peak_of(&self, loudspeaker: usize, blocks: Range<usize>) -> f32 {
        let samples = self.played[blocks]
            .iter()
            .flat_map(|block| block.iter().skip(loudspeaker).step_by(ZONES));
        samples.fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    /// The level of these blocks re a full-scale square wave.
    pub fn level_db(&self, blocks: Range<usize>) -> f64 {
        let samples = (blocks.len() * BLOCK * ZONES) as f64;
        let energy: f64 = self.played[blocks]
            .iter()
            .flatten()
            .map(|sample| f64::from(*sample).powi(2))
            .sum();
        10.0 * (energy / samples).log10()
    }

    /// Whether the site is muted.
    pub fn is_muted(&self) -> bool {
        self.console.get("/api/v1/mute")["muted"] == true
    }

    /// Waits for somebody else to mute it.
    pub fn wait_until_muted(&self) {
        let begun = Instant::now();
        while !self.is_muted() {
            assert!(begun.elapsed() < HANG, "the mute was not taken");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Mutes or releases the site.
    pub fn mute(&self, muted: bool) {
        let answer = self.console.change(Method::PUT, "/api/v1/mute", &json!({ "muted": muted }));
        assert_eq!(answer["muted"], muted);
    }
}
