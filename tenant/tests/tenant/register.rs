//! Tenants, sites and tokens of the register, made with the program and used over HTTP.

use std::process::{Command, Output};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, TOKEN, Tenant,
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
    what_was_changed_is_in_the_access_log_and_what_was_refused_is_not,
    names_that_look_like_sql_are_only_names,
    wrong_entries_are_refused_with_a_sentence_and_change_nothing,
];

/// What the program said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Said {
    /// Lines of JSON.
    fn entries(&self) -> Vec<Value> {
        assert_eq!(self.code, Some(0), "{self:?}");
        let lines = self.stdout.lines();
        lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The one line of a new token.
    fn token(&self) -> String {
        assert_eq!((self.code, self.stdout.lines().count()), (Some(0), 1), "{self:?}");
        self.stdout.trim().to_owned()
    }
}

fn admin(place: &Place, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_habitat-tenant"));
    command
        .args(["admin", "--database", &place.argument(), "--as", "test"])
        .args(arguments);
    let Output { status, stdout, stderr } = command.env_remove("RUST_LOG").output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said {
        code: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

fn done(place: &Place, arguments: &[&str]) {
    let said = admin(place, arguments);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""), "{said:?}");
}

/// Registers a tenant and its sites.
fn register(place: &Place, tenant: &str, sites: &[&str]) {
    done(
        place,
        &[
            "tenant",
            "add",
            tenant,
            "--company",
            "A company",
            "--time-zone",
            "Europe/Helsinki",
        ],
    );
    for site in sites {
        done(place, &["site", "add", tenant, site, "--name", "A site"]);
    }
}

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

/// The name of the only token in force.
fn id_of(place: &Place, tenant: &str, number: usize) -> String {
    let entries = admin(place, &["token", "list", tenant]).entries();
    entries[number]["token"].as_str().expect("a name").to_owned()
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
        assert_eq!(get(&tenant, "hq", token).await.status, StatusCode::UNAUTHORIZED, "{token}");
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
