//! Texts that want to be more than texts, in every field of the API.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{
    Place, Tenant,
    accounts::{call, company, log_in},
    on_both_stores,
};

on_both_stores![texts_are_kept_as_texts_or_refused, ids_and_headers_that_are_none_are_refused,];

const TEXTS: [&str; 7] = [
    "'); DROP TABLE tenant; --",
    "x' OR '1'='1",
    "$1 ?1 %s",
    "\\'; DELETE FROM token; --",
    "<script>alert(1)</script>",
    "\"quoted\" `back` ${jndi:ldap://x}",
    "雑音 — ﷽",
];

/// What no field takes.
const REFUSED: [&str; 5] = ["two\r\nX-Injected: yes", "nul\u{0}", "bell\u{7}", " ", "\u{1b}[31m"];

async fn texts_are_kept_as_texts_or_refused(place: Place) {
    let tenant = Tenant::start(&place).await;
    let [owner, ..] = company(&tenant, "acme").await;
    let own = format!("/v1/administrators/{}", owner.id);
    for (number, text) in TEXTS.iter().enumerate() {
        assert_eq!(
            owner
                .send(&tenant, Method::PATCH, "/v1/tenant", json!({ "company": text }))
                .await
                .status,
            200
        );
        assert_eq!(owner.get(&tenant, "/v1/tenant").await["company"], *text);
        for field in ["first_name", "last_name", "address", "phone"] {
            let reply = owner.send(&tenant, Method::PATCH, &own, json!({ field: text })).await;
            assert_eq!((reply.status, &reply.json[field]), (StatusCode::OK, &json!(text)), "{field}");
        }
        let email = format!("{text}@{number}").to_lowercase();
        let reply = owner.send(&tenant, Method::PATCH, &own, json!({ "email": email })).await;
        assert_eq!(reply.json["email"], email);
        assert_eq!(
            owner
                .send(&tenant, Method::PATCH, "/v1/sites/hq", json!({ "name": text }))
                .await
                .status,
            204
        );
        assert_eq!(owner.get(&tenant, "/v1/sites").await[0]["name"], *text);
        let new = json!({ "first_name": text, "last_name": text, "address": text, "phone": text, "role": "viewer",
            "email": format!("{number}{text}@x") });
        assert_eq!(
            owner.send(&tenant, Method::POST, "/v1/administrators", new).await.status,
            StatusCode::CREATED
        );
        // Where only certain words are right.
        for (method, path, body) in [
            (Method::PATCH, "/v1/tenant", json!({ "time_zone": text })),
            (Method::POST, "/v1/sites", json!({ "site": text, "name": "A" })),
            (Method::POST, "/v1/tokens", json!({ "sites": [text] })),
            (Method::PUT, "/v1/preferences", json!({ "language": text })),
            (Method::PUT, "/v1/preferences", json!({ "time_zone": text })),
            (
                Method::POST,
                "/v1/restrictions",
                json!({ "type": text, "basis": "objection" }),
            ),
            (
                Method::POST,
                "/v1/restrictions",
                json!({ "site": text, "basis": "objection" }),
            ),
            (Method::POST, "/v1/restrictions", json!({ "basis": text })),
            (Method::PUT, "/v1/retention", json!({ "measurement_days": text })),
            (Method::PATCH, own.as_str(), json!({ "role": text })),
            (Method::PATCH, own.as_str(), json!({ *text: "x" })),
        ] {
            let reply = owner.send(&tenant, method, path, body.clone()).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {body}");
        }
        for (company, email) in [(*text, "owner@acme.example"), ("acme", *text)] {
            assert_eq!(log_in(&tenant, company, email, text).await.status, StatusCode::UNAUTHORIZED);
        }
        let end = owner
            .send(
                &tenant,
                Method::POST,
                "/v1/termination",
                json!({ "company": format!("{text} ") + "'" }),
            )
            .await;
        assert_eq!(end.status, StatusCode::CONFLICT);
    }
    for text in REFUSED {
        for (method, path, body) in [
            (Method::PATCH, "/v1/tenant", json!({ "company": text })),
            (Method::PATCH, "/v1/sites/hq", json!({ "name": text })),
            (Method::POST, "/v1/sites", json!({ "site": "new", "name": text })),
            (Method::PATCH, own.as_str(), json!({ "first_name": text })),
            (Method::PATCH, own.as_str(), json!({ "last_name": text })),
            (Method::PATCH, own.as_str(), json!({ "email": text })),
        ] {
            let reply = owner.send(&tenant, method, path, body.clone()).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {body}");
            assert!(!reply.headers.contains_key("x-injected"));
        }
        assert_eq!(
            log_in(&tenant, "acme", text, text).await.status,
            StatusCode::UNAUTHORIZED,
            "{text:?}"
        );
    }
    let long = "x".repeat(201);
    assert_eq!(
        owner
            .send(&tenant, Method::PATCH, &own, json!({ "phone": long }))
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
    let huge = json!({ "company": "x".repeat(20_000) });
    assert_eq!(
        owner.send(&tenant, Method::PATCH, "/v1/tenant", huge).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(place.rows("SELECT count(*) FROM tenant"), ["1"]);
    assert_eq!(place.rows("SELECT count(*) FROM administrator"), ["10"]);
}

async fn ids_and_headers_that_are_none_are_refused(place: Place) {
    let tenant = Tenant::start(&place).await;
    let [owner, ..] = company(&tenant, "acme").await;
    let before = place.contents_of("acme");
    for id in [
        "'%20OR%20'1'='1",
        "x%00",
        "%0d%0aX-Injected:%20yes",
        "%ff",
        "..%2f..%2ftenant",
        &"a".repeat(65),
    ] {
        for (method, path, body) in [
            (Method::GET, format!("/v1/administrators/{id}"), None),
            (Method::DELETE, format!("/v1/administrators/{id}"), None),
            (Method::DELETE, format!("/v1/tokens/{id}"), None),
            (Method::POST, format!("/v1/tokens/{id}/rotate"), Some(json!({}))),
            (Method::GET, format!("/v1/certificates/{id}"), None),
        ] {
            let reply = call(&tenant, Some(&owner.session), method, &path, body).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}: {reply:?}");
            assert!(!reply.headers.contains_key("x-injected") && !reply.error().is_empty());
        }
        let reply = owner
            .send(&tenant, Method::PATCH, &format!("/v1/sites/{id}"), json!({ "name": "x" }))
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        for parameter in ["site", "type"] {
            let reply = owner.delete(&tenant, &format!("/v1/restrictions?{parameter}={id}")).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{parameter}={id}");
        }
    }
    // What is no JSON, or is not said to be.
    let request = || {
        tenant
            .client()
            .request(Method::PATCH, "/v1/tenant")
            .bearer_auth(&owner.session)
    };
    let plain = request()
        .header("content-type", "text/plain")
        .body("{\"company\":\"x\"}")
        .send()
        .await
        .expect("an answer");
    assert_eq!(plain.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for wrong in [
        "",
        "{",
        "[]",
        "null",
        "{\"company\":1}",
        "{\"company\":\"a\",\"company\":\"b\"}",
    ] {
        let reply = request()
            .header("content-type", "application/json")
            .body(wrong)
            .send()
            .await
            .expect("an answer");
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{wrong}");
        let json: serde_json::Value = reply.json().await.expect("JSON");
        assert!(json["error"].is_string());
    }
    let twice = tenant
        .client()
        .request(Method::DELETE, "/v1/session")
        .bearer_auth(&owner.session);
    let twice = twice.header("authorization", "Bearer x").send().await.expect("an answer");
    assert_eq!(twice.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(place.contents_of("acme"), before);
}
