//! Logging in with a password, and what happens to those who guess.

use habitat_tenant::{Clock, Limits, Role};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, Tenant,
    accounts::{PASSWORD, call, company, log_in, person},
    admin::{admin, done, register},
    on_both_stores,
};

on_both_stores![
    a_session_begins_with_the_password_and_ends_when_it_should,
    wrong_passwords_are_limited_by_account_and_tell_nobody_who_exists,
    an_invitation_sets_a_password_once_and_in_time,
    passwords_are_set_from_a_file_or_standard_input_and_change_ends_sessions,
    every_log_in_is_in_the_log_and_no_secret_is_in_the_database,
];

async fn at_a_time(place: &Place) -> (Tenant, Clock) {
    let clock = Clock::standing_at("2026-03-01T09:00:00Z".parse::<Timestamp>().expect("a time"));
    let moved = clock.clone();
    let tenant = Tenant::start_with_service(place, Limits::default(), |service| service.with_clock(moved)).await;
    (tenant, clock)
}

async fn status(tenant: &Tenant, session: &str) -> StatusCode {
    call(tenant, Some(session), Method::GET, "/v1/session", None).await.status
}

async fn a_session_begins_with_the_password_and_ends_when_it_should(place: Place) {
    let (tenant, clock) = at_a_time(&place).await;
    let [owner, manager, viewer] = company(&tenant, "acme").await;
    let shown = owner.get(&tenant, "/v1/session").await;
    assert_eq!(shown["role"], "owner");
    assert_eq!(
        (&shown["tenant"], &shown["administrator"]),
        (&json!("acme"), &json!(owner.id))
    );
    assert_eq!(shown["expires"], "2026-03-01T21:00:00Z");
    // The address is found however it is typed.
    let reply = log_in(&tenant, "acme", " Owner@ACME.example ", PASSWORD).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
    assert_eq!(reply.headers["cache-control"], "no-store");

    assert_eq!(owner.delete(&tenant, "/v1/session").await.status, StatusCode::NO_CONTENT);
    assert_eq!(status(&tenant, &owner.session).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        status(&tenant, &manager.session).await,
        StatusCode::OK,
        "another one's session"
    );

    // A role holds at once, and whoever is removed is out at once.
    let register = tenant.service.register("test");
    let acme = crate::support::accounts::tenant_id("acme");
    let promoted = habitat_tenant::Correction {
        role: Some(Role::Manager),
        ..Default::default()
    };
    register
        .correct_administrator(&acme, &viewer.id, &promoted)
        .await
        .expect("promoted");
    assert_eq!(viewer.get(&tenant, "/v1/session").await["role"], "manager");
    register.remove_administrator(&acme, &viewer.id).await.expect("removed");
    assert_eq!(status(&tenant, &viewer.session).await, StatusCode::UNAUTHORIZED);

    clock.advance(SignedDuration::from_hours(12) - SignedDuration::from_secs(1));
    assert_eq!(status(&tenant, &manager.session).await, StatusCode::OK);
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(status(&tenant, &manager.session).await, StatusCode::UNAUTHORIZED);
    tenant.service.keep_house_once().await.expect("house is kept");
    assert_eq!(place.rows("SELECT digest FROM session"), Vec::<String>::new());

    for forged in [
        "",
        "x",
        &manager.session.replace("acme", "globex"),
        "habitat-session_acme_' OR '1'='1",
        PASSWORD,
    ] {
        let reply = call(&tenant, Some(forged), Method::GET, "/v1/session", None).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{forged}");
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
    }
}

async fn wrong_passwords_are_limited_by_account_and_tell_nobody_who_exists(place: Place) {
    let (tenant, clock) = at_a_time(&place).await;
    let [owner, manager, _] = company(&tenant, "acme").await;
    // Somebody who has never set a password.
    let new = json!({ "first_name": "N", "last_name": "N", "email": "new@acme.example", "role": "viewer" });
    owner.send(&tenant, Method::POST, "/v1/administrators", new).await;
    let accounts = [
        ("acme", owner.email.as_str()),
        ("acme", "new@acme.example"),
        ("acme", "nobody@acme.example"),
        ("nowhere", "owner@acme.example"),
    ];
    let mut answers: Vec<Vec<Value>> = Vec::new();
    for (company, email) in accounts {
        let mut given = Vec::new();
        for attempt in 0..12 {
            let reply = log_in(&tenant, company, email, "not the password").await;
            let expected = if attempt < 10 { 401 } else { 429 };
            assert_eq!(reply.status, expected, "{company} {email} {attempt}");
            assert_eq!(reply.headers.get("retry-after").is_some(), attempt >= 10);
            given.push(reply.json);
        }
        answers.push(given);
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "who exists can be told: {answers:?}"
    );
    // Not even with the right password, and all the others may.
    assert_eq!(log_in(&tenant, "acme", &owner.email, PASSWORD).await.status, 429);
    assert_eq!(log_in(&tenant, "acme", &manager.email, PASSWORD).await.status, 201);
    assert_eq!(
        status(&tenant, &owner.session).await,
        StatusCode::OK,
        "whoever is in stays in"
    );
    clock.advance(SignedDuration::from_mins(15));
    assert_eq!(log_in(&tenant, "acme", &owner.email, PASSWORD).await.status, 201);
    for _ in 0..9 {
        assert_eq!(log_in(&tenant, "acme", &owner.email, "not the password").await.status, 401);
    }
    assert_eq!(
        log_in(&tenant, "acme", &owner.email, PASSWORD).await.status,
        201,
        "the count began anew"
    );

    // Many at once are counted, too.
    let guesses = (0..30).map(|_| log_in(&tenant, "acme", &manager.email, "not the password"));
    let replies = futures_util::future::join_all(guesses).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 401).count(), 10);
    clock.advance(SignedDuration::from_mins(15));
    tenant.service.keep_house_once().await.expect("house is kept");
    assert_eq!(place.rows("SELECT account FROM login_attempt"), Vec::<String>::new());
}

async fn an_invitation_sets_a_password_once_and_in_time(place: Place) {
    let (tenant, clock) = at_a_time(&place).await;
    let [owner, ..] = company(&tenant, "acme").await;
    let new = json!({ "first_name": "Grace", "last_name": "Hopper", "email": "grace@acme.example", "role": "manager" });
    let reply = owner.send(&tenant, Method::POST, "/v1/administrators", new).await;
    assert_eq!(
        (reply.status, &reply.json["expires"]),
        (StatusCode::CREATED, &json!("2026-03-08T09:00:00Z"))
    );
    let first = reply.json["invitation"].as_str().expect("an invitation").to_owned();
    let path = format!(
        "/v1/administrators/{}/invitation",
        reply.json["administrator"].as_str().expect("an id")
    );
    let accept = async |invitation: &str, password: &str| {
        let body = json!({ "invitation": invitation, "password": password });
        call(&tenant, None, Method::POST, "/v1/invitation", Some(body)).await.status
    };
    assert_eq!(accept(&first, "too short").await, StatusCode::BAD_REQUEST);
    let again = call(&tenant, Some(&owner.session), Method::POST, &path, None).await;
    let second = again.json["invitation"].as_str().expect("an invitation").to_owned();
    assert_eq!(
        accept(&first, PASSWORD).await,
        StatusCode::NOT_FOUND,
        "a later one takes its place"
    );
    for wrong in ["", "habitat-invitation_acme_' OR ''='", &second.replace("acme", "globex")] {
        assert_eq!(accept(wrong, PASSWORD).await, StatusCode::NOT_FOUND);
    }
    assert_eq!(accept(&second, PASSWORD).await, StatusCode::NO_CONTENT);
    assert_eq!(accept(&second, "another password").await, StatusCode::NOT_FOUND, "once");
    assert_eq!(
        log_in(&tenant, "acme", "grace@acme.example", PASSWORD).await.status,
        StatusCode::CREATED
    );

    let third = call(&tenant, Some(&owner.session), Method::POST, &path, None).await.json["invitation"].clone();
    clock.advance(SignedDuration::from_hours(7 * 24));
    assert_eq!(
        accept(third.as_str().expect("text"), "another password").await,
        StatusCode::NOT_FOUND
    );
}

async fn passwords_are_set_from_a_file_or_standard_input_and_change_ends_sessions(place: Place) {
    register(&place, "acme", &["hq"]);
    let add = [
        "administrator",
        "add",
        "acme",
        "--first-name",
        "Ada",
        "--last-name",
        "Lovelace",
    ];
    done(
        &place,
        &[&add[..], &["--email", "Ada@acme.example", "--role", "owner"]].concat(),
    );
    let tenant = Tenant::start(&place).await;
    let file = place.folder().join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).expect("written");
    let file = file.display().to_string();
    let set = ["administrator", "password", "acme", "ada@acme.example"];
    done(&place, &[&set[..], &["--file", &file]].concat());
    let first = log_in(&tenant, "acme", "ada@acme.example", PASSWORD).await;
    let first = first.json["session"].as_str().expect("a session").to_owned();
    // Nothing on standard input is no password.
    assert_eq!(admin(&place, &set).code, Some(64));
    assert_eq!(status(&tenant, &first).await, StatusCode::OK);

    let change = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        call(&tenant, Some(&first), Method::PUT, "/v1/password", Some(body))
            .await
            .status
    };
    assert_eq!(
        change("not the password", "another good password").await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(change(PASSWORD, "short").await, StatusCode::BAD_REQUEST);
    assert_eq!(change(PASSWORD, "another good password").await, StatusCode::NO_CONTENT);
    assert_eq!(status(&tenant, &first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        log_in(&tenant, "acme", "ada@acme.example", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    let reply = log_in(&tenant, "acme", "ada@acme.example", "another good password").await;
    assert_eq!(reply.status, StatusCode::CREATED);

    let invitation = admin(&place, &["administrator", "invite", "acme", "ada@acme.example"]);
    assert_eq!(
        (invitation.code, invitation.stdout.starts_with("habitat-invitation_acme_")),
        (Some(0), true)
    );
    for (arguments, reason) in [
        (&["administrator", "remove", "acme", "ada@acme.example"][..], "last owner"),
        (
            &["administrator", "correct", "acme", "ada@acme.example", "--role", "viewer"],
            "last owner",
        ),
        (&["administrator", "remove", "acme", "none@acme.example"], "no administrator"),
        (&["administrator", "correct", "acme", "ada@acme.example"], "nothing to change"),
    ] {
        let said = admin(&place, arguments);
        assert_eq!((said.code, said.stderr.contains(reason)), (Some(64), true), "{said:?}");
    }
    person(&tenant, "acme", Role::Owner, "grace@acme.example").await;
    done(
        &place,
        &[
            "administrator",
            "correct",
            "acme",
            "ada@acme.example",
            "--new-email",
            "al@acme.example",
        ],
    );
    done(&place, &["administrator", "remove", "acme", "al@acme.example"]);
    assert_eq!(admin(&place, &["administrator", "list", "acme"]).entries().len(), 1);
}

async fn every_log_in_is_in_the_log_and_no_secret_is_in_the_database(place: Place) {
    let (tenant, _) = at_a_time(&place).await;
    let [owner, ..] = company(&tenant, "acme").await;
    log_in(&tenant, "acme", &owner.email, "not the password").await;
    // Those who do not exist cannot fill the log.
    for number in 0..13 {
        log_in(&tenant, "acme", &format!("guess{number}@acme.example"), "not the password").await;
    }
    owner.delete(&tenant, "/v1/session").await;
    let log = tenant
        .service
        .register("test")
        .access_log(&crate::support::accounts::tenant_id("acme"))
        .await
        .expect("a log");
    let of = |actor: &str, action: &str| log.iter().filter(|e| e.actor == actor && e.action == action).count();
    assert_eq!(
        (
            of(&owner.id, "log in"),
            of(&owner.id, "log in refused"),
            of(&owner.id, "log out")
        ),
        (1, 1, 1)
    );
    assert_eq!(of("nobody", "log in refused"), 10);
    assert!(!format!("{log:?}").contains("acme.example"), "{log:?}");
    for secret in [
        owner.session.as_str(),
        &owner.session["habitat-session_acme_".len()..],
        PASSWORD,
        "not the password",
    ] {
        assert_eq!(place.columns_with(secret), Vec::<String>::new(), "{secret}");
    }
}
