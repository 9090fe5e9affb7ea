use habitat_benches::office_day::{
    adaptation::Adaptation,
    compare::{Days, compare},
    limits::{BRISK, DEFAULT},
    site::{Scenario, Site},
};
fn main() {
    let price: f64 = std::env::var("PRICE").ok().and_then(|p| p.parse().ok()).unwrap_or(0.01);
    let small = std::env::var("SMALL").is_ok();
    let mut out = Vec::new();
    for scenario in Scenario::all() {
        let zones = scenario.size.zones();
        if zones == 40 && small { continue; }
        if zones == 4 { continue; }
        if let Ok(z) = std::env::var("ZONES") && z != zones.to_string() { continue; }
        if small && scenario.room.name != habitat_benches::office_day::room::ORDINARY.name { continue; }
        for limits in [BRISK, DEFAULT] {
            let results: Vec<_> = (101..=std::env::var("LAST").ok().and_then(|p| p.parse().ok()).unwrap_or(102u64)).map(|seed| {
                let site = Site::new(&scenario, seed);
                let days = Days::of(&site);
                let mut zones = site.zones.clone();
                if std::env::var("ORACLE").is_ok() {
                    for (z, setup) in zones.iter_mut().enumerate() {
                        for path in &mut setup.hearing {
                            let t = path.from_zone;
                            let seats: Vec<usize> = (0..site.office.seats.len()).filter(|s| site.office.seats[*s].zone == t).collect();
                            let mic = 55.0 + 10.0 * (seats.iter().map(|s| site.paths.to_microphones[*s][t]).sum::<f64>() / seats.len() as f64).log10();
                            let i = path.sti_curve.iter().position(|p| *p >= 0.5).unwrap_or(60);
                            let (a, b) = (f64::from(path.sti_curve[i - 1]), f64::from(path.sti_curve[i]));
                            let ratio = i as f64 - 31.0 + (0.5 - a) / (b - a);
                            path.to_each_listener_db.clear();
                            let here = site.office.seats.iter().filter(|s| s.zone == z).count();
                            for s in &seats {
                                let mut n = 0;
                                for h in &site.paths.hearers[*s] {
                                    if site.office.seats[h.seat].zone == z { n += 1; path.to_each_listener_db.push((h.needed_noise_db(55.0) - mic + ratio) as f32); }
                                }
                                for _ in n..here { path.to_each_listener_db.push(f32::NEG_INFINITY); }
                            }
                        }
                        setup.normal_voice_db = 55.0 + 10.0 * ({ let seats: Vec<usize> = (0..site.office.seats.len()).filter(|s| site.office.seats[*s].zone == z).collect(); seats.iter().map(|s| site.paths.to_microphones[*s][z]).sum::<f64>() / seats.len() as f64 }).log10();
                    }
                }
                compare(&site, &days, &mut Adaptation::new(&zones, limits, price))
            }).collect();
            let n = results.len() as f64;
            let fewer = 100.0 * results.iter().map(|r| r.fewer()).sum::<f64>() / n;
            let mean = results.iter().map(|r| r.adaptive.mean_db).sum::<f64>() / n;
            let dist = 100.0 * results.iter().map(|r| r.adaptive.distracted_share()).sum::<f64>() / n;
            println!("{zones:>2} {:<28} {:<8?} {:>8} {fewer:>6.1} % fewer, mean {mean:.2} dB, distracted {dist:.1} %", scenario.room.name, scenario.spread, limits.name);
            out.push(fewer);
        }
    }
    println!("MEAN {:.2}", out.iter().sum::<f64>() / out.len() as f64);
}
