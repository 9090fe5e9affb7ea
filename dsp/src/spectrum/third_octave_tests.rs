//! Third-octave and octave bands against the standard's table and against exact sums.

use core::f64::consts::TAU;

use super::{
    super::{BAND_COUNT, Decimator, band_centre_hz},
    *,
};

const RATES: [u32; 3] = [44_100, 48_000, 96_000];

/// Base-ten octave ratio (IEC 61260-1:2014, 5.2.1).
fn octave_ratio() -> f64 {
    10f64.powf(0.3)
}

/// IEC 61260-1:2014, Table 1: exponent of the octave ratio, least and greatest relative attenuation of class 1, dB.
const TABLE_1: [(f64, f64, f64); 10] = [
    (0.0, -0.4, 0.4),
    (0.125, -0.4, 0.5),
    (0.25, -0.4, 0.7),
    (0.375, -0.4, 1.4),
    (0.5 - 1e-6, -0.4, 5.3),
    (0.5 + 1e-6, 1.2, f64::INFINITY),
    (1.0, 16.6, f64::INFINITY),
    (2.0, 40.5, f64::INFINITY),
    (3.0, 60.0, f64::INFINITY),
    (4.0, 70.0, f64::INFINITY),
];

/// Ω of a breakpoint for bands of 1/`fraction` octave (IEC 61260-1:2014, formula 9).
fn omega(exponent: f64, fraction: f64) -> f64 {
    let g = octave_ratio();
    1.0 + (g.powf(0.5 / fraction) - 1.0) / (g.sqrt() - 1.0) * (g.powf(exponent) - 1.0)
}

/// The breakpoints and the points halfway between them, whose limits are interpolated linearly over lg Ω.
fn limits(fraction: f64) -> Vec<(f64, f64, f64)> {
    let point = |(exponent, least, most): (f64, f64, f64)| (omega(exponent, fraction), least, most);
    let between = TABLE_1.windows(2).map(|pair| {
        let ((a, a_least, a_most), (b, b_least, b_most)) = (point(pair[0]), point(pair[1]));
        ((a * b).sqrt(), (a_least + b_least) / 2.0, (a_most + b_most) / 2.0)
    });
    TABLE_1.iter().map(|row| point(*row)).chain(between).collect()
}

/// Decimator and bands of one microphone.
struct Chain {
    filter: DecimatorFilter,
    tables: ThirdOctaveTables,
    hop_frames: usize,
}

impl Chain {
    fn new(rate: u32) -> Self {
        let filter = DecimatorFilter::new(rate);
        Chain {
            tables: ThirdOctaveTables::new(rate, &filter),
            filter,
            hop_frames: (rate / 50) as usize,
        }
    }

    /// The first `hops` hops of a signal as one period; the low bands are analysed at hop 70 and every 50 hops from there on.
    fn analyse(&mut self, hops: usize, signal: impl FnMut(usize) -> f64) -> BandPowers {
        self.periods(hops, hops, 30, signal).pop().flatten().unwrap()
    }

    fn periods(
        &mut self,
        hops: usize,
        period: usize,
        phase: usize,
        mut signal: impl FnMut(usize) -> f64,
    ) -> Vec<Option<BandPowers>> {
        let mut bands = ThirdOctaves::new(&self.tables, phase);
        let mut decimator = Decimator::<1>::new(&self.filter);
        let mut decimated = vec![[0.0]; self.filter.output_hop()];
        let mut full = vec![0.0; self.hop_frames];
        let mut periods = Vec::new();
        for hop in 0..hops {
            for (n, sample) in full.iter_mut().enumerate() {
                *sample = signal(hop * self.hop_frames + n) as f32;
            }
            decimator.take(&self.filter, 0, full.as_chunks().0);
            decimator.end_hop(&self.filter, &mut decimated);
            bands.push_hop(&mut self.tables, decimated.as_flattened(), &full);
            if (hop + 1) % period == 0 {
                periods.push(bands.end_period(&self.tables));
            }
        }
        periods
    }
}

/// A sine of the given frequency with a mean square of one, by rotation.
fn sine(rate: u32, frequency: f64) -> impl FnMut(usize) -> f64 {
    let (step_im, step_re) = (TAU * frequency / f64::from(rate)).sin_cos();
    let (mut re, mut im) = (2f64.sqrt(), 0.0);
    move |_| {
        (re, im) = (re * step_re - im * step_im, re * step_im + im * step_re);
        im
    }
}

/// White noise with a mean square of one third.
fn noise() -> impl FnMut(usize) -> f64 {
    let mut state = 1u64;
    move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as f64 / 2f64.powi(30) - 1.0
    }
}

/// Checks one kind of bands with tones at every limit and its mirror image 1/Ω.
fn assert_class_1(fraction: f64, centres: &[f64], power: impl Fn(&BandPowers, usize) -> f32) {
    for rate in RATES {
        let mut chain = Chain::new(rate);
        for (band, centre) in centres.iter().enumerate() {
            // Between the breakpoints at one rate only, which keeps the test short.
            let points = if rate == 48_000 { usize::MAX } else { TABLE_1.len() };
            for (omega, least, most) in limits(fraction).into_iter().take(points) {
                for frequency in [centre * omega, centre / omega] {
                    if frequency > f64::from(rate) * 0.499 {
                        continue;
                    }
                    let found = chain.analyse(70, sine(rate, frequency));
                    let attenuation = -10.0 * f64::from(power(&found, band)).log10();
                    assert!(
                        (least..=most).contains(&attenuation),
                        "{centre:.1} Hz, tone of {frequency:.1} Hz at {rate} Hz: {attenuation:.2} dB, not {least} to {most}"
                    );
                }
            }
        }
    }
}

#[test]
fn third_octave_bands_are_class_1() {
    let centres: Vec<f64> = (0..BAND_COUNT).map(band_centre_hz).collect();
    assert_class_1(3.0, &centres, |powers, band| powers.third_octaves[band]);
}

#[test]
fn octave_bands_are_class_1() {
    let centres: Vec<f64> = (0..OCTAVE_COUNT).map(|octave| band_centre_hz(3 * octave + 1)).collect();
    assert!(
        (centres[5] / 1000.0 - 1.0).abs() < 1e-9,
        "the octaves are those of the standard"
    );
    assert_class_1(1.0, &centres, |powers, band| powers.octaves[band]);
}

#[test]
fn a_breakpoint_is_where_the_standard_prints_it() {
    // IEC 61260-1:2014, Table 1, third octaves.
    for (exponent, printed) in [
        (0.125, 1.026_67),
        (0.25, 1.055_75),
        (0.375, 1.087_46),
        (1.0, 1.294_37),
        (4.0, 5.391_95),
    ] {
        assert!((omega(exponent, 3.0) - printed).abs() < 1e-5);
    }
}

#[test]
fn the_bands_of_many_tones_sum_to_the_broadband_level() {
    for rate in RATES {
        let tones: Vec<f64> = (0..60)
            .map(|n| 30.0 * (17_000.0f64 / 30.0).powf(f64::from(n) / 59.0))
            .collect();
        let mut sines: Vec<_> = tones.iter().map(|frequency| sine(rate, *frequency)).collect();
        let found = Chain::new(rate).analyse(70, |n| sines.iter_mut().map(|sine| sine(n)).sum());
        for sum in [found.third_octaves.iter().sum::<f32>(), found.octaves.iter().sum()] {
            let error = 10.0 * (f64::from(sum) / tones.len() as f64).log10();
            assert!(error.abs() < 0.1, "{rate} Hz: {error:+.2} dB");
        }
    }
}

#[test]
fn the_bands_of_noise_have_its_density_and_sum_to_its_level() {
    for rate in RATES {
        let seconds = 12;
        let periods = Chain::new(rate).periods(50 * seconds, 50, 0, noise());
        let heard: Vec<_> = periods.into_iter().flatten().collect();
        assert!(heard.len() >= seconds - 2);
        let mean =
            |power: &dyn Fn(&BandPowers) -> f32| heard.iter().map(|p| f64::from(power(p))).sum::<f64>() / heard.len() as f64;
        let density = 1.0 / 3.0 / (f64::from(rate) / 2.0);
        for band in 14..BAND_COUNT {
            let (low, high) = band_edges_hz(band);
            let error = 10.0 * (mean(&|p| p.third_octaves[band]) / (density * (high - low))).log10();
            assert!(error.abs() < 0.5, "{:.0} Hz at {rate}: {error:+.2} dB", band_centre_hz(band));
        }
        let within = band_edges_hz(BAND_COUNT - 1).1 - band_edges_hz(0).0;
        let error = 10.0 * (mean(&|p| p.third_octaves.iter().sum()) / (density * within)).log10();
        assert!(error.abs() < 0.2, "{rate}: {error:+.2} dB");
    }
}

#[test]
fn a_short_sound_below_7_khz_counts_fully_whenever_it_comes() {
    let rate = 48_000;
    for begin in [100_000usize, 110_123, 120_000, 131_071] {
        let mut tone = sine(rate, 1000.0);
        // 50 periods of 1 kHz.
        let burst = |n: usize| if (begin..begin + 2400).contains(&n) { tone(n) } else { 0.0 };
        let periods = Chain::new(rate).periods(300, 50, 7, burst);
        let heard: f64 = periods
            .iter()
            .flatten()
            .map(|p| f64::from(p.third_octaves.iter().sum::<f32>()))
            .sum();
        let error = 10.0 * (heard / 0.05).log10();
        assert!(error.abs() < 0.05, "from frame {begin}: {error:+.3} dB");
    }
}

#[test]
fn there_is_no_spectrum_before_the_first_window_is_full_and_one_every_second_from_then_on() {
    for phase in 0..50 {
        let periods = Chain::new(48_000).periods(250, 50, phase, noise());
        let known: Vec<bool> = periods.iter().map(Option::is_some).collect();
        assert!(!known[0] && known[2..].iter().all(|known| *known), "phase {phase}: {known:?}");
    }
}
