//! A tenant with something in every table, who is about to leave.

use std::io::{Cursor, Read};

use habitat_tenant::{CertificateKey, Clock, Limits, Scope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    Place, Tenant,
    accounts::{Person, company, log_in, tenant_id},
    client::{Answer, BATCH, receipt, send},
    events::{body, controller, device, measurement, mute, time},
};

/// What somebody could tell the tenant, a person or a device by.
pub const PERSONAL: [&str; 17] = [
    "quillon",
    "Quillon Brothers",
    "Marble House",
    "Philippa",
    "Grimstone",
    "Weavers Row 7",
    "+44 7700 900123",
    "owner@quillon.example",
    "manager@quillon.example",
    "zora-desk",
    "mic-of-maud",
    "night-warden",
    "9.8.7-controller",
    "/sites/hq/controllers/main",
    "Konrad Zuse",
    "Europe/Helsinki",
    "Atlantic/Faroe",
];

pub struct Left {
    pub tenant: Tenant,
    pub clock: Clock,
    pub key: CertificateKey,
    pub people: [Person; 3],
    pub token: String,
}

/// A tenant with something in every table.
pub async fn somebody(place: &Place, erased_events: usize) -> Left {
    let (clock, key) = (Clock::standing_at(time(0)), CertificateKey::draw().expect("a key"));
    let limits = Limits {
        erased_events,
        ..Limits::default()
    };
    let tenant = Tenant::start_with_service(place, limits, |service| {
        service.with_clock(clock.clone()).with_certificate_key(key.clone())
    });
    let tenant = tenant.await;
    let people = company(&tenant, "quillon").await;
    let [owner, manager, _] = &people;
    let renamed = json!({ "company": "Quillon Brothers" });
    assert_eq!(owner.send(&tenant, Method::PATCH, "/v1/tenant", renamed).await.status, 200);
    assert_eq!(
        owner
            .send(&tenant, Method::PATCH, "/v1/sites/hq", json!({ "name": "Marble House" }))
            .await
            .status,
        204
    );
    let person = json!({ "first_name": "Philippa", "last_name": "Grimstone", "address": "Weavers Row 7",
        "phone": "+44 7700 900123" });
    assert_eq!(
        owner
            .send(&tenant, Method::PATCH, &format!("/v1/administrators/{}", owner.id), person)
            .await
            .status,
        200
    );
    let preferences = json!({ "time_zone": "Atlantic/Faroe" });
    assert_eq!(
        manager
            .send(&tenant, Method::PUT, "/v1/preferences", preferences)
            .await
            .status,
        200
    );
    let restriction = json!({ "site": "lab", "basis": "restriction" });
    assert_eq!(
        manager
            .send(&tenant, Method::POST, "/v1/restrictions", restriction)
            .await
            .status,
        204
    );
    let register = tenant.service.register("Konrad Zuse");
    let hq = habitat_tenant::SiteId::parse("hq").expect("well-formed");
    let made = register
        .create_token(&tenant_id("quillon"), &Scope::Sites(vec![hq]), None)
        .await;
    let token = made.expect("made").secret;
    log_in(&tenant, "quillon", &owner.email, "not the password").await;
    let mut events = vec![
        controller("hq", 0, "9.8.7-controller"),
        device("hq", "mic-of-maud", 1, "mic-of-maud"),
        mute("hq", 2, "night-warden"),
    ];
    events.extend((0..200).map(|minute| measurement("hq", "zora-desk", minute)));
    let stored = post(&tenant, "hq", &token, &events).await;
    assert_eq!(stored.json, receipt(203, 0));
    Left {
        tenant,
        clock,
        key,
        people,
        token,
    }
}

pub async fn post(tenant: &Tenant, site: &str, token: &str, events: &[Value]) -> Answer {
    let request = tenant.client().request(Method::POST, &format!("/v1/sites/{site}/events"));
    send(request.bearer_auth(token).header("content-type", BATCH).body(body(events))).await
}

/// Everything in an archive.
pub fn unpacked(archive: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut all = String::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a file");
        all.push_str(&format!("\n== {}\n", file.name().expect("text")));
        file.read_to_string(&mut all).expect("text");
    }
    all
}

pub async fn end(left: &Left, more: Value) -> Value {
    let mut farewell = json!({ "company": "Quillon Brothers" });
    farewell
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().cloned().unwrap_or_default());
    let reply = left.people[0]
        .send(&left.tenant, Method::POST, "/v1/termination", farewell)
        .await;
    assert_eq!(reply.status, StatusCode::ACCEPTED, "{reply:?}");
    reply.json
}
