//! From a checked site to the plain numbers that the engine is built from.

use habitat_config::{
    Site,
    site::{Backend, RemovalMethod},
};
use habitat_dsp::{
    CouplingSetup, EngineSetup, HearingSetup, LoudspeakerSetup, MicrophoneSetup, OwnSoundSetup, RemoteZoneSetup, RemovalSetup,
    ZoneSetup, adaptation::PlaceMemory,
};
use habitat_engine::Wiring;
use habitat_layout::{
    acoustics::{Acoustics, Coupling, SpeechPath},
    spectrum::a_weighted_sum_db,
};

/// Loudspeakers whose masking is this much softer at a microphone than the loudest one's are not heard there: at the usual
/// 43 dB(A) they give less than 20 dB(A), far below any ventilation, and a dozen of them together change the level by
/// 0.05 dB.
const HEARD_WITHIN_DB: f64 = 30.0;

/// Share of the listeners of a zone for whom speech from elsewhere has to become unintelligible to be worth one more dB of
/// masking at 43 dB(A), for a site that prefers neither quiet nor privacy: about where adaptation saves the most distraction of what
/// fixed masking of the same energy leaves, in simulated offices of twelve zones.
const PRICE_PER_DB: f64 = 0.04;

/// From the middle of `speech_privacy` to either end the price changes by this factor. It grows with the power of masking, so that
/// four times the price is that of masking 6 dB louder: the knob moves the level that is worth its price by as much as there is
/// between the lowest and the highest level of a usual site, in equal steps.
const PRICE_RATIO: f64 = 4.0;

/// Builds the engine's setup. `seed` makes the masking noise of this site its own; `places` are what each zone has learnt before.
pub fn engine_setup(
    site: &Site,
    acoustics: &Acoustics,
    places: &[Option<PlaceMemory>],
    wiring: &Wiring,
    seed: u64,
) -> EngineSetup {
    let plan = &site.plan;
    let own_sound = |couplings: &[Vec<Coupling>]| own_sound(site, couplings);
    let microphones = plan.microphones.iter().zip(&acoustics.loudspeaker_to_microphone);
    let zones = (0..plan.zones.len()).map(|zone| ZoneSetup {
        level_fixed_db: site.zones[zone].level_fixed_db,
        sti_target: site.zones[zone].sti_target,
        has_workplaces: plan.zones[zone].kind.has_workplaces(),
        normal_voice_db: acoustics.normal_voice_db[zone].unwrap_or_default(),
        place: places[zone],
        masking: own_sound(&acoustics.loudspeaker_to_listener[zone]),
        hearing: acoustics.speech_paths[zone].iter().map(hearing).collect(),
        neighbours: acoustics.neighbours[zone].clone(),
        remote_neighbours: acoustics.remote_neighbours[zone].clone(),
    });
    let remote_zones = site.remote_levels.iter().enumerate().map(|(index, level_fixed_db)| {
        let zone = plan.zones.len() + index;
        RemoteZoneSetup {
            level_fixed_db: *level_fixed_db,
            normal_voice_db: acoustics.normal_voice_db[zone].unwrap_or_default(),
            hearing: acoustics.speech_paths[zone].iter().map(hearing).collect(),
        }
    });
    EngineSetup {
        sample_rate_hz: site.audio.sample_rate_hz,
        microphones: microphones
            .enumerate()
            .map(|(index, (microphone, couplings))| MicrophoneSetup {
                zone: microphone.zone,
                sensitivity_dbfs: microphone.sensitivity_dbfs,
                common_clock: wiring.has_common_delay(index, loudest(site, couplings)),
                loudspeakers: heard(site, couplings),
            })
            .collect(),
        loudspeakers: plan
            .loudspeakers
            .iter()
            .map(|loudspeaker| LoudspeakerSetup {
                zone: loudspeaker.zone,
                output_db_spl: loudspeaker.output_db_spl,
            })
            .collect(),
        zones: zones.collect(),
        remote_zones: remote_zones.collect(),
        removal: removal(site),
        masking_spectrum_db: site.masking.spectrum_db,
        slew_up_db_per_min: site.adaptation.slew_up_db_per_min,
        slew_down_db_per_min: site.adaptation.slew_down_db_per_min,
        neighbour_max_db: site.adaptation.neighbour_max_db,
        price_per_db: price_per_db(site.adaptation.speech_privacy),
        startup_ramp_s: site.adaptation.startup_ramp_s,
        seed,
    }
}

fn price_per_db(speech_privacy: f64) -> f64 {
    PRICE_PER_DB * PRICE_RATIO.powf(1.0 - 2.0 * speech_privacy)
}

/// A-weighted power of the site's masking over one path, when the loudspeaker plays 0 dB(A) at 1 m in the free field.
pub fn masking_power(site: &Site, coupling: &Coupling) -> f64 {
    let levels = core::array::from_fn(|band| site.masking.spectrum_db[band] + coupling.gain_db[band]);
    10f64.powf(a_weighted_sum_db(&levels) / 10.0)
}

/// How own sound is removed.
fn removal(site: &Site) -> RemovalSetup {
    RemovalSetup {
        waveform: site.own_sound.method == RemovalMethod::Auto,
        references: site.own_sound.references,
        tail_s: site.own_sound.tail_s,
        playback_delay_frames: match site.audio.backend {
            // Lock-step: what is written for one block is heard while the next is recorded.
            Backend::Pipe { .. } => Some(site.audio.block_frames),
            // Live: how many blocks wait in the rings depends on which side began first, a device adds its own, and
            // every block that is lost or comes too late moves it. It has to be found, and found again after that. So
            // in the virtual office too, although it hears what it plays one block later on one and the same clock.
            Backend::Virtual { .. } | Backend::Cpal => None,
        },
    }
}

/// The loudspeakers that can be heard at a microphone, by the A-weighted level of the site's masking.
fn heard(site: &Site, couplings: &[Coupling]) -> Vec<CouplingSetup> {
    let loudest = couplings
        .iter()
        .map(|coupling| masking_power(site, coupling))
        .fold(0.0, f64::max);
    let least = loudest * 10f64.powf(-HEARD_WITHIN_DB / 10.0);
    couplings
        .iter()
        .filter(|coupling| masking_power(site, coupling) >= least)
        .map(|coupling| CouplingSetup {
            loudspeaker: coupling.source,
            gain_db: coupling.gain_db.map(|gain| gain as f32),
        })
        .collect()
}

/// The loudspeakers that are heard most at a microphone: those whose waveform would be cancelled.
fn loudest(site: &Site, couplings: &[Coupling]) -> impl Iterator<Item = usize> {
    let mut powers: Vec<(f64, usize)> = couplings.iter().map(|c| (masking_power(site, c), c.source)).collect();
    powers.sort_by(|a, b| b.0.total_cmp(&a.0));
    powers
        .into_iter()
        .take(site.own_sound.references)
        .map(|(_, loudspeaker)| loudspeaker)
}

/// Masking of each zone's loudspeakers at some points: the mean over the points, the sum over the loudspeakers.
fn own_sound(site: &Site, points: &[Vec<Coupling>]) -> Vec<OwnSoundSetup> {
    let mut by_zone = std::collections::BTreeMap::<usize, f64>::new();
    for coupling in points.iter().flatten() {
        let zone = site.plan.loudspeakers[coupling.source].zone;
        *by_zone.entry(zone).or_default() += masking_power(site, coupling) / points.len() as f64;
    }
    by_zone
        .into_iter()
        .map(|(zone, power)| OwnSoundSetup { zone, power })
        .collect()
}

fn hearing(path: &SpeechPath) -> HearingSetup {
    HearingSetup {
        from_zone: path.from_zone,
        to_listeners_db: path.to_listeners_db,
        to_each_listener_db: path.to_each_listener_db.clone(),
        to_microphones_db: path.to_microphones_db,
        sti_curve: path.sti_curve,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::running;

    /// A room of 8 m by 60 m with a microphone at its west end and a loudspeaker every 6 m, those from the third
    /// on behind a wall.
    fn site(backend: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let mut layout = "[[floor]]\nid = \"1\"\noutline = [[0,0],[60,0],[60,8],[0,8]]\nheight_m = 2.8\n\
             [[zone]]\nid = \"z\"\nfloor = \"1\"\nkind = \"focus\"\noutline = [[0,0],[60,0],[60,8],[0,8]]\n\
             [[microphone]]\nid = \"m\"\nzone = \"z\"\nposition = [2,4,2.7]\nchannel = 1\nsensitivity_dbfs = -26.0\n\
             [[screen]]\nfloor = \"1\"\nfrom = [12,0]\nto = [12,8]\nheight_m = 2.8\nreduction_db = 20\n"
            .to_owned();
        for index in 0..10 {
            let (x, channel) = (3 + 6 * index, index + 1);
            layout += &format!(
                "[[loudspeaker]]\nid = \"s{channel}\"\nzone = \"z\"\nposition = [{x},4,2.75]\nchannel = {channel}\noutput_db_spl = 94.0\n"
            );
        }
        let own_sound = "[own_sound]\nmethod = \"power\"\nreferences = 3\ntail_s = 0.3\n";
        std::fs::write(folder.path().join("layout.toml"), layout).unwrap();
        let path = folder.path().join("habitat.toml");
        std::fs::write(
            &path,
            format!("[site]\nid = \"hq\"\n{own_sound}[audio]\nblock_frames = 480\n{backend}"),
        )
        .unwrap();
        habitat_config::load(&path)
            .unwrap_or_else(|problems| panic!("{problems}"))
            .site
    }

    const PIPE: &str = "backend = \"pipe\"\npipe.start = \"2026-01-05T08:00:00Z\"\n";

    #[test]
    fn the_delay_is_known_in_lock_step_only() {
        let setup = removal(&site(PIPE));
        assert_eq!(setup.playback_delay_frames, Some(480));
        assert_eq!((setup.waveform, setup.references, setup.tail_s), (false, 3, 0.3));
        for live in ["backend = \"virtual\"\n", "backend = \"cpal\"\n"] {
            assert_eq!(removal(&site(live)).playback_delay_frames, None);
        }
    }

    #[test]
    fn the_price_of_masking_falls_from_a_quiet_to_a_private_site_by_equal_steps_of_level() {
        let prices = [0.0, 0.25, 0.5, 0.75, 1.0].map(price_per_db);
        for (price, expected) in prices.into_iter().zip([0.16, 0.08, 0.04, 0.02, 0.01]) {
            assert!((price - expected).abs() < 1e-12, "{prices:?}");
        }
        let mut site = site(PIPE);
        let acoustics = Acoustics::of(&site.plan, &site.masking.spectrum_db);
        site.adaptation.speech_privacy = 1.0;
        assert_eq!(
            engine_setup(&site, &acoustics, &[None], &running::wiring(&site), 1).price_per_db,
            prices[4]
        );
    }

    #[test]
    fn only_loudspeakers_that_can_be_heard_are_taken_and_they_make_the_level() {
        let site = site(PIPE);
        let acoustics = Acoustics::of(&site.plan, &site.masking.spectrum_db);
        let all = &acoustics.loudspeaker_to_microphone[0];
        let taught = PlaceMemory {
            known_s: 60.0,
            ..PlaceMemory::default()
        };
        let setup = engine_setup(&site, &acoustics, &[Some(taught)], &running::wiring(&site), 1);
        assert_eq!(setup.zones[0].place, Some(taught));
        let taken = &setup.microphones[0].loudspeakers;
        assert!(taken.len() < all.len(), "all {} are taken", all.len());
        let power = |couplings: &mut dyn Iterator<Item = &Coupling>| couplings.map(|c| masking_power(&site, c)).sum::<f64>();
        let is_taken = |coupling: &&Coupling| taken.iter().any(|own| own.loudspeaker == coupling.source);
        let share = power(&mut all.iter().filter(is_taken)) / power(&mut all.iter());
        assert!(share > 0.99, "{share}");
        let first = &all[0];
        let own = taken.iter().find(|own| own.loudspeaker == first.source).unwrap();
        assert_eq!(own.gain_db, first.gain_db.map(|gain| gain as f32));
        assert!(setup.check().is_ok());
    }
}
