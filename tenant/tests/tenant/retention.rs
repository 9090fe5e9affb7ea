//! Data go when their time is over, and not before.

use habitat_tenant::{Clock, Limits, Retention};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Place, Tenant,
    accounts::{company, tenant_id},
    admin::{admin, done},
    client::{BATCH, send},
    events::{body, device, ids, measurement, time},
    on_both_stores,
};

on_both_stores![
    each_kind_of_data_goes_when_its_days_are_over,
    without_days_everything_is_kept_and_what_is_kept_counts_once,
    who_keeps_house_when_another_does_leaves_it,
];

/// Tokens of two tenants.
async fn tokens(tenant: &Tenant) -> [String; 2] {
    let mut tokens = Vec::new();
    for id in ["acme", "globex"] {
        company(tenant, id).await;
        let register = tenant.service.register("test");
        let token = register
            .create_token(&tenant_id(id), &habitat_tenant::Scope::EverySite, None)
            .await;
        tokens.push(token.expect("made").secret);
    }
    tokens.try_into().expect("two")
}

async fn post(tenant: &Tenant, site: &str, token: &str, events: &[Value]) -> Value {
    let request = tenant.client().request(Method::POST, &format!("/v1/sites/{site}/events"));
    let answer = send(request.bearer_auth(token).header("content-type", BATCH).body(body(events))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json
}

async fn kept(tenant: &Tenant, site: &str, token: &str) -> Vec<String> {
    let request = tenant
        .client()
        .request(Method::GET, &format!("/v1/sites/{site}/events?limit=1000"));
    let answer = send(request.bearer_auth(token)).await;
    ids(answer.json["events"].as_array().expect("events"))
}

fn service_at(clock: &Clock) -> impl FnOnce(habitat_tenant::TenantService) -> habitat_tenant::TenantService + use<> {
    let clock = clock.clone();
    |service| service.with_clock(clock)
}

const DAY: u32 = 24 * 60;

async fn each_kind_of_data_goes_when_its_days_are_over(place: Place) {
    let clock = Clock::standing_at(time(0));
    // Few at a time, so that there are many portions.
    let limits = Limits {
        erased_events: 3,
        ..Limits::default()
    };
    let tenant = Tenant::start_with_service(&place, limits, service_at(&clock)).await;
    let [acme, globex] = tokens(&tenant).await;
    let of = |site: &str| -> Vec<Value> {
        (0..10)
            .flat_map(|day| {
                [
                    measurement(site, "north", day * DAY),
                    device(site, "m1", day * DAY, "m1"),
                    // Many of one time.
                    measurement(site, "south", day * DAY),
                    measurement(site, "west", day * DAY),
                    measurement(site, "east", day * DAY),
                ]
            })
            .collect()
    };
    let (hq, lab) = (of("hq"), of("lab"));
    for token in [&acme, &globex] {
        post(&tenant, "hq", token, &hq).await;
        post(&tenant, "lab", token, &lab).await;
    }
    done(
        &place,
        &["tenant", "retention", "acme", "--measurement-days", "3", "--other-days", "7"],
    );
    // What happened on day d is older than n days once the clock is past day d + n.
    let mut gone_before = 0;
    for day in 0..20_u32 {
        let house = tenant.service.keep_house_once().await.expect("house is kept");
        let expected = |events: &[Value]| -> Vec<String> {
            let stays = events.iter().enumerate().filter(|(index, event)| {
                let happened = u32::try_from(index / 5).expect("small");
                let days = if event["type"] == "habitat.device.v1" { 7 } else { 3 };
                happened + days >= day
            });
            ids(&stays.map(|(_, event)| event.clone()).collect::<Vec<_>>())
        };
        assert_eq!(kept(&tenant, "hq", &acme).await, expected(&hq), "day {day}");
        assert_eq!(kept(&tenant, "lab", &acme).await, expected(&lab), "day {day}");
        let gone = 2 * (50 - expected(&hq).len());
        assert_eq!(house.events_retired, gone - gone_before, "day {day}");
        gone_before = gone;
        clock.advance(SignedDuration::from_hours(24));
    }
    assert_eq!(kept(&tenant, "hq", &globex).await, ids(&hq), "another tenant's");
    assert_eq!(place.rows("SELECT count(*) FROM event WHERE tenant_id = 'acme'"), ["0"]);
    if let Place::Postgres(_) = place {
        assert_eq!(place.rows("SELECT count(*) FROM event_key WHERE tenant_id = 'acme'"), ["0"]);
        assert_eq!(
            place.rows("SELECT count(*) FROM event_key WHERE tenant_id = 'globex'"),
            ["100"]
        );
    }
    // The access log goes with the rest: the entries of the first day are over, the runs of the last seven are not.
    let log = admin(&place, &["log", "acme"]).entries();
    assert!(
        log.iter()
            .all(|entry| entry["action"] == "retention" || entry["action"] == "set retention"),
        "{log:?}"
    );
    assert!(log.iter().any(|entry| entry["detail"] == "2 events erased"), "{log:?}");
}

async fn without_days_everything_is_kept_and_what_is_kept_counts_once(place: Place) {
    let clock = Clock::standing_at(time(0));
    let tenant = Tenant::start_with_service(&place, Limits::default(), service_at(&clock)).await;
    let [acme, _] = tokens(&tenant).await;
    let events = [measurement("hq", "north", 0), device("hq", "m1", 0, "m1")];
    post(&tenant, "hq", &acme, &events).await;
    clock.advance(SignedDuration::from_hours(24 * 365 * 50));
    assert_eq!(
        tenant.service.keep_house_once().await.expect("house is kept").events_retired,
        0
    );
    assert_eq!(kept(&tenant, "hq", &acme).await, ids(&events));
    let register = tenant.service.register("test");
    for (measurement_days, other_days) in [(Some(0), None), (None, Some(36_501))] {
        let wrong = Retention {
            measurement_days,
            other_days,
        };
        assert!(register.set_retention(&tenant_id("acme"), wrong).await.is_err());
    }
    let only = Retention {
        measurement_days: None,
        other_days: Some(1),
    };
    register.set_retention(&tenant_id("acme"), only).await.expect("set");
    tenant.service.keep_house_once().await.expect("house is kept");
    assert_eq!(kept(&tenant, "hq", &acme).await, ids(&events[..1]));
    assert_eq!(
        post(&tenant, "hq", &acme, &events[..1]).await,
        json!({ "accepted": 0, "duplicates": 1 })
    );
}

async fn who_keeps_house_when_another_does_leaves_it(mut place: Place) {
    let clock = Clock::standing_at(time(20 * DAY));
    let tenant = Tenant::start_with_service(&place, Limits::default(), service_at(&clock)).await;
    let [acme, _] = tokens(&tenant).await;
    post(&tenant, "hq", &acme, &[measurement("hq", "north", 0)]).await;
    done(&place, &["tenant", "retention", "acme", "--measurement-days", "3"]);
    if let Place::Postgres(server) = &mut place {
        let other = server.hold("SELECT pg_advisory_lock(1214403691)");
        assert_eq!(tenant.service.keep_house_once().await.expect("left alone").events_retired, 0);
        // Whoever had the right and vanished does not have it for ever.
        drop(other);
        while tenant.service.keep_house_once().await.expect("house is kept").events_retired == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    } else {
        assert_eq!(
            tenant.service.keep_house_once().await.expect("house is kept").events_retired,
            1
        );
    }
    assert_eq!(kept(&tenant, "hq", &acme).await, Vec::<String>::new());
    assert_eq!(
        tenant.service.keep_house_once().await.expect("house is kept").events_retired,
        0
    );
}
