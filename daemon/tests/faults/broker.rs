//! A broken MQTT broker.

use crate::{mosquitto::Mosquitto, office::Office};

fn tables(broker: &Mosquitto) -> String {
    format!("[mqtt]\nhost = \"127.0.0.1\"\nport = {}\n", broker.port())
}

#[test]
fn a_killed_broker_changes_no_sample_and_is_named_until_it_is_back() {
    let mut broker = Mosquitto::start();
    let mut office = Office::open(&tables(&broker));
    office.play_until("mqtt", "ok");
    broker.kill();
    let problem = office.play_until("mqtt", "degraded");
    assert!(problem.contains(&format!("127.0.0.1:{}", broker.port())), "{problem}");
    office.play(60);
    broker.restart();
    office.play_until("mqtt", "ok");
    broker.kill();
    office.play_until("mqtt", "degraded");
    office.terminate();
}

#[test]
fn a_broker_that_stops_answering_changes_no_sample_and_is_named_until_it_answers_again() {
    let broker = Mosquitto::start();
    let mut office = Office::open(&tables(&broker));
    office.play_until("mqtt", "ok");
    broker.freeze();
    let problem = office.play_until("mqtt", "degraded");
    assert!(problem.contains("has stopped answering"), "{problem}");
    broker.thaw();
    office.play_until("mqtt", "ok");
    broker.freeze();
    office.play(60);
    office.terminate();
}
