//! Everything that a place does to sound in one office, computed once.

use super::level::{a_weighted, energy, level_db, masking_shape, speech_shape};
use super::office::{Office, distance_m};
use super::room::{Arrival, CEILING_M, SEATED_M};
use super::sti::{Modulations, OCTAVES};
use crate::sounds::random::Random;

/// STI above which speech distracts: the distraction distance is where it falls to this (ISO 3382-3).
pub const DISTRACTING_STI: f64 = 0.5;

/// What furniture adds to or takes from each way, standard deviation, dB: ISO 3382-3's measured points scatter about as much
/// around their line.
const SCATTER_DB: f64 = 1.5;

/// The same for masking, for which several loudspeakers add up.
const MASKING_SCATTER_DB: f64 = 0.7;

/// Voices for which the noise that makes them unintelligible is computed, dB(A) at 1 m; in between it follows a line.
const VOICES_DB: [f64; 2] = [50.0, 62.0];

/// Noise below this is not looked for, dB(A): ventilation alone is louder.
const LEAST_NOISE_DB: f64 = 25.0;

/// Ventilation at the seats, dB(A), and its spread from zone to zone, dB: offices with masking have 33 to 36 dB(A) without it.
const VENTILATION_DB: (f64, f64) = (34.0, 1.0);

/// Somebody who hears a talker in another zone.
#[derive(Clone, Copy, Debug)]
pub struct Hearer {
    /// Seat, and person.
    pub seat: usize,
    /// Noise that just makes a voice of [`VOICES_DB`]`[0]` unintelligible, dB(A).
    noise_db: f64,
    /// Growth of that with the voice, dB per dB.
    slope: f64,
}

impl Hearer {
    /// The A-weighted level of noise at the hearer's seat under which a voice falls to [`DISTRACTING_STI`], dB.
    pub fn needed_noise_db(&self, voice_db: f64) -> f64 {
        self.noise_db + self.slope * (voice_db - VOICES_DB[0])
    }

    /// Growth of the needed noise with the voice, dB per dB.
    pub fn slope(&self) -> f64 {
        self.slope
    }
}

/// The ways of sound in an office.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Per talker's seat: those in other zones whom the voice may distract.
    pub hearers: Vec<Vec<Hearer>>,
    /// Per talker's seat and zone: A-weighted energy of speech at the zone's microphone re 1 m.
    pub to_microphones: Vec<Vec<f64>>,
    /// Per seat and zone: A-weighted energy of masking per unit of drive of the zone's loudspeakers.
    pub masking: Vec<Vec<f64>>,
    /// Per zone: ventilation at its seats, dB(A).
    pub ventilation_db: Vec<f64>,
}

impl Paths {
    /// The ways in an office; the seed says what furniture does to them.
    pub fn new(office: &Office, seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let zones = office.size.zones();
        let scatter = |spread_db: f64, random: &mut Random| energy(spread_db * random.normal_pair().0);
        let (speech, noise) = (speech_shape(), masking_shape());
        let mut hearers = vec![Vec::new(); office.seats.len()];
        for (one, from) in office.seats.iter().enumerate() {
            for (other, to) in office.seats.iter().enumerate().skip(one + 1) {
                if from.zone == to.zone {
                    continue;
                }
                let arrival = office
                    .room
                    .arrival(distance_m(from.place, to.place, 0.0), office.screened(from.zone, to.zone));
                // A way and its reverse are alike.
                let gain = scatter(SCATTER_DB, random);
                if let Some((noise_db, slope)) = drowning(&arrival, gain, office.room.t60_s, &speech, &noise) {
                    for (talker, seat) in [(one, other), (other, one)] {
                        hearers[talker].push(Hearer { seat, noise_db, slope });
                    }
                }
            }
        }
        let rise_m = CEILING_M - SEATED_M;
        let flat = |arrival: Arrival| a_weighted(&masked(&arrival, &noise));
        let to_microphones = office
            .seats
            .iter()
            .map(|seat| {
                let at = |place: &_| office.room.arrival(distance_m(seat.place, *place, rise_m), false);
                let places = office.microphones.iter();
                places.map(|place| flat(at(place)) * scatter(SCATTER_DB, random)).collect()
            })
            .collect();
        let masking = office
            .seats
            .iter()
            .map(|seat| {
                let mut by_zone = vec![0.0; zones];
                for (zone, place) in &office.loudspeakers {
                    by_zone[*zone] += flat(office.room.arrival(distance_m(seat.place, *place, rise_m), false));
                }
                by_zone
                    .into_iter()
                    .map(|power| power * scatter(MASKING_SCATTER_DB, random))
                    .collect()
            })
            .collect();
        Paths {
            hearers,
            to_microphones,
            masking,
            ventilation_db: (0..zones)
                .map(|_| VENTILATION_DB.0 + VENTILATION_DB.1 * random.normal_pair().0)
                .collect(),
        }
    }
}

/// A spectrum after a way.
fn masked(arrival: &Arrival, spectrum: &[f64; OCTAVES]) -> [f64; OCTAVES] {
    let total = arrival.total();
    core::array::from_fn(|octave| spectrum[octave] * total[octave])
}

/// The noise that makes the lower of [`VOICES_DB`] unintelligible, and how it grows; nothing where no noise is needed.
fn drowning(arrival: &Arrival, gain: f64, t60_s: f64, speech: &[f64; OCTAVES], noise: &[f64; OCTAVES]) -> Option<(f64, f64)> {
    let arrived = masked(arrival, speech).map(|octave| octave * gain);
    let (softest, loudest) = (VOICES_DB[0], VOICES_DB[1]);
    // No noise of the spectrum of masking has to be much louder than the speech.
    if level_db(a_weighted(&arrived)) + loudest + 3.0 < LEAST_NOISE_DB {
        return None;
    }
    let modulations = Modulations::new(&arrival.direct_share(), t60_s);
    let needed = |voice_db: f64| {
        let at_seat = arrived.map(|octave| octave * energy(voice_db));
        let sti = |noise_db: f64| modulations.sti(&at_seat, &noise.map(|octave| octave * energy(noise_db)));
        let (mut low, mut high) = (LEAST_NOISE_DB, 90.0);
        if sti(low) <= DISTRACTING_STI {
            return None;
        }
        while high - low > 0.02 {
            let middle = (low + high) / 2.0;
            if sti(middle) > DISTRACTING_STI {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(low)
    };
    let loud_db = needed(loudest)?;
    let soft_db = needed(softest).unwrap_or(LEAST_NOISE_DB.min(loud_db - (loudest - softest)));
    Some((soft_db, (loud_db - soft_db) / (loudest - softest)))
}
