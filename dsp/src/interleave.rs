//! From some loudspeakers' samples to interleaved output.

use crate::gather::CHANNELS_AT_ONCE;

/// Frames that are turned round together: small enough for the nearest cache.
const FRAMES_AT_ONCE: usize = 64;

/// Writes neighbouring channels into rows of interleaved output. `played` holds `longest` samples of each channel, one channel after
/// the other; `first` is the place of the first in a row.
pub fn interleave<'a>(
    played: &[f32],
    longest: usize,
    first: usize,
    channels: usize,
    mut rows: impl Iterator<Item = &'a mut [f32]>,
) {
    let mut turned = [[0.0f32; CHANNELS_AT_ONCE]; FRAMES_AT_ONCE];
    let mut begin = 0;
    while begin < longest {
        for (channel, samples) in played.chunks(longest).take(channels).enumerate() {
            for (frame, sample) in turned.iter_mut().zip(&samples[begin..]) {
                frame[channel % CHANNELS_AT_ONCE] = *sample;
            }
        }
        for frame in turned.iter().take(longest - begin) {
            let Some(row) = rows.next() else { return };
            match row[first..].first_chunk_mut() {
                Some(slots) if channels == CHANNELS_AT_ONCE => *slots = *frame,
                _ => row[first..first + channels].copy_from_slice(&frame[..channels]),
            }
        }
        begin += FRAMES_AT_ONCE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_finds_its_place_and_nothing_else_is_touched() {
        for (channels, count) in [(1, 1), (5, 63), (16, 64), (16, 200), (7, 130)] {
            let longest = 200;
            let played: Vec<f32> = (0..longest * CHANNELS_AT_ONCE).map(|n| n as f32 + 1.0).collect();
            let (first, width) = (3, 3 + channels + 2);
            let mut output = vec![0.0; width * count];
            interleave(&played, longest, first, channels, output.chunks_exact_mut(width));
            for (frame, row) in output.chunks(width).enumerate() {
                for (place, sample) in row.iter().enumerate() {
                    let here = (first..first + channels).contains(&place);
                    let expected = if here {
                        played[(place - first) * longest + frame]
                    } else {
                        0.0
                    };
                    assert_eq!(*sample, expected);
                }
            }
        }
    }
}
