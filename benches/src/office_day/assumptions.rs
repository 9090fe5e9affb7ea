//! What is assumed of people where sources differ or say little, and other assumptions to see what depends on it.

/// Ambient level at which people talk in their normal voice, dB(A).
const NORMAL_VOICE_AT_DB: f64 = 43.3;

/// Share of the people who are not in the office on a day. With lunches, meetings and breaks two of five desks are out of use at any
/// time then, as AECOM found in ten million observations in 500 offices ("Making empty buildings work").
const ABSENT_SHARE: f64 = 0.25;

/// How people raise their voices in noise (the Lombard effect).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lombard {
    /// Ambient level at which it grows steeper, dB(A).
    pub knee_db: f64,
    /// Slope below, dB per dB.
    pub below: f64,
    /// Slope above, dB per dB.
    pub above: f64,
}

impl Lombard {
    /// Pink noise from 20 to 65 dB(A), listener at 2.5 m (Bottalico et al., Acta Acust. united Ac. 103, 169 (2017)).
    const USUAL: Lombard = Lombard {
        knee_db: 43.3,
        below: 0.24,
        above: 0.65,
    };

    /// Pink noise from 25 to 70 dB(A), listener at 2 m (the same authors, JASA 139, 2015 (2016)).
    const LATER: Lombard = Lombard {
        knee_db: 48.3,
        below: 0.24,
        above: 0.5,
    };

    /// How much louder than normal people talk in an ambient level, dB.
    pub fn louder_db(&self, ambient_db: f64) -> f64 {
        let above_db = ambient_db - self.knee_db;
        self.at_knee_db() + above_db * if above_db > 0.0 { self.above } else { self.below }
    }

    /// The ambient level in which people talk that much louder than normal, dB(A): the other way round.
    pub fn quietest_for(&self, louder_db: f64) -> f64 {
        let above_db = louder_db - self.at_knee_db();
        self.knee_db + above_db / if above_db > 0.0 { self.above } else { self.below }
    }

    fn at_knee_db(&self) -> f64 {
        self.below * (self.knee_db - NORMAL_VOICE_AT_DB)
    }
}

/// All that is assumed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumptions {
    /// What the table calls them.
    pub name: &'static str,
    /// How voices differ re [`Assumptions::USUAL`]: from person to person, from one talk to the next, from turn to turn.
    pub voice_spread: f64,
    /// How people raise them in noise.
    pub lombard: Lombard,
    /// Share of the people who are not in the office on a day.
    pub absent_share: f64,
}

impl Assumptions {
    /// Those of all scenarios.
    pub const USUAL: Assumptions = Assumptions {
        name: "usual",
        voice_spread: 1.0,
        lombard: Lombard::USUAL,
        absent_share: ABSENT_SHARE,
    };

    /// What a calculation with the one voice of ISO 3382-3 assumes.
    pub const ONE_VOICE: Assumptions = Assumptions {
        name: "all voices alike",
        voice_spread: 0.0,
        ..Self::USUAL
    };

    /// Others, each of them changed in one respect from the usual ones.
    pub const OTHERS: [Assumptions; 4] = [
        Self::ONE_VOICE,
        // What a calculation without people in the loop assumes; a slope of nothing has no inverse.
        Assumptions {
            name: "voices not raised in noise",
            lombard: Lombard {
                below: 1e-3,
                above: 1e-3,
                ..Lombard::USUAL
            },
            ..Self::USUAL
        },
        Assumptions {
            name: "voices raised from 48 dB(A) on",
            lombard: Lombard::LATER,
            ..Self::USUAL
        },
        // Leave and illness, and everybody else comes in.
        Assumptions {
            name: "hardly anybody absent",
            absent_share: 0.1,
            ..Self::USUAL
        },
    ];
}
