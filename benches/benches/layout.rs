//! What planning costs: the numbers that the engine needs, a whole prediction with maps, and how both grow with zones.

use std::time::Instant;

use habitat_benches::plan::square_floor;
use habitat_layout::{
    Plan,
    acoustics::Acoustics,
    prediction::{Assumptions, Prediction, USUAL_BACKGROUND_DB, ZoneLimits},
    spectrum::minus5_db,
};

fn main() {
    println!(
        "{:>6} {:>14} {:>14} {:>14} {:>14}",
        "zones", "acoustics, s", "ms per zone", "prediction, s", "ms per zone"
    );
    for zones in [50, 125, 250, 500] {
        let plan = square_floor(zones);
        let acoustics_s = seconds(|| assert_eq!(Acoustics::of(&plan, &minus5_db()).neighbours.len(), zones));
        let prediction_s = seconds(|| assert_eq!(predict(&plan).talkers.len(), zones));
        let each = |taken_s: f64| taken_s * 1e3 / zones as f64;
        println!(
            "{zones:>6} {acoustics_s:>14.2} {:>14.2} {prediction_s:>14.2} {:>14.2}",
            each(acoustics_s),
            each(prediction_s)
        );
    }
}

fn seconds(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

fn predict(plan: &Plan) -> Prediction {
    let zone = ZoneLimits {
        level_min_db: 40.0,
        level_fixed_db: 43.0,
        level_max_db: 46.0,
        sti_target: 0.45,
    };
    let assumptions = Assumptions {
        background_db: USUAL_BACKGROUND_DB,
        masking_spectrum_db: minus5_db(),
        zones: vec![zone; plan.zones.len()],
        neighbour_max_db: 2.0,
        maskable_margin_sti: habitat_dsp::adaptation::MASKABLE_MARGIN_STI,
    };
    Prediction::of(plan, &assumptions, &|_| ())
}
