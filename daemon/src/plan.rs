//! What `habitatd plan` shows: the prediction of the layout as text, as a drawing, and as a page for a client.
//!
//! The numbers come from [`habitat_layout::prediction`]; here they only get words and colours.

mod drawing;
mod page;
mod progress;
mod report;
mod scale;
mod text;
mod words;

use habitat_config::Site;
use habitat_dsp::adaptation::MASKABLE_MARGIN_STI;
use habitat_layout::prediction::{Assumptions, Prediction, ZoneLimits};

pub use drawing::svg;
pub use page::html;
pub use progress::Progress;
pub use text::text;

/// A site with what its layout predicts.
pub struct Outlook {
    /// The site.
    pub site: Site,
    /// What was assumed.
    pub assumptions: Assumptions,
    /// What follows.
    pub prediction: Prediction,
}

impl Outlook {
    /// Predicts with a background of some level, dB(A).
    pub fn of(site: Site, background_db: f64, progress: &Progress) -> Self {
        let zones = site.zones.iter().map(|levels| ZoneLimits {
            level_min_db: levels.level_min_db,
            level_fixed_db: levels.level_fixed_db,
            level_max_db: levels.level_max_db,
            sti_target: levels.sti_target,
        });
        let assumptions = Assumptions {
            background_db,
            masking_spectrum_db: site.masking.spectrum_db,
            zones: zones.collect(),
            neighbour_max_db: site.adaptation.neighbour_max_db,
            maskable_margin_sti: MASKABLE_MARGIN_STI,
        };
        let prediction = Prediction::of(&site.plan, &assumptions, &|share| progress.show(share));
        Self {
            site,
            assumptions,
            prediction,
        }
    }
}
