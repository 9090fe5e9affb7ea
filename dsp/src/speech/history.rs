//! The evidence of the last seconds, and the view of it from one frame.

use super::evidence::{EVIDENCE, Evidence};

/// Frames that are remembered: two seconds.
pub const REMEMBERED: usize = 100;

/// Frames before and after a frame that belong to its surroundings: 0.4 s, about two syllables.
const SURROUNDINGS: usize = 20;

/// Frames before and after that belong to the moment.
const MOMENT: usize = 3;

/// Evidence that also counts for the moment.
const OF_THE_MOMENT: [usize; 3] = [0, 1, 8];

/// Evidence whose highest moment in the surroundings counts: a faint talker is only heard in the loudest vowels.
const AT_BEST: [usize; 4] = [0, 1, 8, 11];

/// Inputs of the decision: means over the surroundings, over all that is remembered up to here and over the moment, and what
/// is highest in the surroundings.
pub const INPUTS: usize = 2 * EVIDENCE + OF_THE_MOMENT.len() + AT_BEST.len();

/// What the decision sees of a frame.
pub type Inputs = [f32; INPUTS];

/// A ring of evidence.
#[derive(Clone, Debug)]
pub struct History {
    ring: [Evidence; REMEMBERED],
    /// Level excess per frame goes with it, so that it can be summed over the frames that turn out to be speech.
    excess_power: [f32; REMEMBERED],
    next: usize,
    filled: usize,
}

impl Default for History {
    fn default() -> Self {
        History {
            ring: [[0.0; EVIDENCE]; REMEMBERED],
            excess_power: [0.0; REMEMBERED],
            next: 0,
            filled: 0,
        }
    }
}

impl History {
    /// Remembers a frame.
    pub fn push(&mut self, evidence: Evidence, excess_power: f32) {
        self.ring[self.next] = evidence;
        self.excess_power[self.next] = excess_power;
        self.next = (self.next + 1) % REMEMBERED;
        self.filled = (self.filled + 1).min(REMEMBERED);
    }

    fn at(&self, age: usize) -> usize {
        (self.next + REMEMBERED - 1 - age) % REMEMBERED
    }

    /// Power above the background `age` frames ago.
    pub fn excess_power(&self, age: usize) -> f32 {
        self.excess_power[self.at(age)]
    }

    /// The view from the frame `age` frames ago, with what came after it as far as it is known.
    pub fn inputs(&self, age: usize) -> Inputs {
        let mut inputs = [0.0; INPUTS];
        let moment = self.mean(age.saturating_sub(MOMENT), age + MOMENT);
        let around = age.saturating_sub(SURROUNDINGS)..=age + SURROUNDINGS;
        let surroundings = self.mean(*around.start(), *around.end());
        let past = self.mean(age, REMEMBERED);
        inputs[..EVIDENCE].copy_from_slice(&surroundings);
        inputs[EVIDENCE..2 * EVIDENCE].copy_from_slice(&past);
        for (slot, number) in inputs[2 * EVIDENCE..].iter_mut().zip(OF_THE_MOMENT) {
            *slot = moment[number];
        }
        for (slot, number) in inputs[2 * EVIDENCE + OF_THE_MOMENT.len()..].iter_mut().zip(AT_BEST) {
            let (older, newer) = self.range(*around.start(), *around.end());
            *slot = older
                .iter()
                .chain(newer)
                .fold(0.0, |highest, evidence| evidence[number].max(highest));
        }
        inputs
    }

    /// Mean over the frames that are `youngest` to `oldest` frames old, as far as they are remembered.
    fn mean(&self, youngest: usize, oldest: usize) -> Evidence {
        let mut sum = [0.0; EVIDENCE];
        let (older, newer) = self.range(youngest, oldest);
        for part in [older, newer] {
            for evidence in part {
                for (total, value) in sum.iter_mut().zip(evidence) {
                    *total += value;
                }
            }
        }
        let count = (older.len() + newer.len()).max(1) as f32;
        sum.map(|total| total / count)
    }

    /// The frames that are `youngest` to `oldest` frames old, as far as they are remembered, in the two parts of the ring.
    fn range(&self, youngest: usize, oldest: usize) -> (&[Evidence], &[Evidence]) {
        if youngest >= self.filled {
            return (&[], &[]);
        }
        let oldest = oldest.clamp(youngest, self.filled - 1);
        let (begin, end) = (self.at(oldest), self.at(youngest));
        if begin <= end {
            (&self.ring[begin..=end], &[])
        } else {
            (&self.ring[begin..], &self.ring[..=end])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history of frames 0, 1, 2 ... whose evidence is their number.
    fn counting(frames: usize) -> History {
        let mut history = History::default();
        for frame in 0..frames {
            history.push([frame as f32; EVIDENCE], frame as f32);
        }
        history
    }

    #[test]
    fn the_view_is_the_mean_around_a_frame_however_the_ring_lies() {
        for frames in [150, 199, 200, 237] {
            let history = counting(frames);
            let now = (frames - 1) as f32;
            let inputs = history.inputs(30);
            assert!((inputs[0] - (now - 30.0)).abs() < 1e-3, "surroundings of {frames}");
            let remembered = (REMEMBERED - 30) as f32;
            assert!(
                (inputs[EVIDENCE] - (now - 30.0 - (remembered - 1.0) / 2.0)).abs() < 1e-3,
                "past of {frames}"
            );
            assert!((inputs[2 * EVIDENCE] - (now - 30.0)).abs() < 1e-3, "moment of {frames}");
            assert_eq!(inputs[INPUTS - 1], now - 10.0, "highest of {frames}");
            assert_eq!(history.excess_power(30), now - 30.0);
        }
    }

    #[test]
    fn what_is_not_remembered_does_not_count() {
        assert_eq!(History::default().inputs(0), [0.0; INPUTS]);
        let inputs = counting(5).inputs(0);
        assert_eq!((inputs[0], inputs[EVIDENCE], inputs[INPUTS - 1]), (2.0, 2.0, 4.0));
    }
}
