//! What a room makes of a long signal: convolution by overlapped FFTs.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

/// Convolves a stream with an impulse response, block by block, partitioned uniformly.
pub struct Convolution {
    block: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    partitions: Vec<Vec<Complex<f32>>>,
    history: Vec<Vec<Complex<f32>>>,
    newest: usize,
    input: Vec<f32>,
}

impl Convolution {
    /// A convolution with blocks of the given length.
    pub fn new(response: &[f32], block: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(2 * block), planner.plan_fft_inverse(2 * block));
        let partitions: Vec<_> = response.chunks(block).map(|part| spectrum(&forward, part)).collect();
        Convolution {
            block,
            history: vec![forward.make_output_vec(); partitions.len()],
            newest: 0,
            input: vec![0.0; 2 * block],
            partitions,
            forward,
            inverse,
        }
    }

    /// Another response from now on.
    pub fn set_response(&mut self, response: &[f32]) {
        self.partitions = response
            .chunks(self.block)
            .map(|part| spectrum(&self.forward, part))
            .collect();
        self.history.resize(self.partitions.len(), self.forward.make_output_vec());
        self.newest = self.newest.min(self.history.len() - 1);
    }

    /// Adds what one block of the source sounds like to `output`.
    pub fn add(&mut self, block: &[f32], output: &mut [f32]) {
        self.input.copy_within(self.block.., 0);
        self.input[self.block..].copy_from_slice(block);
        self.newest = (self.newest + self.history.len() - 1) % self.history.len();
        self.history[self.newest] = spectrum(&self.forward, &self.input);
        let mut sum = self.forward.make_output_vec();
        for (part, response) in self.partitions.iter().enumerate() {
            let input = &self.history[(self.newest + part) % self.history.len()];
            for ((sum, x), h) in sum.iter_mut().zip(input).zip(response) {
                *sum += x * h;
            }
        }
        let mut time = self.inverse.make_output_vec();
        sum[0].im = 0.0;
        if let Some(last) = sum.last_mut() {
            last.im = 0.0;
        }
        self.inverse.process(&mut sum, &mut time).expect("lengths agree");
        let scale = 1.0 / (2 * self.block) as f32;
        for (output, sample) in output.iter_mut().zip(&time[self.block..]) {
            *output += sample * scale;
        }
    }
}

fn spectrum(forward: &Arc<dyn RealToComplex<f32>>, samples: &[f32]) -> Vec<Complex<f32>> {
    let mut padded = forward.make_input_vec();
    padded[..samples.len()].copy_from_slice(samples);
    let mut spectrum = forward.make_output_vec();
    forward.process(&mut padded, &mut spectrum).expect("lengths agree");
    spectrum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_convolution_sum() {
        let response: Vec<f32> = (0..50).map(|n| ((n * 37 % 11) as f32 - 5.0) / 10.0).collect();
        let signal: Vec<f32> = (0..160).map(|n| ((n * 53 % 17) as f32 - 8.0) / 8.0).collect();
        let mut convolution = Convolution::new(&response, 16);
        let mut output = vec![0.0; signal.len()];
        for (block, out) in signal.chunks(16).zip(output.chunks_mut(16)) {
            convolution.add(block, out);
        }
        for n in 0..signal.len() {
            let direct: f32 = (0..=n.min(49)).map(|k| response[k] * signal[n - k]).sum();
            assert!((output[n] - direct).abs() < 1e-4, "sample {n}");
        }
    }
}
