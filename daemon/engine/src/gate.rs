//! Silences channels of a device at once, also what waits in its ring already: a mute must not wait for that.

use crate::link::DeviceLink;

/// From full level to silence, seconds: no click, and nobody waits for it.
const CLOSE_S: f64 = 0.005;

/// From silence to full level, seconds. The engine itself begins anew from silence, so that there is nothing to be heard in it.
const OPEN_S: f64 = 0.05;

/// One gate for each channel.
pub(crate) struct Gate {
    channels: Vec<Channel>,
    close_step: f32,
    open_step: f32,
    /// What was in the ring when a mute was released came from before it.
    hold_frames: usize,
}

#[derive(Clone, Copy)]
struct Channel {
    gain: f32,
    /// Frames for which it stays closed.
    held: usize,
}

impl Gate {
    /// All open. `ring_frames` are the most that can wait.
    pub(crate) fn new(channels: usize, ring_frames: usize, rate_hz: u32) -> Self {
        let step = |seconds: f64| (1.0 / (seconds * f64::from(rate_hz))) as f32;
        Gate {
            channels: vec![Channel { gain: 1.0, held: 0 }; channels],
            close_step: step(CLOSE_S),
            open_step: step(OPEN_S),
            hold_frames: ring_frames,
        }
    }

    /// Lets whole frames through, or not.
    pub(crate) fn pass(&mut self, samples: &mut [f32], link: &DeviceLink) {
        let channels = self.channels.len();
        for (index, channel) in self.channels.iter_mut().enumerate() {
            let muted = link.is_muted(index);
            if muted {
                channel.held = self.hold_frames;
            }
            if channel.held == 0 && channel.gain >= 1.0 {
                continue;
            }
            for frame in samples.chunks_exact_mut(channels) {
                if channel.held > 0 {
                    channel.gain = (channel.gain - self.close_step).max(0.0);
                    channel.held -= usize::from(!muted);
                } else {
                    channel.gain = (channel.gain + self.open_step).min(1.0);
                }
                frame[index] *= channel.gain;
            }
        }
    }
}
