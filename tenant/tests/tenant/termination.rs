//! A tenant leaves: nothing of it is left but a certificate, whatever happens meanwhile.

use std::io::{Cursor, Read};

use habitat_tenant::{CertificateKey, Clock, Limits, RegisterError, Scope, verify};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, TOKEN, Tenant,
    accounts::{Person, call, company, log_in, tenant_id},
    admin::{admin, done},
    client::{Answer, BATCH, receipt, send},
    events::{body, controller, device, measurement, minutes, mute, time},
    on_both_stores,
};

on_both_stores![
    after_ten_days_nothing_personal_is_left_and_the_export_has_it_all,
    an_erasure_that_was_cut_off_goes_on_where_it_was,
    it_can_be_cancelled_until_it_begins_and_nothing_is_accepted_meanwhile,
    what_is_on_its_way_while_a_tenant_leaves_is_not_stored_after_it,
    who_was_of_the_token_file_stays_out_until_registered_anew,
    the_program_erases_at_once_and_signs_later,
];

/// What somebody could tell the tenant, a person or a device by.
const PERSONAL: [&str; 17] = [
    "quillon",
    "Quillon Brothers",
    "Marble House",
    "Philippa",
    "Grimstone",
    "Weavers Row 7",
    "+44 7700 900123",
    "owner@quillon.example",
    "manager@quillon.example",
    "zora-desk",
    "mic-of-maud",
    "night-warden",
    "9.8.7-controller",
    "/sites/hq/controllers/main",
    "Konrad Zuse",
    "Europe/Helsinki",
    "Atlantic/Faroe",
];

struct Left {
    tenant: Tenant,
    clock: Clock,
    key: CertificateKey,
    people: [Person; 3],
    token: String,
}

/// A tenant with something in every table.
async fn somebody(place: &Place, erased_events: usize) -> Left {
    let (clock, key) = (Clock::standing_at(time(0)), CertificateKey::draw().expect("a key"));
    let limits = Limits {
        erased_events,
        ..Limits::default()
    };
    let tenant = Tenant::start_with_service(place, limits, |service| {
        service.with_clock(clock.clone()).with_certificate_key(key.clone())
    });
    let tenant = tenant.await;
    let people = company(&tenant, "quillon").await;
    let [owner, manager, _] = &people;
    let renamed = json!({ "company": "Quillon Brothers" });
    assert_eq!(owner.send(&tenant, Method::PATCH, "/v1/tenant", renamed).await.status, 200);
    assert_eq!(
        owner
            .send(&tenant, Method::PATCH, "/v1/sites/hq", json!({ "name": "Marble House" }))
            .await
            .status,
        204
    );
    let person = json!({ "first_name": "Philippa", "last_name": "Grimstone", "address": "Weavers Row 7",
        "phone": "+44 7700 900123" });
    assert_eq!(
        owner
            .send(&tenant, Method::PATCH, &format!("/v1/administrators/{}", owner.id), person)
            .await
            .status,
        200
    );
    let preferences = json!({ "time_zone": "Atlantic/Faroe" });
    assert_eq!(
        manager
            .send(&tenant, Method::PUT, "/v1/preferences", preferences)
            .await
            .status,
        200
    );
    let restriction = json!({ "site": "lab", "basis": "restriction" });
    assert_eq!(
        manager
            .send(&tenant, Method::POST, "/v1/restrictions", restriction)
            .await
            .status,
        204
    );
    let register = tenant.service.register("Konrad Zuse");
    let hq = habitat_tenant::SiteId::parse("hq").expect("well-formed");
    let made = register
        .create_token(&tenant_id("quillon"), &Scope::Sites(vec![hq]), None)
        .await;
    let token = made.expect("made").secret;
    log_in(&tenant, "quillon", &owner.email, "not the password").await;
    let mut events = vec![
        controller("hq", 0, "9.8.7-controller"),
        device("hq", "mic-of-maud", 1, "mic-of-maud"),
        mute("hq", 2, "night-warden"),
    ];
    events.extend((0..200).map(|minute| measurement("hq", "zora-desk", minute)));
    let stored = post(&tenant, "hq", &token, &events).await;
    assert_eq!(stored.json, receipt(203, 0));
    Left {
        tenant,
        clock,
        key,
        people,
        token,
    }
}

async fn post(tenant: &Tenant, site: &str, token: &str, events: &[Value]) -> Answer {
    let request = tenant.client().request(Method::POST, &format!("/v1/sites/{site}/events"));
    send(request.bearer_auth(token).header("content-type", BATCH).body(body(events))).await
}

/// Everything in an archive.
fn unpacked(archive: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut all = String::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a file");
        all.push_str(&format!("\n== {}\n", file.name().expect("text")));
        file.read_to_string(&mut all).expect("text");
    }
    all
}

async fn end(left: &Left, more: Value) -> Value {
    let mut farewell = json!({ "company": "Quillon Brothers" });
    farewell
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().cloned().unwrap_or_default());
    let reply = left.people[0]
        .send(&left.tenant, Method::POST, "/v1/termination", farewell)
        .await;
    assert_eq!(reply.status, StatusCode::ACCEPTED, "{reply:?}");
    reply.json
}

fn bytes_of(place: &Place) -> Vec<u8> {
    let Place::Sqlite(folder) = place else {
        return Vec::new();
    };
    let files = std::fs::read_dir(folder.path()).expect("a folder").flatten();
    files.flat_map(|file| std::fs::read(file.path()).expect("a file")).collect()
}

async fn after_ten_days_nothing_personal_is_left_and_the_export_has_it_all(place: Place) {
    let left = somebody(&place, 50).await;
    let tenant = &left.tenant;
    company(tenant, "globex").await;
    let register = tenant.service.register("test");
    let other = register
        .create_token(&tenant_id("globex"), &Scope::EverySite, None)
        .await
        .expect("made")
        .secret;
    post(tenant, "hq", &other, &minutes(20)).await;
    // Their sessions end meanwhile, as those of everybody.
    let of_globex = || {
        let rows = place.contents_of("globex").into_iter();
        rows.filter(|row| !row.starts_with("session ")).collect::<Vec<_>>()
    };
    let globex = of_globex();
    assert!(globex.len() > 40);

    let response = tenant
        .client()
        .request(Method::GET, "/v1/export")
        .bearer_auth(&left.people[0].session);
    let response = response.send().await.expect("an answer");
    assert_eq!(
        (response.status(), &response.headers()["content-type"]),
        (StatusCode::OK, &"application/zip".parse().expect("a value"))
    );
    let archive = response.bytes().await.expect("a whole answer");
    let export = unpacked(&archive);
    let farewell = end(&left, json!({})).await;
    assert_eq!(farewell["erasure"], "2026-01-12T08:00:00Z", "seven days later");
    let certificate = farewell["certificate"].as_str().expect("an id").to_owned();

    // The scan can find them, wherever they are, and the archive has them all.
    for (table, rows) in place.rows_of("quillon") {
        assert!(rows > 0, "the test has nothing in {table}");
    }
    for text in PERSONAL {
        assert!(!place.columns_with(text).is_empty(), "the scan does not find {text}");
        assert!(export.contains(text), "the archive does not have {text}");
    }
    let ids = left.people.iter().map(|person| person.id.as_str());
    let ids: Vec<_> = ids.chain([&left.token["habitat_quillon_".len()..]]).collect();
    assert_eq!(export.matches("\"type\":\"habitat.zone.measurement.v1\"").count(), 200);
    for id in &ids[..3] {
        assert!(export.contains(id) && !place.columns_with(id).is_empty(), "{id}");
    }
    assert!(
        !export.contains(ids[3]) && !export.contains("argon2"),
        "secrets are in the archive"
    );

    left.clock
        .advance(SignedDuration::from_hours(24 * 7) - SignedDuration::from_secs(1));
    assert_eq!(
        tenant.service.keep_house_once().await.expect("house is kept").tenants_erased,
        0
    );
    left.clock
        .advance(SignedDuration::from_hours(24 * 3) + SignedDuration::from_secs(1));
    let kept = tenant.service.keep_house_once().await.expect("house is kept");
    assert_eq!((kept.tenants_erased, kept.certificates_signed), (1, 1));

    for text in PERSONAL.into_iter().chain(ids) {
        let found = place.columns_with(text);
        let others = ["Europe/Helsinki", "/sites/hq/controllers/main"].contains(&text);
        if !others {
            assert_eq!(found, Vec::<String>::new(), "{text} is still there");
            let bytes = bytes_of(&place);
            assert!(
                !bytes.windows(text.len()).any(|window| window == text.as_bytes()),
                "{text} is still in the file"
            );
        }
    }
    for (table, rows) in place.rows_of("quillon") {
        assert_eq!(rows, 0, "{table}");
    }
    assert!(of_globex() == globex, "another tenant's data");

    // What stays: when something was done, by nobody, at no tenant.
    let log = format!(
        "SELECT actor || ' ' || action || ' ' || detail FROM access_log WHERE tenant_id = '{certificate}' ORDER BY time_us"
    );
    let log = place.rows(&log);
    assert!(
        log.len() > 15
            && log
                .iter()
                .all(|entry| entry.starts_with("somebody ") || entry.starts_with("system ")),
        "{log:?}"
    );
    let last: Vec<_> = log.iter().rev().take(2).map(|entry| entry.trim_end()).collect();
    assert_eq!(last, ["system erase tenant", "somebody terminate"], "{log:?}");

    // Nobody gets in any more.
    assert_eq!(
        post(tenant, "hq", &left.token, &minutes(1)).await.status,
        StatusCode::UNAUTHORIZED
    );
    let reply = call(tenant, Some(&left.people[0].session), Method::GET, "/v1/tenant", None).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        log_in(tenant, "quillon", &left.people[0].email, "x").await.status,
        StatusCode::UNAUTHORIZED
    );

    // The certificate is for everybody who knows its id, and says what was done.
    let handed_over = call(tenant, None, Method::GET, &format!("/v1/certificates/{certificate}"), None)
        .await
        .json;
    let says = verify(&handed_over, &left.key.public()).expect("valid");
    assert_eq!(says["deleted_rows"]["event"], 203);
    assert_eq!(
        (&says["deleted_rows"]["administrator"], &says["deleted_rows"]["site"]),
        (&json!(3), &json!(2))
    );
    // One entry more than there were: that of the erasure.
    assert_eq!(says["anonymised_rows"]["access_log"], log.len() - 1);
    assert_eq!(
        (&says["requested"], &says["completed"]),
        (&json!("2026-01-05T08:00:00Z"), &json!("2026-01-15T08:00:00Z"))
    );
    let digest = sha256(&archive);
    assert_eq!(says["export_sha256"], digest.as_str(), "of the archive that was handed over");
    for text in PERSONAL {
        assert!(!handed_over.to_string().contains(text), "{text} is in the certificate");
    }
    for path in [
        "/certificate/deleted_rows/event",
        "/certificate/completed",
        "/certificate/export_sha256",
    ] {
        let mut changed = handed_over.clone();
        *changed.pointer_mut(path).expect("it is there") = json!("0");
        assert!(verify(&changed, &left.key.public()).is_err(), "{path} was changed");
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn an_erasure_that_was_cut_off_goes_on_where_it_was(place: Place) {
    let left = somebody(&place, 1).await;
    let certificate = end(&left, json!({})).await["certificate"].as_str().expect("an id").to_owned();
    left.clock.advance(SignedDuration::from_hours(24 * 7));
    let count = || {
        place.rows("SELECT count(*) FROM event")[0]
            .parse::<usize>()
            .expect("a number")
    };
    let working = tokio::spawn({
        let service = left.tenant.service.clone();
        async move { service.keep_house_once().await }
    });
    while count() == 203 {
        tokio::task::yield_now().await;
    }
    working.abort();
    assert!(working.await.expect_err("cut off").is_cancelled());
    assert!((1..203).contains(&count()), "{} events are left", count());
    // It has begun, and cannot be stopped, nor can anybody log in.
    let register = left.tenant.service.register("test");
    assert!(matches!(
        register.cancel_termination(&tenant_id("quillon")).await,
        Err(RegisterError::Conflict(_))
    ));
    let reply = log_in(
        &left.tenant,
        "quillon",
        "manager@quillon.example",
        crate::support::accounts::PASSWORD,
    )
    .await;
    assert_ne!(reply.status, StatusCode::CREATED);
    let absent = register.certificate(&certificate).await;
    assert!(
        matches!(absent, Err(RegisterError::Missing(_))),
        "there is none before it is done"
    );

    // Another instance goes on; the one before may still have a portion in work.
    let mut erased = 0;
    while erased == 0 {
        erased = left
            .tenant
            .service
            .keep_house_once()
            .await
            .expect("house is kept")
            .tenants_erased;
    }
    assert_eq!(count(), 0);
    assert_eq!(place.columns_with("quillon"), Vec::<String>::new());
    let handed_over = register.certificate(&certificate).await.expect("there is one");
    let says = verify(&handed_over, &left.key.public()).expect("valid");
    assert_eq!(says["deleted_rows"]["event"], 203, "what there was at first counts");
    assert_eq!(
        left.tenant
            .service
            .keep_house_once()
            .await
            .expect("house is kept")
            .tenants_erased,
        0
    );
    assert_eq!(register.certificates().await.expect("a list").len(), 1);
}

async fn it_can_be_cancelled_until_it_begins_and_nothing_is_accepted_meanwhile(place: Place) {
    let left = somebody(&place, 50).await;
    let (tenant, owner) = (&left.tenant, &left.people[0]);
    assert_eq!(owner.get(tenant, "/v1/termination").await, Value::Null);
    for company in ["", "Quillon", "quillon brothers", "globex Oy"] {
        let reply = owner
            .send(tenant, Method::POST, "/v1/termination", json!({ "company": company }))
            .await;
        assert_eq!(reply.status, StatusCode::CONFLICT, "{company}");
    }
    assert_eq!(post(tenant, "hq", &left.token, &minutes(1)).await.status, StatusCode::OK);
    let first = end(&left, json!({})).await;
    let refused = post(tenant, "hq", &left.token, &minutes(1)).await;
    assert_eq!(
        (refused.status, refused.error().contains("ended")),
        (StatusCode::FORBIDDEN, true)
    );
    assert_eq!(owner.get(tenant, "/v1/termination").await, first);
    let again = owner
        .send(
            tenant,
            Method::POST,
            "/v1/termination",
            json!({ "company": "Quillon Brothers" }),
        )
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    // One may still take everything along.
    let reply = call(tenant, Some(&owner.session), Method::GET, "/v1/export", None).await;
    assert_eq!(reply.status, StatusCode::OK);

    left.clock.advance(SignedDuration::from_hours(11));
    assert_eq!(owner.delete(tenant, "/v1/termination").await.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.delete(tenant, "/v1/termination").await.status, StatusCode::NOT_FOUND);
    assert_eq!(post(tenant, "hq", &left.token, &minutes(1)).await.status, StatusCode::OK);
    left.clock.advance(SignedDuration::from_hours(24 * 30));
    assert_eq!(
        tenant.service.keep_house_once().await.expect("house is kept").tenants_erased,
        0
    );
    assert_eq!(place.rows("SELECT count(*) FROM event"), ["205"]);
    let log = tenant
        .service
        .register("test")
        .access_log(&tenant_id("quillon"))
        .await
        .expect("a log");
    assert!(log.iter().any(|entry| entry.action == "terminate") && log.iter().any(|entry| entry.action == "cancel termination"));
    let too_many = tenant
        .service
        .register("test")
        .terminate(&tenant_id("quillon"), "Quillon Brothers", 11)
        .await;
    assert!(matches!(too_many, Err(RegisterError::Wrong(_))), "more than ten days");
}

async fn what_is_on_its_way_while_a_tenant_leaves_is_not_stored_after_it(place: Place) {
    let left = somebody(&place, 50).await;
    let senders: Vec<_> = (0..6)
        .map(|sender| {
            let (client, token) = (left.tenant.client(), left.token.clone());
            tokio::spawn(async move {
                for minute in 0..40 {
                    let events = [measurement("hq", &format!("z{sender}"), 300 + minute)];
                    let request = client.request(Method::POST, "/v1/sites/hq/events").bearer_auth(&token);
                    let answer = send(request.header("content-type", BATCH).body(body(&events))).await;
                    if answer.status != StatusCode::OK {
                        return answer.status;
                    }
                }
                StatusCode::OK
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    end(&left, json!({ "at_once": true })).await;
    let kept = left.tenant.service.keep_house_once().await.expect("house is kept");
    assert_eq!(kept.tenants_erased, 1);
    for sender in senders {
        let status = sender.await.expect("no panic");
        assert!(
            [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED].contains(&status),
            "{status}"
        );
    }
    assert_eq!(place.rows("SELECT count(*) FROM event"), ["0"]);
    assert_eq!(place.columns_with("quillon"), Vec::<String>::new());
}

async fn who_was_of_the_token_file_stays_out_until_registered_anew(place: Place) {
    let tenant = Tenant::start(&place).await;
    assert_eq!(post(&tenant, "hq", TOKEN, &minutes(2)).await.json, receipt(2, 0));
    done(
        &place,
        &["tenant", "add", "default", "--company", "Small Ltd", "--time-zone", "UTC"],
    );
    let said = admin(
        &place,
        &["termination", "start", "default", "--company", "Small Ltd", "--at-once"],
    );
    let id = said.entries()[0]["certificate"].as_str().expect("an id").to_owned();
    assert_eq!(post(&tenant, "hq", TOKEN, &minutes(1)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        tenant.service.keep_house_once().await.expect("house is kept").tenants_erased,
        1
    );
    let refused = post(&tenant, "hq", TOKEN, &minutes(1)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "the file still has the token");
    assert_eq!(place.rows("SELECT count(*) FROM event"), ["0"]);
    done(
        &place,
        &["tenant", "add", "default", "--company", "Small Ltd", "--time-zone", "UTC"],
    );
    assert_eq!(post(&tenant, "hq", TOKEN, &minutes(1)).await.json, receipt(1, 0));
    // Nobody has given this instance a key.
    let certificate = tenant.service.register("test").certificate(&id).await.expect("there is one");
    assert_eq!(certificate["signature"], Value::Null);
}

async fn the_program_erases_at_once_and_signs_later(place: Place) {
    let left = somebody(&place, 50).await;
    left.tenant.stop().await;
    let path = |name: &str| place.folder().join(name).display().to_string();
    let archive = path("quillon.zip");
    done(&place, &["export", "quillon", &archive]);
    let export = unpacked(&std::fs::read(&archive).expect("written"));
    assert!(PERSONAL.iter().all(|text| export.contains(text)));
    assert_eq!(
        admin(&place, &["export", "quillon", &archive]).code,
        Some(69),
        "a file is never written over"
    );
    let wrong = admin(&place, &["termination", "start", "quillon", "--company", "Somebody else"]);
    assert_eq!(
        (wrong.code, wrong.stderr.contains("repeated exactly")),
        (Some(64), true),
        "{wrong:?}"
    );
    let start = ["termination", "start", "quillon", "--company", "Quillon Brothers"];
    assert_eq!(admin(&place, &[&start[..], &["--days", "11"]].concat()).code, Some(64));
    admin(&place, &start).entries();
    assert_eq!(admin(&place, &["termination", "show", "quillon"]).entries().len(), 1);
    done(&place, &["keep-house"]);
    done(&place, &["termination", "cancel", "quillon"]);
    let said = admin(&place, &[&start[..], &["--at-once"]].concat());
    let id = said.entries()[0]["certificate"].as_str().expect("an id").to_owned();
    done(&place, &["keep-house"]);
    assert_eq!(admin(&place, &["tenant", "list"]).entries().len(), 0);
    assert_eq!(admin(&place, &["certificate", "list"]).entries()[0]["signed"], false);

    let program = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_habitat-tenant"))
            .args(arguments)
            .output();
        let output = output.expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (key, public, file) = (path("key.pem"), path("public.pem"), path("certificate.json"));
    let (code, text, _) = program(&["certificate", "key", &key]);
    assert_eq!((code, text.starts_with("-----BEGIN PUBLIC KEY-----")), (Some(0), true));
    std::fs::write(&public, text).expect("written");
    assert_eq!(
        program(&["certificate", "key", &key]).0,
        Some(64),
        "a key is never written over"
    );
    let verified = |text: &str| {
        std::fs::write(&file, text).expect("written");
        program(&["certificate", "verify", &file, "--public-key", &public])
    };
    let unsigned = admin(&place, &["certificate", "show", &id]).stdout;
    let (code, _, said) = verified(&unsigned);
    assert_eq!((code, said.contains("not signed")), (Some(64), true), "{said}");
    done(&place, &["keep-house", "--certificate-key", &key]);
    let signed = admin(&place, &["certificate", "show", &id]).stdout;
    let (code, text, said) = verified(&signed);
    assert_eq!((code, text.starts_with("valid\n")), (Some(0), true), "{said}");
    assert!(text.contains("\"event\": 203"), "{text}");
    let (code, _, said) = verified(&signed.replace("\"event\": 203", "\"event\": 204"));
    assert_eq!((code, said.contains("changed")), (Some(64), true), "{said}");
    assert_eq!(verified("{}").0, Some(64));
}
