//! The simulated offices against what is known about real ones, and the comparisons against what must hold for them.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use habitat_benches::office_day::{
    adaptation::Adaptation,
    assumptions::Assumptions,
    bound::{PresentKnowledge, best_constant, full_knowledge},
    compare::{Days, PRICE_PER_DB, compare, compare_measured, run_fixed},
    ears::Ears,
    level::{a_weighted, energy, level_db, masking_shape, speech_shape},
    limits::{BRISK, DEFAULT, Limits, Steps},
    masking::Masking,
    office::Use,
    plain_rule::PlainRule,
    policy::{Fixed, Policy, ZoneHeard},
    room::{self, Room},
    run::run,
    site::{Scenario, Site},
    sti::Modulations,
};

/// The six zones of an ordinary office in which all teams are alike.
fn six_zones() -> Site {
    Site::new(&Scenario::all()[2], 1)
}

#[test]
fn the_index_is_that_of_the_full_chain_of_the_standard() {
    // Male speech in masking that falls by 5 dB per octave, speech re masking in dB(A), T60 0.4 s and 0; computed
    // independently.
    let table = [
        (-9.0, 0.16, 0.20),
        (-6.0, 0.25, 0.29),
        (-3.0, 0.34, 0.39),
        (0.0, 0.43, 0.49),
        (3.0, 0.50, 0.58),
        (6.0, 0.57, 0.68),
        (9.0, 0.63, 0.78),
    ];
    for (ratio_db, reverberant, dry) in table {
        for (t60_s, expected) in [(0.4, reverberant), (0.0, dry)] {
            let at = |shape: [f64; 7], db: f64| shape.map(|octave| octave * energy(db));
            let found = Modulations::new(&[0.0; 7], t60_s).sti(&at(speech_shape(), 45.0 + ratio_db), &at(masking_shape(), 45.0));
            assert!(
                (found - expected).abs() <= 0.02,
                "{ratio_db} dB, {t60_s} s: {found:.3} for {expected}"
            );
        }
    }
}

#[test]
fn direct_sound_makes_reverberant_speech_clearer() {
    let sti = |share: f64| {
        let at = |shape: [f64; 7], db: f64| shape.map(|octave| octave * energy(db));
        Modulations::new(&[share; 7], 0.6).sti(&at(speech_shape(), 50.0), &at(masking_shape(), 43.0))
    };
    let (some, half, none) = (sti(0.2), sti(0.5), sti(0.0));
    assert!(half > some + 0.02 && some > none, "{none}, {some}, {half}");
}

#[test]
fn speech_decays_by_the_figures_of_the_office() {
    for room in [room::DRY, room::ORDINARY, room::REVERBERANT] {
        let level_db = |distance_m: f64| {
            let arrival = room.arrival(distance_m, false).total();
            57.4 + level_db(a_weighted(&core::array::from_fn(|octave| {
                speech_shape()[octave] * arrival[octave]
            })))
        };
        for distance_m in [2.0, 4.0, 8.0] {
            let lost_db = level_db(distance_m) - level_db(2.0 * distance_m);
            assert!((lost_db - room.d2s_db).abs() < 0.01, "{}: {lost_db}", room.name);
        }
        assert!((level_db(4.0) - room.lp4m_db).abs() < 0.01);
        assert!(level_db(1.0) > level_db(2.0) + 2.0 && level_db(1.0) < 60.0);
    }
}

#[test]
fn a_screen_takes_several_decibels_but_not_from_what_is_reflected() {
    let lost_db = |room: Room| {
        let level = |screened| {
            let arrival = room.arrival(4.0, screened).total();
            level_db(a_weighted(&core::array::from_fn(|octave| {
                speech_shape()[octave] * arrival[octave]
            })))
        };
        level(false) - level(true)
    };
    assert!((1.0..4.0).contains(&lost_db(room::DRY)), "{}", lost_db(room::DRY));
    assert_eq!(lost_db(room::REVERBERANT), 0.0);
}

#[test]
fn people_raise_their_voices_as_bottalico_found() {
    let lombard = Assumptions::USUAL.lombard;
    assert!((lombard.louder_db(44.3) - 0.65).abs() < 1e-9);
    assert!((lombard.louder_db(42.3) + 0.24).abs() < 1e-9);
}

#[test]
fn voices_are_alike_at_one_ambient_level_under_all_assumptions_and_the_inverse_is_one() {
    for assumptions in [Assumptions::USUAL].into_iter().chain(Assumptions::OTHERS) {
        let lombard = assumptions.lombard;
        assert!(lombard.louder_db(43.3).abs() < 1e-9, "{}", assumptions.name);
        for ambient_db in [35.0, 43.0, 47.0, 52.0] {
            let back_db = lombard.quietest_for(lombard.louder_db(ambient_db));
            assert!((back_db - ambient_db).abs() < 1e-6, "{}: {back_db}", assumptions.name);
        }
    }
}

#[test]
fn masking_saves_more_where_voices_are_alike_or_not_raised_in_noise() {
    // Twelve zones with teams that are alike.
    let saved = |scenario: &Scenario| {
        let site = Site::new(scenario, 1);
        let day = site.day(1);
        let [soft, loud] = [40.0, 46.0].map(|level_db| run_fixed(&site, &day, level_db));
        loud.fewer_than(&soft)
    };
    let all = Scenario::assumptions();
    let found: Vec<f64> = all.iter().step_by(2).map(saved).collect();
    assert!(found[1] > found[0] + 0.05 && found[2] > found[0] + 0.1, "{found:?}");
    assert!(found[3] > found[0] && found[3] < found[2], "{found:?}");
}

#[test]
fn people_talk_a_plausible_part_of_the_day() {
    // Twelve zones of an ordinary office.
    for (scenario, telephones) in [(8, false), (9, true)] {
        let site = Site::new(&Scenario::all()[scenario], 1);
        let day = site.day(0);
        let mut seconds = vec![0usize; site.zones.len()];
        for second in 0..day.seconds() {
            let mut talks = vec![false; site.zones.len()];
            day.talks(second)
                .iter()
                .for_each(|talk| talks[site.office.seats[talk.seat].zone] = true);
            seconds
                .iter_mut()
                .zip(talks)
                .for_each(|(sum, talks)| *sum += usize::from(talks));
        }
        let shares: Vec<f64> = seconds.iter().map(|sum| *sum as f64 / day.seconds() as f64).collect();
        let (least, most) = shares
            .iter()
            .fold((1.0f64, 0.0f64), |(least, most), share| (least.min(*share), most.max(*share)));
        if telephones {
            assert!(least < 0.15 && (0.3..0.85).contains(&most), "{shares:?}");
        } else {
            assert!(least > 0.05 && most < 0.5, "{shares:?}");
        }
    }
}

#[test]
fn people_meet_where_there_are_places_for_it_and_nobody_works_there() {
    let scenario = Scenario::assumptions()[0];
    let site = Site::new(&scenario, 1);
    let day = site.day(0);
    let zones = |wanted| site.office.zones_for(wanted).collect::<Vec<usize>>();
    let (corners, tables) = (zones(Use::CoffeeCorner), zones(Use::ProjectTables));
    assert_eq!((corners.len(), tables.len()), (1, 1));
    let mut talked_s = vec![0usize; site.zones.len()];
    for second in 0..day.seconds() {
        day.talks(second)
            .iter()
            .for_each(|talk| talked_s[site.office.seats[talk.seat].zone] += 1);
        let attending = day.attending(second);
        for zone in corners.iter().chain(&tables) {
            assert!(site.office.seats_of(*zone).all(|seat| !attending[seat]));
        }
    }
    // An hour to six of the eight.
    for zone in corners.into_iter().chain(tables) {
        assert!((3600..6 * 3600).contains(&talked_s[zone]), "{talked_s:?}");
        assert!(!site.zones[zone].has_workplaces);
    }
}

#[test]
fn who_knows_the_present_does_better_than_the_adaptation_and_worse_than_who_knows_the_day() {
    let site = Site::new(&Scenario::assumptions()[0], 1);
    let days = Days::of(&site);
    let adaptation = compare(&site, &days, &mut Adaptation::new(&site.zones, BRISK, PRICE_PER_DB));
    let present = compare_measured(
        &site,
        &days.measured,
        &mut PresentKnowledge::new(&site, &days.measured, BRISK),
    );
    let mean_db = present.adaptive.mean_db;
    let day = compare_measured(
        &site,
        &days.measured,
        &mut full_knowledge(&site, &days.measured, &BRISK, mean_db),
    );
    assert_within(&present.adaptive, &BRISK);
    assert!(adaptation.fewer() < present.fewer() && present.fewer() < day.fewer());
}

#[test]
fn the_same_seed_gives_the_same_day_and_another_one_another() {
    let (one, same) = (six_zones(), six_zones());
    assert_eq!(one.day(1), same.day(1));
    assert_ne!(one.day(1), one.day(2));
    assert_ne!(one.day(1), Site::new(&Scenario::all()[2], 2).day(1));
}

#[test]
fn nobody_listens_who_talks() {
    let site = six_zones();
    let day = site.day(0);
    for second in 0..day.seconds() {
        let attending = day.attending(second);
        assert!(day.talks(second).iter().all(|talk| !attending[talk.person]));
    }
}

#[test]
fn about_half_of_the_masking_of_a_zone_is_its_own_and_the_levels_are_reached() {
    let site = six_zones();
    let mut masking = Masking::new(&site.office, &site.paths);
    masking.play(&[43.0, 44.0, 45.0, 43.0, 42.0, 44.0]);
    for (level_db, wanted_db) in masking.levels_db().iter().zip([43.0, 44.0, 45.0, 43.0, 42.0, 44.0]) {
        assert!((level_db - wanted_db).abs() < 0.01);
    }
    masking.play(&[43.0; 6]);
    let share = (0..6).map(|zone| masking.own_share(zone)).sum::<f64>() / 6.0;
    assert!((0.35..0.7).contains(&share), "{share}");
}

#[test]
fn microphones_make_out_a_talker_nearby_and_nobody_far_off() {
    let site = six_zones();
    let nothing = ZoneHeard {
        speech_laeq_db: None,
        background_db: 0.0,
        talker_here: false,
    };
    let mut heard = vec![nothing; 6];
    let mut ears = Ears::new(&site.paths, 1);
    ears.hear(&[(0, 55.0)], &[43.0; 6], &mut heard);
    assert!(heard[0].talker_here && heard[0].speech_laeq_db.unwrap() > 40.0);
    assert_eq!(heard.iter().filter(|zone| zone.talker_here).count(), 1);
    ears.hear(&[(0, 38.0)], &[46.0; 6], &mut heard);
    assert!(heard[5].speech_laeq_db.is_none());
}

#[test]
fn more_masking_distracts_fewer_listeners_and_fixed_masking_gains_nothing_over_itself() {
    let site = six_zones();
    let day = site.day(0);
    let [soft, loud] = [40.0, 46.0].map(|level_db| run_fixed(&site, &day, level_db));
    assert!((soft.mean_db - 40.0).abs() < 0.01 && (loud.mean_db - 46.0).abs() < 0.01);
    assert!(loud.distracted_s < soft.distracted_s);
    assert_eq!(loud.attending_s, soft.attending_s);
    let same = compare_measured(&site, &day, &mut Fixed::commissioned(6, &DEFAULT));
    assert!(same.fewer().abs() < 0.005, "{}", same.fewer());
}

#[test]
fn both_sides_of_a_comparison_have_the_same_energy_mean() {
    let site = six_zones();
    let found = compare(&site, &Days::of(&site), &mut PlainRule::new(&site.zones, BRISK));
    assert!((found.adaptive.mean_db - found.fixed.mean_db).abs() < 0.01);
    assert_within(&found.adaptive, &BRISK);
}

fn assert_within(outcome: &habitat_benches::office_day::run::Outcome, limits: &Limits) {
    assert!(outcome.slew_db_per_min.0 <= limits.slew_up_db_per_min + 1e-6);
    assert!(outcome.slew_db_per_min.1 <= limits.slew_down_db_per_min + 1e-6);
    assert!(outcome.neighbour_db <= limits.neighbour_max_db + 1e-6);
    assert!(outcome.range_db.0 >= limits.level_min_db - 0.01 && outcome.range_db.1 <= limits.level_max_db + 0.01);
}

#[test]
fn whoever_knows_the_day_does_better_than_fixed_masking_and_than_the_plain_rule() {
    let site = six_zones();
    let days = Days::of(&site);
    let plain = compare(&site, &days, &mut PlainRule::new(&site.zones, BRISK)).fewer();
    let [brisk, slow] = [BRISK, DEFAULT].map(|limits| {
        let mut policy = full_knowledge(&site, &days.measured, &limits, 43.0);
        let found = compare_measured(&site, &days.measured, &mut policy);
        assert_within(&found.adaptive, &limits);
        found.fewer()
    });
    let mut constant = best_constant(&site, &days.measured, &DEFAULT, 43.0);
    let constant = compare_measured(&site, &days.measured, &mut constant).fewer();
    assert!(constant > -0.005, "{constant}");
    assert!(
        brisk > plain && brisk > slow && slow > constant,
        "brisk {brisk}, slow {slow}, plain {plain}"
    );
}

#[test]
fn no_masking_allowed_cures_a_small_hard_room() {
    let site = Site::new(&Scenario::incurable(), 1);
    let day = site.day(0);
    let [soft, loud] = [40.0, 46.0].map(|level_db| run_fixed(&site, &day, level_db));
    assert!(loud.distracted_s as f64 > 0.85 * soft.distracted_s as f64);
}

#[test]
fn the_adaptation_keeps_its_limits_and_saves_distraction() {
    let site = Site::new(&Scenario::all()[7], 1);
    let days = Days::of(&site);
    // Some of what the benchmark shows; less than that would be no adaptation.
    for (limits, least) in [(BRISK, 0.08), (DEFAULT, 0.02)] {
        let comparison = compare(&site, &days, &mut Adaptation::new(&site.zones, limits, PRICE_PER_DB));
        assert_within(&comparison.adaptive, &limits);
        let fewer = comparison.fewer();
        println!("{}: {:.1} % fewer", limits.name, 100.0 * fewer);
        assert!(fewer > least, "{}: {fewer}", limits.name);
    }
}

#[test]
fn masking_is_not_spent_on_an_office_that_it_cannot_help() {
    /// Counts how often which benefit is told.
    struct Told(Adaptation, [usize; 3]);
    impl Policy for Told {
        fn second(&mut self, heard: &[ZoneHeard]) -> &[f64] {
            for zone in 0..heard.len() {
                self.1[self.0.benefit(zone) as usize] += 1;
            }
            self.0.second(heard)
        }
    }
    let site = Site::new(&Scenario::incurable(), 1);
    let mut policy = Told(Adaptation::new(&site.zones, BRISK, PRICE_PER_DB), [0; 3]);
    let outcome = run(&site, &site.day(0), &mut policy, 1);
    let [quiet, helps, not_maskable] = policy.1;
    println!(
        "quiet {quiet}, helps {helps}, not maskable {not_maskable}; mean {:.1} dB(A)",
        outcome.mean_db
    );
    assert!(not_maskable > helps, "{helps} {not_maskable}");
    assert!(outcome.mean_db < 41.0, "{}", outcome.mean_db);
}

#[test]
fn steps_keep_neighbours_together_at_any_slew() {
    struct Apart(Steps);
    impl Policy for Apart {
        fn second(&mut self, _: &[ZoneHeard]) -> &[f64] {
            self.0.step(&[46.0, 40.0, 46.0, 40.0, 46.0, 40.0])
        }
    }
    let site = six_zones();
    for limits in [BRISK, DEFAULT] {
        let mut policy = Apart(Steps::new(limits, site.all_neighbours(), vec![43.0; 6]));
        let outcome = run(&site, &site.day(0), &mut policy, 1);
        assert_within(&outcome, &limits);
        assert!(outcome.neighbour_db > 1.9);
    }
}
