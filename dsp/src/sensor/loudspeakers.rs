//! Which microphone is where: by the loudspeakers that it hears.
//!
//! Every loudspeaker plays noise of its own, so the power that a microphone hears of each can be told apart. A microphone whose
//! channel was swapped hears the loudspeakers of another place. How badly a place explains what is heard is the standard
//! deviation, over loudspeakers, of the level difference between heard and expected: a layout predicts each path to some 3 dB,
//! whereas another place differs by the ratio of the distances. A common factor, the microphone's sensitivity, drops out. Places
//! two loudspeakers apart are told apart for certain, nearer ones only when the layout predicts well; they also measure alike.

use crate::units::power_to_db;

/// A place explains what is heard when it deviates by no more than this, dB.
const EXPLAINS_DB: f64 = 5.0;

/// Another place explains it clearly better when its deviation is smaller by this factor and by this difference, dB.
const CLEARLY_RATIO: f64 = 1.5;
const CLEARLY_DB: f64 = 1.5;

/// Loudspeakers below this share of all loudspeakers' power are lost in the errors of their estimates, and not compared.
const FLOOR_SHARE: f64 = 0.01;

/// Nothing can be told unless the loudest loudspeaker makes up this share of all that the microphone hears.
const AUDIBLE_SHARE: f64 = 0.05;

/// Nor unless it stands out this far above what is lost in the errors of its estimate: a place is told by how the loudest and the
/// others differ.
const CLEAR_RATIO: f64 = 3.0;

/// A place can only explain what is heard when the nearest loudspeaker makes up this share of the sum of all gains there.
const CANDIDATE_SHARE: f64 = 0.1;

/// One loudspeaker that a microphone was searched for, found or not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeardLoudspeaker {
    /// Loudspeaker.
    pub loudspeaker: usize,
    /// Power that it plays at 1 m.
    pub played: f64,
    /// Its power at the microphone: the coherent part, the bias of its estimate removed.
    pub heard: f64,
}

/// What the layout expects: power gain from each loudspeaker to each microphone that it reaches.
#[derive(Clone, Debug)]
pub struct LoudspeakerMap {
    /// Per microphone: the loudspeakers that reach it, by index, and their gains.
    gains: Vec<Vec<(u32, f32)>>,
    /// Per loudspeaker: the microphones that it contributes a fair share to, and the one that hears it best.
    near: Vec<Vec<u32>>,
}

impl LoudspeakerMap {
    /// Of `loudspeakers` loudspeakers. `gains` has per microphone those that reach it, in any order, with the power at the
    /// microphone re that at 1 m.
    pub fn new(loudspeakers: usize, gains: impl IntoIterator<Item = Vec<(usize, f64)>>) -> Self {
        let mut near = vec![Vec::new(); loudspeakers];
        let row = |(microphone, row): (usize, Vec<(usize, f64)>)| {
            let reaching = row
                .into_iter()
                .filter(|(loudspeaker, gain)| *loudspeaker < loudspeakers && *gain > 0.0);
            let mut row: Vec<(u32, f32)> = reaching
                .map(|(loudspeaker, gain)| (loudspeaker as u32, gain as f32))
                .collect();
            row.sort_by_key(|(loudspeaker, _)| *loudspeaker);
            let total: f64 = row.iter().map(|(_, gain)| f64::from(*gain)).sum();
            for (loudspeaker, gain) in &row {
                if f64::from(*gain) >= CANDIDATE_SHARE * total {
                    near[*loudspeaker as usize].push(microphone as u32);
                }
            }
            row
        };
        let gains = gains.into_iter().enumerate().map(row).collect();
        let mut map = LoudspeakerMap { gains, near };
        // In a reverberant room a loudspeaker may be no fair share of what is heard anywhere.
        for loudspeaker in 0..loudspeakers {
            let gain = |microphone: &usize| map.gain(*microphone, loudspeaker);
            let best = (0..map.gains.len()).max_by(|a, b| gain(a).total_cmp(&gain(b)));
            let best = best.filter(|best| gain(best) > 0.0).map(|best| best as u32);
            if let Some(best) = best.filter(|best| !map.near[loudspeaker].contains(best)) {
                map.near[loudspeaker].push(best);
            }
        }
        map
    }

    /// Whether another place, or two loudspeakers swapped, explains clearly better what a microphone hears; `None` when it hears
    /// too little of any loudspeaker to tell, or neither its own place nor another explains it.
    ///
    /// `total` is all that it hears, in the same units, and `uncertainty` that of each loudspeaker's power: what is not above that
    /// is not compared. `heard` has to hold every loudspeaker that was searched for, also those not found; loudspeakers that play
    /// nothing or were not searched for are left out of the comparison. `vacant` tells which places may not be taken by their own
    /// microphones.
    pub fn hears_others(
        &self,
        microphone: usize,
        heard: &[HeardLoudspeaker],
        (total, uncertainty): (f64, f64),
        vacant: impl Fn(usize) -> bool,
    ) -> Option<bool> {
        let all_heard: f64 = heard.iter().map(|h| h.heard.max(0.0)).sum();
        let loudest = heard.iter().map(|h| h.heard).max_by(f64::total_cmp)?;
        if loudest <= 0.0 || loudest < AUDIBLE_SHARE * total || loudest < CLEAR_RATIO * uncertainty {
            return None;
        }
        // By gain: the one that plays loudest need not be near.
        let audible = heard.iter().filter(|h| h.played > 0.0 && h.heard > FLOOR_SHARE * all_heard);
        let nearest_heard = audible.max_by(|a, b| (a.heard / a.played).total_cmp(&(b.heard / b.played)))?;
        let own_db = self.deviation_db(heard, uncertainty, |loudspeaker| self.gain(microphone, loudspeaker));
        let clearly_better =
            |other_db: f64| other_db <= EXPLAINS_DB && own_db >= other_db * CLEARLY_RATIO && own_db >= other_db + CLEARLY_DB;

        let own_gain = |h: &&HeardLoudspeaker| self.gain(microphone, h.loudspeaker);
        let nearest = heard.iter().max_by(|a, b| own_gain(a).total_cmp(&own_gain(b)))?;
        let swapped_db = self.deviation_db(heard, uncertainty, |loudspeaker| {
            let actual = match loudspeaker {
                l if l == nearest_heard.loudspeaker => nearest.loudspeaker,
                l if l == nearest.loudspeaker => nearest_heard.loudspeaker,
                l => l,
            };
            self.gain(microphone, actual)
        });
        let candidates = self.near.get(nearest_heard.loudspeaker).map_or(&[][..], Vec::as_slice);
        let others = || {
            candidates
                .iter()
                .map(|place| *place as usize)
                .filter(|place| *place != microphone)
        };
        let elsewhere = others().filter(|place| vacant(*place)).any(|place| {
            let other_db = self.deviation_db(heard, uncertainty, |loudspeaker| self.gain(place, loudspeaker));
            clearly_better(other_db)
        });
        // Two loudspeakers of one place that are exchanged measure alike there, and a layout that is wrong looks the same.
        let swapped = || clearly_better(swapped_db) && others().any(&vacant);
        if elsewhere || swapped() {
            Some(true)
        } else {
            (own_db <= EXPLAINS_DB).then_some(false)
        }
    }

    /// How badly the place of a microphone explains what it hears, dB; infinite when nothing that plays is expected there.
    /// `uncertainty` as above.
    pub fn own_deviation_db(&self, microphone: usize, heard: &[HeardLoudspeaker], uncertainty: f64) -> f64 {
        self.deviation_db(heard, uncertainty, |loudspeaker| self.gain(microphone, loudspeaker))
    }

    /// What the layout expects of a loudspeaker at a microphone, re 1 m; 0 where it does not reach.
    pub fn gain(&self, microphone: usize, loudspeaker: usize) -> f64 {
        let row = self.gains.get(microphone).map_or(&[][..], Vec::as_slice);
        let found = row.binary_search_by_key(&loudspeaker, |(reaching, _)| *reaching as usize);
        found.map_or(0.0, |index| f64::from(row[index].1))
    }

    /// Standard deviation of heard re expected levels over the loudspeakers that play, dB; infinite when nothing is expected.
    fn deviation_db(&self, heard: &[HeardLoudspeaker], uncertainty: f64, gain: impl Fn(usize) -> f64) -> f64 {
        let playing = || heard.iter().filter(|h| h.played > 0.0);
        let expected = |h: &HeardLoudspeaker| gain(h.loudspeaker) * h.played;
        let all_heard: f64 = playing().map(|h| h.heard.max(0.0)).sum();
        let all_expected: f64 = playing().map(expected).sum();
        if all_expected <= 0.0 || all_heard <= 0.0 {
            return f64::INFINITY;
        }
        let floor = (FLOOR_SHARE * all_heard).max(uncertainty);
        let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for loudspeaker in playing() {
            let heard = loudspeaker.heard.max(0.0);
            let expected = expected(loudspeaker) / all_expected * all_heard;
            if heard.max(expected) > floor {
                let difference_db = power_to_db((heard + floor) / (expected + floor));
                count += 1.0;
                sum += difference_db;
                squares += difference_db * difference_db;
            }
        }
        if count == 0.0 {
            return f64::INFINITY;
        }
        let mean: f64 = sum / count;
        (squares / count - mean * mean).max(0.0).sqrt()
    }
}

#[cfg(test)]
#[path = "loudspeakers_tests.rs"]
mod tests;
