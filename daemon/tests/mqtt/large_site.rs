//! A site of 500 zones in which everything changes all the time: how many messages that makes.

use std::{collections::BTreeSet, fmt::Write, path::Path, sync::Arc, time::Duration};

use habitat_dsp::{Engine, EngineSetup, RemovalSetup, ZoneSetup, adaptation::PlaceMemory};
use habitat_engine::{Ends, Mode, Wiring, connect};
use habitat_events::{Adaptation, Cause, Data, Direction, Evidence, IdSource};
use habitatd::{
    clock::Clock,
    control::{self, Control},
    dispatch::Dispatch,
    health::Health,
    mqtt::{self, Counters},
    status::{MaskingBenefit, SiteStatus, StatusBoard, ZoneStatus},
    store::{Saved, WhenFull},
};
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    client::Client,
    mosquitto::Mosquitto,
    site::{measurement, plain},
};

const ZONES: usize = 500;
const SECONDS: usize = 12;
/// The promise.
const MOST_A_SECOND: usize = 50;

fn zone_id(zone: usize) -> String {
    format!("zone-{zone}")
}

fn configuration(folder: &Path) -> habitat_config::Site {
    let mut layout = "[[floor]]\nid = \"1\"\noutline = [[0,0],[200,0],[200,160],[0,160]]\nheight_m = 2.8\n".to_owned();
    for zone in 0..ZONES {
        let (west, south) = (zone % 25 * 8, zone / 25 * 8);
        let (east, north) = (west + 8, south + 8);
        write!(
            layout,
            "[[zone]]\nid = \"{}\"\nfloor = \"1\"\nkind = \"focus\"\n\
             outline = [[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}]]\n",
            zone_id(zone)
        )
        .unwrap();
    }
    std::fs::write(folder.join("layout.toml"), layout).unwrap();
    let path = folder.join("habitat.toml");
    std::fs::write(&path, "layout = \"layout.toml\"\n[site]\nid = \"hq\"\n").unwrap();
    let loaded = habitat_config::load(&path);
    loaded.unwrap_or_else(|problems| panic!("{problems}")).site
}

fn engine(site: &habitat_config::Site) -> Ends {
    let zone = |_| ZoneSetup {
        level_fixed_db: 43.0,
        sti_target: 0.45,
        has_workplaces: true,
        normal_voice_db: 50.0,
        place: Some(PlaceMemory::default()),
        masking: Vec::new(),
        hearing: Vec::new(),
        neighbours: Vec::new(),
        remote_neighbours: Vec::new(),
    };
    let setup = EngineSetup {
        sample_rate_hz: 48_000,
        microphones: Vec::new(),
        loudspeakers: Vec::new(),
        zones: (0..ZONES).map(zone).collect(),
        remote_zones: Vec::new(),
        removal: RemovalSetup::default(),
        masking_spectrum_db: site.masking.spectrum_db,
        slew_up_db_per_min: 0.2,
        slew_down_db_per_min: 0.1,
        neighbour_max_db: 2.0,
        price_per_db: 0.01,
        startup_ramp_s: 10.0,
        seed: 1,
    };
    let (parameters, _) = control::initial(site, &Saved::default(), Timestamp::now());
    let engine = Engine::new(&setup, &parameters).unwrap();
    connect(engine, &parameters, &Wiring::single(0, 0, 1024, 48_000), Mode::LockStep).1
}

/// A second in which every level changes, and in a tenth of the zones somebody begins or ends to talk.
fn second(control: &Control, number: usize) -> SiteStatus {
    let zones = (0..ZONES).map(|zone| {
        let mut measurement = measurement(&zone_id(zone), 40.0 + (number % 100) as f64 / 10.0);
        measurement.talker = (zone + number).is_multiple_of(10);
        ZoneStatus {
            measurement,
            effective: control.settings(zone).unwrap(),
            base_level_db: Some(40.0),
            muted: false,
            masking_benefit: MaskingBenefit::Quiet,
        }
    });
    SiteStatus {
        time: Some(Timestamp::now()),
        zones: zones.collect(),
    }
}

/// A zone that glides all the time tells so once a minute.
fn glides(dispatch: &Dispatch, number: usize) {
    let zones = (0..ZONES).filter(|zone| zone % 60 == number % 60);
    tell(dispatch, zones);
}

fn tell(dispatch: &Dispatch, zones: impl Iterator<Item = usize>) {
    for zone in zones {
        let glide = Adaptation {
            zone: zone_id(zone),
            direction: Direction::Increase,
            from_db: 43.0,
            to_db: 43.2,
            duration_s: 60.0,
            cause: Cause::Speech,
            evidence: Evidence::default(),
        };
        dispatch.emit(&zone_id(zone), Timestamp::now(), Data::Adaptation(glide));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_zones_that_all_change_make_fewer_than_fifty_messages_a_second() {
    // The broker keeps 1000 messages for a client that is slow, and there are more at the start.
    let lines = "allow_anonymous true\nmax_queued_messages 0";
    let broker = Mosquitto::with(tempfile::tempdir().unwrap(), lines);
    let folder = tempfile::tempdir().unwrap();
    let site = Arc::new(configuration(folder.path()));
    let ends = engine(&site);
    let (health, status, counters) = (Health::default(), StatusBoard::default(), Counters::default());
    let ids = IdSource::seeded(1);
    let dispatch = Dispatch::new("/sites/hq/controllers/test".into(), ids, ZONES, None, None, WhenFull::Drop);
    let clock = Clock::wall(48_000);
    let control = Control::new(
        site,
        &Saved::default(),
        clock,
        dispatch.clone(),
        None,
        health.clone(),
        ends.parameters,
    );
    status.publish(second(&control, 0));
    let shutdown = CancellationToken::new();
    let mqtt = habitat_config::site::Mqtt {
        home_assistant: Some("homeassistant".into()),
        ..plain(broker.port())
    };
    let running = mqtt::run(
        mqtt,
        control.clone(),
        status.clone(),
        dispatch.clone(),
        health,
        counters.clone(),
        shutdown,
    );
    let mut client = Client::connect(broker.port()).await;
    let _running = AbortOnDropHandle::new(tokio::spawn(running));
    // At the start everything is new: each zone, each document for Home Assistant, the mute and the status of the site.
    let mut new = BTreeSet::new();
    while new.len() < 2 * ZONES + 3 {
        new.insert(client.next().await.topic);
    }

    let begun = Instant::now();
    for number in 1..=SECONDS {
        status.publish(second(&control, number));
        glides(&dispatch, number);
        sleep_until(begun + Duration::from_secs(number as u64)).await;
    }
    client.send("set", r#"{"id":"mark","scene":"none"}"#).await;
    let mut messages = 0;
    let mut states = 0;
    loop {
        let message = client.next().await;
        if message.topic == b"habitat/hq/result"[..] {
            break;
        }
        messages += usize::from(message.topic != b"habitat/hq/set"[..]);
        states += usize::from(message.topic.ends_with(b"/state"));
    }
    println!(
        "{ZONES} zones: {:.1} messages a second, of which {:.1} are states",
        messages as f64 / SECONDS as f64,
        states as f64 / SECONDS as f64
    );
    assert!(messages < MOST_A_SECOND * SECONDS, "{messages} messages in {SECONDS} s");
    // One of these seconds may have fallen together with another on a busy machine.
    assert!(states >= 30 * SECONDS, "{states} states in {SECONDS} s");
    // When all of them have something to tell at once, none of it is lost.
    tell(&dispatch, 0..ZONES);
    for _ in 0..ZONES {
        client.next_on("event").await;
    }
    assert_eq!(counters.counts().lost_messages, 0);
}
