//! Who talks when: turns of utterances with pauses.

use super::{
    echo::{self, Echo},
    level::weighted_frames,
    random::Random,
    voice::{TRUTH_HZ, Voice, utterances},
};

pub use super::echo::Echo as Place;

/// One talker's part of a scene.
#[derive(Clone, Debug)]
pub struct Part {
    /// At the microphone, without anything else.
    pub samples: Vec<f32>,
    /// Whether the talker says something in each frame of 20 ms, before the room; gaps within utterances are not speech.
    pub active: Vec<bool>,
}

/// How a talker talks.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// A-weighted level at the microphone while the talker talks.
    pub level_db: f64,
    /// Mean pause between turns, seconds.
    pub pause_s: f64,
    /// The room between them.
    pub place: Echo,
}

/// A talker who takes turns of one to three utterances.
pub fn part(voice: &Voice, manner: Manner, rate_hz: f64, length: usize, random: &mut Random) -> Part {
    let hop = (rate_hz / TRUTH_HZ) as usize;
    let mut dry = vec![0.0; length];
    let mut active = vec![false; length / hop];
    let mut at = (random.waiting_s(1.0 / manner.pause_s) * TRUTH_HZ) as usize;
    while at < active.len() {
        let first = random.index(voice.utterances.len());
        let last = (first + random.index(3)).min(voice.utterances.len() - 1);
        // Some frames around, so that nothing is cut off.
        let range = voice.utterances[first].start.saturating_sub(2)..(voice.utterances[last].end + 2).min(voice.active.len());
        for (slot, source) in active[at..].iter_mut().zip(&voice.active[range.clone()]) {
            *slot |= *source;
        }
        for (slot, source) in dry[at * hop..]
            .iter_mut()
            .zip(&voice.samples[range.start * hop..range.end * hop])
        {
            *slot += source;
        }
        at += range.len() + ((0.5 + random.waiting_s(1.0 / manner.pause_s)) * TRUTH_HZ) as usize;
    }
    let samples = scaled(
        echo::add(&dry, rate_hz, manner.place, random),
        &active,
        rate_hz,
        hop,
        manner.level_db,
    );
    Part { samples, active }
}

/// Brings the mean power over the active frames to the level.
fn scaled(mut samples: Vec<f32>, active: &[bool], rate_hz: f64, hop: usize, level_db: f64) -> Vec<f32> {
    let powers = weighted_frames(&samples, rate_hz, hop);
    let (sum, count) = powers
        .iter()
        .zip(active)
        .filter(|(_, active)| **active)
        .fold((0.0, 0.0), |(sum, count), (power, _)| (sum + power, count + 1.0));
    if sum > 0.0 {
        let gain = (10f64.powf(level_db / 10.0) * count / sum).sqrt() as f32;
        samples.iter_mut().for_each(|sample| *sample *= gain);
    }
    samples
}

/// Whether each frame lies within an utterance of anybody.
pub fn within_utterances(parts: &[Part]) -> Vec<bool> {
    let frames = parts.first().map_or(0, |part| part.active.len());
    let any: Vec<bool> = (0..frames).map(|frame| parts.iter().any(|part| part.active[frame])).collect();
    let mut within = vec![false; frames];
    for utterance in utterances(&any) {
        within[utterance].fill(true);
    }
    within
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_its_level_while_it_talks() {
        let voice = Voice::new(0, 1.0, 16_000.0);
        let manner = Manner {
            level_db: 40.0,
            pause_s: 1.0,
            place: Echo {
                t60_s: 0.5,
                direct_db: 0.0,
            },
        };
        let part = part(&voice, manner, 16_000.0, 320_000, &mut Random::new(5));
        let powers = weighted_frames(&part.samples, 16_000.0, 320);
        let talking: Vec<f64> = powers
            .iter()
            .zip(&part.active)
            .filter(|(_, a)| **a)
            .map(|(p, _)| *p)
            .collect();
        let mean = talking.iter().sum::<f64>() / talking.len() as f64;
        assert!((10.0 * mean.log10() - 40.0).abs() < 0.1);
        let silent: Vec<f64> = powers
            .iter()
            .zip(&part.active)
            .filter(|(_, a)| !**a)
            .map(|(p, _)| *p)
            .collect();
        assert!(silent.iter().sum::<f64>() / (silent.len() as f64) < mean / 5.0);
    }
}
