//! The page in a real browser.

use std::sync::Arc;

use habitat_events::{Adaptation, Cause, Data, Device, DeviceKind, DeviceState, Direction, Evidence, FaultReason};
use habitatd::{control::Channel, health::Part};

use crate::{
    chromium::Chromium,
    office::{Office, WICKED_NAME, ZONES},
    places::taught,
};

const WALL: (u32, u32) = (1920, 1080);
const PHONE: (u32, u32) = (390, 844);

/// A browser on a thread of its own, while the server has the runtime; it may complain about nothing.
async fn browse(office: Office, size: (u32, u32), look: impl FnOnce(&Office, &mut Chromium) + Send + 'static) {
    let office = Arc::new(office);
    let kept = office.clone();
    let browse = move || {
        let mut browser = Chromium::open(&office.url("/"), size);
        look(&office, &mut browser);
        assert!(
            browser.problems().is_empty(),
            "the browser complains: {:?}",
            browser.problems()
        );
    };
    tokio::task::spawn_blocking(browse).await.unwrap();
    drop(kept);
}

/// An expression: whether the plan and the table show this text in a field of a zone.
fn shows(zone: &str, field: &str, text: &str) -> String {
    let nodes = format!("[...document.querySelectorAll('[data-zone=\"{zone}\"] [data-field=\"{field}\"]')]");
    format!("{nodes}.length === 2 && {nodes}.every((node) => node.textContent === '{text}')")
}

/// An expression: whether an element has this text.
fn reads(selector: &str, text: &str) -> String {
    format!("document.querySelector('{selector}')?.textContent === '{text}'")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_shows_the_live_numbers_of_each_zone_in_plan_and_table() {
    let office = Office::open().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    browse(office, WALL, |office, browser| {
        for (index, zone) in ZONES.iter().enumerate() {
            let step = index as f64;
            // The last zone has no microphone that works, the fourth does not know its ambient level.
            let laeq = if index == 5 {
                "–".to_owned()
            } else {
                format!("{:.1}", 47.0 + step)
            };
            let unsure = if index == 3 { "≈ " } else { "" };
            browser.wait_for(&shows(zone, "laeq", &laeq));
            browser.wait_for(&shows(zone, "ambient", &format!("{unsure}{:.1}", 42.0 + step)));
            browser.wait_for(&shows(zone, "masking", &format!("{:.1}", 43.0 + step / 10.0)));
            browser.wait_for(&shows(zone, "min", "40.0"));
            browser.wait_for(&shows(zone, "max", "46.0"));
        }
        let row = |zone: &str, field: &str| format!("tr[data-zone=\"{zone}\"] [data-field=\"{field}\"]");
        let known = "Own sound removed by waveform, ambient known to ±0.4 dB";
        browser.wait_for(&reads(&row(ZONES[0], "removal"), known));
        browser.wait_for(&format!(
            "document.querySelector('tr[data-zone=\"{}\"] .ambient').title === '{known}'",
            ZONES[0]
        ));
        browser.wait_for(&reads(&row(ZONES[0], "uncertainty"), "±0.4"));
        browser.wait_for(&reads(
            &row(ZONES[3], "removal"),
            "Own sound removed by waveform, ambient not resolved",
        ));
        browser.wait_for(&reads(
            &row(ZONES[4], "removal"),
            "Own sound removed by power, ambient known to ±0.4 dB",
        ));
        browser.wait_for(&shows("north-east", "talking", "Talking 58.3 dB"));
        browser.wait_for("document.querySelector('tr[data-zone=\"north-east\"]').classList.contains('talker')");
        browser.wait_for(&shows("north", "sti", "STI 0.47"));
        browser.wait_for(&shows("north", "intelligibility", "partly intelligible"));
        browser.wait_for("document.querySelector('polygon.zone[data-zone=\"north\"]').dataset.speech === 'partly'");
        browser.wait_for(&reads("#connection", "Live"));
        // 08:00:01 UTC is 10:00:01 in Helsinki.
        browser.wait_for(&reads("#clock", "10:00:01"));

        office.publish("2026-01-05T08:00:41Z", 51.2, 43.4);
        browser.wait_for(&shows("north", "laeq", "52.2"));
        browser.wait_for(&reads("tr[data-zone=\"north\"] [data-field=\"trend\"]", "rising"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_from_the_layout_are_text_whatever_they_say() {
    let office = Office::without_store().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    let name = WICKED_NAME.replace('\'', "\\'");
    let look = move |browser: &mut Chromium| {
        browser.wait_for(&shows("south", "laeq", "51.0"));
        browser.wait_for(&reads(".tag[data-zone=\"south\"] .tag-name", &name));
        browser.wait_for(&format!(
            "document.querySelector('tr[data-zone=\"south\"] th').textContent.startsWith('{name}')"
        ));
        assert_eq!(browser.evaluate("document.querySelectorAll('img[src=x]').length"), 0);
        assert_eq!(browser.evaluate("document.title"), "Head office, floor 3 – Habitat");
    };
    // The history does not exist here, which a browser logs as a failed request.
    let office = Arc::new(office);
    let url = office.url("/");
    tokio::task::spawn_blocking(move || look(&mut Chromium::open(&url, WALL)))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_and_what_is_wrong_is_told_in_words() {
    let office = Office::open().await;
    let rise = |to_db| {
        Data::Adaptation(Adaptation {
            zone: "north".into(),
            direction: Direction::Increase,
            from_db: 43.0,
            to_db,
            duration_s: 60.0,
            cause: Cause::Speech,
            evidence: Evidence {
                sti: Some(0.46),
                from_zone: Some("north-east".into()),
            },
        })
    };
    office
        .console
        .dispatch
        .emit("north", "2026-01-05T08:00:00Z".parse().unwrap(), rise(43.2));
    office.flush().await;
    office.console.health.ok(Part::Store);
    office.console.health.degraded(Part::Mqtt, "the broker refuses the password");
    browse(office, WALL, move |office, browser| {
        let latest = "#events li:first-child .what";
        browser.wait_for(&reads(
            latest,
            "Product team: masking up 43.0 → 43.2 dB, speech from Support (STI 0.46)",
        ));
        browser.wait_for(&reads("#events li:first-child time", "10:00:00"));
        browser.wait_for("document.getElementById('health').innerText.includes('MQTT broker: the broker refuses the password')");
        office
            .console
            .dispatch
            .emit("north", "2026-01-05T08:01:00Z".parse().unwrap(), rise(43.4));
        browser.wait_for(&reads(
            latest,
            "Product team: masking up 43.0 → 43.4 dB, speech from Support (STI 0.46)",
        ));
        assert_eq!(browser.evaluate("document.querySelectorAll('#events li').length"), 2);
        office.console.health.ok(Part::Mqtt);
        browser.wait_for("!document.getElementById('health').innerText.includes('password')");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faulty_microphone_is_named_shown_in_the_plan_and_explained_until_it_recovers() {
    let office = Office::open().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    let event = |office: &Office, second: u32, state, fault| {
        let reason = FaultReason::NotANumber;
        let kind = DeviceKind::Microphone;
        let device = Device {
            device: "m3".into(),
            kind,
            state,
            reason,
        };
        let time = format!("2026-01-05T08:00:{second:02}Z").parse().unwrap();
        office.console.dispatch.emit("m3", time, Data::Device(device));
        office.console.health.microphone("m3", fault);
    };
    browse(office, WALL, move |office, browser| {
        browser.wait_for("document.querySelector('#plan g.microphone[data-id=m3]') !== null");
        event(office, 2, DeviceState::Fault, Some(FaultReason::NotANumber));
        let health = "document.getElementById('health').innerText";
        browser.wait_for(&format!(
            "{health}.includes('Microphone m3 gives samples that are not numbers')"
        ));
        browser.wait_for(&format!("!{health}.includes('Microphones:')"));
        let marked = "[...document.querySelectorAll('#plan .faulty')].map((node) => node.dataset.id).join()";
        browser.wait_for(&format!("{marked} === 'm3'"));
        browser.wait_for("getComputedStyle(document.querySelector('#plan .faulty')).visibility === 'visible'");
        browser.wait_for(&reads("#events li:first-child .what", "Microphone m3: fault: not a number"));
        event(office, 3, DeviceState::Recovered, None);
        browser.wait_for(&format!(
            "!{health}.includes('m3') && {health}.includes('Working: Microphones')"
        ));
        browser.wait_for(&format!("{marked} === ''"));
        browser.wait_for(&reads(
            "#events li:first-child .what",
            "Microphone m3: works again, was not a number",
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_site_is_muted_by_keyboard_after_a_confirmation_and_released_from_elsewhere() {
    let office = Office::open().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    browse(office, PHONE, |office, browser| {
        browser.wait_for("!document.getElementById('mute').disabled");
        browser.evaluate("document.getElementById('mute').focus()");
        browser.press("Enter", 13);
        browser.wait_for("document.getElementById('confirm').open");
        assert!(!office.console.control.mutes().borrow().site, "not before the confirmation");
        browser.press("Escape", 27);
        browser.wait_for("!document.getElementById('confirm').open");
        browser.press("Enter", 13);
        browser.wait_for("document.getElementById('confirm').open && document.activeElement.id === 'confirm-do'");
        browser.press("Enter", 13);
        browser.wait_for(&reads("#muted-banner", "All loudspeakers are muted."));
        assert!(office.console.control.mutes().borrow().site);
        browser.wait_for(&reads("#mute span", "Release mute"));
        browser.wait_for("document.querySelector('#events li .what').textContent.includes('muted from this console')");

        office.console.control.mute(None, false, Channel::Mqtt);
        browser.wait_for("document.getElementById('muted-banner').hidden");
        browser.evaluate("document.querySelector('[data-mute-zone=north]').click()");
        browser.evaluate("document.getElementById('confirm-do').click()");
        browser.wait_for(&reads("#muted-banner", "Muted: Product team."));
        assert!(office.console.control.mutes().borrow().zones[1]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_says_where_masking_cannot_help_and_what_a_zone_has_learnt_and_lets_it_forget() {
    let office = Office::open().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    office.console.control.place_learnt(1, taught(), 0);
    browse(office, WALL, |office, browser| {
        let note = |zone: &str| format!("tr[data-zone=\"{zone}\"] [data-field=\"benefit\"]");
        let sentence = "Speech from elsewhere stays intelligible here at any level allowed; masking is not raised for it.";
        browser.wait_for(&reads(&note("north"), sentence));
        browser.wait_for(&reads(&note("south"), ""));

        browser.evaluate("document.querySelector('[data-place-zone=north]').click()");
        browser.wait_for("document.getElementById('confirm').open && document.activeElement.id === 'confirm-cancel'");
        browser.wait_for(&reads("#confirm-title", "What Product team has learnt of its place"));
        // 45 % at 42 dB(A) and 42.5 % at 44 dB(A).
        let known = "Known for 12 h of office life; at 43.0 dB(A) 44 % of listeners distracted, \
                     at 46.0 dB(A) 40 % of listeners distracted by speech from elsewhere.";
        browser.wait_for(&reads("#confirm-text", known));
        browser.press("Enter", 13);
        browser.wait_for("!document.getElementById('confirm').open");
        assert_eq!(office.console.control.place(1).unwrap().memory, taught(), "only looked at");

        browser.evaluate("document.querySelector('[data-place-zone=north]').click()");
        browser.wait_for("document.getElementById('confirm').open");
        browser.evaluate("document.getElementById('confirm-do').click()");
        browser.wait_for("!document.getElementById('confirm').open");
        assert_eq!(office.console.control.place(1).unwrap().memory.known_s, 0.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_says_when_values_are_old_and_when_the_connection_is_lost() {
    let office = Office::open().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    browse(office, WALL, |office, browser| {
        browser.wait_for(&reads("#connection", "Live"));
        browser.wait_for("document.getElementById('connection').dataset.state === 'stale'");
        browser.wait_for("document.body.classList.contains('old-values')");
        office.publish("2026-01-05T08:00:02Z", 47.0, 43.0);
        browser.wait_for(&reads("#connection", "Live"));
        office.shutdown.cancel();
        browser.wait_for(&reads("#connection", "Connection lost, trying again…"));
        browser.forget_problems();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_sticks_out_of_a_phone() {
    let office = Office::open().await;
    office.publish("2026-01-05T08:00:01Z", 47.0, 43.0);
    browse(office, PHONE, |_, browser| {
        browser.wait_for(&shows("north", "laeq", "48.0"));
        let width = |what: &str| format!("document.documentElement.{what}Width");
        assert_eq!(browser.evaluate(&width("scroll")), browser.evaluate(&width("client")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_stays_open_over_a_change_of_the_layout_begins_anew() {
    let mut office = Office::open().await;
    let (address, url) = (office.address.to_string(), office.url("/"));
    let mut browser = tokio::task::spawn_blocking(move || {
        let mut browser = Chromium::open(&url, WALL);
        browser.wait_for(&reads("#site-name", "Head office, floor 3"));
        browser.wait_for("document.getElementById('connection').textContent === 'Waiting for values…'");
        browser
    })
    .await
    .unwrap();
    office.shutdown.cancel();
    (&mut office.server).await.unwrap();
    let _next = Office::with(true, &address, "Head office, floors 3 and 4").await;
    let look = move || browser.wait_for(&reads("#site-name", "Head office, floors 3 and 4"));
    tokio::task::spawn_blocking(look).await.unwrap();
}
