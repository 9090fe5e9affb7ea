//! An event is accepted once per source and id, and what is acknowledged stays.

use std::{collections::HashSet, sync::Arc, sync::atomic::Ordering, time::Duration};

use habitat_tenant::Limits;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    Place, Tenant,
    client::{receipt, send},
    events::{ids, measurement, minutes},
    faults::{self, Faults},
    on_both_stores,
};

on_both_stores![
    concurrent_identical_batches_are_stored_once,
    the_same_id_twice_in_one_batch_is_a_duplicate_and_the_first_is_kept,
    the_same_id_from_two_controllers_is_two_events,
    an_id_written_in_another_way_is_the_same_id,
    a_restart_keeps_events_and_knows_them_again,
    after_the_close_a_batch_is_refused_as_temporary,
    a_tenant_that_fails_half_of_its_requests_ends_with_every_event_once_and_in_order,
];

async fn concurrent_identical_batches_are_stored_once(place: Place) {
    let tenant = Tenant::start(&place).await;
    let events = minutes(200);
    let mut senders = JoinSet::new();
    for _ in 0..16 {
        let (client, events) = (tenant.client(), events.clone());
        // A site has fewer places than there are senders: who finds none comes back, as a controller does.
        senders.spawn(async move {
            let mut answer = client.post(&events).await;
            for _ in 0..100 {
                if answer.status != StatusCode::TOO_MANY_REQUESTS {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
                answer = client.post(&events).await;
            }
            answer
        });
    }
    let (mut accepted, mut duplicates) = (0, 0);
    while let Some(answer) = senders.join_next().await {
        let answer = answer.expect("no sender panics");
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        accepted += answer.json["accepted"].as_u64().expect("a number");
        duplicates += answer.json["duplicates"].as_u64().expect("a number");
    }
    assert_eq!((accepted, duplicates), (200, 15 * 200));
    assert_eq!(tenant.client().all("hq", "limit=1000").await, events);
}

async fn the_same_id_twice_in_one_batch_is_a_duplicate_and_the_first_is_kept(place: Place) {
    let tenant = Tenant::start(&place).await;
    let first = measurement("hq", "north", 0);
    let mut second = measurement("hq", "south", 1);
    second["id"] = first["id"].clone();
    let answer = tenant.client().post(&[first.clone(), second]).await;
    assert_eq!((answer.status, answer.json), (StatusCode::OK, receipt(1, 1)));
    assert_eq!(tenant.client().all("hq", "").await, [first]);
}

async fn the_same_id_from_two_controllers_is_two_events(place: Place) {
    let tenant = Tenant::start(&place).await;
    let first = measurement("hq", "north", 0);
    let mut second = first.clone();
    second["source"] = json!("/sites/hq/controllers/spare");
    let answer = tenant.client().post(&[first.clone(), second.clone()]).await;
    assert_eq!(answer.json, receipt(2, 0));
    assert_eq!(tenant.client().all("hq", "").await, [first, second]);
}

async fn an_id_written_in_another_way_is_the_same_id(place: Place) {
    let tenant = Tenant::start(&place).await;
    let first = measurement("hq", "north", 0);
    let mut again = first.clone();
    again["id"] = json!(first["id"].as_str().expect("an id").to_uppercase());
    assert_eq!(tenant.client().post(&[first]).await.json, receipt(1, 0));
    assert_eq!(tenant.client().post(&[again]).await.json, receipt(0, 1));
}

async fn a_restart_keeps_events_and_knows_them_again(place: Place) {
    let events = minutes(50);
    let tenant = Tenant::start(&place).await;
    assert_eq!(tenant.client().post(&events[..30]).await.json, receipt(30, 0));
    tenant.stop().await;

    let tenant = Tenant::start(&place).await;
    assert_eq!(tenant.client().all("hq", "").await, events[..30]);
    assert_eq!(tenant.client().post(&events).await.json, receipt(20, 30));
    assert_eq!(tenant.client().all("hq", "").await, events);
}

async fn after_the_close_a_batch_is_refused_as_temporary(place: Place) {
    let tenant = Tenant::start(&place).await;
    tenant.service.close().await;
    let answer = tenant.client().post(&minutes(1)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(answer.error().contains("send this again"));
    let probe = |path| send(tenant.client().request(Method::GET, path));
    assert_eq!(probe("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(probe("/healthz").await.status, StatusCode::OK);
}

async fn a_tenant_that_fails_half_of_its_requests_ends_with_every_event_once_and_in_order(place: Place) {
    let faults = Arc::new(Faults::default());
    let wrapped = faults.clone();
    let tenant = Tenant::start_with(&place, Limits::default(), |router| faults::wrap(router, wrapped)).await;
    let events = minutes(400);
    for batch in events.chunks(10) {
        tenant.client().deliver(batch).await;
    }
    tenant.stop().await;
    assert!(
        faults.before.load(Ordering::Relaxed) > 5,
        "hardly a request failed before the commit"
    );
    assert!(
        faults.after.load(Ordering::Relaxed) > 5,
        "hardly an answer was lost after the commit"
    );

    let stored = Tenant::start(&place).await.client().all("hq", "limit=1000").await;
    assert_eq!(ids(&stored).iter().collect::<HashSet<_>>().len(), 400);
    assert_eq!(ids(&stored), ids(&events));
}
