//! Who gets in, and where to.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    ANY_TOKEN, LAB_TOKEN, Place, TOKEN, Tenant,
    client::{BATCH, receipt, send},
    events::{body, measurement, minutes},
    on_both_stores,
};

on_both_stores![
    without_a_known_token_nothing_is_read_or_stored,
    the_token_of_another_site_is_forbidden_both_ways,
    the_scheme_of_the_token_is_case_insensitive_and_a_token_for_all_opens_all,
    a_source_of_another_site_is_refused_event_by_event,
    site_ids_that_are_none_are_refused_and_change_nothing,
    unknown_paths_and_methods_are_refused_in_json,
];

async fn without_a_known_token_nothing_is_read_or_stored(place: Place) {
    let tenant = Tenant::start(&place).await;
    tenant.client().post(&minutes(1)).await;
    let headers = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer wrong".to_owned()),
        Some(format!("Bearer {TOKEN}x")),
        Some(format!("Bearer {}", TOKEN.to_uppercase())),
        Some(format!("Bearer {TOKEN} {TOKEN}")),
        Some(format!("Basic {TOKEN}")),
        Some(TOKEN.to_owned()),
        Some("Bearer ' OR '1'='1".to_owned()),
    ];
    for header in headers {
        for method in [Method::POST, Method::GET] {
            let mut request = tenant
                .client()
                .request(method, "/v1/sites/hq/events")
                .header("content-type", BATCH);
            if let Some(header) = &header {
                request = request.header("authorization", header);
            }
            let answer = send(request.body(body(&minutes(1)))).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{header:?}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
            assert!(answer.error().contains("token"));
        }
    }
    let twice = tenant
        .client()
        .batch(body(&minutes(1)))
        .header("authorization", format!("Bearer {TOKEN}"));
    assert_eq!(send(twice).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(tenant.client().all("hq", "").await.len(), 1);
}

async fn the_token_of_another_site_is_forbidden_both_ways(place: Place) {
    let tenant = Tenant::start(&place).await;
    for method in [Method::POST, Method::GET] {
        let request = tenant
            .client()
            .request(method, "/v1/sites/hq/events")
            .header("content-type", BATCH);
        let answer = send(request.bearer_auth(LAB_TOKEN).body(body(&minutes(1)))).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.error().contains("hq"), "{answer:?}");
    }
    assert_eq!(tenant.client().all("hq", "").await, Vec::<Value>::new());
}

async fn the_scheme_of_the_token_is_case_insensitive_and_a_token_for_all_opens_all(place: Place) {
    let tenant = Tenant::start(&place).await;
    for site in ["hq", "lab", "site-never-heard-of"] {
        let path = format!("/v1/sites/{site}/events");
        let request = tenant.client().request(Method::POST, &path).header("content-type", BATCH);
        let request = request.header("authorization", format!("bearer {ANY_TOKEN}"));
        let answer = send(request.body(body(&[measurement(site, "z", 0)]))).await;
        assert_eq!((answer.status, answer.json), (StatusCode::OK, receipt(1, 0)), "{site}");
    }
}

async fn a_source_of_another_site_is_refused_event_by_event(place: Place) {
    let tenant = Tenant::start(&place).await;
    let own = measurement("hq", "north", 0);
    let mut batch = vec![measurement("lab", "north", 0), own.clone()];
    for source in [
        "/sites/hqx/controllers/a",
        "/sites/hq/controllers/",
        "/sites/hq/controllers/a/../../lab",
        "",
    ] {
        let mut event = measurement("hq", "north", 1);
        event["source"] = json!(source);
        batch.push(event);
    }
    let answer = tenant.client().post(&batch).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let rejected = answer.json["rejected"].as_array().expect("reasons");
    assert_eq!(
        rejected.iter().map(|r| r["index"].as_u64()).collect::<Vec<_>>(),
        [0, 2, 3, 4, 5].map(Some)
    );
    for rejection in rejected {
        assert!(
            rejection["reason"]
                .as_str()
                .expect("a reason")
                .contains("/sites/hq/controllers/<controller>")
        );
    }
    assert_eq!(tenant.client().all("hq", "").await, [own]);
    assert_eq!(tenant.client().all("lab", "").await, Vec::<Value>::new());
}

async fn site_ids_that_are_none_are_refused_and_change_nothing(place: Place) {
    let tenant = Tenant::start(&place).await;
    tenant.client().post(&minutes(3)).await;
    let sites = [
        "HQ",
        "hq%27%20OR%201=1--",
        "hq%27;DROP%20TABLE%20events;--",
        "hq%0d%0aX-Injected:%20yes",
        "hq%00",
        "%ff%fe",
        "..%2flab",
        "%2e%2e%2flab",
        "b%C3%BCro",
        &"a".repeat(65),
    ];
    for site in sites {
        for method in [Method::GET, Method::POST] {
            let path = format!("/v1/sites/{site}/events");
            let request = tenant
                .client()
                .request(method, &path)
                .bearer_auth(ANY_TOKEN)
                .header("content-type", BATCH);
            let answer = send(request.body(body(&minutes(1)))).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{site}");
            assert!(answer.error().contains("site id"), "{answer:?}");
            assert!(!answer.headers.contains_key("x-injected"));
        }
    }
    assert_eq!(tenant.client().all("hq", "").await.len(), 3);
}

async fn unknown_paths_and_methods_are_refused_in_json(place: Place) {
    let tenant = Tenant::start(&place).await;
    for path in [
        "/",
        "/v1",
        "/v1/site",
        "/v1/sites/hq/event",
        "/v1/sites/hq/events/",
        "/v2/sites/hq/events",
        "/%0d%0aX:y",
    ] {
        let answer = send(tenant.client().request(Method::GET, path)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.error().contains("/v1/sites/<site>/events"));
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = send(
            tenant
                .client()
                .request(method.clone(), "/v1/sites/hq/events")
                .bearer_auth(TOKEN),
        )
        .await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(answer.error().contains(method.as_str()));
        let allowed = answer.headers["allow"].to_str().expect("text");
        assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    }
    let health = send(tenant.client().request(Method::GET, "/healthz")).await;
    assert_eq!((health.status, health.json), (StatusCode::OK, json!({ "status": "ok" })));
    let ready = send(tenant.client().request(Method::GET, "/readyz")).await;
    assert_eq!((ready.status, ready.json), (StatusCode::OK, json!({ "status": "ready" })));
    for path in ["/healthz", "/readyz"] {
        let answer = send(tenant.client().request(Method::POST, path)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
