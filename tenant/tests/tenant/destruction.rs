//! Nothing is left of a tenant that has left but a certificate, also when the work is cut off.

use habitat_tenant::{RegisterError, Scope, verify};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    dashboard::samples::two_floors,
    support::{
        Place,
        accounts::{call, company, log_in, tenant_id},
        admin::admin,
        client::send,
        events::minutes,
        leaving::{PERSONAL, end, post, somebody, unpacked},
        on_both_stores,
        process::{Program, serve_command},
    },
};

on_both_stores![
    after_ten_days_nothing_personal_is_left_and_the_export_has_it_all,
    an_erasure_that_was_cut_off_goes_on_where_it_was,
];

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
    // Figures for dashboards, which are made when somebody asks.
    assert_eq!(post(tenant, "hq", &left.token, &two_floors()).await.status, StatusCode::OK);
    let layout = tenant.client().request(Method::GET, "/v1/sites/hq/layout.geojson");
    assert_eq!(send(layout.bearer_auth(&left.token)).await.status, StatusCode::OK);
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
        // Figures come whenever there is time.
        let comes_and_goes = |row: &String| row.starts_with("session ") || row.starts_with("dashboard_");
        rows.filter(|row| !comes_and_goes(row)).collect::<Vec<_>>()
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

    // Of a quarter of an hour of which something is gone the figures have to be made anew.
    place.rows(
        "DELETE FROM event WHERE tenant_id = 'quillon' AND type = 'habitat.zone.measurement.v1'
         AND seq = (SELECT max(seq) FROM event WHERE zone = 'zora-desk') RETURNING type",
    );
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
    // Of one time there is no order, but the erasure was the last.
    assert_eq!(log.last().map(|entry| entry.trim_end()), Some("system erase tenant"));
    assert!(log.iter().any(|entry| entry.trim_end() == "somebody terminate"), "{log:?}");

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
    assert_eq!(says["deleted_rows"]["event"], 204);
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

/// The real program, killed when all events are gone and the people are not yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_killed_while_it_erases_leaves_it_to_the_next() {
    let place = Place::postgres();
    let left = somebody(&place, 50).await;
    left.tenant.stop().await;
    let start = [
        "termination",
        "start",
        "quillon",
        "--company",
        "Quillon Brothers",
        "--at-once",
    ];
    let said = admin(&place, &start).entries();
    let certificate = said[0]["certificate"].as_str().expect("an id").to_owned();
    let key = place.folder().join("key.pem");
    left.key.write(&key).expect("written");
    let program = || {
        let mut command = serve_command(&place);
        command.arg("--certificate-key").arg(&key);
        Program::start(command)
    };
    let number = |sql: &str| place.rows(sql)[0].parse::<usize>().expect("a number");
    let held = place.server().hold("LOCK TABLE preference IN EXCLUSIVE MODE");
    let first = program();
    while number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    first.kill();
    drop(held);
    while number("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(number("SELECT count(*) FROM event"), 0);
    assert_eq!(
        (
            number("SELECT count(*) FROM administrator"),
            number("SELECT count(*) FROM certificate")
        ),
        (3, 0)
    );

    let second = program();
    let path = format!("/v1/certificates/{certificate}");
    let handed_over = loop {
        let response = second.client().request(Method::GET, &path).send().await.expect("an answer");
        let json: serde_json::Value = response.json().await.expect("JSON");
        if json["signature"].is_string() {
            break json;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let says = verify(&handed_over, &left.key.public()).expect("valid");
    assert_eq!(says["deleted_rows"]["event"], 203);
    assert_eq!(place.columns_with("quillon"), Vec::<String>::new());
}
