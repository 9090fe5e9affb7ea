//! Zones in a square grid, one microphone and one loudspeaker each, that hear the zones around them.

use habitat_dsp::{
    Base, CouplingSetup, EngineSetup, HearingSetup, LoudspeakerSetup, MicrophoneSetup, OwnSoundSetup, Parameters, RemovalSetup,
    STI_CURVE_POINTS, ZoneParameters, ZoneSetup, adaptation::PlaceMemory, spectrum::BAND_COUNT,
};

use crate::echo_scene::minus5;

/// Sampling rate of every benchmark.
pub const SAMPLE_RATE_HZ: u32 = 48_000;

/// A grid of `zones` zones.
pub fn grid(zones: usize) -> (EngineSetup, Parameters) {
    let side = (zones as f64).sqrt().ceil() as usize;
    let distance = |a: usize, b: usize| (a % side).abs_diff(b % side).max((a / side).abs_diff(b / side));
    let near = |zone: usize| (0..zones).filter(move |other| *other != zone && distance(zone, *other) <= 2);
    let own = |zone: usize| -> Vec<OwnSoundSetup> {
        let leaks = near(zone).map(|other| OwnSoundSetup {
            zone: other,
            power: 0.02,
        });
        [OwnSoundSetup { zone, power: 0.4 }].into_iter().chain(leaks).collect()
    };
    let sti_curve: [f32; STI_CURVE_POINTS] = core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0));
    let hearing = |zone: usize| {
        let path = |from_zone| HearingSetup {
            from_zone,
            to_listeners_db: -10.0,
            to_each_listener_db: Vec::new(),
            to_microphones_db: Some(-10.0),
            sti_curve,
        };
        near(zone).map(path).collect()
    };
    let setup = EngineSetup {
        sample_rate_hz: SAMPLE_RATE_HZ,
        microphones: (0..zones)
            .map(|zone| MicrophoneSetup {
                zone,
                sensitivity_dbfs: -26.0,
                common_clock: true,
                loudspeakers: own(zone)
                    .into_iter()
                    .map(|own| CouplingSetup {
                        loudspeaker: own.zone,
                        gain_db: [10.0 * (own.power as f32).log10(); BAND_COUNT],
                    })
                    .collect(),
            })
            .collect(),
        loudspeakers: (0..zones)
            .map(|zone| LoudspeakerSetup {
                zone,
                output_db_spl: 94.0,
            })
            .collect(),
        zones: (0..zones)
            .map(|zone| ZoneSetup {
                level_fixed_db: 43.0,
                sti_target: 0.45,
                has_workplaces: true,
                normal_voice_db: 50.0,
                place: Some(PlaceMemory::default()),
                masking: own(zone),
                hearing: hearing(zone),
                neighbours: near(zone).filter(|other| distance(zone, *other) == 1).collect(),
                remote_neighbours: Vec::new(),
            })
            .collect(),
        remote_zones: Vec::new(),
        removal: RemovalSetup::default(),
        masking_spectrum_db: minus5(),
        slew_up_db_per_min: 0.2,
        slew_down_db_per_min: 0.1,
        neighbour_max_db: 2.0,
        price_per_db: 0.01,
        startup_ramp_s: 10.0,
        seed: 1,
    };
    (setup, parameters(zones))
}

/// So many zones that adapt between 40 and 46 dB(A).
pub fn parameters(zones: usize) -> Parameters {
    let zone = ZoneParameters {
        enabled: true,
        offset_db: 0.0,
        level_min_db: 40.0,
        level_max_db: 46.0,
        base: Base::Lowest,
        acclimatisation_db: 0.0,
        places_forgotten: 0,
        muted: false,
    };
    Parameters {
        muted: false,
        fade_out: false,
        zones: vec![zone; zones],
        remote_zones: Vec::new(),
    }
}
