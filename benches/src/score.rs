//! How well a detector does per second.

/// Counts of right and wrong seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Speech found.
    pub hits: f64,
    /// Speech missed.
    pub misses: f64,
    /// Taken for speech.
    pub false_alarms: f64,
    /// Neither speech nor taken for it.
    pub rejections: f64,
}

impl Score {
    /// Counts seconds: the truth, and the share of speech that was found, which counts from one half on.
    pub fn count(&mut self, truth: &[bool], found: &[f64]) {
        for (speech, ratio) in truth.iter().zip(found) {
            match (*speech, *ratio >= 0.5) {
                (true, true) => self.hits += 1.0,
                (true, false) => self.misses += 1.0,
                (false, true) => self.false_alarms += 1.0,
                (false, false) => self.rejections += 1.0,
            }
        }
    }

    /// Share of what was found that is speech.
    pub fn precision(&self) -> f64 {
        self.hits / (self.hits + self.false_alarms).max(1.0)
    }

    /// Share of the speech that was found.
    pub fn recall(&self) -> f64 {
        self.hits / (self.hits + self.misses).max(1.0)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        2.0 * self.hits / (2.0 * self.hits + self.misses + self.false_alarms).max(1.0)
    }

    /// Share of the seconds without speech that were taken for speech.
    pub fn false_share(&self) -> f64 {
        self.false_alarms / (self.false_alarms + self.rejections).max(1.0)
    }
}

/// Area under the receiver operating characteristic: the probability that a second with speech has a higher value than one
/// without, ties counting half (J. Hanley & B. McNeil, Radiology 143, 1982).
pub fn area_under_curve(truth: &[bool], found: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|a, b| found[*a].total_cmp(&found[*b]));
    let (mut rank_sum, mut at) = (0.0, 0);
    while at < order.len() {
        let tied = order[at..].iter().take_while(|n| found[**n] == found[order[at]]).count();
        let rank = at as f64 + (tied as f64 + 1.0) / 2.0;
        rank_sum += rank * order[at..at + tied].iter().filter(|n| truth[**n]).count() as f64;
        at += tied;
    }
    let speech = truth.iter().filter(|speech| **speech).count() as f64;
    (rank_sum - speech * (speech + 1.0) / 2.0) / (speech * (truth.len() as f64 - speech)).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn always_speech_has_the_f1_of_its_share() {
        let truth: Vec<bool> = (0..100).map(|n| n < 65).collect();
        let mut score = Score::default();
        score.count(&truth, &[1.0; 100]);
        assert!((score.f1() - 2.0 * 0.65 / 1.65).abs() < 1e-9);
        assert_eq!((score.precision(), score.recall()), (0.65, 1.0));
    }

    #[test]
    fn the_area_is_that_of_all_pairs() {
        let truth = [true, false, true, false, true, false];
        let found: [f64; 6] = [0.9, 0.1, 0.5, 0.5, 0.3, 0.2];
        let mut pairs = 0.0;
        for (a, _) in truth.iter().enumerate().filter(|(_, speech)| **speech) {
            for (b, _) in truth.iter().enumerate().filter(|(_, speech)| !**speech) {
                pairs += match found[a].total_cmp(&found[b]) {
                    core::cmp::Ordering::Greater => 1.0,
                    core::cmp::Ordering::Equal => 0.5,
                    core::cmp::Ordering::Less => 0.0,
                };
            }
        }
        assert!((area_under_curve(&truth, &found) - pairs / 9.0).abs() < 1e-12);
    }
}
