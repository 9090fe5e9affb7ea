//! Tables as CSV: the same rows as JSON has, pages that lead on, and nothing that a spreadsheet would take for a formula.

use std::collections::BTreeSet;

use habitat_events::Cause;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;

use super::samples::{adaptation, answer, deliver, measured, two_floors};
use crate::support::{ANY_TOKEN, Place, Tenant, on_both_stores};

on_both_stores![
    a_table_has_the_rows_and_columns_of_the_json,
    text_that_looks_like_a_formula_is_none,
    nobody_keeps_an_answer_and_nobody_gets_one_without_a_token,
];

const PERIOD: &str = "since=2026-01-05T08:00:00Z&until=2026-01-05T12:00:00Z";

async fn filled(place: &Place) -> Tenant {
    let tenant = Tenant::start(place).await;
    deliver(&tenant, &two_floors()).await;
    let minutes = ["north", "south"]
        .into_iter()
        .flat_map(|zone| (0..90).map(move |number| measured(number, zone, 60 * i64::from(number)).1));
    deliver(&tenant, &minutes.collect::<Vec<_>>()).await;
    let changes: Vec<Value> = (0..9)
        .map(|n| adaptation("north", 60 * n, 43.0, 43.2, Cause::Speech))
        .collect();
    deliver(&tenant, &changes).await;
    tenant
}

/// The text of an answer, with the Accept header for tables.
async fn table(tenant: &Tenant, path: &str, accept: &str) -> (HeaderMap, Vec<Vec<String>>) {
    let request = tenant.client().request(Method::GET, path).bearer_auth(ANY_TOKEN);
    let response = request.header("accept", accept).send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let headers = response.headers().clone();
    let text = response.text().await.expect("text");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    (headers, rows.collect())
}

async fn a_table_has_the_rows_and_columns_of_the_json(place: Place) {
    let tenant = filled(&place).await;
    let tables = [
        ("events?type=habitat.zone.adaptation.v1&limit=4".to_owned(), "events"),
        (format!("series?limit=3&{PERIOD}"), "buckets"),
        (format!("ranking?limit=1&{PERIOD}"), "zones"),
        (format!("adaptations?limit=4&{PERIOD}"), "adaptations"),
        (format!("adaptations/sums?{PERIOD}"), "sums"),
    ];
    for (question, list) in tables {
        let json = answer(&tenant, &question).await;
        let json = json[list].as_array().expect("rows");
        let (mut path, mut rows, mut turned) = (format!("/v1/sites/hq/{question}&format=csv"), Vec::new(), 0);
        loop {
            let (headers, page) = table(&tenant, &path, "*/*").await;
            assert!(
                headers["content-type"]
                    .to_str()
                    .is_ok_and(|kind| kind.starts_with("text/csv")),
                "{headers:?}"
            );
            let (names, page) = page.split_first().expect("a header");
            if turned == 0 {
                assert_eq!(page.len(), json.len(), "{question}");
                for (row, json) in page.iter().zip(json) {
                    let members: BTreeSet<&str> = json.as_object().expect("members").keys().map(String::as_str).collect();
                    let columns: BTreeSet<&str> = names.iter().map(String::as_str).collect();
                    let missing: Vec<_> = members.difference(&columns).collect();
                    assert!(
                        list == "events" || missing.is_empty(),
                        "{question}: {missing:?} are no columns"
                    );
                    for (name, cell) in names.iter().zip(row) {
                        compare(&json[name], cell, &question);
                    }
                }
            }
            rows.extend_from_slice(page);
            turned += 1;
            let Some(link) = headers.get("link") else { break };
            let link = link.to_str().expect("text");
            path = link
                .strip_prefix('<')
                .and_then(|rest| rest.split_once(">; rel=\"next\""))
                .expect(link)
                .0
                .to_owned();
        }
        assert_eq!(
            rows.len(),
            super::samples::pages(&tenant, &question, list).await.len(),
            "{question}"
        );
        assert!(turned > 1 || list == "sums", "{question} has one page only");
    }
    let (headers, by_accept) = table(
        &tenant,
        &format!("/v1/sites/hq/ranking?{PERIOD}"),
        "text/csv, application/json;q=0.5",
    )
    .await;
    assert!(
        headers["content-type"]
            .to_str()
            .is_ok_and(|kind| kind.starts_with("text/csv"))
    );
    assert_eq!(by_accept.len(), 3);
}

fn compare(json: &Value, cell: &str, question: &str) {
    match json {
        Value::Null => assert_eq!(cell, "", "{question}"),
        Value::String(text) => assert_eq!(cell.trim_start_matches('\''), text, "{question}"),
        Value::Object(_) => assert_eq!(serde_json::from_str::<Value>(cell).expect("JSON"), *json, "{question}"),
        other => assert_eq!(cell, other.to_string(), "{question}"),
    }
}

async fn text_that_looks_like_a_formula_is_none(place: Place) {
    let tenant = filled(&place).await;
    let (_, rows) = table(&tenant, &format!("/v1/sites/hq/ranking?format=csv&floor=1&{PERIOD}"), "*/*").await;
    let name = rows[0].iter().position(|column| column == "name").expect("a column");
    let names: BTreeSet<&str> = rows[1..].iter().map(|row| row[name].as_str()).collect();
    assert_eq!(names, BTreeSet::from(["'=HYPERLINK(\"x\")", "Product team"]));
}

async fn nobody_keeps_an_answer_and_nobody_gets_one_without_a_token(place: Place) {
    let tenant = filled(&place).await;
    for path in ["series", "ranking", "adaptations", "adaptations/sums", "layout.geojson"] {
        let request = |site: &str| tenant.client().request(Method::GET, &format!("/v1/sites/{site}/{path}"));
        let answer = request("hq").bearer_auth(ANY_TOKEN).send().await.expect("an answer");
        assert_eq!(
            (answer.status(), &answer.headers()["cache-control"]),
            (StatusCode::OK, &"no-store".parse().expect("a value"))
        );
        let stranger = request("hq").send().await.expect("an answer");
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED, "{path}");
        let elsewhere = request("lab")
            .bearer_auth(crate::support::TOKEN)
            .send()
            .await
            .expect("an answer");
        assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN, "{path}");
    }
}
