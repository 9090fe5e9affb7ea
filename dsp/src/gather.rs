//! From interleaved input to frames of eight neighbouring channels.

use crate::{front_end::Frame, level::LANES};

/// Channels that are taken out of interleaved input, or put into interleaved output, together: a line of the cache holds so many
/// samples, and fetching it is what costs.
pub const CHANNELS_AT_ONCE: usize = 16;

/// Groups of eight among them.
pub const GROUPS: usize = CHANNELS_AT_ONCE / LANES;

/// Sixteen channels of a part of the input, eight by eight.
pub struct Gather {
    groups: [Vec<Frame>; GROUPS],
}

impl Gather {
    /// For parts of at most `longest` frames.
    pub fn new(longest: usize) -> Self {
        Gather {
            groups: core::array::from_fn(|_| vec![[0.0; LANES]; longest]),
        }
    }

    /// Takes `count` frames of the channels from `first` on; channels that do not exist are silent.
    pub fn take(
        &mut self,
        input: &[f32],
        channels: usize,
        first: usize,
        begin: usize,
        count: usize,
    ) -> &mut [Vec<Frame>; GROUPS] {
        let here = first..channels.min(first + CHANNELS_AT_ONCE);
        let frames = input.chunks_exact(channels).skip(begin).take(count);
        let [one, two] = &mut self.groups;
        for (frame, (one, two)) in frames.zip(one.iter_mut().zip(two)) {
            let mut all = [0.0; CHANNELS_AT_ONCE];
            let samples = &frame[here.clone()];
            match samples.first_chunk() {
                Some(samples) => all = *samples,
                None => all[..samples.len()].copy_from_slice(samples),
            }
            if let ([first, second], []) = all.as_chunks() {
                (*one, *two) = (*first, *second);
            }
        }
        &mut self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_gets_its_own_samples_and_the_missing_ones_silence() {
        for channels in [1, 4, 6, 16, 17, 40] {
            let input: Vec<f32> = (0..10 * channels).map(|n| n as f32 + 1.0).collect();
            let mut gather = Gather::new(8);
            for first in (0..channels).step_by(CHANNELS_AT_ONCE) {
                let groups = gather.take(&input, channels, first, 3, 5);
                for (frame, lane) in (0..5).flat_map(|frame| (0..CHANNELS_AT_ONCE).map(move |lane| (frame, lane))) {
                    let channel = first + lane;
                    let expected = if channel < channels {
                        input[(3 + frame) * channels + channel]
                    } else {
                        0.0
                    };
                    assert_eq!(groups[lane / LANES][frame][lane % LANES], expected);
                }
            }
        }
    }
}
