//! The register from the command line: what is kept, logged and refused.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, Tenant,
    admin::{admin, done, id_of, register},
    client::send,
    on_both_stores,
};

on_both_stores![
    what_was_changed_is_in_the_access_log_and_what_was_refused_is_not,
    names_that_look_like_sql_are_only_names,
    wrong_entries_are_refused_with_a_sentence_and_change_nothing,
];

async fn what_was_changed_is_in_the_access_log_and_what_was_refused_is_not(place: Place) {
    register(&place, "acme", &["hq"]);
    let person = [
        "--first-name",
        "Ada",
        "--last-name",
        "Lovelace",
        "--email",
        "ada@example.org",
        "--phone",
        "+358 9 1",
    ];
    done(&place, &[&["administrator", "add", "acme"][..], &person].concat());
    admin(&place, &["token", "create", "acme", "--site", "hq"]).token();
    let first = id_of(&place, "acme", 0);
    admin(&place, &["token", "rotate", "acme", &first]).token();
    done(&place, &["token", "revoke", "acme", &first]);
    for refused in [
        &["site", "add", "acme", "hq", "--name", "Again"][..],
        &["token", "create", "acme", "--site", "hq", "--site", "nowhere"],
        &["token", "revoke", "acme", &first],
        &[&["administrator", "add", "acme"][..], &person].concat(),
    ] {
        assert_eq!(admin(&place, refused).code, Some(64), "{refused:?}");
    }
    let log = admin(&place, &["log", "acme"]).entries();
    let actions: Vec<_> = log.iter().map(|entry| entry["action"].as_str().expect("text")).collect();
    let expected = [
        "add tenant",
        "add site",
        "add administrator",
        "create token",
        "rotate token",
        "revoke token",
    ];
    assert_eq!(actions, expected);
    assert!(
        log.iter().all(|entry| entry["actor"] == "test" && entry["time"].is_string()),
        "{log:?}"
    );
    assert!(
        !format!("{log:?}").contains("example.org"),
        "personal data stand in one place only: {log:?}"
    );
    assert_eq!(
        admin(&place, &["token", "list", "acme"]).entries().len(),
        2,
        "a refused token was kept"
    );
    let administrators = admin(&place, &["administrator", "list", "acme"]).entries();
    assert_eq!(administrators.len(), 1);
    assert_eq!(
        (&administrators[0]["first_name"], &administrators[0]["phone"]),
        (&json!("Ada"), &json!("+358 9 1"))
    );
}

async fn names_that_look_like_sql_are_only_names(place: Place) {
    let tenant = Tenant::start(&place).await;
    let names = [
        "'); DROP TABLE tenant; --",
        "x' OR '1'='1",
        "$1",
        "?1",
        "\\'",
        "%s",
        "\"; DELETE FROM token; --",
        "雑音",
    ];
    for (number, name) in names.iter().enumerate() {
        let id = format!("t{number}");
        done(&place, &["tenant", "add", &id, "--company", name, "--time-zone", "UTC"]);
        done(&place, &["site", "add", &id, "hq", "--name", name]);
        let email = format!("{number}'--@example.org");
        done(
            &place,
            &[
                "administrator",
                "add",
                &id,
                "--first-name",
                name,
                "--last-name",
                name,
                "--address",
                name,
                "--phone",
                name,
                "--email",
                &email,
            ],
        );
        assert_eq!(admin(&place, &["token", "revoke", &id, name]).code, Some(64));
        assert_eq!(admin(&place, &["site", "list", &id]).entries()[0]["name"], *name);
        let administrator = &admin(&place, &["administrator", "list", &id]).entries()[0];
        for field in ["first_name", "last_name", "address", "phone"] {
            assert_eq!(administrator[field], *name);
        }
    }
    let companies = admin(&place, &["tenant", "list"]).entries();
    assert_eq!(
        companies.iter().map(|entry| entry["company"].clone()).collect::<Vec<_>>(),
        names.map(Value::from)
    );
    for token in ["habitat_t0_' OR '1'='1", "habitat_t0'--_00", "habitat_' OR ''='_00"] {
        assert_eq!(status(&tenant, token).await, StatusCode::UNAUTHORIZED, "{token}");
    }
}

async fn wrong_entries_are_refused_with_a_sentence_and_change_nothing(place: Place) {
    register(&place, "acme", &["hq"]);
    let long = "x".repeat(201);
    let wrong: [(&[&str], &str); 14] = [
        (
            &["tenant", "add", "acme", "--company", "Again", "--time-zone", "UTC"],
            "already",
        ),
        (&["tenant", "add", "Acme", "--company", "A", "--time-zone", "UTC"], "a-z"),
        (
            &["tenant", "add", "new", "--company", "A", "--time-zone", "Mars/Olympus"],
            "Europe/Helsinki",
        ),
        (&["tenant", "add", "new", "--company", " ", "--time-zone", "UTC"], "missing"),
        (
            &["tenant", "add", "new", "--company", "two\nlines", "--time-zone", "UTC"],
            "one line",
        ),
        (&["tenant", "add", "new", "--company", &long, "--time-zone", "UTC"], "200"),
        (&["site", "add", "nobody", "hq", "--name", "A"], "no tenant nobody"),
        (&["site", "add", "acme", "HQ", "--name", "A"], "a-z"),
        (
            &[
                "administrator",
                "add",
                "acme",
                "--first-name",
                "A",
                "--last-name",
                "B",
                "--email",
                "c",
            ],
            "e-mail",
        ),
        (&["token", "create", "acme"], "--site"),
        (&["token", "create", "nobody", "--every-site"], "no tenant nobody"),
        (&["token", "create", "acme", "--site", "lab"], "no site lab"),
        (&["token", "create", "acme", "--every-site", "--days", "0"], "days"),
        (&["token", "revoke", "acme", "none"], "token list"),
    ];
    for (arguments, reason) in wrong {
        let said = admin(&place, arguments);
        assert_eq!((said.code, said.stdout.as_str()), (Some(64), ""), "{arguments:?}: {said:?}");
        assert!(said.stderr.contains(reason), "{arguments:?}: {said:?}");
    }
    assert_eq!(admin(&place, &["tenant", "list"]).entries().len(), 1);
    assert_eq!(admin(&place, &["token", "list", "acme"]).entries().len(), 0);
    assert_eq!(admin(&place, &["log", "acme"]).entries().len(), 2);
}

async fn status(tenant: &Tenant, token: &str) -> StatusCode {
    let request = tenant.client().request(Method::GET, "/v1/sites/hq/events");
    send(request.bearer_auth(token)).await.status
}
