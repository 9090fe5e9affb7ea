//! A tenant leaves: nothing is accepted any more, and until the erasure begins it may come back.

use habitat_tenant::RegisterError;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Place, TOKEN, Tenant,
    accounts::{call, tenant_id},
    admin::{admin, done},
    client::{BATCH, receipt, send},
    events::{body, measurement, minutes},
    leaving::{PERSONAL, end, post, somebody, unpacked},
    on_both_stores,
};

on_both_stores![
    it_can_be_cancelled_until_it_begins_and_nothing_is_accepted_meanwhile,
    what_is_on_its_way_while_a_tenant_leaves_is_not_stored_after_it,
    who_was_of_the_token_file_stays_out_until_registered_anew,
    the_program_erases_at_once_and_signs_later,
];

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
