//! Everything that comes out of a daemon that hears people speak, with everything switched on: neither sound, nor anything finer than
//! the limits, nor a text that is not of its types or its site.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "../support/mosquitto.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod mosquitto;
#[path = "../support/pipe.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod pipe;
#[path = "../support/room.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod room;
#[path = "../support/tenant.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod tenant;

mod canaries;
mod captured;
mod numbers;
mod office;
mod plants;
mod sound;
mod threat_model;
mod words;

use std::path::Path;

use crate::{
    captured::Captured,
    office::{IDS, RATE_HZ, SECONDS, ZONES},
    sound::Sound,
    words::Words,
};

/// Everything that looks for leaks.
struct Search {
    sounds: Vec<Sound>,
    words: Words,
    reference: Captured,
}

impl Search {
    fn leaks(&self, captured: &Captured) -> Vec<String> {
        let mut leaks: Vec<String> = self.sounds.iter().flat_map(|sound| sound.found_in(captured)).collect();
        leaks.extend(numbers::rows(captured, &self.reference));
        leaks.extend(numbers::amounts(captured, SECONDS, ZONES));
        leaks.extend(numbers::resolution(captured));
        leaks.extend(self.words.unknown_in(captured));
        leaks.extend(canaries::astray(captured));
        leaks
    }
}

#[test]
fn of_speech_nothing_leaves_but_what_is_listed() {
    let layout = room::layout(ZONES).replace("name = \"Zone ", "name = \"canary zone name ");
    let (voices, noise) = (office(true), office(false));
    let reference = office::listen(&noise, &layout);
    let captured = office::listen(&voices, &layout);
    let microphones = (0..ZONES).map(|zone| voices.iter().skip(zone).step_by(ZONES).copied().collect::<Vec<f32>>());
    let search = Search {
        sounds: microphones.map(|samples| Sound::of(&samples)).collect(),
        words: Words::new(
            &[&IDS[..], &["canary-operator"]].concat(),
            &["canary zone name 1", "canary zone name 2"],
            &reference,
        ),
        reference,
    };
    let bytes: usize = captured.0.iter().map(|piece| piece.bytes.len()).sum();
    println!(
        "{} pieces, {bytes} bytes, {} documents",
        captured.0.len(),
        captured.documents().count()
    );
    let leaks = search.leaks(&captured);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    // And the search finds what there is to find.
    for plant in plants::all(&voices) {
        let mut planted = captured.clone();
        (plant.put)(&mut planted);
        let leaks = search.leaks(&planted);
        let found = leaks.iter().any(|leak| leak.starts_with(plant.found_as));
        assert!(found, "{} is not found: {leaks:?}", plant.what);
        println!("found: {}", plant.what);
    }
}

/// What the microphones hear: a quiet room, in which a voice speaks in the first zone for half of the time, or nobody.
fn office(voice: bool) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sounds/anna.wav");
    let mut file = hound::WavReader::open(path).unwrap();
    assert_eq!(file.spec().sample_rate as usize, RATE_HZ);
    let anna: Vec<f32> = file
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect();
    // 58 dB at a sensitivity of -26 dBFS for 94 dB.
    let rms = (anna.iter().map(|sample| sample * sample).sum::<f32>() / anna.len() as f32).sqrt();
    let gain = 10f32.powf(-65.0 / 20.0) / rms;
    let mut random = fastrand::Rng::with_seed(1);
    let mut sound = Vec::with_capacity(SECONDS * RATE_HZ * ZONES);
    for frame in 0..SECONDS * RATE_HZ {
        let speaks = voice && frame / RATE_HZ % 20 < 12;
        let spoken = if speaks { gain * anna[frame % anna.len()] } else { 0.0 };
        for path in [1.0, 0.2] {
            sound.push(path * spoken + 5e-5 * (2.0 * random.f32() - 1.0));
        }
    }
    sound
}
