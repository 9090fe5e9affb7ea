//! How loud our own sound is at a microphone by the power alone: coupling per loudspeaker and third-octave.
//!
//! First the layout says it, or what was commissioned; then it follows what is measured ([`PowerModel::track`]). Loudspeakers
//! of a zone play at one level and cannot be told apart by power, so that their couplings are summed up.

use crate::{
    setup::{CouplingSetup, EngineSetup, MicrophoneSetup},
    spectrum::{BAND_COUNT, Bands, a_weighting_db, band_centre_hz},
    units::db_to_power,
};

/// How well the layout predicts a level at a microphone, as a share of power: 1.5 dB.
const LAYOUT_UNCERTAINTY: f64 = 0.41;

/// How well a level is known after it was followed for a while, likewise: 0.3 dB.
const TRACKED_UNCERTAINTY: f64 = 0.07;

/// Time constant with which coupling follows what is measured, seconds: people come and go, the room stays.
const TRACKING_S: f32 = 120.0;

/// Seconds of measurement after which a band counts as followed; each is an average over several by itself.
const TRACKED_AFTER_S: f32 = 4.0;

/// No layout is wrong by more than this, dB; what is measured beyond is something else.
const LARGEST_CORRECTION_DB: f64 = 12.0;

/// What the setup says of some loudspeakers at one microphone, per zone: power in each band at drive 1.
#[derive(Clone, Debug)]
struct ZonePowers(Vec<(usize, Bands<f32>)>);

impl ZonePowers {
    fn new<'a>(couplings: impl IntoIterator<Item = &'a CouplingSetup>, site: &EngineSetup) -> Self {
        let total: f64 = (0..BAND_COUNT)
            .map(|band| db_to_power(site.masking_spectrum_db[band]) * weight(band))
            .sum();
        let mut zones: Vec<(usize, Bands<f32>)> = Vec::new();
        for coupling in couplings {
            let zone = site.loudspeakers[coupling.loudspeaker].zone;
            let powers: Bands<f32> = core::array::from_fn(|band| {
                let played = db_to_power(site.masking_spectrum_db[band]) / if total > 0.0 { total } else { 1.0 };
                (played * db_to_power(f64::from(coupling.gain_db[band]))) as f32
            });
            match zones.iter_mut().find(|(known, _)| *known == zone) {
                Some((_, sum)) => sum.iter_mut().zip(powers).for_each(|(sum, power)| *sum += power),
                None => zones.push((zone, powers)),
            }
        }
        ZonePowers(zones)
    }

    fn bands(&self, drives: &[f64]) -> Bands<f32> {
        let mut sum = [0.0; BAND_COUNT];
        for (zone, powers) in &self.0 {
            let drive = drives[*zone] as f32;
            sum.iter_mut().zip(powers).for_each(|(sum, power)| *sum += drive * power);
        }
        sum
    }
}

/// A-weighting of a band, as power.
fn weight(band: usize) -> f64 {
    db_to_power(a_weighting_db(band_centre_hz(band)))
}

/// Power of our own sound at one microphone.
#[derive(Clone, Debug)]
pub struct PowerModel {
    all: ZonePowers,
    /// Of the loudspeakers that are told apart.
    near: ZonePowers,
    /// What was measured re what `zones` says, and for how long, seconds.
    correction: Bands<f32>,
    measured_s: Bands<f32>,
    weights: Bands<f32>,
}

impl PowerModel {
    /// As the setup says. `near` are the loudspeakers that are told apart.
    pub fn new(microphone: &MicrophoneSetup, near: &[&CouplingSetup], site: &EngineSetup) -> Self {
        PowerModel {
            all: ZonePowers::new(&microphone.loudspeakers, site),
            near: ZonePowers::new(near.iter().copied(), site),
            correction: [1.0; BAND_COUNT],
            measured_s: [0.0; BAND_COUNT],
            weights: core::array::from_fn(|band| weight(band) as f32),
        }
    }

    /// Mean square per band at the given drives of the zones, as far as it is known.
    pub fn bands(&self, drives: &[f64]) -> Bands<f32> {
        self.corrected(&self.layout_bands(drives))
    }

    /// What was measured since put into what [`Self::layout_bands`] says.
    pub fn corrected(&self, by_layout: &Bands<f32>) -> Bands<f32> {
        core::array::from_fn(|band| by_layout[band] * self.correction[band])
    }

    /// The same as the setup says, whatever was measured since.
    pub fn layout_bands(&self, drives: &[f64]) -> Bands<f32> {
        self.all.bands(drives)
    }

    /// The same of the loudspeakers that are told apart.
    pub fn near_layout_bands(&self, drives: &[f64]) -> Bands<f32> {
        self.near.bands(drives)
    }

    /// A-weighted sum of band powers within a range of bands.
    pub fn a_weighted(&self, bands: &Bands<f32>, range: core::ops::Range<usize>) -> f64 {
        let weighted = bands
            .iter()
            .zip(&self.weights)
            .map(|(power, weight)| f64::from(power * weight));
        weighted.take(range.end).skip(range.start).sum()
    }

    /// Follows one band: `measured` is the power of our own sound in it, `predicted` what the model said of the same loudspeakers.
    pub fn track(&mut self, band: usize, measured: f32, predicted: f32, seconds: f32) {
        if predicted <= 0.0 || !measured.is_finite() {
            return;
        }
        self.measured_s[band] += seconds;
        let share = (seconds / self.measured_s[band]).max(seconds / TRACKING_S).min(1.0);
        let wanted = self.correction[band] * (measured / predicted).max(0.0);
        let largest = db_to_power(LARGEST_CORRECTION_DB) as f32;
        self.correction[band] = (self.correction[band] + share * (wanted - self.correction[band])).clamp(1.0 / largest, largest);
    }

    /// Standard uncertainty of the A-weighted sum of some band powers, as power.
    pub fn uncertainty(&self, bands: &Bands<f32>) -> f64 {
        let followed = |band: usize| self.measured_s[band] >= TRACKED_AFTER_S;
        let share = |band: usize| {
            if followed(band) {
                TRACKED_UNCERTAINTY
            } else {
                LAYOUT_UNCERTAINTY
            }
        };
        (0..BAND_COUNT)
            .map(|band| share(band) * f64::from(bands[band] * self.weights[band]))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LoudspeakerSetup, RemovalSetup};

    fn model() -> PowerModel {
        let coupling = |loudspeaker, gain_db: f32| CouplingSetup {
            loudspeaker,
            gain_db: [gain_db; BAND_COUNT],
        };
        let microphone = MicrophoneSetup {
            zone: 0,
            sensitivity_dbfs: -26.0,
            common_clock: true,
            loudspeakers: vec![coupling(0, -6.0), coupling(1, -9.0), coupling(2, -20.0)],
        };
        let speaker = |zone| LoudspeakerSetup {
            zone,
            output_db_spl: 94.0,
        };
        let site = EngineSetup {
            sample_rate_hz: 48_000,
            microphones: Vec::new(),
            loudspeakers: vec![speaker(0), speaker(0), speaker(1)],
            zones: Vec::new(),
            remote_zones: Vec::new(),
            removal: RemovalSetup::default(),
            masking_spectrum_db: core::array::from_fn(|band| -(band as f64)),
            slew_up_db_per_min: 0.2,
            slew_down_db_per_min: 0.1,
            neighbour_max_db: 2.0,
            price_per_db: 0.01,
            startup_ramp_s: 10.0,
            seed: 1,
        };
        PowerModel::new(&microphone, &[&microphone.loudspeakers[1]], &site)
    }

    #[test]
    fn powers_of_loudspeakers_add_up() {
        let model = model();
        let level = |drives: &[f64]| model.a_weighted(&model.bands(drives), 0..BAND_COUNT);
        let expected = 1e4 * (db_to_power(-6.0) + db_to_power(-9.0)) + 1e3 * db_to_power(-20.0);
        assert!((level(&[1e4, 1e3]) / expected - 1.0).abs() < 1e-4);
        let near = model.a_weighted(&model.near_layout_bands(&[1e4, 1e3]), 0..BAND_COUNT);
        assert!((near / (1e4 * db_to_power(-9.0)) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn coupling_follows_what_is_measured_but_not_beyond_reason() {
        let mut model = model();
        let drives = [1e4, 1e4];
        let truth: Bands<f32> = model.bands(&drives).map(|power| power * 2.0);
        let before = model.uncertainty(&model.bands(&drives));
        for _ in 0..600 {
            let predicted = model.bands(&drives);
            for band in 0..BAND_COUNT {
                model.track(band, truth[band], predicted[band], 0.2);
            }
        }
        let now = model.bands(&drives);
        assert!(now.iter().zip(truth).all(|(now, truth)| (now / truth - 1.0).abs() < 0.02));
        assert!(model.uncertainty(&now) < before);
        let by_layout = model.layout_bands(&drives);
        assert!(
            by_layout
                .iter()
                .zip(truth)
                .all(|(layout, truth)| (layout * 2.0 / truth - 1.0).abs() < 1e-5)
        );
        for _ in 0..6000 {
            let predicted = model.bands(&drives);
            model.track(0, 1e3 * truth[0], predicted[0], 0.2);
        }
        let largest = truth[0] as f64 / 2.0 * db_to_power(LARGEST_CORRECTION_DB);
        assert!(f64::from(model.bands(&drives)[0]) <= largest * 1.001);
    }
}
