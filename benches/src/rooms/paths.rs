//! Many sources at many places at once: each source is transformed once, and each place once back.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

/// Spectra of blocks, one after the other.
type Spectra = Vec<Vec<Complex<f32>>>;

/// Convolves several streams with the responses from each of them to each of several places, block by block.
pub struct Paths {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    block: usize,
    /// Per source: its last two blocks, and the spectra of these and of those before, a ring.
    sources: Vec<(Vec<f32>, Spectra)>,
    newest: usize,
    /// Per place and source: the response, block by block.
    responses: Vec<Vec<Spectra>>,
}

impl Paths {
    /// No sound gets anywhere yet. `longest` is the length of the longest response.
    pub fn new(sources: usize, places: usize, longest: usize, block: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(2 * block);
        let history = vec![forward.make_output_vec(); longest.div_ceil(block).max(1)];
        Paths {
            inverse: planner.plan_fft_inverse(2 * block),
            block,
            sources: vec![(vec![0.0; 2 * block], history); sources],
            newest: 0,
            responses: vec![vec![Vec::new(); sources]; places],
            forward,
        }
    }

    /// Another response from now on.
    pub fn set_response(&mut self, source: usize, place: usize, response: &[f32]) {
        let parts = response.chunks(self.block).take(self.sources[source].1.len());
        let spectra = parts.map(|part| {
            let mut padded = self.forward.make_input_vec();
            padded[..part.len()].copy_from_slice(part);
            let mut spectrum = self.forward.make_output_vec();
            self.forward.process(&mut padded, &mut spectrum).expect("lengths agree");
            spectrum
        });
        self.responses[place][source] = spectra.collect();
    }

    /// What one block of all sources sounds like at each place.
    pub fn block(&mut self, played: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let count = self.sources.first().map_or(1, |(_, history)| history.len());
        self.newest = (self.newest + count - 1) % count;
        for ((last, history), played) in self.sources.iter_mut().zip(played) {
            last.copy_within(self.block.., 0);
            last[self.block..].copy_from_slice(played);
            let spectrum = &mut history[self.newest];
            self.forward.process(&mut last.clone(), spectrum).expect("lengths agree");
        }
        let at_place = |responses: &Vec<Spectra>| {
            let mut sum = self.forward.make_output_vec();
            for ((_, history), response) in self.sources.iter().zip(responses) {
                for (part, response) in response.iter().enumerate() {
                    let input = &history[(self.newest + part) % count];
                    sum.iter_mut()
                        .zip(input)
                        .zip(response)
                        .for_each(|((sum, x), h)| *sum += x * h);
                }
            }
            sum[0].im = 0.0;
            sum[self.block].im = 0.0;
            let mut time = self.inverse.make_output_vec();
            self.inverse.process(&mut sum, &mut time).expect("lengths agree");
            let scale = 1.0 / (2 * self.block) as f32;
            time[self.block..].iter().map(|sample| sample * scale).collect()
        };
        self.responses.iter().map(at_place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_add_up_at_each_place() {
        let response = |seed: usize| -> Vec<f32> { (0..50).map(|n| ((n * 37 + seed) % 11) as f32 / 10.0 - 0.5).collect() };
        let signal = |seed: usize| -> Vec<f32> { (0..160).map(|n| ((n * 53 + 7 * seed) % 17) as f32 / 8.0 - 1.0).collect() };
        let mut paths = Paths::new(2, 3, 50, 16);
        for (source, place) in [(0, 0), (1, 0), (1, 2)] {
            paths.set_response(source, place, &response(source + 5 * place));
        }
        let mut heard = vec![Vec::new(); 3];
        for begin in (0..160).step_by(16) {
            let played: Vec<Vec<f32>> = (0..2).map(|source| signal(source)[begin..begin + 16].to_vec()).collect();
            let block = paths.block(&played);
            heard.iter_mut().zip(block).for_each(|(heard, block)| heard.extend(block));
        }
        let direct = |source: usize, place: usize, n: usize| -> f32 {
            let (response, signal) = (response(source + 5 * place), signal(source));
            (0..=n.min(49)).map(|k| response[k] * signal[n - k]).sum()
        };
        let expected = |place: usize, n: usize| match place {
            0 => direct(0, 0, n) + direct(1, 0, n),
            1 => 0.0,
            _ => direct(1, 2, n),
        };
        for (place, heard) in heard.iter().enumerate() {
            let off = heard
                .iter()
                .enumerate()
                .map(|(n, sample)| (sample - expected(place, n)).abs());
            assert!(off.fold(0.0, f32::max) < 1e-4, "place {place}");
        }
    }
}
