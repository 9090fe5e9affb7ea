//! The engine of a small site, from samples to reports and back to samples.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::{f64::consts::TAU, sync::OnceLock};

use habitat_dsp::{
    Cause, CouplingSetup, Engine, EngineSetup, HearingSetup, LoudspeakerSetup, MicrophoneFault, MicrophoneSetup, OwnSoundSetup,
    Parameters, RemovalSetup, Report, STI_CURVE_POINTS, ZoneParameters, ZoneReport, ZoneSetup, spectrum::BAND_COUNT,
};

const RATE: u32 = 48_000;
const ZONES: usize = 3;

/// A path that is equally loud in all bands: the powers of `own` below.
fn coupling(loudspeaker: usize, zone: usize) -> CouplingSetup {
    let power: f32 = if loudspeaker == zone { 0.4 } else { 0.06 };
    CouplingSetup {
        loudspeaker,
        gain_db: [10.0 * power.log10(); BAND_COUNT],
    }
}

/// Three zones in a row, one microphone and one loudspeaker each, that hear each other 8 dB softer than themselves.
fn setup() -> EngineSetup {
    let sti_curve = core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0));
    let own = |zone: usize| {
        (0..ZONES).map(move |z| OwnSoundSetup {
            zone: z,
            power: if z == zone { 0.4 } else { 0.06 },
        })
    };
    let beside = |zone: usize| (0..ZONES).filter(move |z| z.abs_diff(zone) == 1);
    EngineSetup {
        sample_rate_hz: RATE,
        microphones: (0..ZONES)
            .map(|zone| MicrophoneSetup {
                zone,
                sensitivity_dbfs: -26.0,
                loudspeakers: (0..ZONES).map(|loudspeaker| coupling(loudspeaker, zone)).collect(),
            })
            .collect(),
        loudspeakers: (0..ZONES)
            .map(|zone| LoudspeakerSetup {
                zone,
                output_db_spl: 94.0,
            })
            .collect(),
        zones: (0..ZONES)
            .map(|zone| ZoneSetup {
                level_fixed_db: 43.0,
                sti_target: 0.45,
                normal_voice_db: 50.0,
                masking: own(zone).collect(),
                hearing: (0..ZONES)
                    .filter(|z| *z != zone)
                    .map(|from_zone| HearingSetup {
                        from_zone,
                        to_listeners_db: -8.0,
                        to_each_listener_db: Vec::new(),
                        to_microphones_db: Some(-8.0),
                        sti_curve,
                    })
                    .collect(),
                neighbours: beside(zone).collect(),
            })
            .collect(),
        removal: RemovalSetup::default(),
        masking_spectrum_db: core::array::from_fn(|band| {
            if (6..=25).contains(&band) {
                -5.0 / 3.0 * band as f64
            } else {
                f64::NEG_INFINITY
            }
        }),
        slew_up_db_per_min: 3.0,
        slew_down_db_per_min: 1.5,
        neighbour_max_db: 2.0,
        price_per_db: 0.01,
        startup_ramp_s: 10.0,
        seed: 1,
    }
}

fn parameters() -> Parameters {
    let zone = ZoneParameters {
        enabled: true,
        offset_db: 0.0,
        level_min_db: 40.0,
        level_max_db: 46.0,
        muted: false,
    };
    Parameters {
        muted: false,
        fade_out: false,
        zones: vec![zone; ZONES],
    }
}

struct Run {
    engine: Engine,
    reports: Vec<Report>,
    output: Vec<f32>,
    frame: usize,
}

impl Run {
    fn new(setup: &EngineSetup) -> Self {
        let engine = Engine::new(setup, &parameters()).unwrap();
        Run {
            engine,
            reports: Vec::new(),
            output: Vec::new(),
            frame: 0,
        }
    }

    /// Runs for some seconds on a signal (frame, channel) -> sample, in blocks.
    fn go(&mut self, seconds: f64, block: usize, signal: impl Fn(usize, usize) -> f32) -> &mut Self {
        let end = self.frame + (seconds * f64::from(RATE)) as usize;
        while self.frame < end {
            let frames = block.min(end - self.frame);
            let input: Vec<f32> = (0..frames * ZONES)
                .map(|n| signal(self.frame + n / ZONES, n % ZONES))
                .collect();
            let mut output = vec![0.0; frames * ZONES];
            self.engine
                .process(frames, Some(&input), Some(&mut output), &mut self.reports);
            self.output.extend(output);
            self.frame += frames;
        }
        self
    }

    fn zones(&self) -> Vec<ZoneReport> {
        let zone = |report: &Report| match report {
            Report::Zone(zone) => Some(*zone),
            _ => None,
        };
        self.reports.iter().filter_map(zone).collect()
    }
}

/// Reproducible white noise, −1 to 1.
fn noise(frame: usize, channel: usize) -> f32 {
    let mut x = (frame as u64 * 8 + channel as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
}

/// Somebody reads aloud, without end; `amplitude` 1 is full scale of the recording.
fn voice(frame: usize, amplitude: f32) -> f32 {
    static SAMPLES: OnceLock<(Vec<f32>, f64)> = OnceLock::new();
    let (samples, rate) = SAMPLES.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../daemon/sounds/anna.wav");
        let mut wav = hound::WavReader::open(path).unwrap();
        let samples = wav
            .samples::<i16>()
            .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
            .collect();
        (samples, f64::from(wav.spec().sample_rate))
    });
    let position = frame as f64 * rate / f64::from(RATE);
    let (index, share) = (position as usize % samples.len(), position.fract() as f32);
    let next = samples[(index + 1) % samples.len()];
    amplitude * (samples[index] + share * (next - samples[index]))
}

#[test]
fn a_tone_at_the_sensitivity_reads_94_db_and_the_a_weighting() {
    let amplitude = 10f64.powf(-26.0 / 20.0);
    let mut run = Run::new(&setup());
    run.go(3.0, 1024, |frame, channel| {
        if channel == 1 {
            (amplitude * (TAU * 440.0 * frame as f64 / f64::from(RATE)).sin()) as f32
        } else {
            0.0
        }
    });
    let last = run.zones().into_iter().rfind(|zone| zone.zone == 1).unwrap();
    // IEC 61672-1:2013, Annex E at 440 Hz.
    let f2 = 440f64.powi(2);
    let a = 20.0
        * (12194.217f64.powi(2) * f2 * f2
            / ((f2 + 20.598997f64.powi(2))
                * ((f2 + 107.65265f64.powi(2)) * (f2 + 737.86223f64.powi(2))).sqrt()
                * (f2 + 12194.217f64.powi(2))))
        .log10()
        + 2.0;
    let expected = 94.0 + a;
    assert!((expected - 89.8).abs() < 0.15, "{expected}");
    for level in [last.laeq_db, last.lafmax_db] {
        assert!(
            (f64::from(level.unwrap()) - expected).abs() < 0.2,
            "{level:?} instead of {expected}"
        );
    }
    assert_eq!(last.speech_ratio, 0.0, "a tone is not speech");
}

#[test]
fn the_block_size_changes_nothing() {
    let signal = |frame, channel| 0.001 * noise(frame, channel) + if channel == 0 { voice(frame, 0.02) } else { 0.0 };
    let mut reference = Run::new(&setup());
    reference.go(4.0, 960, signal);
    for block in [64, 137, 1024, 5000] {
        let mut other = Run::new(&setup());
        other.go(4.0, block, signal);
        assert_eq!(other.reports, reference.reports, "block {block}");
        let largest = other
            .output
            .iter()
            .zip(&reference.output)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(largest < 1e-6, "block {block}: {largest}");
    }
}

#[test]
fn a_period_is_exactly_one_second_whatever_the_block() {
    for rate in [44_100, 48_000, 96_000] {
        let mut engine = Engine::new(
            &EngineSetup {
                sample_rate_hz: rate,
                ..setup()
            },
            &parameters(),
        )
        .unwrap();
        let mut reports = Vec::new();
        let input = vec![0.0; 1000 * ZONES];
        for _ in 0..(rate * 5).div_ceil(1000) {
            engine.process(1000, Some(&input), None, &mut reports);
        }
        engine.finish(&mut reports);
        let ends: Vec<u64> = reports
            .iter()
            .filter_map(|report| match report {
                Report::Zone(zone) if zone.zone == 0 => Some(zone.end_frame),
                _ => None,
            })
            .collect();
        assert_eq!(ends, (1..=5).map(|second| second * u64::from(rate)).collect::<Vec<_>>());
    }
}

#[test]
fn every_sampling_rate_is_measured() {
    for rate in [8_000, 11_050, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000] {
        let site = EngineSetup {
            sample_rate_hz: rate,
            ..setup()
        };
        let mut engine = Engine::new(&site, &parameters()).unwrap();
        let mut reports = Vec::new();
        let frames = rate as usize / 10;
        let mut output = vec![0.0; frames * ZONES];
        for block in 0..25 {
            let input: Vec<f32> = (0..frames * ZONES)
                .map(|n| 0.01 * noise(block * frames + n / ZONES, n % ZONES))
                .collect();
            engine.process(frames, Some(&input), Some(&mut output), &mut reports);
        }
        engine.finish(&mut reports);
        let levels: Vec<f32> = reports
            .iter()
            .filter_map(|report| match report {
                Report::Zone(zone) => zone.laeq_db,
                _ => None,
            })
            .collect();
        assert_eq!(levels.len(), 2 * ZONES, "{rate} Hz");
        assert!(
            levels.iter().all(|level| (60.0..100.0).contains(level)),
            "{rate} Hz: {levels:?}"
        );
    }
}

#[test]
fn speech_in_one_zone_raises_the_others_and_not_its_own() {
    let mut run = Run::new(&setup());
    // Background of about 35 dB(A), speech of about 53 dB(A) in zone 0.
    let background = |frame, channel| 0.0001 * noise(frame, channel);
    run.go(15.0, 960, background);
    let before = run.zones();
    run.go(40.0, 960, |frame, channel| {
        background(frame, channel) + if channel == 0 { voice(frame, 0.005) } else { 0.0 }
    });
    let zones = run.zones();
    let spoken: Vec<_> = zones[before.len()..].iter().filter(|zone| zone.zone == 0).collect();
    let says_so = spoken.iter().filter(|zone| zone.speech_ratio >= 0.5 && zone.talker).count();
    assert!(says_so * 10 >= spoken.len() * 9, "{says_so} of {}", spoken.len());
    let masking = |zone: u32, list: &[ZoneReport]| list.iter().rfind(|z| z.zone == zone).unwrap().masking_db;
    let speech = spoken.last().unwrap().speech_laeq_db.unwrap();
    for zone in 0..3 {
        let rise = masking(zone, &zones) - masking(zone, &before);
        if zone == 0 {
            assert!(rise < 0.02, "the talker's own zone rose by {rise} dB");
        } else {
            assert!(rise > 0.3, "zone {zone} rose by {rise} dB only, for speech of {speech} dB");
        }
    }
    let causes: Vec<_> = run
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Adaptation(change) if change.zone > 0 && change.end_frame > 20 * u64::from(RATE) => Some(change),
            _ => None,
        })
        .collect();
    run.engine.finish(&mut Vec::new());
    assert!(
        causes
            .iter()
            .all(|change| change.cause == Cause::Speech && change.evidence.is_some_and(|(_, from)| from == 0)),
        "{causes:?}"
    );
}

#[test]
fn levels_start_at_the_fixed_level_and_every_change_is_on_record() {
    let mut run = Run::new(&setup());
    run.go(180.0, 4800, |frame, channel| 0.0001 * noise(frame, channel));
    run.engine.finish(&mut run.reports);
    let ramped = run
        .zones()
        .into_iter()
        .find(|zone| zone.zone == 1 && zone.end_frame == 11 * u64::from(RATE))
        .unwrap();
    assert!((ramped.masking_db - 43.0).abs() < 0.05, "{}", ramped.masking_db);
    for zone in 0..3 {
        let mut level = 0.0;
        for report in &run.reports {
            if let Report::Adaptation(change) = report
                && change.zone == zone
            {
                assert!(
                    (change.from_db - level).abs() < 1e-9,
                    "a change of zone {zone} is missing: {level} -> {change:?}"
                );
                level = change.to_db;
            }
        }
        let last = run.zones().into_iter().rfind(|z| z.zone == zone).unwrap();
        assert!((f64::from(last.masking_db) - level).abs() < 0.01);
        assert!(
            (level - 40.0).abs() < 0.01,
            "a quiet office falls to its lowest level: {level}"
        );
    }
}

#[test]
fn a_mute_is_silent_at_once_and_a_fade_out_takes_a_fifth_of_a_second() {
    let mut run = Run::new(&setup());
    let silence = |_, _| 0.0;
    run.go(12.0, 960, silence);
    run.engine.set_parameters(&Parameters {
        muted: true,
        ..parameters()
    });
    let begin = run.output.len();
    run.go(1.0, 960, silence);
    let after_40_ms = begin + RATE as usize * 40 / 1000 * ZONES;
    assert!(run.output[after_40_ms..].iter().all(|sample| *sample == 0.0));
    run.engine.set_parameters(&parameters());
    run.go(12.0, 960, silence);
    run.engine.set_parameters(&Parameters {
        fade_out: true,
        ..parameters()
    });
    let begin = run.output.len();
    run.go(0.3, 960, silence);
    let at = |ms: usize| begin + RATE as usize * ms / 1000 * ZONES;
    assert!(run.output[at(0)..at(150)].iter().any(|sample| *sample != 0.0));
    assert!(run.output[at(260)..].iter().all(|sample| *sample == 0.0));
    assert!(run.reports.contains(&Report::Silent));
}

#[test]
fn what_is_not_a_number_is_no_level_and_nobody_elses_problem() {
    let mut run = Run::new(&setup());
    let background = |frame, channel| 0.0001 * noise(frame, channel);
    run.go(12.0, 960, background);
    run.go(1.0, 960, |frame, channel| match (channel, frame % 7) {
        (1, 0) => f32::NAN,
        (1, 1) => f32::INFINITY,
        (1, 2) => 3e38,
        _ => background(frame, channel),
    });
    run.go(14.0, 960, background);
    let zones = run.zones();
    let second = |zone: u32, second: u64| {
        *zones
            .iter()
            .find(|z| z.zone == zone && z.end_frame == second * u64::from(RATE))
            .unwrap()
    };
    assert_eq!(second(1, 13).laeq_db, None);
    let (clean, other) = (second(1, 15).laeq_db.unwrap(), second(0, 13).laeq_db.unwrap());
    assert!((clean - second(1, 12).laeq_db.unwrap()).abs() < 0.5 && (other - second(0, 12).laeq_db.unwrap()).abs() < 0.5);
    assert!(
        zones
            .iter()
            .all(|z| z.laeq_db.is_none_or(f32::is_finite) && z.masking_db.is_finite())
    );
    let faults: Vec<bool> = run
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Microphone {
                microphone: 1, fault, ..
            } => Some(fault.is_some()),
            _ => None,
        })
        .collect();
    assert_eq!(faults, [true, false]);
    assert!(run.output.iter().all(|sample| sample.is_finite()));
}

#[test]
fn the_masking_is_played_at_the_level_that_is_reported() {
    let mut run = Run::new(&setup());
    run.go(11.0, 960, |_, _| 0.0);
    let begin = run.output.len();
    run.go(20.0, 960, |_, _| 0.0);
    // Free-field power at 1 m of each loudspeaker, from its samples: 94 dB SPL at 0 dBFS (mean square 0.5).
    let powers: Vec<f64> = (0..ZONES)
        .map(|channel| {
            let mut weighting =
                habitat_dsp::level::WeightingFilter::new(habitat_dsp::level::FrequencyWeighting::A, f64::from(RATE));
            let samples = run.output[begin + channel..].iter().step_by(ZONES);
            let sum: f64 = samples.map(|x| weighting.process(f64::from(*x)).powi(2)).sum();
            sum / (20.0 * f64::from(RATE)) / 0.5 * 10f64.powf(9.4)
        })
        .collect();
    let zones = run.zones();
    for zone in 0..ZONES {
        let at_listeners: f64 = (0..ZONES)
            .map(|source| powers[source] * if source == zone { 0.4 } else { 0.06 })
            .sum();
        let during = zones
            .iter()
            .filter(|z| z.zone == zone as u32 && z.end_frame > 11 * u64::from(RATE));
        let reported: Vec<f64> = during.map(|z| 10f64.powf(f64::from(z.masking_db) / 10.0)).collect();
        let mean = reported.iter().sum::<f64>() / reported.len() as f64;
        let error = 10.0 * (at_listeners / mean).log10();
        assert!(error.abs() < 0.2, "zone {zone}: {error:+.2} dB");
    }
}

#[test]
fn a_site_that_contradicts_itself_is_refused() {
    let mut wrong = setup();
    wrong.zones[0].neighbours.push(9);
    assert!(Engine::new(&wrong, &parameters()).is_err());
    assert!(
        Engine::new(
            &EngineSetup {
                sample_rate_hz: 44_099,
                ..setup()
            },
            &parameters()
        )
        .is_err()
    );
    assert_eq!(STI_CURVE_POINTS, 61);
}

#[test]
fn a_dead_microphone_is_told_within_5_seconds_and_called_healthy_after_10_good_ones() {
    let mut run = Run::new(&setup());
    let background = |frame, channel| 0.0001 * noise(frame, channel);
    run.go(12.0, 960, background);
    run.go(
        8.0,
        960,
        |frame, channel| if channel == 1 { 0.0 } else { background(frame, channel) },
    );
    run.go(12.0, 960, background);
    let told: Vec<_> = run
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Microphone {
                microphone,
                end_frame,
                fault,
            } => Some((*microphone, end_frame / u64::from(RATE), *fault)),
            _ => None,
        })
        .collect();
    let [(1, begins, Some(MicrophoneFault::Dead)), (1, ends, None)] = told[..] else {
        panic!("{told:?}");
    };
    assert!((13..=17).contains(&begins), "told in second {begins}");
    assert_eq!(ends, 30);
    let zones = run.zones();
    let silent = zones.iter().filter(|zone| zone.zone == 1 && zone.laeq_db.is_none()).count() as u64;
    assert_eq!(silent, ends - begins, "a faulty microphone has no level");
    assert!(zones.iter().all(|zone| zone.zone == 1 || zone.laeq_db.is_some()));
}
