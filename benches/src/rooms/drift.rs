//! Two clocks that differ: a signal of one, sampled by the other.

/// Half the length of the interpolation kernel, samples.
const KERNEL_HALF: i64 = 16;

/// Reads a stream at another clock, by a windowed sinc.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    history: Vec<f32>,
    read: f64,
}

impl Drift {
    /// Takes a block and gives one of the same length, whose clock runs `ppm` faster; silence where it would be early.
    pub fn take(&mut self, block: Vec<f32>, ppm: f64) -> Vec<f32> {
        if ppm == 0.0 && self.history.is_empty() {
            return block;
        }
        if self.history.is_empty() {
            // Room for a clock that runs ahead: 50 ms at 16 kHz.
            self.history = vec![0.0; 800];
        }
        self.history.extend_from_slice(&block);
        let step = 1.0 - ppm * 1e-6;
        let read = block.iter().map(|_| {
            let sample = self.at(self.read);
            self.read += step;
            sample
        });
        let read = read.collect::<Vec<_>>();
        let drop = (self.read as usize)
            .saturating_sub(2 * KERNEL_HALF as usize)
            .min(self.history.len());
        self.history.drain(..drop);
        self.read -= drop as f64;
        read
    }

    fn at(&self, position: f64) -> f32 {
        let centre = position.round() as i64;
        let kernel = |n: i64| {
            let x = n as f64 - position;
            let window = 0.5 + 0.5 * (core::f64::consts::PI * x / (KERNEL_HALF as f64 + 1.0)).cos();
            let sinc = if x.abs() < 1e-9 {
                1.0
            } else {
                (core::f64::consts::PI * x).sin() / (core::f64::consts::PI * x)
            };
            let sample = usize::try_from(n)
                .ok()
                .and_then(|n| self.history.get(n))
                .copied()
                .unwrap_or(0.0);
            window * sinc * f64::from(sample)
        };
        (centre - KERNEL_HALF..=centre + KERNEL_HALF).map(kernel).sum::<f64>() as f32
    }
}
