//! People who talk for a while, fall silent, and talk somewhere else.

use habitat_config::Site;
use habitat_layout::{Position, propagation::Room};

use super::voice::{VoiceError, voices};

/// A-weighted level at 1 m: normal vocal effort (ISO 3382-3:2022, 57.4 dB).
const SPEECH_DB: f64 = 57.4;

/// Talkers at the same time: a conversation here and one there.
const TALKERS: usize = 2;

/// How long somebody talks, and how long that voice is silent before it is heard in another place, seconds.
const TALKS_S: (f64, f64) = (12.0, 30.0);
const SILENT_S: (f64, f64) = (4.0, 20.0);

/// A seat where somebody may talk, and how the microphones hear it.
struct Seat {
    /// Microphone, delay in frames, gain.
    paths: Vec<(usize, usize, f32)>,
}

/// One person.
struct Talker {
    voice: usize,
    seat: usize,
    /// Frames left of talking or of silence.
    left: usize,
    talking: bool,
    position: usize,
}

/// Everybody.
pub struct Talkers {
    voices: Vec<Vec<f32>>,
    seats: Vec<Seat>,
    talkers: Vec<Talker>,
    microphones: usize,
    sample_rate_hz: f64,
    dice: fastrand::Rng,
}

impl Talkers {
    /// The people of an office.
    ///
    /// # Errors
    /// When a voice cannot be read.
    pub fn new(site: &Site, seed: u64) -> Result<Self, VoiceError> {
        let rate = f64::from(site.audio.sample_rate_hz);
        let mut talkers = Talkers {
            voices: voices(site.audio.sample_rate_hz)?,
            seats: seats(site, rate),
            talkers: Vec::new(),
            microphones: site.plan.microphones.len(),
            sample_rate_hz: rate,
            dice: fastrand::Rng::with_seed(seed),
        };
        for voice in 0..TALKERS {
            // The first begins soon, so that a newcomer does not wait for something to happen.
            let left = ((3 + 12 * voice) as f64 * rate) as usize;
            talkers.talkers.push(Talker {
                voice,
                seat: 0,
                left,
                talking: false,
                position: 0,
            });
        }
        Ok(talkers)
    }

    /// Adds their voices, as pressure in units of 20 µPa.
    pub fn add(&mut self, heard: &mut [f32], frames: usize) {
        for talker in &mut self.talkers {
            if talker.left < frames {
                talker.change(&mut self.dice, self.seats.len(), self.voices.len(), self.sample_rate_hz);
            }
            talker.left = talker.left.saturating_sub(frames);
            let Some(seat) = self.seats.get(talker.seat).filter(|_| talker.talking) else {
                continue;
            };
            let voice = &self.voices[talker.voice];
            for &(microphone, delay, gain) in &seat.paths {
                let begin = talker.position + voice.len() - delay % voice.len();
                for (frame, slot) in heard
                    .iter_mut()
                    .skip(microphone)
                    .step_by(self.microphones)
                    .enumerate()
                    .take(frames)
                {
                    *slot += gain * voice[(begin + frame) % voice.len()];
                }
            }
            talker.position = (talker.position + frames) % voice.len();
        }
    }
}

impl Talker {
    fn change(&mut self, dice: &mut fastrand::Rng, seats: usize, voices: usize, sample_rate_hz: f64) {
        self.talking = !self.talking;
        let (shortest, longest) = if self.talking { TALKS_S } else { SILENT_S };
        self.left = ((shortest + (longest - shortest) * dice.f64()) * sample_rate_hz) as usize;
        if self.talking {
            self.seat = (dice.f64() * seats as f64) as usize;
            self.voice = (dice.f64() * voices as f64) as usize;
            self.position = 0;
        }
    }
}

/// One seat per zone: its first listener.
fn seats(site: &Site, sample_rate_hz: f64) -> Vec<Seat> {
    let plan = &site.plan;
    let rooms: Vec<Room> = plan
        .floors
        .iter()
        .enumerate()
        .map(|(index, floor)| Room::new(floor, plan.screens.iter().filter(|screen| screen.floor == index)))
        .collect();
    let seat = |floor: usize, from: Position| {
        let microphones = plan.microphones.iter().enumerate();
        let on_floor = microphones.filter(|(_, microphone)| plan.zones[microphone.zone].floor == floor);
        let path = |(index, microphone): (usize, &habitat_layout::Microphone)| {
            let path = rooms[floor].path(from, microphone.position)?;
            // The band at 1 kHz stands for speech.
            let gain = 10f64.powf((SPEECH_DB + path.gain_db[16]) / 20.0);
            Some((index, (path.delay_s * sample_rate_hz) as usize, gain as f32))
        };
        Seat {
            paths: on_floor.filter_map(path).collect(),
        }
    };
    plan.zones
        .iter()
        .filter_map(|zone| Some(seat(zone.floor, *zone.listeners.first()?)))
        .collect()
}
