//! What the loudspeakers play, on its way to the references of the cancellers.

use crate::{
    own_sound::References,
    spectrum::{Decimator, DecimatorFilter},
};

/// The output of a site at the lower rate.
pub struct Playback {
    decimators: Vec<Decimator<1>>,
    hop_frames: usize,
    /// Frames of the current hop played so far.
    at: usize,
    decimated: Vec<[f32; 1]>,
}

impl Playback {
    /// Silence so far.
    pub fn new(filter: &DecimatorFilter, loudspeakers: usize) -> Self {
        Playback {
            decimators: vec![Decimator::new(filter); loudspeakers],
            hop_frames: filter.output_hop() * filter.factor(),
            at: 0,
            decimated: vec![[0.0]; filter.output_hop()],
        }
    }

    /// Takes what one loudspeaker plays: at most a hop.
    pub fn play(&mut self, filter: &DecimatorFilter, references: &mut References, loudspeaker: usize, samples: &[f32]) {
        let Some(decimator) = self.decimators.get_mut(loudspeaker) else {
            return;
        };
        // The hops of the engine need not be those of the output.
        let (before, after) = samples.split_at((self.hop_frames - self.at).min(samples.len()));
        decimator.take(filter, self.at, before.as_chunks().0);
        if self.at + before.len() < self.hop_frames {
            return;
        }
        decimator.end_hop(filter, &mut self.decimated);
        references.play(loudspeaker, self.decimated.as_flattened());
        decimator.take(filter, 0, after.as_chunks().0);
    }

    /// After all loudspeakers have played `count` frames.
    pub fn played(&mut self, count: usize) {
        self.at = (self.at + count) % self.hop_frames;
    }
}
