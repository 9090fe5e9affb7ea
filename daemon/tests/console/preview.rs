use crate::{chromium::Chromium, office::Office};
use habitat_events::*;
use habitatd::health::Part;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore]
async fn preview() {
    let office = std::sync::Arc::new(Office::preview().await);
    let o = office.clone();
    tokio::task::spawn_blocking(move || {
        let zones = o.console.control.site().plan.zones.iter().map(|z| z.id.clone()).collect::<Vec<_>>();
        for p in [Part::Audio, Part::Engine, Part::Store, Part::EventLog, Part::Cloud] { o.console.health.ok(p); }
        o.console.health.ok(Part::Mqtt);
        if std::env::var("SICK").is_ok() { o.console.health.degraded(Part::Mqtt, "the broker at 127.0.0.1:1883 does not answer; is mosquitto running?"); }
        let start = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(600);
        let publish = |t: i64| {
            o.console.counters.blocks.add(40);
            let time = start + jiff::SignedDuration::from_secs(t);
            let z = |i: usize| {
                let ft = t as f64;
                let w = (ft * 0.7 + i as f64 * 1.9).sin();
                let talker = i == 2 || i == 5;
                let sti = [Some(0.31), Some(0.47), None, Some(0.53), Some(0.38), None][i];
                let masking = 42.6 + 0.3 * i as f64 + if i == 1 || i == 3 { ft / 600.0 * 1.6 } else if i == 4 { 0.8 - ft / 600.0 * 0.9 } else { 0.05 * w };
                habitatd::status::ZoneStatus {
                    measurement: Measurement { zone: zones[i].clone(), period_s: 1.0, laeq_db: Some(if talker { 56.0 + 2.0 * w } else { 46.5 + i as f64 * 0.4 + 0.4 * w }), lafmax_db: Some(60.0),
                        ambient_laeq_db: Some(if talker {55.8 + 2.0 * w} else {38.5 + w}), ambient_resolved: i != 4, speech_laeq_db: talker.then_some(56.8 + 2.0 * w), speech_ratio: if talker {0.9} else {0.0}, talker,
                        la10_db: None, la50_db: None, la90_db: None, sti, masking_db: masking, distraction_db_min: 0.0 },
                    effective: o.console.control.settings(i).unwrap(), muted: std::env::var("SICK").is_ok() && i == 5,
                }
            };
            o.console.status.publish(habitatd::status::SiteStatus { time: Some(time), zones: (0..6).map(z).collect() });
        };
        let mut b = Chromium::open(&o.url("/"), (1920, 1080));
        if std::env::var("DARK").is_ok() { b.call("Emulation.setEmulatedMedia", json!({"features":[{"name":"prefers-color-scheme","value":"dark"}]})); }
        publish(0);
        b.wait_for("document.getElementById('connection').textContent !== 'Connecting…'");
        for t in (3..590).step_by(6) { publish(t); std::thread::sleep(std::time::Duration::from_millis(12)); }
        let ev = |i: i64, d: Data| o.console.dispatch.emit("x", start + jiff::SignedDuration::from_secs(i * 60), d);
        let ad = |z: usize, up: bool, a: f64, c: Cause, s: Option<f64>, f: Option<usize>| Data::Adaptation(Adaptation { zone: zones[z].clone(), direction: if up {Direction::Increase} else {Direction::Decrease}, from_db: a, to_db: if up {a + 0.2} else {a - 0.1}, duration_s: 60.0, cause: c, evidence: Evidence { sti: s, from_zone: f.map(|f| zones[f].clone()) } });
        ev(0, Data::Controller(Controller { state: ControllerState::Started, version: "0.1.0".into() }));
        ev(1, ad(1, true, 43.0, Cause::Speech, Some(0.46), Some(2)));
        ev(2, ad(3, true, 43.4, Cause::Speech, Some(0.52), Some(5)));
        ev(3, ad(4, false, 44.1, Cause::Quiet, None, None));
        ev(4, Data::Device(Device { device: "m3".into(), kind: DeviceKind::Microphone, state: DeviceState::Fault, reason: "dead".into() }));
        ev(5, ad(1, true, 43.2, Cause::Speech, Some(0.47), Some(2)));
        ev(6, Data::Device(Device { device: "m3".into(), kind: DeviceKind::Microphone, state: DeviceState::Recovered, reason: "dead".into() }));
        ev(7, Data::Mute(Mute { zone: Some(zones[5].clone()), muted: true, channel: "mqtt".into() }));
        ev(8, Data::Mute(Mute { zone: Some(zones[5].clone()), muted: false, channel: "http".into() }));
        ev(9, ad(4, false, 44.0, Cause::Neighbour, None, None));
        if std::env::var("SICK").is_ok() { o.console.control.mute(Some(5), true, habitatd::control::Channel::Mqtt); }
        for t in 590..594 { publish(t); std::thread::sleep(std::time::Duration::from_millis(700)); }
        let mut step = 0;
        for (w, h, full, name) in [(1920, 1080, false, "wall"), (390, 844, true, "phone"), (1280, 800, false, "laptop"), (820, 1180, true, "tablet"), (3840, 2160, false, "uhd")] {
            b.call("Emulation.setDeviceMetricsOverride", json!({"width": w, "height": h, "deviceScaleFactor": 1, "mobile": w < 500}));
            for t in 600..602 { publish(t + step); std::thread::sleep(std::time::Duration::from_millis(450)); }
            step += 3;
            let height = if full { b.evaluate("document.documentElement.scrollHeight").as_f64().unwrap() } else { h as f64 };
            eprintln!("{name} scroll {}x{height}", b.evaluate("document.documentElement.scrollWidth"));
            eprintln!("{}", b.evaluate("[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0,5).map(e => e.tagName + '.' + e.className + ' ' + e.getBoundingClientRect().right).join(' | ')"));
            let shot = b.call("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": full, "clip": {"x":0,"y":0,"width":w,"height":height,"scale":1}}));
            std::fs::write(format!("/tmp/shot-{name}.b64"), shot["data"].as_str().unwrap()).unwrap();
            if name == "wall" {
                b.evaluate("document.getElementById('mute').click()");
                std::thread::sleep(std::time::Duration::from_millis(300));
                let shot = b.call("Page.captureScreenshot", json!({"format": "png"}));
                std::fs::write("/tmp/shot-dialog.b64", shot["data"].as_str().unwrap()).unwrap();
                b.evaluate("document.getElementById('confirm-cancel').click()");
            }
        }
        eprintln!("problems {:?}", b.problems());
    }).await.unwrap();
}
