//! What happens when more waits for the tenant than may, as people see it.

use ::habitatd::store::WhenFull;
use std::{
    io::Write,
    time::{Duration, Instant},
};

use habitat_events::{CloudEvent, Measurement, MinuteAggregator, OwnSoundRemoval};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    events::open,
    habitatd::{Daemon, HANG, Site, free_port, run},
    pipe::encoded,
    room::{RATE_HZ, Room, layout, zone_id},
};

const SOURCE: &str = "/sites/test/controllers/main";

/// The site of a tenant that nobody reaches.
fn site() -> Site {
    let port = free_port();
    let habitat = format!(
        "state_dir = \"state\"\n[site]\nid = \"test\"\n[audio]\nbackend = \"pipe\"\nsample_rate_hz = {RATE_HZ}\nblock_frames = 800\n\
         [audio.pipe]\nstart = \"2026-01-05T08:00:00Z\"\n[cloud]\nurl = \"http://127.0.0.1:{port}\"\noutbox_mib = 16\n"
    );
    Site::new(&habitat, &layout(1))
}

fn outbox(site: &Site, format: &str) -> String {
    let mut command = site.command("outbox");
    command.args(["--format", format]);
    let output = run(command, b"");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same minute of a zone again and again, a minute after the one before.
fn minutes(count: u64) -> Vec<CloudEvent> {
    let second = Measurement {
        zone: zone_id(0),
        period_s: 1.0,
        laeq_db: Some(47.1),
        lafmax_db: Some(48.2),
        ambient_laeq_db: Some(38.2),
        ambient_resolved: true,
        ambient_uncertainty_db: None,
        own_sound_removal: OwnSoundRemoval::Power,
        speech_laeq_db: None,
        speech_ratio: 0.0,
        talker: false,
        la10_db: Some(48.0),
        la50_db: Some(46.9),
        la90_db: Some(46.5),
        sti: None,
        masking_db: 43.0,
        distraction_db_min: 0.0,
    };
    let mut aggregator = MinuteAggregator::default();
    let minute = (0..60).find_map(|_| aggregator.push(second.clone())).unwrap();
    let event = |number: u64| {
        let time = Timestamp::UNIX_EPOCH + (number as i64).minutes();
        CloudEvent::measurement(Uuid::from_u128(number.into()), SOURCE, time, minute.clone())
    };
    (1..=count).map(event).collect()
}

#[test]
fn measurements_thin_out_and_the_outbox_and_the_tenant_are_told() {
    let site = site();
    let store = open(&site.path("state")).0;
    store.append(minutes(30_000), WhenFull::Wait);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(store.set_aside(vec![(1, "unknown type".into())])).unwrap();
    drop(store);
    let before = outbox(&site, "text");
    assert!(before.contains("waiting: 29999 events"), "{before}");
    assert!(
        before.contains("habitat.zone.measurement.v1 zone-1: unknown type"),
        "{before}"
    );
    assert!(before.contains("given up because too much waited: 0 events"), "{before}");

    let mut daemon = Daemon::start(site.command("run"));
    let (mut stdin, mut stdout) = daemon.streams();
    std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    let mut room = Room::new(1);
    let begun = Instant::now();
    while !daemon.log().contains("too many events wait for the tenant") {
        assert!(begun.elapsed() < HANG, "nothing is told");
        stdin.write_all(&encoded(&room.listen(RATE_HZ))).unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(stdin);
    assert!(daemon.wait().success());

    let after: Value = serde_json::from_str(&outbox(&site, "json")).unwrap();
    let given_up = after["given_up"]["measurement"].as_u64().unwrap();
    let waiting = after["waiting"][0]["events"].as_u64().unwrap();
    println!("{given_up} of 30000 minutes were given up");
    assert!((10_000..25_000).contains(&given_up), "{after:#}");
    // Those of the run are there too, and everything else.
    assert!((29_999 - given_up..30_010 - given_up).contains(&waiting), "{after:#}");
    assert_eq!(after["given_up"]["adaptation"], 0);
    assert_eq!(after["refused"][0]["reason"], "unknown type");
    let events = String::from_utf8(run(site.command("events"), b"").stdout).unwrap();
    let told = events.lines().rfind(|line| line.contains("events_dropped")).unwrap();
    let told: Value = serde_json::from_str(told).unwrap();
    let counted = told["data"]["dropped"]["measurement"].as_u64().unwrap();
    assert!((1..=given_up).contains(&counted), "{told}");
}
