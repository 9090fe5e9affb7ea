//! Results over many scenes.

use habitat_benches::{
    score::{Score, area_under_curve},
    sounds::{scene::Heard, voice::TRUTH_HZ},
};

use super::detectors::Detector;

/// Seconds at the start of a scene in which the background is being learnt.
const SETTLING_S: usize = 3;

/// What a detector did on some scenes.
#[derive(Default)]
pub struct Outcome {
    /// Right and wrong seconds.
    pub score: Score,
    truth: Vec<bool>,
    ratios: Vec<f64>,
    level_errors_db: Vec<f64>,
    scene_errors_db: Vec<f64>,
}

impl Outcome {
    /// Runs a detector over scenes.
    pub fn of<'a>(detector: Detector, rate_hz: f64, scenes: impl IntoIterator<Item = &'a Heard>) -> Outcome {
        let mut outcome = Outcome::default();
        for heard in scenes {
            outcome.add(detector, rate_hz, heard);
        }
        outcome
    }

    fn add(&mut self, detector: Detector, rate_hz: f64, heard: &Heard) {
        let seconds = detector(heard, rate_hz);
        let truth = heard.seconds();
        let ratios: Vec<f64> = seconds.iter().map(|second| second.ratio).collect();
        self.score.count(&truth[SETTLING_S..], &ratios[SETTLING_S..]);
        self.truth.extend(&truth[SETTLING_S..]);
        self.ratios.extend(&ratios[SETTLING_S..]);
        let (mut found_energy, mut true_energy) = (0.0, 0.0);
        for (n, second) in seconds.iter().enumerate().skip(SETTLING_S) {
            if !truth[n] || second.ratio < 0.5 || second.power <= 0.0 {
                continue;
            }
            let frames = n * TRUTH_HZ as usize..(n + 1) * TRUTH_HZ as usize;
            let talking = frames.clone().filter(|frame| heard.speech[*frame]).count() as f64;
            let energy: f64 = frames
                .filter(|frame| heard.speech[*frame])
                .map(|frame| heard.speech_power[frame])
                .sum();
            self.level_errors_db.push(10.0 * (second.power / (energy / talking)).log10());
            found_energy += second.power;
            true_energy += energy / talking;
        }
        if true_energy > 0.0 {
            self.scene_errors_db.push(10.0 * (found_energy / true_energy).log10());
        }
    }

    /// Adds the results on other scenes.
    pub fn append(&mut self, other: Outcome) {
        self.score.hits += other.score.hits;
        self.score.misses += other.score.misses;
        self.score.false_alarms += other.score.false_alarms;
        self.score.rejections += other.score.rejections;
        self.truth.extend(other.truth);
        self.ratios.extend(other.ratios);
        self.level_errors_db.extend(other.level_errors_db);
        self.scene_errors_db.extend(other.scene_errors_db);
    }

    /// Area under the curve of the speech ratio.
    pub fn area(&self) -> f64 {
        area_under_curve(&self.truth, &self.ratios)
    }

    /// Mean of the absolute level error of single seconds, dB.
    pub fn level_error_db(&self) -> f64 {
        mean_absolute(&self.level_errors_db)
    }

    /// Mean of the absolute level error of whole scenes, dB.
    pub fn scene_error_db(&self) -> f64 {
        mean_absolute(&self.scene_errors_db)
    }

    /// Mean level error of single seconds, dB.
    pub fn bias_db(&self) -> f64 {
        self.level_errors_db.iter().sum::<f64>() / self.level_errors_db.len().max(1) as f64
    }
}

fn mean_absolute(errors: &[f64]) -> f64 {
    errors.iter().map(|error| error.abs()).sum::<f64>() / errors.len().max(1) as f64
}
