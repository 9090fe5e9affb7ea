//! The register over HTTP: what is sent is what is kept, shown and logged.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::support::{
    Place, Tenant,
    accounts::{call, company},
    client::{BATCH, receipt, send},
    events::{body, controller, minutes},
    on_both_stores,
};

on_both_stores![
    the_register_is_kept_over_http_as_it_is_from_the_command_line,
    controllers_are_known_by_what_they_send,
    preferences_are_a_closed_set_of_each_persons_own,
    the_log_comes_in_pages_newest_first,
];

async fn the_register_is_kept_over_http_as_it_is_from_the_command_line(place: Place) {
    let tenant = Tenant::start(&place).await;
    let [owner, manager, viewer] = company(&tenant, "acme").await;
    let changed = json!({ "company": "Acme & Sons", "time_zone": "Europe/Paris" });
    let reply = owner.send(&tenant, Method::PATCH, "/v1/tenant", changed).await;
    assert_eq!(
        (reply.status, &reply.json["company"]),
        (StatusCode::OK, &json!("Acme & Sons"))
    );
    assert_eq!(viewer.get(&tenant, "/v1/tenant").await["time_zone"], "Europe/Paris");

    let site = json!({ "site": "depot", "name": "Depot" });
    assert_eq!(
        manager.send(&tenant, Method::POST, "/v1/sites", site.clone()).await.status,
        204
    );
    assert_eq!(manager.send(&tenant, Method::POST, "/v1/sites", site).await.status, 409);
    let name = json!({ "name": "New depot" });
    assert_eq!(
        manager
            .send(&tenant, Method::PATCH, "/v1/sites/depot", name.clone())
            .await
            .status,
        204
    );
    assert_eq!(
        manager.send(&tenant, Method::PATCH, "/v1/sites/nowhere", name).await.status,
        404
    );
    let sites = viewer.get(&tenant, "/v1/sites").await;
    assert_eq!((&sites[0]["site"], &sites[0]["name"]), (&json!("depot"), &json!("New depot")));

    let wanted = json!({ "sites": ["hq", "depot"], "days": 30 });
    let made = manager.send(&tenant, Method::POST, "/v1/tokens", wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let (id, secret) = (
        made.json["token"].as_str().expect("an id"),
        made.json["secret"].as_str().expect("a secret"),
    );
    let post = async |secret: &str| {
        let request = tenant
            .client()
            .request(Method::POST, "/v1/sites/hq/events")
            .bearer_auth(secret);
        send(request.header("content-type", BATCH).body(body(&minutes(1))))
            .await
            .status
    };
    assert_eq!(post(secret).await, StatusCode::OK);
    let rotate = format!("/v1/tokens/{id}/rotate");
    let next = manager
        .send(&tenant, Method::POST, &rotate, json!({ "overlap_hours": 1 }))
        .await;
    let new = next.json["secret"].as_str().expect("a secret");
    assert_eq!((post(secret).await, post(new).await), (StatusCode::OK, StatusCode::OK));
    assert_eq!(manager.delete(&tenant, &format!("/v1/tokens/{id}")).await.status, 204);
    assert_eq!(
        (post(secret).await, post(new).await),
        (StatusCode::UNAUTHORIZED, StatusCode::OK)
    );
    assert_eq!(manager.delete(&tenant, &format!("/v1/tokens/{id}")).await.status, 404);
    let listed = viewer.get(&tenant, "/v1/tokens").await;
    assert_eq!(listed.as_array().expect("a list").len(), 2);
    assert!(!listed.to_string().contains(&secret["habitat_acme_".len()..]), "{listed}");

    // Everybody corrects what is kept about themselves, owners about everybody.
    let mine = json!({ "last_name": "King", "phone": "+44 20 1", "address": "" });
    let path = format!("/v1/administrators/{}", viewer.id);
    assert_eq!(
        viewer.send(&tenant, Method::PATCH, &path, mine).await.json["last_name"],
        "King"
    );
    assert_eq!(
        owner
            .send(&tenant, Method::PATCH, &path, json!({ "role": "manager" }))
            .await
            .json["role"],
        "manager"
    );
    let taken = json!({ "email": owner.email });
    assert_eq!(
        owner.send(&tenant, Method::PATCH, &path, taken).await.status,
        StatusCode::CONFLICT
    );
    let own = format!("/v1/administrators/{}", owner.id);
    let refused = owner.send(&tenant, Method::PATCH, &own, json!({ "role": "viewer" })).await;
    assert_eq!(
        (refused.status, refused.error().contains("last owner")),
        (StatusCode::CONFLICT, true)
    );
    assert_eq!(owner.delete(&tenant, &own).await.status, StatusCode::CONFLICT);
    assert_eq!(owner.delete(&tenant, &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        owner
            .get(&tenant, "/v1/administrators")
            .await
            .as_array()
            .expect("a list")
            .len(),
        2
    );
    assert_eq!(
        place.rows("SELECT count(*) FROM administrator WHERE last_name = 'King'"),
        ["0"]
    );
}

async fn controllers_are_known_by_what_they_send(place: Place) {
    let tenant = Tenant::start(&place).await;
    let [_, manager, viewer] = company(&tenant, "acme").await;
    let made = manager
        .send(&tenant, Method::POST, "/v1/tokens", json!({ "sites": ["*"] }))
        .await;
    let secret = made.json["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(viewer.get(&tenant, "/v1/controllers").await, json!([]));
    let post = async |events: &[Value]| {
        let request = tenant
            .client()
            .request(Method::POST, "/v1/sites/hq/events")
            .bearer_auth(&secret);
        send(request.header("content-type", BATCH).body(body(events))).await.json
    };
    assert_eq!(post(&minutes(2)).await, receipt(2, 0));
    let known = viewer.get(&tenant, "/v1/controllers").await;
    assert_eq!(
        (&known[0]["source"], &known[0]["site"]),
        (&json!("/sites/hq/controllers/main"), &json!("hq"))
    );
    assert_eq!((&known[0]["version"], known[1].is_null()), (&json!(""), true));
    let old = controller("hq", 1, "0.1.0");
    post(&[controller("hq", 5, "0.2.0")]).await;
    post(&[old.clone(), old]).await;
    let later = viewer.get(&tenant, "/v1/controllers").await;
    assert_eq!(
        later[0]["version"], "0.2.0",
        "the version of the latest, not of what comes in last"
    );
    assert_eq!(later[0]["first_seen"], known[0]["first_seen"]);
    assert!(later[0]["last_seen"].as_str() > known[0]["last_seen"].as_str());
}

async fn preferences_are_a_closed_set_of_each_persons_own(place: Place) {
    let tenant = Tenant::start(&place).await;
    let [owner, _, viewer] = company(&tenant, "acme").await;
    let at_first = json!({ "language": "en", "time_zone": null, "decimal_sign": "point", "length_unit": "metre",
        "email_notices": false });
    assert_eq!(viewer.get(&tenant, "/v1/preferences").await, at_first);
    let mine = json!({ "language": "fi", "time_zone": "Europe/Helsinki", "decimal_sign": "comma", "length_unit": "foot",
        "email_notices": true });
    let reply = viewer.send(&tenant, Method::PUT, "/v1/preferences", mine.clone()).await;
    assert_eq!((reply.status, &reply.json), (StatusCode::OK, &mine));
    for wrong in [
        json!({ "language": "tlh" }),
        json!({ "time_zone": "Mars/Olympus" }),
        json!({ "nickname": "Ada" }),
        json!({ "email_notices": "yes" }),
    ] {
        assert_eq!(
            viewer.send(&tenant, Method::PUT, "/v1/preferences", wrong).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    assert_eq!(viewer.get(&tenant, "/v1/preferences").await, mine);
    assert_eq!(owner.get(&tenant, "/v1/preferences").await, at_first, "somebody else's");
}

async fn the_log_comes_in_pages_newest_first(place: Place) {
    let tenant = Tenant::start(&place).await;
    let [_, manager, _] = company(&tenant, "acme").await;
    let whole = manager.get(&tenant, "/v1/access-log").await["entries"].clone();
    let whole = whole.as_array().expect("entries");
    assert!(whole.len() > 9);
    assert_eq!(
        (&whole[0]["action"], &whole.last().expect("one")["action"]),
        (&json!("log in"), &json!("add tenant"))
    );
    let (mut pages, mut before) = (Vec::new(), String::new());
    loop {
        let page = manager.get(&tenant, &format!("/v1/access-log?limit=4{before}")).await;
        pages.extend(page["entries"].as_array().expect("entries").iter().cloned());
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(&pages, whole);
    for wrong in ["limit=0", "limit=1001", "limit=x", "before=1", "before=1.'", "page=2"] {
        let reply = call(
            &tenant,
            Some(&manager.session),
            Method::GET,
            &format!("/v1/access-log?{wrong}"),
            None,
        )
        .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[test]
fn the_description_has_every_path_and_its_security() {
    let api = serde_json::to_value(habitat_tenant::AccountsApi::openapi()).expect("JSON");
    for (method, path, role) in crate::roles::ENDPOINTS {
        let path = path.replace("SITE", "{site}");
        let path = ["ADMINISTRATOR", "TOKEN", "CERTIFICATE"]
            .iter()
            .fold(path, |path, id| path.replace(id, "{id}"));
        let path = path.split('?').next().expect("a path");
        let operation = &api["paths"][path][method.to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not described");
        assert_eq!(operation["security"].is_array(), role.is_some(), "{method} {path}");
    }
    let described: usize = api["paths"]
        .as_object()
        .expect("paths")
        .values()
        .map(|path| path.as_object().map_or(0, serde_json::Map::len))
        .sum();
    assert_eq!(described, crate::roles::ENDPOINTS.len());
    let text = api.to_string();
    for part in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().expect("a name");
        assert!(api["components"]["schemas"][name].is_object(), "{name} is not described");
    }
}
