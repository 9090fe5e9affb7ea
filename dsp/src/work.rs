//! Spreads the work on a full block evenly over the frames that fill the next one.

use crate::whereabouts::SURVEY_PARTS;

/// Work on one microphone, re the transform of one loudspeaker.
const MICROPHONE_COST: usize = 4;

/// Loudspeakers that a survey compares at the cost of one transform.
const COMPARED_PER_TRANSFORM: usize = 8;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make the spectrum of a loudspeaker.
    Loudspeaker(usize),
    /// Work on a microphone.
    Microphone(usize),
    /// Do a part of the work on the surveys.
    Survey(usize),
    /// All is done.
    Last,
}

/// Work on one block: first all loudspeakers, then all microphones, then the surveys.
pub struct Work {
    budget_frames: usize,
    loudspeakers: usize,
    microphones: usize,
    /// Cost of one part of the surveys in this block.
    survey_cost: usize,
    /// Frames that have passed since the block was full.
    passed_frames: usize,
    first: usize,
    /// The next step; `None` when all is done.
    next: Option<usize>,
}

impl Work {
    /// Nothing to do yet. Work is to be done within `budget_frames`.
    pub fn new(budget_frames: usize, loudspeakers: usize, microphones: usize) -> Self {
        Work {
            budget_frames,
            loudspeakers,
            microphones,
            survey_cost: 0,
            passed_frames: 0,
            first: 0,
            next: None,
        }
    }

    /// A block is full; its loudspeakers may be left out, and then there is nothing to survey. So many microphones are surveyed.
    pub fn begin(&mut self, with_loudspeakers: bool, surveyed: usize) {
        let compared = if with_loudspeakers { surveyed * self.loudspeakers } else { 0 };
        self.survey_cost = compared.div_ceil(SURVEY_PARTS * COMPARED_PER_TRANSFORM);
        self.passed_frames = 0;
        self.first = if with_loudspeakers { 0 } else { self.loudspeakers };
        self.next = Some(self.first);
    }

    /// Time passes.
    pub fn pass(&mut self, frames: usize) {
        self.passed_frames = self.passed_frames.saturating_add(frames).min(self.budget_frames);
    }

    /// Everything is due.
    pub fn hurry(&mut self) {
        self.passed_frames = self.budget_frames;
    }

    /// The next step that is due.
    pub fn next(&mut self) -> Option<Step> {
        let next = self.next?;
        let (surveys, steps) = (
            self.loudspeakers + self.microphones,
            self.loudspeakers + self.microphones + SURVEY_PARTS,
        );
        let cost = |step: usize| {
            let microphones = step.min(surveys).saturating_sub(self.loudspeakers);
            step.min(self.loudspeakers) + microphones * MICROPHONE_COST + step.saturating_sub(surveys) * self.survey_cost
        };
        let all = cost(steps) - cost(self.first);
        let due = all as u64 * self.passed_frames as u64 / self.budget_frames.max(1) as u64;
        if (cost(next) - cost(self.first)) as u64 >= due && self.passed_frames < self.budget_frames {
            return None;
        }
        self.next = (next < steps).then_some(next + 1);
        Some(match next {
            step if step < self.loudspeakers => Step::Loudspeaker(step),
            step if step < surveys => Step::Microphone(step - self.loudspeakers),
            step if step < steps => Step::Survey(step - surveys),
            _ => Step::Last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(work: &mut Work, frames: usize) -> Vec<Step> {
        work.pass(frames);
        core::iter::from_fn(|| work.next()).collect()
    }

    #[test]
    fn every_step_is_done_once_in_order_whatever_the_parts() {
        for part in [1, 7, 64, 960, 1024, 20_000] {
            for with_loudspeakers in [true, false] {
                let mut work = Work::new(9600, 5, 3);
                work.begin(with_loudspeakers, 1);
                let done: Vec<Step> = (0..9600usize.div_ceil(part)).flat_map(|_| steps(&mut work, part)).collect();
                let loudspeakers = (0..5).filter(|_| with_loudspeakers).map(Step::Loudspeaker);
                let expected: Vec<Step> = loudspeakers
                    .chain((0..3).map(Step::Microphone))
                    .chain((0..SURVEY_PARTS).map(Step::Survey))
                    .chain([Step::Last])
                    .collect();
                assert_eq!(done, expected, "{part}");
                assert_eq!(steps(&mut work, part), []);
            }
        }
    }

    #[test]
    fn work_is_spread_evenly_however_many_are_surveyed() {
        for (surveyed, survey_cost) in [(0, 0), (1, 1), (4, 4)] {
            let mut work = Work::new(9600, 256, 256);
            work.begin(true, surveyed);
            let cost = |steps: Vec<Step>| -> usize {
                let cost = |step: Step| match step {
                    Step::Loudspeaker(_) => 1,
                    Step::Microphone(_) => MICROPHONE_COST,
                    Step::Survey(_) => survey_cost,
                    Step::Last => 0,
                };
                steps.into_iter().map(cost).sum()
            };
            let all = 256 * (1 + MICROPHONE_COST) + SURVEY_PARTS * survey_cost;
            for _ in 0..10 {
                let cost = cost(steps(&mut work, 960));
                assert!(cost.abs_diff(all / 10) <= MICROPHONE_COST, "{surveyed}: {cost}");
            }
        }
    }

    #[test]
    fn a_hurry_does_it_all_and_nothing_is_due_before_a_block_is_full() {
        let mut work = Work::new(9600, 2, 2);
        assert_eq!(steps(&mut work, 9600), []);
        work.begin(true, 0);
        work.hurry();
        assert_eq!(core::iter::from_fn(|| work.next()).count(), 4 + SURVEY_PARTS + 1);
    }
}
