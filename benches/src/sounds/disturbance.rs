//! What disturbs a speech detector, by name.

use super::{impacts, machines, music, random::Random, water};

/// A sound that is not speech.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Disturbance {
    /// Ventilation with slow drift.
    Ventilation,
    /// Ventilation that is switched up and down by 6 dB.
    SwitchedVentilation,
    /// Typing.
    Keyboard,
    /// China and cutlery.
    Dishes,
    /// Treadmill.
    ExerciseMachine,
    /// Vacuum cleaner.
    VacuumCleaner,
    /// Instrumental music.
    Music,
    /// The product's stream: bubbles.
    Stream,
    /// The product's rain: drops.
    Rain,
    /// Footsteps and a door.
    Steps,
}

impl Disturbance {
    /// All of them.
    pub const ALL: [Disturbance; 10] = [
        Disturbance::Ventilation,
        Disturbance::SwitchedVentilation,
        Disturbance::Keyboard,
        Disturbance::Dishes,
        Disturbance::ExerciseMachine,
        Disturbance::VacuumCleaner,
        Disturbance::Music,
        Disturbance::Stream,
        Disturbance::Rain,
        Disturbance::Steps,
    ];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Disturbance::Ventilation => "ventilation",
            Disturbance::SwitchedVentilation => "ventilation +6 dB",
            Disturbance::Keyboard => "keyboard",
            Disturbance::Dishes => "dishes",
            Disturbance::ExerciseMachine => "exercise machine",
            Disturbance::VacuumCleaner => "vacuum cleaner",
            Disturbance::Music => "music",
            Disturbance::Stream => "stream",
            Disturbance::Rain => "rain",
            Disturbance::Steps => "steps and door",
        }
    }

    /// The sound at no level in particular.
    pub fn make(self, random: &mut Random, rate_hz: f64, length: usize) -> Vec<f32> {
        match self {
            Disturbance::Ventilation => machines::ventilation(random, rate_hz, length),
            Disturbance::SwitchedVentilation => machines::switched_ventilation(random, rate_hz, length),
            Disturbance::Keyboard => impacts::keyboard(random, rate_hz, length),
            Disturbance::Dishes => impacts::dishes(random, rate_hz, length),
            Disturbance::ExerciseMachine => machines::exercise_machine(random, rate_hz, length),
            Disturbance::VacuumCleaner => machines::vacuum_cleaner(random, rate_hz, length),
            Disturbance::Music => music::music(random, rate_hz, length),
            Disturbance::Stream => water::stream(random, rate_hz, length),
            Disturbance::Rain => water::rain(random, rate_hz, length),
            Disturbance::Steps => impacts::steps(random, rate_hz, length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sound_is_finite_audible_and_the_same_for_the_same_seed() {
        for rate_hz in [14_700.0, 16_000.0] {
            for sound in Disturbance::ALL {
                let make = || sound.make(&mut Random::new(7), rate_hz, 160_000);
                let samples = make();
                assert_eq!(samples.len(), 160_000);
                assert!(samples.iter().all(|x| x.is_finite()));
                assert!(samples.iter().any(|x| x.abs() > 1e-3), "{}", sound.name());
                assert_eq!(samples, make());
            }
        }
    }
}
