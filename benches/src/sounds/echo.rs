//! The simplest room: direct sound and an exponentially decaying tail of noise (J.-D. Polack, 1988). It has the
//! reverberation of a room, not its geometry.

use realfft::RealFftPlanner;

use super::random::Random;

/// A place of a talker and a microphone in a room.
#[derive(Clone, Copy, Debug)]
pub struct Echo {
    /// Reverberation time, seconds; 0 for none.
    pub t60_s: f64,
    /// Level of the direct sound re the reverberant sound, dB: positive nearer than the critical distance.
    pub direct_db: f64,
}

/// Gap between the direct sound and the tail, seconds.
const GAP_S: f64 = 0.004;

/// Convolves a sound with the room's response, in place of the original.
pub fn add(samples: &[f32], rate_hz: f64, echo: Echo, random: &mut Random) -> Vec<f32> {
    if echo.t60_s <= 0.0 {
        return samples.to_vec();
    }
    let gap = (GAP_S * rate_hz) as usize;
    let decay = 3.0 * 10f64.ln() / (echo.t60_s * rate_hz);
    let mut response: Vec<f32> = (0..gap + (echo.t60_s * rate_hz) as usize)
        .map(|n| {
            if n < gap {
                0.0
            } else {
                (random.normal_pair().0 * (-decay * (n - gap) as f64).exp()) as f32
            }
        })
        .collect();
    let energy: f32 = response.iter().map(|x| x * x).sum();
    let gain = 10f64.powf(-echo.direct_db / 20.0) as f32 / energy.sqrt();
    response.iter_mut().for_each(|x| *x *= gain);
    response[0] = 1.0;
    convolve(samples, &response)
}

fn convolve(samples: &[f32], response: &[f32]) -> Vec<f32> {
    let length = (samples.len() + response.len()).next_power_of_two();
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
    let spectrum_of = |signal: &[f32]| {
        let (mut padded, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
        padded[..signal.len()].copy_from_slice(signal);
        forward
            .process(&mut padded, &mut spectrum)
            .expect("the buffers come from the plan");
        spectrum
    };
    let mut product = spectrum_of(samples);
    product.iter_mut().zip(spectrum_of(response)).for_each(|(a, b)| *a *= b);
    let mut output = inverse.make_output_vec();
    inverse
        .process(&mut product, &mut output)
        .expect("the buffers come from the plan");
    output.truncate(samples.len());
    output.iter_mut().for_each(|x| *x /= length as f32);
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_decays_by_60_db_in_the_reverberation_time() {
        let mut impulse = vec![0.0; 32_000];
        impulse[0] = 1.0;
        let wet = add(
            &impulse,
            16_000.0,
            Echo {
                t60_s: 0.5,
                direct_db: 0.0,
            },
            &mut Random::new(3),
        );
        let power = |from_s: f64| -> f64 {
            let from = (from_s * 16_000.0) as usize;
            wet[from..from + 1600].iter().map(|x| f64::from(x * x)).sum()
        };
        let fall = 10.0 * (power(0.05) / power(0.3)).log10();
        assert!((fall - 30.0).abs() < 1.0, "{fall}");
    }
}
