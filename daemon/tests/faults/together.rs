//! Everything at once.

use crate::{
    cloud::{Cloud, Fault},
    disk::fill_disk,
    mosquitto::Mosquitto,
    office::Office,
    tenant::TOKEN,
};

#[test]
fn all_faults_together_change_no_sample_and_each_is_named_until_it_is_over() {
    let (broker, mut cloud) = (Mosquitto::start(), Cloud::start());
    let tables = format!(
        "[mqtt]\nhost = \"127.0.0.1\"\nport = {}\n[event_log]\npath = \"events.jsonl\"\n{}",
        broker.port(),
        cloud.tables()
    );
    let mut office = Office::with(&tables, |site| site.write("token", TOKEN));
    let parts = ["mqtt", "cloud", "event_log", "store"];
    for part in parts {
        office.play_until(part, "ok");
    }
    broker.freeze();
    cloud.break_down(Fault::Garbage);
    office.play(60);
    office.play_until("cloud", "degraded");
    fill_disk(&office, true);
    office.play(60);
    for part in parts {
        office.play_until(part, "degraded");
    }
    broker.thaw();
    cloud.repair();
    fill_disk(&office, false);
    for part in parts {
        office.play_until(part, "ok");
    }
    broker.freeze();
    cloud.break_down(Fault::Hangs);
    fill_disk(&office, true);
    office.play(60);
    office.terminate();
}
