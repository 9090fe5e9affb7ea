//! Tokens of the register, made with the program and used over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, TOKEN, Tenant,
    admin::{admin, done, id_of, register},
    client::{Answer, BATCH, receipt, send},
    events::{body, measurement, minutes},
    on_both_stores,
};

on_both_stores![
    a_token_opens_the_sites_it_is_for_and_no_others,
    two_tenants_with_sites_of_one_name_see_nothing_of_each_other,
    a_token_that_is_revoked_or_over_is_refused_at_once,
    a_rotated_token_is_for_the_same_sites_and_the_old_one_ends_when_it_should,
    tokens_are_shown_once_and_kept_as_digests,
    tokens_of_the_file_and_of_the_register_open_side_by_side,
];

async fn post(tenant: &Tenant, site: &str, token: &str, events: &[Value]) -> Answer {
    let request = tenant.client().request(Method::POST, &format!("/v1/sites/{site}/events"));
    send(request.bearer_auth(token).header("content-type", BATCH).body(body(events))).await
}

async fn get(tenant: &Tenant, site: &str, token: &str) -> Answer {
    let request = tenant.client().request(Method::GET, &format!("/v1/sites/{site}/events"));
    send(request.bearer_auth(token)).await
}

async fn status(tenant: &Tenant, site: &str, token: &str) -> StatusCode {
    let (read, written) = (get(tenant, site, token).await, post(tenant, site, token, &[]).await);
    assert_eq!(read.status, written.status, "{read:?} {written:?}");
    read.status
}

async fn a_token_opens_the_sites_it_is_for_and_no_others(place: Place) {
    let tenant = Tenant::start(&place).await;
    register(&place, "acme", &["hq", "lab", "depot"]);
    register(&place, "globex", &["tower"]);
    let two = admin(
        &place,
        &["token", "create", "acme", "--site", "hq", "--site", "lab", "--site", "hq"],
    )
    .token();
    let every = admin(&place, &["token", "create", "acme", "--every-site", "--days", "1"]).token();
    let own = [
        (&two, "hq", 200),
        (&two, "lab", 200),
        (&every, "hq", 200),
        (&every, "depot", 200),
    ];
    // A site of the same tenant that is not listed, one of another tenant, and one that nobody has.
    let foreign = [
        (&two, "depot", 403),
        (&two, "tower", 403),
        (&every, "tower", 403),
        (&every, "nowhere", 403),
    ];
    for (token, site, expected) in own.into_iter().chain(foreign) {
        assert_eq!(status(&tenant, site, token).await, expected, "{site}");
    }
    let refused = post(&tenant, "tower", &every, &[measurement("tower", "north", 0)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.error().contains("tower"), "{refused:?}");
    assert_eq!(tenant.client().all("tower", "").await, Vec::<Value>::new());
    done(&place, &["site", "add", "acme", "new", "--name", "New"]);
    assert_eq!(
        status(&tenant, "new", &every).await,
        StatusCode::OK,
        "a token for every site opens those to come"
    );
    assert_eq!(status(&tenant, "new", &two).await, StatusCode::FORBIDDEN);
}

async fn two_tenants_with_sites_of_one_name_see_nothing_of_each_other(place: Place) {
    let tenant = Tenant::start(&place).await;
    let events = minutes(3);
    for name in ["acme", "globex"] {
        register(&place, name, &["hq"]);
    }
    let tokens = ["acme", "globex"].map(|name| admin(&place, &["token", "create", name, "--site", "hq"]).token());
    // The same ids from the same source are other events at another tenant.
    assert_eq!(post(&tenant, "hq", &tokens[0], &events).await.json, receipt(3, 0));
    assert_eq!(post(&tenant, "hq", &tokens[1], &events[..1]).await.json, receipt(1, 0));
    assert_eq!(post(&tenant, "hq", TOKEN, &events[..2]).await.json, receipt(2, 0));
    assert_eq!(get(&tenant, "hq", &tokens[0]).await.json["events"], json!(events));
    assert_eq!(get(&tenant, "hq", &tokens[1]).await.json["events"], json!(events[..1]));
    assert_eq!(get(&tenant, "hq", TOKEN).await.json["events"], json!(events[..2]));
    // A token whose tenant was written over is nobody's.
    let forged = tokens[0].replace("acme", "globex");
    assert_eq!(status(&tenant, "hq", &forged).await, StatusCode::UNAUTHORIZED);
}

async fn a_token_that_is_revoked_or_over_is_refused_at_once(place: Place) {
    let tenant = Tenant::start(&place).await;
    register(&place, "acme", &["hq"]);
    let token = admin(&place, &["token", "create", "acme", "--site", "hq"]).token();
    assert_eq!(post(&tenant, "hq", &token, &minutes(1)).await.json, receipt(1, 0));
    let id = id_of(&place, "acme", 0);
    done(&place, &["token", "revoke", "acme", &id]);
    let refused = post(&tenant, "hq", &token, &minutes(1)).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    assert!(refused.error().contains("revoked"), "{refused:?}");
    assert_eq!(status(&tenant, "elsewhere", &token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        admin(&place, &["token", "revoke", "acme", &id]).code,
        Some(64),
        "it is over already"
    );

    let token = admin(&place, &["token", "create", "acme", "--site", "hq"]).token();
    let id = id_of(&place, "acme", 1);
    admin(&place, &["token", "rotate", "acme", &id, "--overlap-hours", "0"]).token();
    let refused = post(&tenant, "hq", &token, &minutes(1)).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.error().contains("time of this token is over"), "{refused:?}");
    assert_eq!(tenant.client().all("hq", "").await, Vec::<Value>::new());
}

async fn a_rotated_token_is_for_the_same_sites_and_the_old_one_ends_when_it_should(place: Place) {
    let tenant = Tenant::start(&place).await;
    register(&place, "acme", &["hq", "lab", "depot"]);
    let old = admin(&place, &["token", "create", "acme", "--site", "hq", "--site", "lab"]).token();
    let id = id_of(&place, "acme", 0);
    let new = admin(&place, &["token", "rotate", "acme", &id, "--days", "30"]).token();
    for token in [&old, &new] {
        assert_eq!(status(&tenant, "hq", token).await, StatusCode::OK);
        assert_eq!(status(&tenant, "lab", token).await, StatusCode::OK);
        assert_eq!(status(&tenant, "depot", token).await, StatusCode::FORBIDDEN);
    }
    let entries = admin(&place, &["token", "list", "acme"]).entries();
    let ends: Vec<jiff::Timestamp> = entries
        .iter()
        .map(|entry| {
            entry["expires"]
                .as_str()
                .and_then(|time| time.parse().ok())
                .expect("both end")
        })
        .collect();
    let hours = |from: jiff::Timestamp| jiff::Timestamp::now().duration_until(from).as_hours();
    assert_eq!((hours(ends[0]), hours(ends[1])), (23, 30 * 24 - 1));
    assert_eq!(entries[1]["sites"], json!(["hq", "lab"]));

    // A second rotation must not give the old one more time than it has.
    admin(&place, &["token", "rotate", "acme", &id, "--overlap-hours", "48"]).token();
    assert_eq!(
        admin(&place, &["token", "list", "acme"]).entries()[0]["expires"],
        entries[0]["expires"]
    );
    done(&place, &["token", "revoke", "acme", &id]);
    assert_eq!(status(&tenant, "hq", &old).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&tenant, "hq", &new).await, StatusCode::OK);
    assert_eq!(
        admin(&place, &["token", "rotate", "acme", &id]).code,
        Some(64),
        "a revoked token is not brought back"
    );
}

async fn tokens_are_shown_once_and_kept_as_digests(place: Place) {
    register(&place, "acme", &["hq"]);
    let said = admin(&place, &["token", "create", "acme", "--site", "hq"]);
    let token = said.token();
    let secret = token.strip_prefix("habitat_acme_").expect("it names its tenant").to_owned();
    assert_eq!(secret.len(), 64);
    assert!(!said.stderr.contains(&secret), "{said:?}");
    for list in [&["token", "list", "acme"][..], &["log", "acme"]] {
        let said = admin(&place, list);
        assert!(!said.entries().is_empty() && !said.stdout.contains(&secret), "{said:?}");
    }
    let kept = match &place {
        Place::Sqlite(folder) => {
            let mut kept = Vec::new();
            for entry in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
                kept.extend(std::fs::read(entry.path()).expect("a file"));
            }
            kept
        }
        Place::Postgres(server) => server.dump(),
    };
    let has = |text: &str| kept.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("listed-sites") && !has(&secret), "the token is kept in clear");
}

async fn tokens_of_the_file_and_of_the_register_open_side_by_side(place: Place) {
    let tenant = Tenant::start(&place).await;
    let events = minutes(2);
    assert_eq!(post(&tenant, "hq", TOKEN, &events[..1]).await.json, receipt(1, 0));
    // What a token file delivers belongs to the tenant `default`, who can be registered like any other.
    register(&place, "default", &["hq"]);
    let token = admin(&place, &["token", "create", "default", "--site", "hq"]).token();
    assert_eq!(post(&tenant, "hq", &token, &events).await.json, receipt(1, 1));
    assert_eq!(get(&tenant, "hq", TOKEN).await.json["events"], json!(events));
}
