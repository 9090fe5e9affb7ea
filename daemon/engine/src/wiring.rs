//! Which channel of which device is which microphone or loudspeaker of the site.

/// One direction of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceWiring {
    /// Microphone or loudspeaker of each channel that is used, in the order in which they are in the device's frames.
    pub channels: Vec<usize>,
    /// Devices with the same number have one clock.
    pub clock: usize,
}

/// All devices of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// Microphones of the site.
    pub microphones: usize,
    /// Loudspeakers of the site.
    pub loudspeakers: usize,
    /// Frames that are processed at once.
    pub block_frames: usize,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Input devices.
    pub captures: Vec<DeviceWiring>,
    /// Output devices.
    pub playbacks: Vec<DeviceWiring>,
}

impl Wiring {
    /// All microphones on one device, in order, and all loudspeakers on one with the same clock.
    pub fn single(microphones: usize, loudspeakers: usize, block_frames: usize, sample_rate_hz: u32) -> Self {
        let device = |channels: usize| DeviceWiring {
            channels: (0..channels).collect(),
            clock: 0,
        };
        Wiring {
            microphones,
            loudspeakers,
            block_frames,
            sample_rate_hz,
            captures: vec![device(microphones)],
            playbacks: vec![device(loudspeakers)],
        }
    }

    /// Which input device it is whose delay to the first output device counts: on its clock if there is one, else the first.
    pub fn main_capture(&self) -> usize {
        let clock = self.playbacks.first().map(|device| device.clock);
        let on_clock = self.captures.iter().position(|device| Some(device.clock) == clock);
        on_clock.unwrap_or(0)
    }

    /// Whether the delay from these loudspeakers to a microphone is the one that is found for the whole site: each device has its own.
    pub fn has_common_delay(&self, microphone: usize, loudspeakers: impl IntoIterator<Item = usize>) -> bool {
        let on = |device: Option<&DeviceWiring>, channel: usize| device.is_some_and(|device| device.channels.contains(&channel));
        let mut loudspeakers = loudspeakers.into_iter();
        on(self.captures.get(self.main_capture()), microphone)
            && loudspeakers.all(|loudspeaker| on(self.playbacks.first(), loudspeaker))
    }

    /// Whether there is more than one clock.
    pub(crate) fn has_clocks(&self) -> bool {
        let mut clocks = self.captures.iter().chain(&self.playbacks).map(|device| device.clock);
        let first = clocks.next();
        clocks.any(|clock| Some(clock) != first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_main_devices_have_the_delay_that_is_found() {
        let device = |channels: &[usize], clock: usize| DeviceWiring {
            channels: channels.to_vec(),
            clock,
        };
        let wiring = Wiring {
            captures: vec![device(&[0], 1), device(&[1, 2], 0)],
            playbacks: vec![device(&[0, 1], 0), device(&[2], 1)],
            ..Wiring::single(3, 3, 480, 48_000)
        };
        assert!(wiring.has_clocks() && !Wiring::single(3, 3, 480, 48_000).has_clocks());
        assert!(wiring.has_common_delay(1, [0, 1]));
        assert!(!wiring.has_common_delay(1, [0, 2]), "a loudspeaker of another device");
        assert!(!wiring.has_common_delay(0, [0, 1]), "a microphone of another device");
        assert!(Wiring::single(3, 3, 480, 48_000).has_common_delay(2, [0, 1, 2]));
    }
}
