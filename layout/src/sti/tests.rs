//! The STI against its limits, against hand-computed cases and against an independently computed table.

use proptest::prelude::*;

use super::*;
use crate::acoustics::BAND_COUNT;
use crate::spectrum::{BAND_OF_125_HZ, MALE_SPEECH_OCTAVES_DB, minus5_db};

const SILENCE: [f64; OCTAVE_COUNT] = [f64::NEG_INFINITY; OCTAVE_COUNT];

/// Far above threshold and with no masking from below: all octaves at the same moderate level.
fn at(level_db: f64) -> [f64; OCTAVE_COUNT] {
    [level_db; OCTAVE_COUNT]
}

fn octaves(thirds: &[f64; BAND_COUNT]) -> [f64; OCTAVE_COUNT] {
    core::array::from_fn(|octave| {
        let first = BAND_OF_125_HZ - 1 + 3 * octave;
        level_db(thirds[first..first + 3].iter().map(|level| energy(*level)).sum())
    })
}

#[test]
fn clear_speech_without_noise_or_reverberation_has_an_index_of_one() {
    assert!(sti(&at(62.0), &SILENCE, 0.0) > 0.995);
}

#[test]
fn speech_15_db_below_the_noise_has_an_index_of_zero() {
    assert_eq!(sti(&at(45.0), &at(60.0), 0.0), 0.0);
    assert_eq!(sti(&SILENCE, &at(60.0), 0.5), 0.0);
}

#[test]
fn without_reverberation_the_index_is_linear_in_the_signal_to_noise_ratio() {
    // With m = 1 / (1 + 10^(-SNR/10)) in every band, TI = (SNR + 15) / 30 (IEC 60268-16, A.5.4 and A.5.5), and the
    // weights add up to one. Masking by the next lower octave at 62 dB takes 34 dB less than the noise: 0.001.
    for ratio_db in [-12.0, -9.0, -3.0, 0.0, 3.0, 9.0] {
        let found = sti(&at(60.0), &at(60.0 - ratio_db), 0.0);
        let expected = (ratio_db + 15.0) / 30.0;
        assert!((found - expected).abs() < 0.01, "{ratio_db} dB: {found:.3} for {expected:.3}");
    }
}

#[test]
fn reverberation_alone_gives_the_index_of_its_modulation_transfer() {
    // T = 13.8 s / (2 pi F) makes m = 1/sqrt(2), an effective ratio of 3.83 dB, at that F; over all F by hand for
    // T = 1 s: the mean of clipped 10 lg(m / (1 - m)) is 2.42 dB +- 0.15, an index of 0.58.
    let mean_db = MODULATIONS_HZ
        .iter()
        .map(|f: &f64| {
            let m = (1.0 + (0.4548 * f).powi(2)).sqrt().recip();
            (10.0 * (m / (1.0 - m)).log10()).clamp(-15.0, 15.0)
        })
        .sum::<f64>()
        / 14.0;
    let expected = (mean_db + 15.0) / 30.0;
    let found = sti(&at(62.0), &SILENCE, 1.0);
    assert!((found - expected).abs() < 0.01, "{found:.3} for {expected:.3}");
}

#[test]
fn speech_below_the_threshold_of_hearing_is_not_understood() {
    // The lowest threshold is 6.5 dB; 15 dB below it no band counts.
    assert_eq!(sti(&at(-9.0), &SILENCE, 0.0), 0.0);
}

/// Computed independently with the full model: male speech, -5 dB per octave, speech re noise in dB(A).
const TABLE: [(f64, f64, f64); 7] = [
    (-9.0, 0.16, 0.20),
    (-6.0, 0.25, 0.29),
    (-3.0, 0.34, 0.39),
    (0.0, 0.43, 0.49),
    (3.0, 0.50, 0.58),
    (6.0, 0.57, 0.68),
    (9.0, 0.63, 0.78),
];

#[test]
fn the_index_over_the_speech_to_masking_ratio_is_that_of_the_table() {
    let noise = octaves(&minus5_db()).map(|level| level + 45.0);
    for (ratio_db, reverberant, dry) in TABLE {
        let speech = MALE_SPEECH_OCTAVES_DB.map(|level| level - 57.4 + 45.0 + ratio_db);
        for (reverberation_s, expected) in [(0.4, reverberant), (0.0, dry)] {
            let found = sti(&speech, &noise, reverberation_s);
            println!("{ratio_db} dB, {reverberation_s} s: {found:.3} for {expected}");
            assert!(
                (found - expected).abs() <= 0.02,
                "{ratio_db} dB, {reverberation_s} s: {found:.3} for {expected}"
            );
        }
    }
}

proptest! {
    #[test]
    fn the_index_of_any_spectra_is_between_zero_and_one(
        speech in prop::array::uniform7(-20.0..90.0f64),
        noise in prop::array::uniform7(-20.0..90.0f64),
        reverberation_s in 0.0..3.0f64,
    ) {
        prop_assert!((0.0..=1.0).contains(&sti(&speech, &noise, reverberation_s)));
    }

    // For spectra with holes the redundancy term can turn this round; for speech under masking it holds.
    #[test]
    fn more_masking_or_reverberation_never_makes_speech_clearer(
        speech_db in 20.0..75.0f64,
        noise_db in 20.0..75.0f64,
        more_db in 0.0..20.0f64,
        reverberation_s in 0.0..2.0f64,
        more_s in 0.0..1.0f64,
    ) {
        let speech = MALE_SPEECH_OCTAVES_DB.map(|level| level - 57.4 + speech_db);
        let noise = octaves(&minus5_db()).map(|level| level + noise_db);
        let index = sti(&speech, &noise, reverberation_s);
        prop_assert!(sti(&speech, &noise.map(|level| level + more_db), reverberation_s) <= index + 1e-9);
        prop_assert!(sti(&speech, &noise, reverberation_s + more_s) <= index + 1e-9);
    }
}
