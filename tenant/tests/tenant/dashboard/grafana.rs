//! The dashboard for Grafana: its queries, with Grafana's macros replaced as Grafana documents them, asked of a real database as the role
//! that the documentation makes.

use std::collections::BTreeMap;

use habitat_events::{Cause, Measurement};
use serde_json::Value;

use super::samples::{adaptation, answer, at, deliver, event, expected, measured, mute, two_floors};
use crate::support::{Place, Tenant, events::device};

const DASHBOARD: &str = include_str!("../../../../docs/grafana/habitat.json");
const MANUAL: &str = include_str!("../../../../docs/tenant.md");

/// The period that is looked at, seconds since the samples begin.
const TO_S: i64 = 4 * 3600;

/// What Grafana makes of a query: <https://grafana.com/docs/grafana/latest/datasources/postgres/#macros>.
fn as_sent(query: &str, variables: &BTreeMap<&str, &str>) -> String {
    let mut sql = query.to_owned();
    for (name, value) in variables {
        sql = sql.replace(&format!("${name}"), value);
    }
    while let Some((before, rest)) = sql.split_once("$__timeGroupAlias(") {
        let (arguments, after) = rest.split_once(')').expect("an end");
        let (column, interval) = arguments.split_once(", ").expect("two arguments");
        assert_eq!(interval, "15m", "the interval is that of Grafana, at least that of the panel");
        sql = format!("{before}floor(extract(epoch from {column})/900)*900 AS \"time\"{after}");
    }
    sql = sql.replace("$__unixEpochFrom()", &at(0).as_second().to_string());
    sql = sql.replace("$__unixEpochTo()", &at(TO_S).as_second().to_string());
    assert!(!sql.contains('$'), "{sql}");
    sql
}

/// The statements of the documentation that make the role.
fn role() -> &'static str {
    let (_, rest) = MANUAL
        .split_once("```sql\nCREATE ROLE grafana")
        .expect("the role is documented");
    let (statements, _) = rest.split_once("```").expect("an end");
    let start = rest.as_ptr() as usize - MANUAL.as_ptr() as usize - "CREATE ROLE grafana".len();
    &MANUAL[start..start + "CREATE ROLE grafana".len() + statements.len()]
}

async fn filled(tenant: &Tenant) -> BTreeMap<&'static str, Vec<Measurement>> {
    let mut minutes = BTreeMap::new();
    deliver(tenant, &two_floors()).await;
    for (zone, first) in [("north", 0), ("south", 500), ("quiet", 900)] {
        let (measurements, events): (Vec<_>, Vec<_>) = (0..200)
            .map(|minute| measured(first + minute, zone, 60 * i64::from(minute)))
            .unzip();
        deliver(tenant, &events).await;
        minutes.insert(zone, measurements);
    }
    let others = [
        adaptation("north", 600, 43.0, 43.2, Cause::Speech),
        adaptation("north", 1200, 43.2, 43.1, Cause::Quiet),
        adaptation("south", 1300, 43.0, 43.2, Cause::Neighbour),
        mute(700, true),
        mute(900, false),
        device("hq", "m1", 30, "m1"),
    ];
    deliver(tenant, &others).await;
    // A day before, which no panel may show.
    deliver(
        tenant,
        &[
            measured(1, "north", -86_400).1,
            event(
                "hq",
                at(-86_400),
                habitat_events::Data::Mute(habitat_events::Mute {
                    zone: None,
                    muted: true,
                    channel: "http".to_owned(),
                    by: None,
                }),
            ),
        ],
    )
    .await;
    answer(tenant, "series").await;
    minutes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_of_the_dashboard_gives_what_its_panel_needs() {
    let place = Place::postgres();
    let tenant = Tenant::start(&place).await;
    let minutes = filled(&tenant).await;
    let server = place.server();
    server.sql(role());
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");

    let mut variables = BTreeMap::from([("__interval", "15m")]);
    let listed = dashboard["templating"]["list"].as_array().expect("variables");
    let values = [
        ("tenant", vec!["default"]),
        ("site", vec!["hq"]),
        ("floor", vec!["1", "2"]),
        ("zone", vec!["north", "quiet", "south"]),
    ];
    let quoted = ["", "", "'1','2'", "'north','quiet','south'"];
    for ((name, expected), quoted) in values.into_iter().zip(quoted) {
        let variable = listed.iter().find(|variable| variable["name"] == name).expect(name);
        let rows = server.rows("grafana", &as_sent(variable["query"].as_str().expect("a query"), &variables));
        let mut found: Vec<&str> = rows[1..].iter().map(|row| row.last().expect("a column").as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{name}");
        // One value stands as it is, several are quoted.
        let single = expected[0];
        assert_eq!(variable["multi"], !quoted.is_empty(), "{name}");
        variables.insert(name, if quoted.is_empty() { single } else { quoted });
    }

    let mut answers = BTreeMap::new();
    for panel in dashboard["panels"].as_array().expect("panels") {
        let title = panel["title"].as_str().expect("a title");
        for target in panel["targets"].as_array().expect("targets") {
            let rows = server.rows("grafana", &as_sent(target["rawSql"].as_str().expect("a query"), &variables));
            assert!(rows.len() > 1, "{title} has no rows");
            if panel["type"] == "timeseries" {
                assert_eq!(
                    (&target["format"], rows[0].join(" ").as_str()),
                    (&Value::from("time_series"), "time metric value"),
                    "{title}"
                );
                assert!(
                    rows[1..].iter().all(|row| row.iter().all(|cell| !cell.is_empty())),
                    "{title}: {rows:?}"
                );
            }
            answers.insert(title, rows);
        }
    }
    let numbers = |title: &str, column: usize| -> BTreeMap<String, f64> {
        let rows = answers[title][1..].iter();
        rows.map(|row| (row[0].clone(), row[column].parse().expect("a number")))
            .collect()
    };
    for (zone, minutes) in &minutes {
        let whole = expected(minutes);
        let per_h = whole["distraction_db_min"].as_f64().expect("a number") / 200.0 * 60.0;
        assert!((numbers("Distraction", 2)[*zone] - per_h).abs() < 1e-6, "{zone}");
        assert!(
            (numbers("Data gaps and last seen", 3)[*zone] - 200.0 / 240.0).abs() < 1e-6,
            "{zone}"
        );
        for (title, level) in [
            ("LAeq", "laeq_db"),
            ("Ambient", "ambient_laeq_db"),
            ("Masking", "masking_db"),
            ("Speech level", "speech_laeq_db"),
            ("Intelligibility", "sti_max"),
            ("Speech", "speech_ratio"),
        ] {
            let first: Vec<&Vec<String>> = answers[title][1..].iter().filter(|row| row[1] == *zone).collect();
            let quarter = expected(&minutes[..15]);
            let (found, expected) = (
                first[0][2].parse::<f64>().expect("a number"),
                quarter[level].as_f64().expect("a number"),
            );
            assert!((found - expected).abs() < 1e-6, "{title} of {zone}: {found}, not {expected}");
            assert_eq!(
                first[0][0].parse::<f64>().expect("a time") as i64,
                at(0).as_second(),
                "{title}"
            );
        }
    }
    assert_eq!(
        answers["The last hour, minute by minute"].len() - 1,
        minutes.values().flatten().filter(|m| m.laeq_db.is_some()).count()
    );
    let changes: Vec<String> = answers["Changes by zone and cause"][1..]
        .iter()
        .map(|row| row[..4].join(" "))
        .collect();
    assert_eq!(
        changes,
        [
            "north quiet decrease 1",
            "north speech increase 1",
            "south neighbour increase 1"
        ]
    );
    let causes: Vec<&str> = answers["Increases and decreases"][1..]
        .iter()
        .map(|row| row[1].as_str())
        .collect();
    assert_eq!(causes, ["increase: speech", "decrease: quiet", "increase: neighbour"]);
    let mutes: Vec<&str> = answers["Mutes"][1..].iter().map(|row| row[2].as_str()).collect();
    assert_eq!(mutes, ["released", "muted"]);
    assert_eq!(answers["Faults of devices"][1][1..], ["m1", "microphone", "fault", "dead"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_of_the_dashboard_sees_views_and_nothing_else() {
    let place = Place::postgres();
    let _tenant = Tenant::start(&place).await;
    let server = place.server();
    server.sql(role());
    let may = |what: &str| {
        server.sql(&format!("SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND has_table_privilege('grafana', c.oid, '{what}')"))
    };
    let views = "dashboard_adaptations dashboard_devices dashboard_minutes dashboard_mutes dashboard_quarters dashboard_sites dashboard_zones";
    assert_eq!(may("SELECT"), views);
    for change in ["INSERT", "UPDATE", "DELETE", "TRUNCATE"] {
        assert_eq!(may(change), "");
    }
}
