//! Fading in, fading out unnoticed, and silence at once.

use crate::units::{db_to_amplitude, power_to_db};

/// A ramp begins this far below the level; softer masking is not heard over the room.
const RAMP_DB: f64 = 20.0;

/// From silence to the begin of the ramp, seconds: long enough not to click.
const FADE_IN_S: f64 = 1.0;

/// From full level to silence when the daemon ends, seconds.
const FADE_OUT_S: f64 = 0.2;

/// What a zone is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Play.
    Play,
    /// Fall silent so slowly that nobody notices.
    Off,
    /// Fall silent because the daemon ends.
    End,
    /// Be silent now.
    Mute,
}

/// What the ramp is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Silent,
    Rising { elapsed_s: f64 },
    Open,
    Falling { below_db: f64 },
    Ending,
}

/// The share of its level that a zone plays: 0 when muted or off, rising softly after it, 1 in normal operation.
#[derive(Clone, Debug)]
pub struct Ramp {
    duration_s: f64,
    fall_db_per_s: f64,
    phase: Phase,
    amplitude: f64,
}

impl Ramp {
    /// Silent, about to rise over the given time; falls at the given rate when it is to be off.
    pub fn new(duration_s: f64, fall_db_per_s: f64) -> Self {
        Ramp {
            duration_s,
            fall_db_per_s,
            phase: Phase::Rising { elapsed_s: 0.0 },
            amplitude: 0.0,
        }
    }

    /// Moves on by one step and returns the amplitude at its end, 0 to 1.
    ///
    /// A mute takes effect within the step, whatever the ramp was doing; after it the ramp begins anew. The end takes 0.2 s.
    pub fn step(&mut self, wanted: Wanted, step_s: f64) -> f64 {
        self.phase = match wanted {
            Wanted::Mute => Phase::Silent,
            Wanted::End => Phase::Ending,
            Wanted::Off => self.fall(step_s),
            Wanted::Play => self.rise(step_s),
        };
        self.amplitude = match self.phase {
            Phase::Silent => 0.0,
            Phase::Open => 1.0,
            Phase::Ending => (self.amplitude - step_s / FADE_OUT_S).max(0.0),
            Phase::Falling { below_db } => db_to_amplitude(-below_db),
            Phase::Rising { elapsed_s } => {
                db_to_amplitude(RAMP_DB * (elapsed_s / self.duration_s - 1.0)) * (elapsed_s / FADE_IN_S).min(1.0)
            }
        };
        self.amplitude
    }

    fn rise(&self, step_s: f64) -> Phase {
        match self.phase {
            Phase::Silent | Phase::Ending => Phase::Rising { elapsed_s: 0.0 },
            Phase::Falling { below_db } => Phase::Rising {
                elapsed_s: self.duration_s * (1.0 - below_db / RAMP_DB).max(0.0),
            },
            Phase::Rising { elapsed_s } if elapsed_s + step_s < self.duration_s => Phase::Rising {
                elapsed_s: elapsed_s + step_s,
            },
            Phase::Rising { .. } | Phase::Open => Phase::Open,
        }
    }

    fn fall(&self, step_s: f64) -> Phase {
        let below_db = match self.phase {
            Phase::Silent => return Phase::Silent,
            Phase::Open => 0.0,
            Phase::Falling { below_db } => below_db + self.fall_db_per_s * step_s,
            Phase::Rising { .. } | Phase::Ending => -power_to_db(self.amplitude * self.amplitude),
        };
        // Softer than the ramp begins: what is left is inaudible.
        if below_db < RAMP_DB {
            Phase::Falling { below_db }
        } else {
            Phase::Silent
        }
    }

    /// Whether the zone plays nothing.
    pub fn is_silent(&self) -> bool {
        self.amplitude == 0.0
    }

    /// Whether the zone plays its full level.
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP_S: f64 = 0.02;
    const FALL_DB_PER_S: f64 = 0.1 / 60.0;

    fn level_after(ramp: &mut Ramp, seconds: f64) -> f64 {
        let steps = (seconds / STEP_S).round() as u32;
        let amplitude = (0..steps).map(|_| ramp.step(Wanted::Play, STEP_S)).last().unwrap();
        power_to_db(amplitude * amplitude)
    }

    #[test]
    fn the_last_20_db_rise_linearly_over_the_whole_ramp() {
        for seconds in [30.0, 75.0, 150.0, 299.0] {
            let level = level_after(&mut Ramp::new(300.0, FALL_DB_PER_S), seconds);
            assert!(
                (level - (-20.0 + 20.0 * seconds / 300.0)).abs() < 0.01,
                "{seconds} s: {level}"
            );
        }
        let mut ramp = Ramp::new(300.0, FALL_DB_PER_S);
        assert_eq!(level_after(&mut ramp, 300.1), 0.0);
        assert!(ramp.is_open());
    }

    #[test]
    fn it_begins_in_silence_without_a_click() {
        let mut ramp = Ramp::new(10.0, FALL_DB_PER_S);
        assert!(ramp.step(Wanted::Play, STEP_S) < 0.003);
    }

    #[test]
    fn a_mute_is_silent_within_one_step_and_its_release_ramps_again() {
        let mut ramp = Ramp::new(10.0, FALL_DB_PER_S);
        level_after(&mut ramp, 11.0);
        assert_eq!(ramp.step(Wanted::Mute, STEP_S), 0.0);
        assert!((level_after(&mut ramp, 5.02) + 10.0).abs() < 0.1);
    }

    #[test]
    fn a_fade_out_takes_a_fifth_of_a_second() {
        let mut ramp = Ramp::new(10.0, FALL_DB_PER_S);
        level_after(&mut ramp, 11.0);
        let amplitudes: Vec<f64> = (0..11).map(|_| ramp.step(Wanted::End, STEP_S)).collect();
        assert!(amplitudes[8] > 0.05 && amplitudes[10] == 0.0, "{amplitudes:?}");
        assert!(amplitudes.windows(2).all(|w| w[0] - w[1] < 0.11));
    }

    #[test]
    fn off_fades_at_the_given_rate_and_on_rises_from_wherever_it_is() {
        let mut ramp = Ramp::new(300.0, FALL_DB_PER_S);
        level_after(&mut ramp, 301.0);
        let mut below_db = 0.0;
        for minute in 1..=199 {
            let amplitude = (0..50 * 60).map(|_| ramp.step(Wanted::Off, STEP_S)).last().unwrap();
            below_db = -power_to_db(amplitude * amplitude);
            assert!((below_db - 0.1 * f64::from(minute)).abs() < 0.01, "{minute} min: {below_db}");
        }
        let mut back = ramp.clone();
        back.step(Wanted::Play, STEP_S);
        let amplitude = back.step(Wanted::Play, STEP_S);
        assert!((below_db + power_to_db(amplitude * amplitude)).abs() < 0.1);
        for _ in 0..50 * 90 {
            ramp.step(Wanted::Off, STEP_S);
        }
        assert!(ramp.is_silent());
        assert!(ramp.step(Wanted::Play, STEP_S) < 0.003);
    }
}
