//! Every endpoint and every role: who may is let in, who may not is told so, and nothing is changed.

use habitat_tenant::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, Tenant,
    accounts::{Person, call, company},
    on_both_stores,
};

on_both_stores![everybody_may_do_what_their_role_says_and_nothing_else,];

/// Every endpoint of administrators with the role that it needs. `ADMINISTRATOR`, `TOKEN`, `SITE` stand for ids.
pub const ENDPOINTS: [(&str, &str, Option<Role>); 34] = [
    ("POST", "/v1/session", None),
    ("GET", "/v1/session", Some(Role::Viewer)),
    ("DELETE", "/v1/session", Some(Role::Viewer)),
    ("PUT", "/v1/password", Some(Role::Viewer)),
    ("POST", "/v1/invitation", None),
    ("GET", "/v1/tenant", Some(Role::Viewer)),
    ("PATCH", "/v1/tenant", Some(Role::Owner)),
    ("GET", "/v1/retention", Some(Role::Viewer)),
    ("PUT", "/v1/retention", Some(Role::Manager)),
    ("GET", "/v1/administrators", Some(Role::Viewer)),
    ("POST", "/v1/administrators", Some(Role::Owner)),
    ("GET", "/v1/administrators/ADMINISTRATOR", Some(Role::Viewer)),
    ("PATCH", "/v1/administrators/ADMINISTRATOR", Some(Role::Owner)),
    ("DELETE", "/v1/administrators/ADMINISTRATOR", Some(Role::Owner)),
    ("POST", "/v1/administrators/ADMINISTRATOR/invitation", Some(Role::Owner)),
    ("GET", "/v1/sites", Some(Role::Viewer)),
    ("POST", "/v1/sites", Some(Role::Manager)),
    ("PATCH", "/v1/sites/SITE", Some(Role::Manager)),
    ("GET", "/v1/controllers", Some(Role::Viewer)),
    ("GET", "/v1/tokens", Some(Role::Viewer)),
    ("POST", "/v1/tokens", Some(Role::Manager)),
    ("DELETE", "/v1/tokens/TOKEN", Some(Role::Manager)),
    ("POST", "/v1/tokens/TOKEN/rotate", Some(Role::Manager)),
    ("GET", "/v1/preferences", Some(Role::Viewer)),
    ("PUT", "/v1/preferences", Some(Role::Viewer)),
    ("GET", "/v1/access-log", Some(Role::Manager)),
    ("GET", "/v1/export", Some(Role::Owner)),
    ("GET", "/v1/restrictions", Some(Role::Viewer)),
    ("POST", "/v1/restrictions", Some(Role::Manager)),
    ("DELETE", "/v1/restrictions?type=habitat.mute.v1", Some(Role::Manager)),
    ("GET", "/v1/termination", Some(Role::Viewer)),
    ("POST", "/v1/termination", Some(Role::Owner)),
    ("DELETE", "/v1/termination", Some(Role::Owner)),
    ("GET", "/v1/certificates/CERTIFICATE", None),
];

/// A body that would do something, if its sender might.
fn good_body(method: &str, path: &str) -> Option<Value> {
    let body = match (method, path) {
        ("PUT", "/v1/password") => json!({ "current": crate::support::accounts::PASSWORD, "new": "another password" }),
        ("PATCH", "/v1/tenant") => json!({ "company": "Mine now" }),
        ("PUT", "/v1/retention") => json!({ "measurement_days": 1, "other_days": 1 }),
        ("POST", "/v1/administrators") => {
            json!({ "first_name": "E", "last_name": "E", "email": "e@e.example", "role": "owner" })
        }
        ("PATCH", "/v1/administrators/ADMINISTRATOR") => json!({ "role": "viewer" }),
        ("POST", "/v1/sites") => json!({ "site": "new", "name": "New" }),
        ("PATCH", "/v1/sites/SITE") => json!({ "name": "New" }),
        ("POST", "/v1/tokens") => json!({ "sites": ["*"] }),
        ("POST", "/v1/tokens/TOKEN/rotate") => json!({}),
        ("PUT", "/v1/preferences") => json!({ "language": "de" }),
        ("POST", "/v1/restrictions") => json!({ "basis": "objection" }),
        ("POST", "/v1/termination") => json!({ "company": "acme Oy" }),
        _ => return None,
    };
    Some(body)
}

fn named(path: &str, administrator: &str, token: &str, site: &str) -> String {
    path.replace("ADMINISTRATOR", administrator)
        .replace("TOKEN", token)
        .replace("SITE", site)
}

async fn everybody_may_do_what_their_role_says_and_nothing_else(place: Place) {
    let tenant = Tenant::start(&place).await;
    let people = company(&tenant, "acme").await;
    let [stranger, ..] = company(&tenant, "globex").await;
    let [owner, manager, _] = &people;
    let made = manager
        .send(&tenant, Method::POST, "/v1/tokens", json!({ "sites": ["hq"] }))
        .await;
    let token = made.json["token"].as_str().expect("a token").to_owned();
    let restriction = json!({ "type": "habitat.mute.v1", "basis": "objection" });
    manager.send(&tenant, Method::POST, "/v1/restrictions", restriction).await;
    let before = place.contents_of("acme");
    assert!(before.len() > 20, "{before:?}");
    let real = |path| named(path, &owner.id, &token, "hq");

    // Whoever may not.
    for (method, path, needed) in ENDPOINTS {
        let Some(needed) = needed else { continue };
        let verb: Method = method.parse().expect("a method");
        for (session, role) in callers(&people) {
            if role.is_some_and(|role| role >= needed) {
                continue;
            }
            let reply = call(
                &tenant,
                session.as_deref(),
                verb.clone(),
                &real(path),
                good_body(method, path),
            )
            .await;
            let expected = if role.is_some() {
                StatusCode::FORBIDDEN
            } else {
                StatusCode::UNAUTHORIZED
            };
            assert_eq!(reply.status, expected, "{method} {path} as {role:?}: {reply:?}");
            assert!(
                reply
                    .error()
                    .contains(if role.is_some() { needed.as_str() } else { "session" })
            );
        }
    }
    assert_eq!(
        place.contents_of("acme"),
        before,
        "somebody who may not has changed something"
    );

    // Somebody who may do everything, elsewhere.
    for (method, path, needed) in ENDPOINTS {
        if needed.is_none() || path == "/v1/session" || path == "/v1/password" || path == "/v1/termination" {
            continue;
        }
        let verb = method.parse().expect("a method");
        let reply = call(&tenant, Some(&stranger.session), verb, &real(path), good_body(method, path)).await;
        if path.contains("ADMINISTRATOR") || path.contains("TOKEN") {
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{method} {path}");
        }
        let said = reply.json.to_string();
        assert!(!said.contains("acme"), "{method} {path}: {said}");
    }
    let end = json!({ "company": "acme Oy" });
    assert_eq!(
        stranger.send(&tenant, Method::POST, "/v1/termination", end).await.status,
        StatusCode::CONFLICT
    );
    assert_eq!(
        stranger.delete(&tenant, "/v1/termination").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(place.contents_of("acme"), before, "a stranger has changed something");

    // Whoever may gets past the guard: a body that says nothing, an id that nobody has.
    for (method, path, needed) in ENDPOINTS {
        let Some(needed) = needed else { continue };
        let verb: Method = method.parse().expect("a method");
        if (method, path) == ("DELETE", "/v1/session") {
            continue;
        }
        for (session, role) in callers(&people) {
            if role.is_none_or(|role| role < needed) {
                continue;
            }
            let body = good_body(method, path).map(|_| json!({ "nothing": "of this kind" }));
            let expected = match (&body, method) {
                (Some(_), _) => StatusCode::BAD_REQUEST,
                (None, "GET") if !path.contains("ADMINISTRATOR") => StatusCode::OK,
                (None, _) => StatusCode::NOT_FOUND,
            };
            let path = named(path, "none", "none", "nowhere").replace("mute", "device");
            let reply = call(&tenant, session.as_deref(), verb.clone(), &path, body).await;
            assert_eq!(reply.status, expected, "{method} {path} as {role:?}: {reply:?}");
        }
    }
    // Archives are noted.
    let exported = place
        .contents_of("acme")
        .into_iter()
        .filter(|row| !before.contains(row))
        .collect::<Vec<_>>();
    assert!(
        exported
            .iter()
            .all(|row| row.contains("export") || row.starts_with("tenant ")),
        "{exported:?}"
    );

    // Public ones tell nothing.
    let reply = call(&tenant, None, Method::GET, "/v1/certificates/none", None).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    // A manager is no owner of anybody but themselves, and gives nobody a role.
    let path = format!("/v1/administrators/{}", manager.id);
    let reply = manager.send(&tenant, Method::PATCH, &path, json!({ "role": "owner" })).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(
        manager
            .send(&tenant, Method::PATCH, &path, json!({ "phone": "1" }))
            .await
            .status,
        StatusCode::OK
    );
    // The session of an administrator is no token of a controller, and the other way round.
    let reply = call(&tenant, Some(&owner.session), Method::GET, "/v1/sites/hq/events", None).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    let secret = made.json["secret"].as_str();
    assert_eq!(
        call(&tenant, secret, Method::GET, "/v1/tenant", None).await.status,
        StatusCode::UNAUTHORIZED
    );
}

/// Nobody, somebody with a session that is none, and one of each role.
fn callers(people: &[Person; 3]) -> Vec<(Option<String>, Option<Role>)> {
    let mut callers = vec![(None, None), (Some("habitat-session_acme_00".to_owned()), None)];
    let roles = crate::support::accounts::ROLES;
    callers.extend(
        people
            .iter()
            .zip(roles)
            .map(|(person, role)| (Some(person.session.clone()), Some(role))),
    );
    callers
}
