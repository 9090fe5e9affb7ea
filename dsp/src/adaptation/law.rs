//! Which masking level a zone should have.
//!
//! Speech of another zone is to stay below the target STI at the listeners here. Three things keep the law from paying for
//! masking that does not help: a talker in the zone itself stops every rise (people raise their voice in noise, the Lombard
//! effect), speech that even the highest level would not make unintelligible is not chased, and the level answers a change
//! of speech by at most half of it, so that the loop through people's voices stays stable.

use crate::{Cause, STI_CURVE_POINTS};

/// Speech-to-noise ratio of the first point of an STI curve, dB(A).
pub const STI_CURVE_FROM_DB: f64 = -30.0;

/// Masking answers a change of speech by this much, dB per dB. With a Lombard slope of at most 0.65 dB/dB (Bottalico 2018) a
/// disturbance is amplified by at most 1/(1 − 0.5·0.65) = 1.5.
const RESPONSE_SLOPE: f64 = 0.5;

/// Speech that exceeds the target STI by more than this even under the highest level is not maskable.
pub const MASKABLE_MARGIN_STI: f64 = 0.15;

/// How long a level is held after the last speech at the default rise of 0.2 dB/min, seconds: a pause in a conversation.
const HOLD_S: f64 = 60.0;
/// Rise for which [`HOLD_S`] was chosen, dB/min; a brisker law forgets faster.
const HOLD_SLEW_DB_PER_MIN: f64 = 0.2;
/// Shortest hold: a pause between sentences.
const SHORTEST_HOLD_S: f64 = 5.0;

/// STI at a speech-to-noise ratio, read off a curve by linear interpolation.
pub fn sti_at(curve: &[f32; STI_CURVE_POINTS], ratio_db: f64) -> f64 {
    let position = (ratio_db - STI_CURVE_FROM_DB).clamp(0.0, (STI_CURVE_POINTS - 1) as f64);
    let index = (position as usize).min(STI_CURVE_POINTS - 2);
    let share = position - index as f64;
    f64::from(curve[index]) * (1.0 - share) + f64::from(curve[index + 1]) * share
}

/// Speech-to-noise ratio at which a curve reaches an STI; the ends of the curve if it never does.
fn ratio_at(curve: &[f32; STI_CURVE_POINTS], sti: f64) -> f64 {
    let above = curve
        .iter()
        .position(|point| f64::from(*point) >= sti)
        .unwrap_or(STI_CURVE_POINTS - 1);
    if above == 0 {
        return STI_CURVE_FROM_DB;
    }
    let (low, high) = (f64::from(curve[above - 1]), f64::from(curve[above]));
    let share = if high > low {
        ((sti - low) / (high - low)).clamp(0.0, 1.0)
    } else {
        1.0
    };
    STI_CURVE_FROM_DB + (above - 1) as f64 + share
}

/// Speech of one talker elsewhere, as it arrives here.
#[derive(Clone, Copy, Debug)]
pub struct HeardSpeech<'a> {
    /// Zone of the talker.
    pub from_zone: usize,
    /// A-weighted level at the listeners here, dB.
    pub level_db: f64,
    /// STI here against the speech-to-noise ratio.
    pub sti_curve: &'a [f32; STI_CURVE_POINTS],
}

/// The level that a zone should have, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Masking at the listeners, dB(A).
    pub level_db: f64,
    /// Why.
    pub cause: Cause,
    /// STI that asks for it, and the zone of the talker.
    pub evidence: Option<(f32, u32)>,
}

/// What the law needs to know of a zone in one second.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// Masking at the listeners now, dB(A).
    pub masking_db: f64,
    /// Steady ambient power at the listeners, where it is known.
    pub ambient_power: f64,
    /// A talker is in this zone.
    pub own_talker: bool,
    /// Highest level allowed here.
    pub level_max_db: f64,
    /// Lowest level allowed here.
    pub level_min_db: f64,
    /// Added to the level that speech or quiet asks for.
    pub offset_db: f64,
}

/// The law of one zone.
#[derive(Clone, Debug)]
pub struct Law {
    level_fixed_db: f64,
    sti_target: f64,
    hold_s: f64,
    wanted: Option<Goal>,
    seconds_since_speech: f64,
    sti: Option<(f32, u32)>,
}

impl Law {
    /// The law for a zone with the given commissioned level and target, in a site that rises at the given rate.
    pub fn new(level_fixed_db: f64, sti_target: f64, slew_up_db_per_min: f64) -> Self {
        let hold_s = (HOLD_S * HOLD_SLEW_DB_PER_MIN / slew_up_db_per_min.max(0.01)).max(SHORTEST_HOLD_S);
        Law {
            level_fixed_db,
            sti_target,
            hold_s,
            wanted: None,
            seconds_since_speech: f64::INFINITY,
            sti: None,
        }
    }

    /// Highest STI here of speech from another zone in the last second, and whose.
    pub fn sti(&self) -> Option<(f32, u32)> {
        self.sti
    }

    /// Takes one second and returns the level that the zone should have.
    pub fn decide<'a>(&mut self, situation: &Situation, heard: impl Iterator<Item = HeardSpeech<'a>>) -> Goal {
        let noise_db = crate::units::power_to_db(crate::units::db_to_power(situation.masking_db) + situation.ambient_power);
        let mut asked: Option<Goal> = None;
        let mut unmaskable = false;
        self.sti = None;
        for speech in heard {
            let sti = sti_at(speech.sti_curve, speech.level_db - noise_db);
            if self.sti.is_none_or(|(highest, _)| sti > f64::from(highest)) {
                self.sti = Some((sti as f32, speech.from_zone as u32));
            }
            if sti_at(speech.sti_curve, speech.level_db - situation.level_max_db) > self.sti_target + MASKABLE_MARGIN_STI {
                unmaskable = true;
                continue;
            }
            let needed_db = speech.level_db - ratio_at(speech.sti_curve, self.sti_target);
            if needed_db <= situation.level_min_db {
                continue;
            }
            let level_db = self.level_fixed_db + RESPONSE_SLOPE * (needed_db - self.level_fixed_db);
            if asked.is_none_or(|goal| level_db > goal.level_db) {
                let evidence = Some((sti as f32, speech.from_zone as u32));
                asked = Some(Goal {
                    level_db,
                    cause: Cause::Speech,
                    evidence,
                });
            }
        }
        self.remember(asked);
        self.goal(situation, unmaskable)
    }

    fn remember(&mut self, asked: Option<Goal>) {
        match asked {
            Some(goal) => {
                self.seconds_since_speech = 0.0;
                // While people talk the highest demand counts; a softer sentence does not lower it.
                if self.wanted.is_none_or(|before| goal.level_db >= before.level_db) {
                    self.wanted = Some(goal);
                }
            }
            None => self.seconds_since_speech += 1.0,
        }
        if self.seconds_since_speech > self.hold_s {
            self.wanted = None;
        }
    }

    fn goal(&self, situation: &Situation, unmaskable: bool) -> Goal {
        let held = |cause| Goal {
            level_db: situation.masking_db,
            cause,
            evidence: self.sti,
        };
        let goal = match self.wanted {
            Some(goal) => Goal {
                level_db: goal.level_db + situation.offset_db,
                ..goal
            },
            None if unmaskable => held(Cause::Speech),
            None => Goal {
                level_db: situation.level_min_db + situation.offset_db,
                cause: Cause::Quiet,
                evidence: None,
            },
        };
        let may_rise = !situation.own_talker;
        if goal.level_db > situation.masking_db && !may_rise {
            held(goal.cause)
        } else {
            goal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// STI without reverberation: (ratio + 15) / 30 (IEC 60268-16).
    fn curve() -> [f32; STI_CURVE_POINTS] {
        core::array::from_fn(|n| ((n as f32 - 30.0 + 15.0) / 30.0).clamp(0.0, 1.0))
    }

    fn situation() -> Situation {
        Situation {
            masking_db: 43.0,
            ambient_power: 0.0,
            own_talker: false,
            level_max_db: 46.0,
            level_min_db: 40.0,
            offset_db: 0.0,
        }
    }

    fn decide(law: &mut Law, situation: &Situation, level_db: Option<f64>) -> Goal {
        let curve = curve();
        law.decide(
            situation,
            level_db
                .map(|level_db| HeardSpeech {
                    from_zone: 7,
                    level_db,
                    sti_curve: &curve,
                })
                .into_iter(),
        )
    }

    #[test]
    fn intelligible_speech_from_elsewhere_raises_by_half_of_what_it_needs() {
        // STI 0.45 is at a ratio of -1.5 dB: speech of 44 dB needs 45.5 dB.
        let goal = decide(&mut Law::new(43.0, 0.45, 0.2), &situation(), Some(44.0));
        assert!((goal.level_db - 44.25).abs() < 1e-6, "{goal:?}");
        assert_eq!(goal.cause, Cause::Speech);
        let (sti, zone) = goal.evidence.unwrap();
        assert!((f64::from(sti) - 16.0 / 30.0).abs() < 1e-6);
        assert_eq!(zone, 7);
    }

    #[test]
    fn the_answer_to_speech_is_at_most_half_a_db_per_db() {
        for tenth in 380..500 {
            let at = |db: f64| decide(&mut Law::new(43.0, 0.45, 0.2), &situation(), Some(db));
            let (soft, loud) = (at(f64::from(tenth) / 10.0), at(f64::from(tenth) / 10.0 + 0.1));
            if soft.cause == Cause::Speech && loud.cause == Cause::Speech && loud.level_db != situation().masking_db {
                assert!(loud.level_db - soft.level_db <= 0.05 + 1e-9, "{tenth}");
            }
        }
    }

    #[test]
    fn the_talkers_own_zone_does_not_rise() {
        let situation = Situation {
            own_talker: true,
            ..situation()
        };
        assert_eq!(decide(&mut Law::new(43.0, 0.45, 0.2), &situation, Some(44.0)).level_db, 43.0);
    }

    #[test]
    fn speech_that_cannot_be_masked_is_not_chased() {
        assert_eq!(
            decide(&mut Law::new(43.0, 0.45, 0.2), &situation(), Some(60.0)).level_db,
            43.0
        );
    }

    #[test]
    fn a_pause_holds_the_level_and_quiet_lets_it_fall() {
        let mut law = Law::new(43.0, 0.45, 0.2);
        let loud = decide(&mut law, &situation(), Some(45.0));
        for _ in 0..60 {
            assert_eq!(decide(&mut law, &situation(), None).level_db, loud.level_db);
        }
        let quiet = decide(&mut law, &situation(), None);
        assert_eq!((quiet.level_db, quiet.cause), (40.0, Cause::Quiet));
    }

    #[test]
    fn the_curve_and_its_inverse_agree() {
        for sti in [0.2, 0.45, 0.5, 0.8] {
            assert!((sti_at(&curve(), ratio_at(&curve(), sti)) - sti).abs() < 1e-6);
        }
    }
}
