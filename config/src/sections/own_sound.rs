//! `[own_sound]`: how our own masking is removed from what the microphones hear.

use crate::{
    keys,
    read::{NumberRule, Table, WholeRule, choice, number, whole},
    site::{OwnSound, RemovalMethod},
};

/// The waveform wherever it can be cancelled: it leaves the least of our own masking, and falls back by itself.
const DEFAULT_METHOD: RemovalMethod = RemovalMethod::Auto;

/// A ceiling microphone between loudspeakers 3 to 5 m apart hears the four around it and the two behind them; each
/// further one is below the sound of the room, and costs as much as the first.
const DEFAULT_REFERENCES: usize = 6;

/// What comes later than this in a lively office, of 0.9 s, is 40 dB down. In a dry one a longer response costs time, no accuracy.
const DEFAULT_TAIL_S: f64 = 0.6;

const REFERENCES: WholeRule = WholeRule {
    min: 1,
    max: 16,
    reason: "without any there is nothing to cancel, and more than 16 cost more than they remove",
};

const TAIL: NumberRule = NumberRule {
    min: 0.25,
    max: 1.0,
    unit: " s",
    reason: "a shorter tail leaves reverberation that is heard as ambient sound, a longer one than any office needs learns slowly",
};

/// Reads the table.
pub(crate) fn read(root: &Table) -> OwnSound {
    const METHODS: &[(&str, RemovalMethod)] = &[("auto", RemovalMethod::Auto), ("power", RemovalMethod::Power)];
    let Some(table) = root.section("own_sound", &keys::OWN_SOUND) else {
        return OwnSound {
            method: DEFAULT_METHOD,
            references: DEFAULT_REFERENCES,
            tail_s: DEFAULT_TAIL_S,
        };
    };
    OwnSound {
        method: table.read("method", choice(METHODS)).or(DEFAULT_METHOD),
        references: table
            .read("references", |item| {
                whole(&REFERENCES)(item).and_then(|count| usize::try_from(count).ok())
            })
            .or(DEFAULT_REFERENCES),
        tail_s: table.read("tail_s", number(&TAIL)).or(DEFAULT_TAIL_S),
    }
}
