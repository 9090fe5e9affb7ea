//! Half an hour of ventilation that grows louder by 6 dB: masking must not answer it, nor itself.

use habitat_dsp::{Engine, EngineSetup, RemovalSetup, Report};

use crate::{
    site::{RATE, ZONES, parameters, setup},
    sounds::{noise, voice},
};

/// Low, so that an hour is quick: speech and masking are below 7 kHz.
const RATE_HZ: u32 = 16_000;

/// Lock-step: what is played in one block is heard in the next.
const BLOCK: usize = 320;

/// Blocks in a minute.
const MINUTE: usize = 60 * RATE_HZ as usize / BLOCK;

/// Direct sound and two reflections, frames and amplitudes; together they carry the power 1.
const REFLECTIONS: [(usize, f32); 3] = [(60, 0.8), (430, 0.5), (1130, 0.332)];

/// Samples per pressure of 94 dB at −26 dBFS, and pressure of a full-scale sine of 94 dB at 1 m: the loudspeakers of `setup`.
const HEARD_PER_PLAYED: f32 = 0.050_118_72;

/// An office of three zones in a row in which all loudspeakers are heard by all microphones.
struct Loop {
    engine: Engine,
    /// Per loudspeaker: what it played, the newest block last.
    played: [Vec<f32>; ZONES],
    frame: usize,
    reports: Vec<Report>,
}

impl Loop {
    /// `coupling_error_db` is by how much the setup takes all couplings for louder than they are.
    fn new(waveform: bool, coupling_error_db: f32) -> Self {
        let mut setup = EngineSetup {
            sample_rate_hz: RATE_HZ,
            remote_zones: Vec::new(),
            removal: RemovalSetup {
                waveform,
                tail_s: 0.2,
                playback_delay_frames: Some(BLOCK as u32),
                ..RemovalSetup::default()
            },
            ..setup()
        };
        let couplings = setup
            .microphones
            .iter_mut()
            .flat_map(|microphone| &mut microphone.loudspeakers);
        couplings
            .flat_map(|coupling| &mut coupling.gain_db)
            .for_each(|gain_db| *gain_db += coupling_error_db);
        Loop {
            engine: Engine::new(&setup, &parameters()).unwrap(),
            played: core::array::from_fn(|_| vec![0.0; 8 * BLOCK]),
            frame: 0,
            reports: Vec::new(),
        }
    }

    /// One block with ventilation of this amplitude everywhere, and somebody in the first zone who talks with that one.
    fn block(&mut self, ventilation: f32, talker: f32) {
        let mut input = vec![0.0; BLOCK * ZONES];
        for (index, frame) in input.chunks_exact_mut(ZONES).enumerate() {
            for (zone, sample) in frame.iter_mut().enumerate() {
                *sample = ventilation * noise(self.frame + index, zone);
                if zone == 0 && talker > 0.0 {
                    *sample += voice((self.frame + index) * (RATE / RATE_HZ) as usize, talker);
                }
                for (source, played) in self.played.iter().enumerate() {
                    let gain = HEARD_PER_PLAYED * if source == zone { 0.4f32.sqrt() } else { 0.06f32.sqrt() };
                    // The block before this one begins a block from the end.
                    let now = played.len() - BLOCK + index;
                    let arrives: f32 = REFLECTIONS.iter().map(|(delay, share)| share * played[now - delay]).sum();
                    *sample += gain * arrives;
                }
            }
        }
        let mut output = vec![0.0; BLOCK * ZONES];
        self.engine.process(BLOCK, Some(&input), Some(&mut output), &mut self.reports);
        for (zone, played) in self.played.iter_mut().enumerate() {
            played.drain(..BLOCK);
            played.extend(output.iter().skip(zone).step_by(ZONES));
        }
        self.frame += BLOCK;
    }

    /// Lowest and highest masking of any zone since the reports were last looked at, dB(A).
    fn masking_range_db(&mut self) -> (f32, f32) {
        let masking = |report: Report| match report {
            Report::Zone(zone) => Some(zone.masking_db),
            _ => None,
        };
        let levels = self.reports.drain(..).filter_map(masking);
        levels.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), level| {
            (low.min(level), high.max(level))
        })
    }
}

/// Ventilation of 38 dB(A), and 6 dB more.
fn masking_does_not_answer(waveform: bool, coupling_error_db: f32) {
    let mut office = Loop::new(waveform, coupling_error_db);
    let quiet = 1e-4;
    (0..5 * MINUTE).for_each(|_| office.block(quiet, 0.0));
    let heard = office.reports.iter().rev().find_map(|report| match report {
        Report::Zone(zone) => zone.laeq_db,
        _ => None,
    });
    // Masking of 40 dB(A) at the microphones and the ventilation.
    assert!(heard.is_some_and(|heard| (heard - 42.0).abs() < 1.5), "{heard:?} dB(A)");
    office.reports.clear();
    office.block(quiet, 0.0);
    (0..MINUTE).for_each(|_| office.block(quiet, 0.0));
    let before_db = office.masking_range_db();
    assert!(before_db.1 - before_db.0 < 0.1, "at rest: {before_db:?}");
    (0..30 * MINUTE).for_each(|_| office.block(2.0 * quiet, 0.0));
    let after_db = office.masking_range_db();
    println!("waveform {waveform}, couplings {coupling_error_db:+} dB: {before_db:?}, then {after_db:?} dB(A)");
    assert!(
        after_db.0 > before_db.0 - 0.5 && after_db.1 < before_db.1 + 0.5,
        "{after_db:?}"
    );
    // It is awake all the same: somebody talks at about 53 dB(A).
    (0..MINUTE).for_each(|_| office.block(2.0 * quiet, 0.005));
    let answered_db = office.masking_range_db();
    assert!(answered_db.1 > after_db.1 + 0.5, "{answered_db:?}");
}

#[test]
fn louder_ventilation_is_not_masked() {
    masking_does_not_answer(true, 0.0);
}

#[test]
fn louder_ventilation_is_not_masked_without_the_canceller() {
    masking_does_not_answer(false, 0.0);
}

#[test]
fn louder_ventilation_is_not_masked_where_the_layout_takes_couplings_for_3_db_louder() {
    masking_does_not_answer(true, 3.0);
    masking_does_not_answer(false, 3.0);
}

#[test]
fn louder_ventilation_is_not_masked_where_the_layout_takes_couplings_for_3_db_softer() {
    masking_does_not_answer(true, -3.0);
    masking_does_not_answer(false, -3.0);
}
