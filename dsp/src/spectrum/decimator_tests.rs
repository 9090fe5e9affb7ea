//! The decimator against its transfer function, its specification and a direct convolution.

use super::*;

const RATES: [u32; 6] = [32_000, 44_100, 48_000, 88_200, 96_000, 192_000];

fn decimate(filter: &DecimatorFilter, input: &[f32]) -> Vec<f32> {
    decimate_in_parts(filter, input, filter.hop_frames)
}

fn decimate_in_parts(filter: &DecimatorFilter, input: &[f32], part_frames: usize) -> Vec<f32> {
    let mut decimator = Decimator::<1>::new(filter);
    let mut output = vec![[0.0]; filter.output_hop()];
    let mut all = Vec::new();
    for hop in input.as_chunks::<1>().0.chunks_exact(filter.hop_frames) {
        for (index, part) in hop.chunks(part_frames).enumerate() {
            decimator.take(filter, index * part_frames, part);
        }
        decimator.end_hop(filter, &mut output);
        all.extend_from_slice(output.as_flattened());
    }
    all
}

#[test]
fn the_output_rate_is_the_lowest_that_carries_the_pass_band() {
    let output = |rate| {
        (
            DecimatorFilter::new(rate).factor(),
            DecimatorFilter::new(rate).output_rate_hz(),
        )
    };
    assert_eq!(output(32_000), (2, 16_000.0));
    assert_eq!(output(44_100), (3, 14_700.0));
    assert_eq!(output(48_000), (3, 16_000.0));
    assert_eq!(output(88_200), (6, 14_700.0));
    assert_eq!(output(96_000), (6, 16_000.0));
    assert_eq!(output(192_000), (12, 16_000.0));
    assert_eq!(output(16_000), (1, 16_000.0));
    assert_eq!(output(8_000), (1, 8_000.0));
    for hops in 1..4000 {
        let filter = DecimatorFilter::new(hops * 50);
        assert_eq!(filter.output_hop() * filter.factor(), hops as usize);
        assert!(filter.factor() == 1 || filter.output_rate_hz() >= 14_700.0);
    }
}

#[test]
fn the_pass_band_is_flat_and_whatever_would_fold_into_it_is_70_db_down() {
    for rate in RATES {
        let filter = DecimatorFilter::new(rate);
        let flat_to = if rate % 44_100 == 0 { 6_500.0 } else { PASS_BAND_HZ };
        let db = |hz: f64| 10.0 * filter.power_gain(hz).log10();
        for step in 0..=400 {
            let gain = db(flat_to * f64::from(step) / 400.0);
            assert!(gain.abs() <= 0.05, "{rate} Hz: {gain:+.3} dB");
        }
        assert!(db(PASS_BAND_HZ) > -6.1, "{rate} Hz: {}", db(PASS_BAND_HZ));
        for image in 1..filter.factor() {
            for step in -400..=400 {
                let folds = filter.output_rate_hz() * image as f64 + PASS_BAND_HZ * f64::from(step) / 400.0;
                if folds <= f64::from(rate) / 2.0 {
                    assert!(db(folds) <= -70.0, "{folds:.0} Hz at {rate} Hz: {:.1} dB", db(folds));
                }
            }
        }
    }
}

#[test]
fn it_is_every_nth_sample_of_a_direct_convolution() {
    for rate in RATES {
        let filter = DecimatorFilter::new(rate);
        let noise: Vec<f32> = (0..3 * filter.hop_frames as u64)
            .map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / 2f32.powi(23) - 1.0)
            .collect();
        for (m, found) in decimate(&filter, &noise).into_iter().enumerate() {
            let newest = filter.factor() * m + filter.factor() - 1;
            let terms = filter.response.iter().enumerate().filter(|(n, _)| *n <= newest);
            let direct: f64 = terms.map(|(n, h)| h * f64::from(noise[newest - n])).sum();
            assert!((f64::from(found) - direct).abs() < 1e-5, "{m} at {rate} Hz");
        }
    }
}

#[test]
fn tones_come_out_as_the_transfer_function_says() {
    for rate in RATES {
        let filter = DecimatorFilter::new(rate);
        // The last three fold to below the pass band where the rate allows them.
        let folded = filter.output_rate_hz() - 3000.0;
        for frequency in [30.0, 1000.0, 6300.0, 7000.0, folded, folded + 4500.0] {
            let input: Vec<f32> = (0..rate)
                .map(|n| (TAU * frequency * f64::from(n) / f64::from(rate)).sin() as f32)
                .collect();
            let output = decimate(&filter, &input);
            // Half a second: a whole number of periods.
            let settled = &output[output.len() - output.len() / 2..];
            let mean_square = settled.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / settled.len() as f64;
            let wanted = filter.power_gain(frequency) / 2.0;
            assert!(
                (mean_square - wanted).abs() < 1e-4 * wanted + 1e-9,
                "{frequency} Hz at {rate} Hz: {mean_square} instead of {wanted}"
            );
        }
    }
}

#[test]
fn a_sound_is_delayed_by_what_the_filter_says() {
    let filter = DecimatorFilter::new(48_000);
    let at = 1200.0;
    let input: Vec<f32> = (0..4800)
        .map(|n| (-((f64::from(n) - at) / 60.0).powi(2)).exp() as f32)
        .collect();
    let output = decimate(&filter, &input);
    let energy: f64 = output.iter().map(|x| f64::from(*x)).sum();
    let centre = output
        .iter()
        .enumerate()
        .map(|(m, x)| 3.0 * m as f64 * f64::from(*x))
        .sum::<f64>()
        / energy;
    assert!((centre - at - filter.delay_frames()).abs() < 0.01, "{centre}");
}

#[test]
fn the_size_of_the_parts_of_a_hop_does_not_matter() {
    let filter = DecimatorFilter::new(44_100);
    let input: Vec<f32> = (0..882 * 5).map(|n| (n as f32 * 0.7).sin()).collect();
    for part_frames in [1, 2, 3, 64, 100, 881] {
        assert_eq!(
            decimate_in_parts(&filter, &input, part_frames),
            decimate(&filter, &input),
            "{part_frames}"
        );
    }
}

#[test]
fn channels_side_by_side_do_not_touch_each_other() {
    let filter = DecimatorFilter::new(48_000);
    let channel = |index: usize| -> Vec<f32> { (0..960 * 4).map(|n| (n as f32 * (0.1 + 0.2 * index as f32)).sin()).collect() };
    let channels: [Vec<f32>; 4] = core::array::from_fn(channel);
    let mut decimator = Decimator::<4>::new(&filter);
    let mut found: [Vec<f32>; 4] = Default::default();
    let mut output = vec![[0.0; 4]; filter.output_hop()];
    for hop in 0..4 {
        let frames: Vec<[f32; 4]> = (hop * 960..(hop + 1) * 960)
            .map(|n| core::array::from_fn(|c| channels[c][n]))
            .collect();
        decimator.take(&filter, 0, &frames);
        decimator.end_hop(&filter, &mut output);
        for frame in &output {
            found.iter_mut().zip(frame).for_each(|(found, sample)| found.push(*sample));
        }
    }
    for (found, channel) in found.iter().zip(&channels) {
        assert_eq!(*found, decimate(&filter, channel));
    }
}
