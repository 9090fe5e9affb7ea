//! A row of zones, and what their microphones hear: a quiet room and a talker who changes zones.

use std::{f64::consts::TAU, fmt::Write};

/// Sample rate of all of it: the lowest that habitatd takes, because most tests are not about sound.
pub const RATE_HZ: usize = 8000;

/// How long the talker talks, and then pauses.
const TALK_S: usize = 40;
const PAUSE_S: usize = 20;

/// Zones of 6 m by 6 m in a row, each with a microphone and a loudspeaker.
pub fn layout(zones: usize) -> String {
    let mut text = format!(
        "[[floor]]\nid = \"1\"\noutline = [[0, 0], [{0}, 0], [{0}, 6], [0, 6]]\nheight_m = 2.8\n",
        zones * 6
    );
    for zone in 0..zones {
        let (west, middle, east) = (zone * 6, zone * 6 + 3, zone * 6 + 6);
        let (id, channel) = (zone_id(zone), zone + 1);
        write!(
            text,
            "[[zone]]\nid = \"{id}\"\nfloor = \"1\"\nname = \"Zone {channel}\"\nkind = \"focus\"\n\
             outline = [[{west}, 0], [{east}, 0], [{east}, 6], [{west}, 6]]\n\
             [[microphone]]\nid = \"m{channel}\"\nzone = \"{id}\"\nposition = [{middle}.0, 3.0, 2.7]\nchannel = {channel}\n\
             sensitivity_dbfs = -26.0\n\
             [[loudspeaker]]\nid = \"s{channel}\"\nzone = \"{id}\"\nposition = [{middle}.5, 3.0, 2.75]\nchannel = {channel}\n\
             output_db_spl = 94.0\n"
        )
        .unwrap();
    }
    text
}

/// Name of a zone.
pub fn zone_id(zone: usize) -> String {
    format!("zone-{}", zone + 1)
}

/// What the microphones hear, the same in every room with as many zones.
pub struct Room {
    zones: usize,
    frame: usize,
    random: fastrand::Rng,
}

impl Room {
    /// The room at the first frame.
    pub fn new(zones: usize) -> Self {
        Room {
            zones,
            frame: 0,
            random: fastrand::Rng::with_seed(1),
        }
    }

    /// The next frames, interleaved.
    pub fn listen(&mut self, frames: usize) -> Vec<f32> {
        let mut samples = Vec::with_capacity(frames * self.zones);
        for _ in 0..frames {
            let second = self.frame / RATE_HZ;
            let talking = second % (TALK_S + PAUSE_S) < TALK_S;
            let talker_zone = second / (TALK_S + PAUSE_S) % self.zones;
            // About 48 dB(A) at the talker's microphone, which masking in the next zone can cure, with four syllables a second.
            let syllable = (0.5 - 0.5 * (TAU * 4.0 * self.frame as f64 / RATE_HZ as f64).cos()) as f32;
            let voice = if talking { 5e-4 * syllable * self.noise() } else { 0.0 };
            for zone in 0..self.zones {
                let path = if zone == talker_zone { 1.0 } else { 0.2 };
                samples.push(5e-5 * self.noise() + path * voice);
            }
            self.frame += 1;
        }
        samples
    }

    /// White noise between -1 and 1.
    fn noise(&mut self) -> f32 {
        2.0 * self.random.f32() - 1.0
    }
}
