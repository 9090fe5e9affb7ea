//! Documents that earlier versions have written, and that lie in outboxes, histories and tenants, can still be read.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use habitat_events::{Data, Event, FaultReason, OwnSoundRemoval};
use serde_json::{Value, json};

fn event(kind: &str, data: Value) -> Event {
    let document = json!({
        "specversion": "1.0", "id": "019b8c9d-4400-7000-8000-000000000001", "source": "/sites/hq/controllers/main",
        "type": kind, "subject": "north", "time": "2026-01-05T08:00:00Z", "data": data,
    });
    Event::from_json(document).unwrap()
}

#[test]
fn a_measurement_without_uncertainty_and_way_of_removal_was_made_by_power_and_knows_no_uncertainty() {
    let written = json!({
        "zone": "north", "period_s": 60.0, "laeq_db": 47.1, "lafmax_db": 48.2, "ambient_laeq_db": 38.2,
        "ambient_resolved": true, "speech_laeq_db": null, "speech_ratio": 0.0, "talker": false, "la10_db": 48.0,
        "la50_db": 46.9, "la90_db": 46.5, "sti": null, "masking_db": 43.0, "distraction_db_min": 0.0,
    });
    let Data::Measurement(measurement) = event("habitat.zone.measurement.v1", written).data else {
        panic!("it is a measurement")
    };
    assert_eq!(measurement.ambient_uncertainty_db, None);
    assert_eq!(measurement.own_sound_removal, OwnSoundRemoval::Power);
}

#[test]
fn counts_of_what_was_given_up_without_the_layout_gave_none_of_it_up() {
    let written = json!({ "state": "events_dropped", "version": "0.1.0", "dropped":
        { "measurement": 5, "adaptation": 1, "preferences": 0, "device": 0, "mute": 0, "controller": 2 } });
    let Data::Controller(controller) = event("habitat.controller.v1", written).data else {
        panic!("it is of the controller")
    };
    let dropped = controller.dropped.unwrap();
    assert_eq!((dropped.layout, dropped.total()), (0, 8));
}

#[test]
fn every_reason_reads_and_writes_as_its_word() {
    for reason in FaultReason::ALL {
        let written = json!({"device": "m3", "kind": "microphone", "state": "fault", "reason": reason.word()});
        let read = event("habitat.device.v1", written.clone()).data;
        assert!(matches!(&read, Data::Device(device) if device.reason == reason));
        assert_eq!(serde_json::to_value(read).unwrap(), written);
    }
}
