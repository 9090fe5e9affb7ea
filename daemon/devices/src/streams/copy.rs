//! What a callback does: it copies between the channels of a device and a ring, and nothing else. An allocation in it aborts a debug
//! build, and a test runs it under RealtimeSanitizer.

use std::time::Duration;

use assert_no_alloc::assert_no_alloc;
use cpal::{FromSample, SizedSample};

use super::{lent::Lent, stream::End};

/// Frames that are converted at a time, so that the buffer is made once whatever the device asks for.
const CHUNK_FRAMES: usize = 512;

/// The copying of one stream.
pub struct Copying {
    lent: Lent<End>,
    device_channels: usize,
    /// Channels that are used, counted from 0.
    used: Vec<usize>,
    chunk: Vec<f32>,
}

impl Copying {
    /// Between a ring's end and these channels of a device, counted from 1, that has so many.
    pub fn new(lent: Lent<End>, device_channels: usize, used: &[u32]) -> Self {
        Copying {
            lent,
            device_channels,
            used: used.iter().map(|channel| *channel as usize - 1).collect(),
            chunk: vec![0.0; CHUNK_FRAMES * used.len()],
        }
    }

    /// Takes what a device has heard, the first of it so long ago.
    #[cfg_attr(realtime_sanitizer, sanitize(realtime = "nonblocking"))]
    pub fn hear<T: SizedSample>(&mut self, data: &[T], ago: Duration)
    where
        f32: FromSample<T>,
    {
        assert_no_alloc(|| {
            let Some(End::Capture(end)) = self.lent.get() else { return };
            end.link().heard_first(ago, data.len() / self.device_channels);
            for frames in data.chunks(CHUNK_FRAMES * self.device_channels) {
                let count = frames.len() / self.device_channels;
                let chunk = &mut self.chunk[..count * self.used.len()];
                for (out, frame) in chunk
                    .chunks_exact_mut(self.used.len())
                    .zip(frames.chunks_exact(self.device_channels))
                {
                    for (sample, channel) in out.iter_mut().zip(&self.used) {
                        *sample = frame[*channel].to_sample();
                    }
                }
                end.push(chunk);
            }
        });
    }

    /// Gives what a device is to play, the first of it so long from now.
    #[cfg_attr(realtime_sanitizer, sanitize(realtime = "nonblocking"))]
    pub fn play<T: SizedSample + FromSample<f32>>(&mut self, data: &mut [T], from_now: Duration) {
        assert_no_alloc(|| {
            data.fill(T::from_sample(0.0));
            let Some(End::Playback(end)) = self.lent.get() else { return };
            end.link().plays_first(from_now, data.len() / self.device_channels);
            for frames in data.chunks_mut(CHUNK_FRAMES * self.device_channels) {
                let count = frames.len() / self.device_channels;
                let chunk = &mut self.chunk[..count * self.used.len()];
                end.pop(chunk);
                for (frame, samples) in frames
                    .chunks_exact_mut(self.device_channels)
                    .zip(chunk.chunks_exact(self.used.len()))
                {
                    for (sample, channel) in samples.iter().zip(&self.used) {
                        frame[*channel] = T::from_sample(*sample);
                    }
                }
            }
        });
    }
}
