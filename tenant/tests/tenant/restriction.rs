//! What is restricted is not stored, and the controller need not know.

use habitat_tenant::{Basis, Restriction, SiteId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, TOKEN, Tenant,
    accounts::{company, tenant_id},
    client::{Answer, BATCH, receipt, send},
    events::{body, device, ids, measurement},
    on_both_stores,
};

on_both_stores![
    a_type_or_a_site_that_is_restricted_is_acknowledged_and_not_stored,
    a_restriction_holds_for_every_batch_that_is_answered_after_it,
];

async fn post(tenant: &Tenant, site: &str, token: &str, events: &[Value]) -> Answer {
    let request = tenant.client().request(Method::POST, &format!("/v1/sites/{site}/events"));
    send(request.bearer_auth(token).header("content-type", BATCH).body(body(events))).await
}

fn discarded(accepted: usize, duplicates: usize, discarded: usize) -> Value {
    json!({ "accepted": accepted, "duplicates": duplicates, "discarded": discarded })
}

async fn a_type_or_a_site_that_is_restricted_is_acknowledged_and_not_stored(place: Place) {
    let tenant = Tenant::start(&place).await;
    let [_, manager, viewer] = company(&tenant, "acme").await;
    let made = manager
        .send(&tenant, Method::POST, "/v1/tokens", json!({ "sites": ["*"] }))
        .await;
    let token = made.json["secret"].as_str().expect("a secret").to_owned();
    let earlier = [measurement("hq", "north", 0), device("hq", "m1", 0, "m1")];
    assert_eq!(post(&tenant, "hq", &token, &earlier).await.json, receipt(2, 0));

    let of_a_type = json!({ "type": "habitat.device.v1", "basis": "objection" });
    assert_eq!(
        manager
            .send(&tenant, Method::POST, "/v1/restrictions", of_a_type.clone())
            .await
            .status,
        204
    );
    assert_eq!(
        manager
            .send(&tenant, Method::POST, "/v1/restrictions", of_a_type)
            .await
            .status,
        409
    );
    let batch = [
        measurement("hq", "north", 1),
        device("hq", "m1", 1, "m1"),
        device("hq", "m2", 1, "m2"),
        measurement("hq", "north", 2),
        earlier[0].clone(),
    ];
    let answer = post(&tenant, "hq", &token, &batch).await;
    // What the controller counts adds up to what it sent, so that it neither tries again nor sets anything aside.
    assert_eq!((answer.status, answer.json), (StatusCode::OK, discarded(4, 1, 2)));
    let bad = json!({ "id": "none" });
    let mixed = post(&tenant, "hq", &token, &[bad, device("hq", "m1", 3, "m1")]).await;
    assert_eq!(mixed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((&mixed.json["accepted"], &mixed.json["discarded"]), (&json!(1), &json!(1)));
    let stored = || place.rows("SELECT count(*) FROM event WHERE tenant_id = 'acme'");
    assert_eq!(stored(), ["4"], "what was there before stays");

    let of_a_site = json!({ "site": "lab", "basis": "restriction" });
    assert_eq!(
        manager
            .send(&tenant, Method::POST, "/v1/restrictions", of_a_site)
            .await
            .status,
        204
    );
    let lab = [measurement("lab", "north", 1), device("lab", "m1", 1, "m1")];
    assert_eq!(post(&tenant, "lab", &token, &lab).await.json, discarded(2, 0, 2));
    assert_eq!(stored(), ["4"]);
    let controllers = viewer.get(&tenant, "/v1/controllers").await;
    assert_eq!(
        controllers.as_array().expect("a list").len(),
        1,
        "a site that is not processed is not: {controllers}"
    );
    let nowhere = json!({ "site": "nowhere", "basis": "restriction" });
    assert_eq!(
        manager.send(&tenant, Method::POST, "/v1/restrictions", nowhere).await.status,
        404
    );

    let listed = viewer.get(&tenant, "/v1/restrictions").await;
    let counted: Vec<_> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| (r["site"].clone(), r["type"].clone(), r["discarded"].clone()))
        .collect();
    assert_eq!(
        counted,
        [
            (json!("*"), json!("habitat.device.v1"), json!(4)),
            (json!("lab"), json!("*"), json!(2)),
        ]
    );
    // Another tenant's, and that of the token file.
    let [_, other, _] = company(&tenant, "globex").await;
    let made = other
        .send(&tenant, Method::POST, "/v1/tokens", json!({ "sites": ["lab"] }))
        .await;
    assert_eq!(
        post(&tenant, "lab", made.json["secret"].as_str().expect("a secret"), &lab)
            .await
            .json,
        receipt(2, 0)
    );
    assert_eq!(post(&tenant, "hq", TOKEN, &batch).await.json, receipt(5, 0));

    assert_eq!(manager.delete(&tenant, "/v1/restrictions?site=lab").await.status, 204);
    assert_eq!(manager.delete(&tenant, "/v1/restrictions?site=lab").await.status, 404);
    assert_eq!(post(&tenant, "lab", &token, &lab).await.json, discarded(2, 0, 1));
    assert_eq!(
        manager
            .delete(&tenant, "/v1/restrictions?type=habitat.device.v1")
            .await
            .status,
        204
    );
    assert_eq!(
        post(&tenant, "lab", &token, &lab).await.json,
        receipt(1, 1),
        "what was discarded is not known"
    );
    let log = manager.get(&tenant, "/v1/access-log").await.to_string();
    for action in ["restrict processing", "lift restriction"] {
        assert_eq!(log.matches(action).count(), 2, "{log}");
    }
    assert!(log.contains("objection site *, type habitat.device.v1"), "{log}");
}

async fn a_restriction_holds_for_every_batch_that_is_answered_after_it(place: Place) {
    let tenant = Tenant::start(&place).await;
    company(&tenant, "acme").await;
    let register = tenant.service.register("test");
    let (acme, hq) = (tenant_id("acme"), SiteId::parse("hq").expect("well-formed"));
    let token = register
        .create_token(&acme, &habitat_tenant::Scope::EverySite, None)
        .await
        .expect("made")
        .secret;
    let everything = Restriction {
        site: Some(hq),
        event_type: None,
    };
    let mut expected = Vec::new();
    for round in 0..10 {
        // Batches that are on their way while somebody restricts.
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                let (client, token) = (tenant.client(), token.clone());
                tokio::spawn(async move {
                    let mut stored = Vec::new();
                    for minute in 0..8 {
                        let events = [measurement("hq", &format!("z{sender}"), round * 8 + minute)];
                        let request = client.request(Method::POST, "/v1/sites/hq/events").bearer_auth(&token);
                        let answer = send(request.header("content-type", BATCH).body(body(&events))).await;
                        assert_eq!(answer.status, StatusCode::OK);
                        if answer.json["discarded"].is_null() {
                            stored.extend(ids(&events));
                        }
                    }
                    stored
                })
            })
            .collect();
        register
            .restrict(&acme, &everything, Basis::Restriction)
            .await
            .expect("restricted");
        let at_once = post(&tenant, "hq", &token, &[measurement("hq", "late", round)]).await;
        assert_eq!(at_once.json, discarded(1, 0, 1), "round {round}");
        let count = || place.rows("SELECT count(*) FROM event WHERE tenant_id = 'acme'");
        let then = count();
        for sender in senders {
            expected.extend(sender.await.expect("no panic"));
        }
        assert_eq!(count(), then, "something was stored after it was restricted");
        register.lift_restriction(&acme, &everything).await.expect("lifted");
    }
    assert_eq!(
        place.rows("SELECT count(*) FROM event WHERE tenant_id = 'acme'"),
        [expected.len().to_string()]
    );
}

/// A batch that is in work when somebody restricts is waited for: afterwards nothing more is stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restriction_waits_for_the_batch_in_work() {
    let place = Place::postgres();
    let tenant = Tenant::start(&place).await;
    company(&tenant, "acme").await;
    let register = tenant.service.register("test");
    let acme = tenant_id("acme");
    let made = register.create_token(&acme, &habitat_tenant::Scope::EverySite, None).await;
    let token = made.expect("made").secret;
    let first = post(&tenant, "hq", &token, &[measurement("hq", "north", 0)]).await;
    assert_eq!(first.json, receipt(1, 0));
    // The batch has looked at the rules, and waits for the row of its site.
    let held = place.server().hold("SELECT * FROM arrival FOR UPDATE");
    let waiting = || place.rows("SELECT count(*) FROM pg_locks WHERE NOT granted")[0] == "1";
    let batch = tokio::spawn({
        let (client, token) = (tenant.client(), token.clone());
        async move {
            let request = client.request(Method::POST, "/v1/sites/hq/events").bearer_auth(&token);
            let events = [measurement("hq", "north", 1)];
            send(request.header("content-type", BATCH).body(body(&events))).await.json
        }
    });
    while !waiting() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let restricting = tokio::spawn(async move {
        let everything = Restriction::default();
        register.restrict(&acme, &everything, Basis::Restriction).await
    });
    while waiting() && !restricting.is_finished() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(!restricting.is_finished(), "a batch is in work that will be stored");
    drop(held);
    assert_eq!(batch.await.expect("no panic"), receipt(1, 0));
    restricting.await.expect("no panic").expect("restricted");
    let next = post(&tenant, "hq", &token, &[measurement("hq", "north", 2)]).await;
    assert_eq!(next.json, discarded(1, 0, 1));
}
