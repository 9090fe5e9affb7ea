//! When a microphone counts as faulty, and when as healthy again.
//!
//! Every second is judged by itself; a fault is what most of the last five seconds agree on, and it goes after ten seconds
//! without any. So a clap, or one second of silence at the start, is no fault, and a loose contact does not flicker.

use super::SampleStatistics;
use crate::MicrophoneFault;

/// Seconds that are looked back over: the longest until a fault is reported.
const MEMORY_S: usize = 5;

/// Bad seconds among them that make a fault.
const BAD_S: usize = 3;

/// Good seconds in a row after which a fault has gone.
const GOOD_S: u32 = 10;

/// Share of a second's samples at the end of the range that makes it clipped. A clap overloads for a few milliseconds, a gain
/// that is set too high for much longer than one.
const CLIPPED_SHARE: f32 = 0.001;

/// Share of a second's samples within flat tops that makes it clipped before the converter. A pure tone of 20 Hz from a
/// converter of 16 bits has up to 3 % of equal neighbours: 1/(π·A·ω) for an amplitude of A steps and ω radians per sample.
const FLAT_TOPS_SHARE: f32 = 0.05;

/// Largest offset of a converter that works, in units of full scale: −34 dB.
const LARGEST_OFFSET: f32 = 0.02;

/// No room and no measuring microphone of an office is as quiet as this, dB(A).
const TOO_QUIET_DB: f64 = 10.0;

/// No office is as loud as this for seconds, dB(A).
const TOO_LOUD_DB: f64 = 110.0;

/// What is known of a microphone after one second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorSecond {
    /// Its samples.
    pub samples: SampleStatistics,
    /// Its LAeq, dB(A).
    pub laeq_db: f64,
    /// Whether it hears other loudspeakers than its own ([`super::LoudspeakerMap::hears_others`]); `None` while there is too
    /// little to hear to tell.
    pub wrong_loudspeakers: Option<bool>,
}

impl SensorSecond {
    /// The fault that this second shows: of several, the one that explains the others.
    fn fault(&self) -> Option<MicrophoneFault> {
        let samples = &self.samples;
        let share = |count: u32| count as f32 / samples.frames as f32;
        if samples.not_numbers > 0 {
            Some(MicrophoneFault::NotANumber)
        } else if samples.min == samples.max {
            Some(if samples.max == 0.0 {
                MicrophoneFault::Dead
            } else {
                MicrophoneFault::Stuck
            })
        } else if share(samples.at_end_of_range) >= CLIPPED_SHARE || share(samples.in_flat_tops) >= FLAT_TOPS_SHARE {
            Some(MicrophoneFault::Clipped)
        } else if samples.mean.abs() > LARGEST_OFFSET {
            Some(MicrophoneFault::Offset)
        } else if self.laeq_db > TOO_LOUD_DB {
            Some(MicrophoneFault::TooLoud)
        } else if self.laeq_db < TOO_QUIET_DB {
            Some(MicrophoneFault::TooQuiet)
        } else if self.wrong_loudspeakers == Some(true) {
            Some(MicrophoneFault::WrongLoudspeakers)
        } else {
            None
        }
    }
}

/// The watch over one microphone.
#[derive(Clone, Debug, Default)]
pub struct SensorWatch {
    seen: [Option<MicrophoneFault>; MEMORY_S],
    next: usize,
    good_s: u32,
    fault: Option<MicrophoneFault>,
}

impl SensorWatch {
    /// Takes a second and returns the fault that the microphone has. A second in which nothing arrived says nothing.
    pub fn second(&mut self, second: &SensorSecond) -> Option<MicrophoneFault> {
        if second.samples.frames == 0 {
            return self.fault;
        }
        let seen = second.fault();
        self.seen[self.next] = seen;
        self.next = (self.next + 1) % MEMORY_S;

        match seen {
            Some(seen) => {
                self.good_s = 0;
                let seconds = self.seen.iter().filter(|other| **other == Some(seen)).count();
                if seconds >= seconds_that_prove(seen) {
                    self.fault = Some(seen);
                }
            }
            // What cannot be heard now may still be wrong.
            None if self.fault == Some(MicrophoneFault::WrongLoudspeakers) && second.wrong_loudspeakers.is_none() => {}
            None => {
                self.good_s = self.good_s.saturating_add(1);
                if self.good_s >= GOOD_S {
                    self.fault = None;
                }
            }
        }
        self.fault
    }

    /// The fault that the microphone has.
    pub fn fault(&self) -> Option<MicrophoneFault> {
        self.fault
    }
}

fn seconds_that_prove(fault: MicrophoneFault) -> usize {
    match fault {
        // No sound makes such a sample, and no level can be given with it.
        MicrophoneFault::NotANumber => 1,
        // What loudspeakers are heard is an average over more than a second by itself, and confirmed.
        MicrophoneFault::WrongLoudspeakers => 1,
        _ => BAD_S,
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
