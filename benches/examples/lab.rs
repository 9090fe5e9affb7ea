//! Lab: policies that know more than a product can, to find what limits the gain.
#![allow(warnings)]
use habitat_benches::office_day::{
    bound::full_knowledge, compare::{Days, compare, compare_measured, run_fixed}, day::Day, level::{energy, level_db}, limits::{BRISK, DEFAULT, Limits, Steps, lift_neighbours},
    masking::Masking, plain_rule::PlainRule, policy::{Policy, ZoneHeard}, room::ORDINARY, run::{lombard_db, run}, site::{Scenario, Site}, office::Desks, adaptation::Adaptation,
};
fn var(name: &str, default: f64) -> f64 { std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default) }
const N: usize = 25;
fn lev(i: usize) -> f64 { 40.0 + 0.25 * i as f64 }

/// Knows everything of now, nothing of later.
struct Now<'a> {
    site: &'a Site, day: &'a Day, t: usize, steps: Steps, limits: Limits, nb: Vec<Vec<usize>>,
    rel: Vec<f64>, vent: Vec<f64>, ema: Vec<[f64; N]>, wishes: Vec<f64>, tau: f64, price: f64, expect: bool, own: bool, jointly: bool,
    own_talk: Vec<u32>, place: Vec<[f64; N]>, pw: f64, seats_in: Vec<usize>,
}
impl<'a> Now<'a> {
    fn new(site: &'a Site, day: &'a Day, limits: Limits, price: f64, tau: f64) -> Self {
        let zones = site.zones.len();
        let mut m = Masking::new(&site.office, &site.paths);
        m.play(&vec![43.0; zones]);
        let rel = m.seats_power().iter().map(|p| p / energy(43.0)).collect();
        let nb = site.all_neighbours();
        Now { site, day, t: 0, steps: Steps::new(limits, nb.clone(), vec![43.0; zones]), limits, nb, rel,
            vent: site.paths.ventilation_db.iter().map(|l| energy(*l)).collect(), ema: vec![[0.0; N]; zones], wishes: vec![43.0; zones], tau, price,
            expect: var("EXPECT", 0.0) > 0.0, own: var("OWNUP", 0.0) > 0.0, jointly: var("JOINT", 0.0) > 0.0, own_talk: vec![99; zones], place: vec![[0.0; N]; zones], pw: var("PW", 0.0),
            seats_in: (0..zones).map(|z| site.office.seats.iter().filter(|s| s.zone == z).count()).collect() }
    }
}
impl Policy for Now<'_> {
    fn second(&mut self, _: &[ZoneHeard]) -> &[f64] {
        let zones = self.nb.len();
        let t = self.t.min(self.day.seconds() - 1);
        let mut cost = vec![[0.0; N]; zones];
        let att = self.day.attending(t);
        let seats = self.rel.len();
        let mut need = vec![f64::NEG_INFINITY; seats];
        let levels = self.steps.levels_db().to_vec();
        for o in &mut self.own_talk { *o += 1; }
        for talk in self.day.talks(t) {
            let z = self.site.office.seats[talk.seat].zone;
            self.own_talk[z] = 0;
            let v = talk.voice_db + lombard_db(level_db(self.rel[talk.seat] * energy(levels[z]) + self.vent[z]));
            for h in &self.site.paths.hearers[talk.seat] {
                if self.expect || att[h.seat] { need[h.seat] = need[h.seat].max(h.needed_noise_db(v)); }
            }
        }
        let deg = var("DEG", 0.0) as u32;
        if deg > 0 {
            // the seat is not known: every seat of the talker's zone may be it
            let mut heard_zone: Vec<Vec<f64>> = vec![vec![0.0; zones]; zones]; // [talker zone][mic]
            let mut vs = vec![f64::NEG_INFINITY; zones];
            let mut total = vec![0.0; zones];
            for talk in self.day.talks(t) {
                let z = self.site.office.seats[talk.seat].zone;
                let v = talk.voice_db + lombard_db(level_db(self.rel[talk.seat] * energy(levels[z]) + self.vent[z]));
                vs[z] = vs[z].max(v);
                for m in 0..zones { let p = energy(v) * self.site.paths.to_microphones[talk.seat][m]; heard_zone[z][m] += p; total[m] += p; }
            }
            let mut keep = vec![[1.0; N]; zones]; // share not distracted
            for from in 0..zones {
                if vs[from] == f64::NEG_INFINITY { continue; }
                let cand: Vec<usize> = (0..seats).filter(|s| self.site.office.seats[*s].zone == from).collect();
                let mic = level_db(total[from]);
                let noise = var("MICERR", 1.5);
                let w: Vec<f64> = cand.iter().map(|s| {
                    if deg < 3 { return 1.0; }
                    let g = &self.site.paths.to_microphones[*s];
                    // all mics that hear nothing louder than this talker
                    (0..zones).filter(|m| *m != from && (deg == 4 || heard_zone[from][*m] > 0.8 * total[*m]) && level_db(total[*m]) > 33.0).map(|m| {
                        let r = level_db(total[m]) - mic - level_db(g[m] / g[from]);
                        (-0.5 * (r / noise).powi(2)).exp().max(1e-9)
                    }).product::<f64>().max(1e-60)
                }).collect();
                let sum: f64 = w.iter().sum();
                let mut c = vec![[0.0; N]; zones];
                for (s, w) in cand.iter().zip(&w) {
                    let v = if deg == 1 { vs[from] } else { mic - level_db(self.site.paths.to_microphones[*s][from]) };
                    for h in &self.site.paths.hearers[*s] {
                        let z = self.site.office.seats[h.seat].zone;
                        let e = energy(h.needed_noise_db(v));
                        for i in 0..N { if e > self.rel[h.seat] * energy(lev(i)) + self.vent[z] { c[z][i] += w / sum; } else { break; } }
                    }
                }
                for z in 0..zones { for i in 0..N { keep[z][i] *= 1.0 - (c[z][i] / self.seats_in[z] as f64).min(1.0); } }
            }
            for z in 0..zones { for i in 0..N { cost[z][i] = self.seats_in[z] as f64 * (1.0 - keep[z][i]); } }
            need.fill(f64::NEG_INFINITY);
        }
        for s in 0..seats {
            if need[s] == f64::NEG_INFINITY { continue; }
            let z = self.site.office.seats[s].zone;
            let e = energy(need[s]);
            for i in 0..N { if e > self.rel[s] * energy(lev(i)) + self.vent[z] { cost[z][i] += 1.0; } }
        }
        let n_place = (self.t as f64 + 1.0);
        let mut own = vec![[0.0; N]; zones];
        for z in 0..zones {
            for i in 0..N {
                self.ema[z][i] += (cost[z][i] - self.ema[z][i]) / self.tau;
                self.place[z][i] += (cost[z][i] - self.place[z][i]) / n_place;
                own[z][i] = (1.0 - self.pw) * self.ema[z][i] + self.pw * self.place[z][i] + self.price * energy(lev(i) - 43.0);
            }
        }
        let mut best = vec![0usize; zones];
        for z in 0..zones { best[z] = (0..N).min_by(|a, b| own[z][*a].total_cmp(&own[z][*b])).unwrap(); }
        if self.jointly {
            // coordinate moves of single zones and connected level sets: exact by iterated "raise set" is overkill; alternate with penalty
            let k = 8usize;
            for round in 0..30 {
                let pen = 0.02 * 1.5f64.powi(round);
                let mut moved = false;
                for z in 0..zones {
                    let c = |i: usize| own[z][i] + self.nb[z].iter().map(|n| { let d = i.abs_diff(best[*n]).saturating_sub(k) as f64 * 0.25; pen * d * d }).sum::<f64>();
                    let b = (0..N).min_by(|a, b| c(*a).total_cmp(&c(*b))).unwrap();
                    moved |= b != best[z]; best[z] = b;
                }
            }
        }
        for z in 0..zones {
            self.wishes[z] = lev(best[z]);
            if !self.own && self.own_talk[z] < 5 { self.wishes[z] = self.wishes[z].min(levels[z]); }
        }
        if var("HELD", 0.0) > 0.0 {
            // as the law: a zone with a talker is not lifted and holds its neighbours down
            let max = self.limits.neighbour_max_db;
            for pass in 0..2 { loop { let mut moved = false; for z in 0..zones {
                let w = self.nb[z].iter().map(|n| self.wishes[*n]);
                let new = if pass == 0 { let top = if self.own_talk[z] < 5 { levels[z] } else { 46.0 }; self.wishes[z].max((w.fold(f64::MIN, f64::max) - max).min(top)) } else { self.wishes[z].min(w.fold(f64::MAX, f64::min) + max) };
                if (new - self.wishes[z]).abs() > 1e-9 { moved = true; self.wishes[z] = new; }
            } if !moved { break; } } }
        } else { lift_neighbours(&mut self.wishes, &self.nb, self.limits.neighbour_max_db); }
        self.t += 1;
        self.steps.step(&self.wishes)
    }
}
fn oracle(site: &Site) -> Vec<habitat_dsp::ZoneSetup> {
    let mut zones = site.zones.clone();
    if std::env::var("ORACLE").is_err() {
    if let Ok(x) = std::env::var("BIAS") { let b: f64 = x.parse().unwrap(); for z in &mut zones { for p in &mut z.hearing { for l in &mut p.to_each_listener_db { *l += b as f32; } } } }
        return zones;
    }
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
    if let Ok(x) = std::env::var("BIAS") { let b: f64 = x.parse().unwrap(); for z in &mut zones { for p in &mut z.hearing { for l in &mut p.to_each_listener_db { *l += b as f32; } } } }
    zones
}
fn scenarios() -> Vec<Scenario> {
    let z = var("ZONES", 12.0) as usize;
    Scenario::all().into_iter().filter(|s| s.size.zones() == z && s.room.name == ORDINARY.name && (s.size.desks == Desks::Islands || var("SPREAD", 0.0) > 0.0)).collect()
}
fn main() {
    if std::env::args().nth(1).as_deref() == Some("bias") {
        for sc in scenarios() { for seed in 101..=103 {
            let site = Site::new(&sc, seed);
            let truth = oracle(&site);
            let (mut pairs, mut n, mut near, mut k) = (0.0, 0.0, 0.0, 0.0);
            for (a, b) in site.zones.iter().zip(&truth) { for (p, q) in a.hearing.iter().zip(&b.hearing) {
                let mut x: Vec<f64> = p.to_each_listener_db.iter().map(|v| *v as f64).collect();
                let mut y: Vec<f64> = q.to_each_listener_db.iter().map(|v| *v as f64).collect();
                x.sort_by(|a, b| b.total_cmp(a)); y.sort_by(|a, b| b.total_cmp(a));
                for (x, y) in x.iter().zip(&y) { if y.is_finite() && *y > -15.0 { pairs += x - y; n += 1.0; if *y > -9.0 { near += x - y; k += 1.0; } } }
            } }
            let voice: f64 = site.zones.iter().zip(&truth).map(|(a, b)| a.normal_voice_db - b.normal_voice_db).sum::<f64>() / truth.len() as f64;
            println!("{:?} {seed}: layout re truth, needed noise: pairs {:+.1} dB, near pairs {:+.1} dB; normal voice at the microphones {voice:+.1} dB", sc.spread, pairs / n, near / k);
        } }
        return;
    }
    let mode = std::env::args().nth(1).unwrap_or_default();
    let list = |name: &str, d: &str| -> Vec<f64> { std::env::var(name).unwrap_or(d.into()).split(',').map(|v| v.parse().unwrap()).collect() };
    let seeds = (var("FIRST", 101.0) as u64)..=(var("LAST", 102.0) as u64);
    for limits in [BRISK, DEFAULT] {
        if limits.name == std::env::var("SKIP").unwrap_or_default() { continue; }
        for p in list("PRICES", "0.4") { for tau in list("TAUS", "40") {
            print!("{:<8} price {p:<5} tau {tau:<5}", limits.name);
            let mut all = 0.0; let mut k = 0.0;
            for sc in scenarios() {
                let (mut f, mut m, mut n) = (0.0, 0.0, 0.0);
                for seed in seeds.clone() {
                    let site = Site::new(&sc, seed);
                    let days = Days::of(&site);
                    let c = match mode.as_str() {
                        "now" => compare_measured(&site, &days.measured, &mut Now::new(&site, &days.measured, limits, p, tau)),
                        "plain" => { let mut z = site.zones.clone(); z.iter_mut().for_each(|z| z.sti_target = p); compare(&site, &days, &mut PlainRule::new(&z, limits)) }
                        "bound" => compare_measured(&site, &days.measured, &mut full_knowledge(&site, &days.measured, &limits, p)),
                        _ => compare(&site, &days, &mut Adaptation::new(&oracle(&site), limits, p)),
                    };
                    f += c.fewer() * 100.0; m += c.adaptive.mean_db; n += 1.0;
                }
                print!("  {:?} {:>5.1} % @{:.2}", sc.spread, f / n, m / n); all += f / n; k += 1.0;
            }
            println!("   MEAN {:.1}", all / k);
        } }
    }
}
