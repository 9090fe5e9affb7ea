//! The loops over bins that cost the most, written so that they vectorise. They are called within
//! [`pulp::Arch::dispatch`], which compiles them once more for the vector units that the machine turns out to have.

/// A spectrum as slices.
#[derive(Clone, Copy)]
pub struct Bins<'a> {
    pub re: &'a [f32],
    pub im: &'a [f32],
}

/// A spectrum as slices that are written to.
pub struct BinsMut<'a> {
    pub re: &'a mut [f32],
    pub im: &'a mut [f32],
}

/// y += x·w and s += |x|²·p.
#[inline(always)]
pub fn predict(y: BinsMut, s: &mut [f32], x: Bins, x_power: &[f32], w: Bins, p: &[f32]) {
    let n = s.len();
    let (y_re, y_im) = (&mut y.re[..n], &mut y.im[..n]);
    let (x_re, x_im, x_power) = (&x.re[..n], &x.im[..n], &x_power[..n]);
    let (w_re, w_im, p) = (&w.re[..n], &w.im[..n], &p[..n]);
    for k in 0..n {
        y_re[k] += x_re[k] * w_re[k] - x_im[k] * w_im[k];
        y_im[k] += x_re[k] * w_im[k] + x_im[k] * w_re[k];
        s[k] += x_power[k] * p[k];
    }
}

/// The numbers of one update that are the same for all bins.
#[derive(Clone, Copy)]
pub struct Step {
    /// Share of the variance that stays from block to block.
    pub keep: f32,
    /// Share of the response's own power that becomes variance: rooms change.
    pub drift: f32,
    /// Variance is at least this share of the prior: after a change of the room.
    pub floor: f32,
    /// Share of the prior of the first partition that is left in this one.
    pub prior_share: f32,
}

/// One step of the Kalman filter: w += p·gain·e·x*, and the variance p falls by what was learnt.
#[inline(always)]
#[allow(
    clippy::too_many_arguments,
    reason = "a structure would have to be taken apart again for the loop to vectorise"
)]
pub fn update(w: BinsMut, p: &mut [f32], prior: &[f32], gain: &[f32], e: Bins, x: Bins, x_power: &[f32], step: Step) {
    let n = p.len();
    let (w_re, w_im, prior, gain) = (&mut w.re[..n], &mut w.im[..n], &prior[..n], &gain[..n]);
    let (e_re, e_im, x_re, x_im, x_power) = (&e.re[..n], &e.im[..n], &x.re[..n], &x.im[..n], &x_power[..n]);
    for k in 0..n {
        let mu = p[k] * gain[k];
        w_re[k] += mu * (e_re[k] * x_re[k] + e_im[k] * x_im[k]);
        w_im[k] += mu * (e_im[k] * x_re[k] - e_re[k] * x_im[k]);
        let learnt = step.keep * p[k] * (1.0 - 0.5 * mu * x_power[k]);
        let drifted = step.drift * (w_re[k] * w_re[k] + w_im[k] * w_im[k]);
        let most = step.prior_share * prior[k];
        p[k] = (learnt + drifted).max(step.floor * most).min(most);
    }
}

/// Powers are smoothed over this many bins on each side: 30 Hz, a third of the lowest critical band.
pub const SMOOTHING_HALF_BINS: usize = 12;

/// Keeps a root away from zero where nothing is heard or played.
const NOTHING: f32 = 1e-30;

/// Independent partial sums, which the compiler may keep in vectors: enough that none waits for the one before.
const SUMS: usize = 16;

/// Spectrum of a block that fades in and out by half a period of a sine, made from that of the block with its edges; turned by a quarter,
/// as for every block. Two blocks in a row share an edge, and what that makes of a loud low end is the same in all high bins of both:
/// it would look as if the blocks had something in common.
#[inline(always)]
pub fn taper(e: Bins, tapered: BinsMut) {
    let n = e.re.len();
    let (e_re, e_im) = (&e.re[..n], &e.im[..n]);
    let (t_re, t_im) = (&mut tapered.re[..n], &mut tapered.im[..n]);
    for k in 1..n.saturating_sub(1) {
        t_re[k] = 0.5 * (e_re[k - 1] - e_re[k + 1]);
        t_im[k] = 0.5 * (e_im[k - 1] - e_im[k + 1]);
    }
}

/// From the mean product of two tapered blocks with what was played, each re its power, to the share of that in them. The FFT of two
/// blocks holds (Σw)² of the mean square of a steady signal times the length, of Σw²·2N: (2N/π)² of N².
pub const AGREEMENT_TO_SHARE: f32 = core::f32::consts::PI * core::f32::consts::PI / 4.0;

/// How far every bin has turned since the block before: `turned` = x/√power · (the same of the block before)*. `white`, which is x/√power
/// of the block before, becomes that of this one.
#[inline(always)]
pub fn turn(x: Bins, power: &[f32], white: BinsMut, turned: BinsMut) {
    let n = power.len();
    let (x_re, x_im) = (&x.re[..n], &x.im[..n]);
    let (w_re, w_im) = (&mut white.re[..n], &mut white.im[..n]);
    let (t_re, t_im) = (&mut turned.re[..n], &mut turned.im[..n]);
    for k in 0..n {
        let scale = 1.0 / (power[k] + NOTHING).sqrt();
        let (re, im) = (x_re[k] * scale, x_im[k] * scale);
        t_re[k] = re * w_re[k] + im * w_im[k];
        t_im[k] = im * w_re[k] - re * w_im[k];
        w_re[k] = re;
        w_im[k] = im;
    }
}

/// Σ e·x*, as real and imaginary part.
#[inline(always)]
pub fn product(e: Bins, x: Bins) -> (f32, f32) {
    let n = e.re.len();
    let (e_re, e_im, x_re, x_im) = (&e.re[..n], &e.im[..n], &x.re[..n], &x.im[..n]);
    let (mut re, mut im) = ([0.0f32; SUMS], [0.0f32; SUMS]);
    // Nothing here is a closure or a function: neither would be compiled for the vector units of the caller.
    let whole = n - n % SUMS;
    for k in whole..n {
        re[0] += e_re[k] * x_re[k] + e_im[k] * x_im[k];
        im[0] += e_im[k] * x_re[k] - e_re[k] * x_im[k];
    }
    let (e_re, e_im, x_re, x_im) = (&e_re[..whole], &e_im[..whole], &x_re[..whole], &x_im[..whole]);
    for begin in (0..whole).step_by(SUMS) {
        for lane in 0..SUMS {
            let k = begin + lane;
            re[lane] += e_re[k] * x_re[k] + e_im[k] * x_im[k];
            im[lane] += e_im[k] * x_re[k] - e_re[k] * x_im[k];
        }
    }
    let (mut sum_re, mut sum_im) = (0.0, 0.0);
    for lane in 0..SUMS {
        sum_re += re[lane];
        sum_im += im[lane];
    }
    (sum_re, sum_im)
}

/// What a block has in common with all before it: the real part of Σ g·past*, where g = e·x* of two signals whose power is 1 in every
/// bin, and `past` the sum of those before. Then the past fades by `keep`, and the block becomes a part of it.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "one index over all lanes is what vectorises")]
pub fn agreement_with_past(e: Bins, x: Bins, past: BinsMut, keep: f32) -> f32 {
    let n = x.re.len();
    let whole = n - n % SUMS;
    let (e_re, e_im) = (&e.re[..whole], &e.im[..whole]);
    let (x_re, x_im) = (&x.re[..whole], &x.im[..whole]);
    let (p_re, p_im) = (&mut past.re[..whole], &mut past.im[..whole]);
    let mut sums = [0.0f32; SUMS];
    // The few bins beyond the last whole vector are left out: they tell nothing that the others do not.
    for begin in (0..whole).step_by(SUMS) {
        for lane in 0..SUMS {
            let k = begin + lane;
            let g_re = e_re[k] * x_re[k] + e_im[k] * x_im[k];
            let g_im = e_im[k] * x_re[k] - e_re[k] * x_im[k];
            sums[lane] += g_re * p_re[k] + g_im * p_im[k];
            p_re[k] = keep * p_re[k] + g_re;
            p_im[k] = keep * p_im[k] + g_im;
        }
    }
    let mut sum = 0.0;
    for part in sums {
        sum += part;
    }
    sum
}

/// Σ|x|².
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "one index over all lanes is what vectorises")]
pub fn energy(x: Bins) -> f32 {
    const LANES: usize = 8;
    let n = x.re.len();
    let whole = n - n % LANES;
    let (re, im) = (&x.re[..n], &x.im[..n]);
    let mut sums = [0.0f32; LANES];
    for begin in (0..whole).step_by(LANES) {
        for lane in 0..LANES {
            let k = begin + lane;
            sums[lane] += re[k] * re[k] + im[k] * im[k];
        }
    }
    let mut sum = 0.0;
    for k in whole..n {
        sum += re[k] * re[k] + im[k] * im[k];
    }
    for part in sums {
        sum += part;
    }
    sum
}

/// |e|², and its mean over 2·`half` + 1 bins around each.
#[inline(always)]
pub fn smooth_power(e: Bins, half: usize, power: &mut [f32], smoothed: &mut [f32]) {
    let n = smoothed.len();
    let (re, im, power) = (&e.re[..n], &e.im[..n], &mut power[..n]);
    for k in 0..n {
        power[k] = re[k] * re[k] + im[k] * im[k];
    }
    // The running sum begins anew every few bins: in single precision a loud bin would leave its rounding behind.
    for begin in (0..n).step_by(64) {
        let end = (begin + 64).min(n);
        let (mut low, mut high) = (begin.saturating_sub(half), (begin + half).min(n));
        let mut sum: f32 = power[low..high].iter().sum();
        for (k, smoothed) in smoothed.iter_mut().enumerate().take(end).skip(begin) {
            if high < n {
                sum += power[high];
                high += 1;
            }
            if k > low + half {
                sum -= power[low];
                low += 1;
            }
            *smoothed = sum.max(0.0) / (high - low) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::own_sound::transform::{Spectrum, Transform, Tuning};

    fn noise(seed: u64, n: usize) -> Vec<f32> {
        let mut bits = crate::masking::RandomBits::new(seed);
        (0..n)
            .map(|_| (bits.next_bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0)
            .collect()
    }

    #[test]
    fn smoothing_is_the_mean_of_the_bins_around() {
        let (re, im) = (noise(1, 300), noise(2, 300));
        let (mut power, mut smoothed) = (vec![0.0; 300], vec![0.0; 300]);
        smooth_power(Bins { re: &re, im: &im }, 5, &mut power, &mut smoothed);
        for (k, smoothed) in smoothed.iter().enumerate() {
            let around = k.saturating_sub(5)..(k + 6).min(300);
            let count = around.len() as f32;
            let mean: f32 = around.map(|k| re[k] * re[k] + im[k] * im[k]).sum::<f32>() / count;
            assert!((smoothed - mean).abs() < 1e-5, "bin {k}: {smoothed} instead of {mean}");
        }
    }

    #[test]
    fn a_tapered_spectrum_is_that_of_a_block_that_fades_in_and_out() {
        let tuning = Tuning::new(16_000.0, 0.2);
        let mut transform = Transform::new(&tuning);
        let block = noise(1, tuning.block);
        let mut spectrum_of = |fade: &dyn Fn(f32) -> f32| {
            let (older, newer) = transform.halves();
            older.fill(0.0);
            for (n, (to, sample)) in newer.iter_mut().zip(&block).enumerate() {
                *to = fade(n as f32 / tuning.block as f32) * sample;
            }
            let mut spectrum = Spectrum::new(tuning.bin_count());
            transform.forward(&mut spectrum);
            spectrum
        };
        let whole = spectrum_of(&|_| 1.0);
        let faded = spectrum_of(&|at| (core::f32::consts::PI * at).sin());
        let mut tapered = Spectrum::new(tuning.bin_count());
        let whole = Bins {
            re: &whole.re,
            im: &whole.im,
        };
        let to = BinsMut {
            re: &mut tapered.re,
            im: &mut tapered.im,
        };
        taper(whole, to);
        let largest = faded.re.iter().fold(0.0, |largest: f32, re| largest.max(re.abs()));
        for k in 1..tuning.bin_count() - 1 {
            // Turned by a quarter: times ±i.
            let off = (tapered.re[k] - faded.im[k]).hypot(tapered.im[k] + faded.re[k]);
            assert!(off < 1e-4 * largest, "bin {k}: {off}");
        }
    }

    fn turn_of(x: &(Vec<f32>, Vec<f32>), white: &mut (Vec<f32>, Vec<f32>)) -> (Vec<f32>, Vec<f32>) {
        let n = x.0.len();
        let mut turned = (vec![0.0; n], vec![0.0; n]);
        let (mut x_power, x) = (vec![0.0; n], Bins { re: &x.0, im: &x.1 });
        for (power, (re, im)) in x_power.iter_mut().zip(x.re.iter().zip(x.im)) {
            *power = re * re + im * im;
        }
        let white = BinsMut {
            re: &mut white.0,
            im: &mut white.1,
        };
        let to = BinsMut {
            re: &mut turned.0,
            im: &mut turned.1,
        };
        turn(x, &x_power, white, to);
        turned
    }

    #[test]
    fn blocks_agree_on_what_the_reference_explains() {
        // e = x·h in both blocks, with another x each: the agreement is that of the response with itself.
        let n = 203;
        let (h_re, h_im) = (noise(3, n), noise(4, n));
        let nothing = || (vec![0.0; n], vec![0.0; n]);
        let (mut e_white, mut x_white) = (nothing(), nothing());
        let mut found = (0.0, 0.0);
        for seed in [5, 7] {
            let (x_re, x_im) = (noise(seed, n), noise(seed + 1, n));
            let e_re: Vec<f32> = (0..n).map(|k| x_re[k] * h_re[k] - x_im[k] * h_im[k]).collect();
            let e_im: Vec<f32> = (0..n).map(|k| x_re[k] * h_im[k] + x_im[k] * h_re[k]).collect();
            let e = turn_of(&(e_re, e_im), &mut e_white);
            let x = turn_of(&(x_re, x_im), &mut x_white);
            found = product(Bins { re: &e.0, im: &e.1 }, Bins { re: &x.0, im: &x.1 });
        }
        assert!((found.0 / n as f32 - 1.0).abs() < 1e-3 && found.1.abs() < 1e-2, "{found:?}");
    }

    #[test]
    fn blocks_agree_with_their_past_on_what_is_played_and_not_on_what_is_not() {
        let (n, keep) = (2816, 0.5f32);
        let (h_re, h_im) = (noise(3, n), noise(4, n));
        let white = |seed: u64| -> (Vec<f32>, Vec<f32>) {
            let bins = noise(seed, n).into_iter().zip(noise(seed + 1, n));
            bins.map(|(re, im)| (re / re.hypot(im), im / re.hypot(im))).unzip()
        };
        let (x, other): (Vec<_>, Vec<_>) = (0..3).map(|b| (white(10 + 2 * b), white(20 + 2 * b))).unzip();
        let e = |(x_re, x_im): &(Vec<f32>, Vec<f32>)| -> (Vec<f32>, Vec<f32>) {
            let product = |k: usize| {
                let (re, im) = (x_re[k] * h_re[k] - x_im[k] * h_im[k], x_re[k] * h_im[k] + x_im[k] * h_re[k]);
                (re / re.hypot(im), im / re.hypot(im))
            };
            (0..n).map(product).unzip()
        };
        // The first block has no past, the second has one, the third that and half of the one before.
        for (compared, expected) in [(&x, [0.0, 1.0, 1.5]), (&other, [0.0; 3])] {
            let mut past = (vec![0.0; n], vec![0.0; n]);
            for ((x, compared), expected) in x.iter().zip(compared).zip(expected) {
                let (e_re, e_im) = e(x);
                let compared = Bins {
                    re: &compared.0,
                    im: &compared.1,
                };
                let past = BinsMut {
                    re: &mut past.0,
                    im: &mut past.1,
                };
                let found = agreement_with_past(Bins { re: &e_re, im: &e_im }, compared, past, keep) / n as f32;
                assert!((found - expected).abs() < 0.06, "{found} instead of {expected}");
            }
        }
    }

    #[test]
    fn energy_is_that_of_all_bins() {
        let (re, im) = (noise(1, 203), noise(2, 203));
        let expected: f32 = re.iter().chain(&im).map(|x| x * x).sum();
        assert!((energy(Bins { re: &re, im: &im }) / expected - 1.0).abs() < 1e-5);
    }
}
