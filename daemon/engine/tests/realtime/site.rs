//! A small site around an engine.

use habitat_dsp::{
    Base, CouplingSetup, Engine, EngineSetup, HearingSetup, LoudspeakerSetup, MicrophoneSetup, OwnSoundSetup, Parameters,
    RemoteZone, RemoteZoneSetup, RemovalSetup, ZoneParameters, ZoneSetup, adaptation::PlaceMemory, spectrum::BAND_COUNT,
};
use habitat_engine::{DeviceWiring, Ends, EngineLoop, Mode, Wiring, connect};

/// Zones, each with a microphone and a loudspeaker.
pub const ZONES: usize = 4;
/// Frames of a block.
pub const BLOCK: usize = 480;

/// Everything on.
pub fn parameters() -> Parameters {
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
        zones: vec![zone; ZONES],
        remote_zones: vec![RemoteZone::default()],
    }
}

/// All on one device.
pub fn site(mode: Mode) -> (EngineLoop, Ends) {
    wired(mode, &Wiring::single(ZONES, ZONES, BLOCK, 48_000))
}

/// Two devices each way, with half of the channels each; both directions of one have one clock.
pub fn two_devices() -> (EngineLoop, Ends) {
    let device = |first: usize, clock: usize| DeviceWiring {
        channels: (first..first + ZONES / 2).collect(),
        clock,
    };
    let wiring = Wiring {
        captures: vec![device(0, 0), device(ZONES / 2, 1)],
        playbacks: vec![device(0, 0), device(ZONES / 2, 1)],
        ..Wiring::single(ZONES, ZONES, BLOCK, 48_000)
    };
    wired(Mode::Live, &wiring)
}

fn wired(mode: Mode, wiring: &Wiring) -> (EngineLoop, Ends) {
    let sti_curve = core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0));
    let own = |zone: usize| {
        (0..ZONES)
            .map(move |z| OwnSoundSetup {
                zone: z,
                power: if z == zone { 0.4 } else { 0.05 },
            })
            .collect()
    };
    let heard = |zone: usize| {
        (0..ZONES)
            .map(|loudspeaker| CouplingSetup {
                loudspeaker,
                gain_db: [if loudspeaker == zone { -4.0 } else { -13.0 }; BAND_COUNT],
            })
            .collect()
    };
    // After them the remote one.
    let others = |zone: usize| (0..=ZONES).filter(move |z| *z != zone);
    let hearing = |zone: usize| {
        others(zone)
            .map(|from_zone| HearingSetup {
                from_zone,
                to_listeners_db: -8.0,
                to_each_listener_db: Vec::new(),
                to_microphones_db: Some(-8.0),
                sti_curve,
            })
            .collect()
    };
    let setup = EngineSetup {
        sample_rate_hz: 48_000,
        microphones: (0..ZONES)
            .map(|zone| MicrophoneSetup {
                zone,
                sensitivity_dbfs: -26.0,
                common_clock: true,
                loudspeakers: heard(zone),
            })
            .collect(),
        loudspeakers: (0..ZONES)
            .map(|zone| LoudspeakerSetup {
                zone,
                output_db_spl: 94.0,
            })
            .collect(),
        zones: (0..ZONES)
            .map(|zone| ZoneSetup {
                level_fixed_db: 43.0,
                sti_target: 0.45,
                has_workplaces: true,
                normal_voice_db: 50.0,
                place: Some(PlaceMemory::default()),
                masking: own(zone),
                hearing: hearing(zone),
                neighbours: others(zone).filter(|other| *other < ZONES).collect(),
                remote_neighbours: vec![0],
            })
            .collect(),
        remote_zones: vec![RemoteZoneSetup {
            level_fixed_db: 43.0,
            normal_voice_db: 50.0,
            hearing: hearing(ZONES),
        }],
        removal: RemovalSetup {
            playback_delay_frames: (mode == Mode::LockStep).then_some(BLOCK as u32),
            ..RemovalSetup::default()
        },
        masking_spectrum_db: [0.0; 29],
        slew_up_db_per_min: 6.0,
        slew_down_db_per_min: 6.0,
        neighbour_max_db: 2.0,
        price_per_db: 0.01,
        startup_ramp_s: 10.0,
        seed: 1,
    };
    let engine = Engine::new(&setup, &parameters()).unwrap();
    connect(engine, &parameters(), wiring, mode)
}
