//! Cost of one step of the adaptation of a whole site: once a second the law decides, fifty times a second the levels move.
//!
//! Machines are noisy: the medians are what counts, beside the ratio to one bare FFT of a block in the same run.

use std::{hint::black_box, time::Instant};

use habitat_benches::{echo_scene::minus5, fft::seconds_per_fft, grid};
use habitat_dsp::{
    adaptation::{FluctuationSignature, LevelDoor, LevelLimits, SiteLaw, TOLERANCE_DB, ZoneBounds, ZoneHeard},
    masking::{NoiseGenerator, NoiseShape},
};

/// Steps of each kind that are timed.
const STEPS: usize = 300;

fn main() {
    let fft_s = seconds_per_fft();
    println!("one real FFT of a block forward and back: {:.2} us", fft_s * 1e6);
    println!(
        "{:>6} {:>12} {:>26} {:>26} {:>10}",
        "zones", "who talks", "the law, us (p50, p99)", "the door, us (p50, p99)", "in FFTs"
    );
    for zones in [10, 100, 1000] {
        for (name, one_in) in [("nobody", usize::MAX), ("one in ten", 10), ("everybody", 1)] {
            let (law_s, door_s) = seconds(zones, one_in);
            let quantile = |times: &[f64], q: f64| times[((times.len() - 1) as f64 * q) as usize] * 1e6;
            println!(
                "{zones:>6} {name:>12} {:>15.1} {:>10.1} {:>15.1} {:>10.1} {:>10.1}",
                quantile(&law_s, 0.5),
                quantile(&law_s, 0.99),
                quantile(&door_s, 0.5),
                quantile(&door_s, 0.99),
                (quantile(&law_s, 0.5) + quantile(&door_s, 0.5)) / fft_s / 1e6,
            );
        }
    }
}

/// Sorted times of the law's decisions and of the door's steps, when in one of so many zones somebody talks.
fn seconds(zones: usize, one_in: usize) -> (Vec<f64>, Vec<f64>) {
    let (setup, parameters) = grid(zones);
    let rate_hz = f64::from(setup.sample_rate_hz);
    let mut shape = NoiseShape::new(rate_hz, &minus5());
    let mut noise = NoiseGenerator::new(1, &mut shape);
    let signature = FluctuationSignature::of(rate_hz, |piece| noise.render(&mut shape, piece, (1e-3, 1e-3)));
    let mut law = SiteLaw::new(&setup, setup.neighbour_max_db - TOLERANCE_DB, signature);
    let masking: Vec<_> = setup.zones.iter().map(|zone| zone.masking.as_slice()).collect();
    let neighbours = setup.zones.iter().map(|zone| zone.neighbours.clone()).collect();
    let fixed_db: Vec<f64> = setup.zones.iter().map(|zone| zone.level_fixed_db).collect();
    let slew = (setup.slew_up_db_per_min, setup.slew_down_db_per_min);
    let mut door = LevelDoor::new(&masking, neighbours, &fixed_db, slew, setup.neighbour_max_db);
    let bounds: Vec<ZoneBounds> = parameters
        .zones
        .iter()
        .map(|zone| ZoneBounds {
            fitting: habitat_dsp::adaptation::Fitting::ANY,
            adapts: Ok(()),
            base_db: zone.level_min_db,
            level_min_db: zone.level_min_db,
            level_max_db: zone.level_max_db,
            offset_db: 0.0,
        })
        .collect();
    let limits: Vec<LevelLimits> = parameters
        .zones
        .iter()
        .map(|zone| LevelLimits {
            max_db: zone.level_max_db,
        })
        .collect();
    let mut heard = vec![ZoneHeard::default(); zones];
    let mut goals_db = vec![0.0; zones];
    let (mut law_s, mut door_s) = (Vec::new(), Vec::new());
    for step in 0..STEPS {
        for (zone, heard) in heard.iter_mut().enumerate() {
            // Talkers take turns, so that goals and levels move.
            let talker = one_in != usize::MAX && (zone + step / 20).is_multiple_of(one_in);
            *heard = ZoneHeard {
                hears: true,
                speech_db: talker.then_some(50.0),
                talker,
                fluctuation_db: Some(6.0),
                background_power: 1e3,
                masking_db: door.level_db(zone),
            };
        }
        let begin = Instant::now();
        let goals = black_box(&mut law).decide(black_box(&heard), &bounds);
        law_s.push(begin.elapsed().as_secs_f64());
        for (slot, goal) in goals_db.iter_mut().zip(goals) {
            *slot = goal.level_db;
        }
        let begin = Instant::now();
        black_box(&mut door).step(black_box(&goals_db), &limits, 0.02);
        door_s.push(begin.elapsed().as_secs_f64());
    }
    law_s.sort_by(f64::total_cmp);
    door_s.sort_by(f64::total_cmp);
    (law_s, door_s)
}
