use habitat_benches::rooms::{Convolution, Room, RoomKind};
use habitat_dsp::masking::{NoiseGenerator, NoiseShape};
use habitat_dsp::own_sound::{Canceller, Leak, References, Transform, Tuning};

const RATE: f64 = 16_000.0;

struct Scene {
    generators: Vec<NoiseGenerator>,
    shape: NoiseShape,
    vent: NoiseGenerator,
    conv: Vec<Convolution>,
    speech: Vec<f32>,
    speech_conv: Convolution,
    block: usize,
    pos: usize,
}

fn voices() -> Vec<f32> {
    let mut all = Vec::new();
    for name in ["anna", "ben", "clara", "david"] {
        let path = format!("{}/../daemon/sounds/{name}.wav", env!("CARGO_MANIFEST_DIR"));
        let mut wav = hound::WavReader::open(path).unwrap();
        let rate = wav.spec().sample_rate as f64;
        let samples: Vec<f32> = wav.samples::<i16>().map(|s| s.unwrap() as f32 / 32768.0).collect();
        // linear resample
        let n = (samples.len() as f64 * RATE / rate) as usize;
        for i in 0..n {
            let x = i as f64 * rate / RATE;
            let j = x as usize;
            let f = (x - j as f64) as f32;
            let a = samples.get(j).copied().unwrap_or(0.0);
            let b = samples.get(j + 1).copied().unwrap_or(0.0);
            all.push(a + f * (b - a));
        }
    }
    all
}

fn a_power(x: &[f32]) -> f64 {
    let mut w = habitat_dsp::level::AWeighting::new(RATE);
    x.iter().map(|s| w.process(f64::from(*s)).powi(2)).sum::<f64>() / x.len() as f64
}

fn responses(room: &Room) -> Vec<Vec<f32>> {
    Room::LOUDSPEAKERS
        .iter()
        .map(|ls| room.response(*ls, Room::MICROPHONE, RATE))
        .collect()
}

impl Scene {
    fn new(kind: RoomKind, block: usize, ambient_db: f64, speech_db: f64) -> Self {
        let minus5: [f64; 29] = core::array::from_fn(|b| {
            if (6..=25).contains(&b) {
                -5.0 / 3.0 * b as f64
            } else {
                f64::NEG_INFINITY
            }
        });
        let mut shape = NoiseShape::new(RATE, &minus5);
        let generators = (0..6).map(|n| NoiseGenerator::new(n, &mut shape)).collect();
        let room = Room::new(kind);
        let mut s = Scene {
            generators,
            vent: NoiseGenerator::new(99, &mut shape),
            shape,
            conv: responses(&room).iter().map(|r| Convolution::new(r, block)).collect(),
            speech: voices(),
            speech_conv: Convolution::new(&room.response([3.0, 8.0, 1.2], Room::MICROPHONE, RATE), block),
            block,
            pos: 0,
        };
        // scale so that own = 46 dB(A)
        let mut own = Vec::new();
        for _ in 0..(20 * 16000 / block) {
            let (_, o, _) = s.next(1.0, 0.0, 0.0);
            own.extend(o);
        }
        let g = (10f64.powf(4.6) / a_power(&own)).sqrt() as f32;
        for c in &mut s.conv {
            c.scale(g);
        }
        let mut sp = Vec::new();
        for _ in 0..(30 * 16000 / block) {
            let (_, _, a) = s.next(0.0, 0.0, 1.0);
            sp.extend(a);
        }
        let g = (10f64.powf(speech_db / 10.0) / a_power(&sp)).sqrt() as f32;
        s.speech_conv.scale(g);
        let _ = ambient_db;
        s
    }
    // returns refs, own, ambient
    fn next(&mut self, play: f32, vent_db: f32, talk: f32) -> (Vec<Vec<f32>>, Vec<f32>, Vec<f32>) {
        let n = self.block;
        let mut own = vec![0.0; n];
        let mut refs = Vec::new();
        for (g, c) in self.generators.iter_mut().zip(&mut self.conv) {
            let mut x = vec![0.0; n];
            g.render(&mut self.shape, &mut x, (0.05 * play, 0.05 * play));
            c.add(&x, &mut own);
            refs.push(x);
        }
        let mut amb = vec![0.0; n];
        if vent_db > 0.0 {
            let mut v = vec![0.0; n];
            self.vent.render(&mut self.shape, &mut v, (0.05, 0.05));
            // 0 dBFS A-weighted amplitude -> mean square 0.5*0.0025
            let g = (10f32.powf(vent_db / 10.0) / (0.5 * 0.0025)).sqrt();
            amb.iter_mut().zip(v).for_each(|(a, v)| *a += g * v);
        }
        let mut s = vec![0.0; n];
        for (i, slot) in s.iter_mut().enumerate() {
            *slot = talk * self.speech[(self.pos + i) % self.speech.len()];
        }
        self.pos += n;
        self.speech_conv.add(&s, &mut amb);
        (refs, own, amb)
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let get = |name: &str, default: f64| -> f64 {
        args.iter()
            .find_map(|a| a.strip_prefix(&format!("{name}=")).map(|v| v.parse().unwrap()))
            .unwrap_or(default)
    };
    let block = 3200;
    let decay = get("decay", 0.03) as f32;
    let seconds = get("seconds", 150.0);
    let vent = get("vent", 28.0) as f32;
    for kind in [RoomKind::Dry, RoomKind::Typical, RoomKind::Reverberant] {
        let mut scene = Scene::new(kind, block, 28.0, 48.0);
        let tuning = Tuning::new(RATE, get("tail", 0.6));
        let mut refs = References::new(tuning, 6);
        let prior = get("prior", 1.0) as f32;
        let h2 = 10f32.powf(4.6) / 6.0 / (0.5 * 0.0025f32);
        let mut can = Canceller::new(
            &tuning,
            &[0, 1, 2, 3, 4, 5],
            &vec![vec![prior * h2; tuning.bin_count()]; 6],
            decay,
        );
        let mut leak = Leak::new(&tuning, 6);
        let mut transform = Transform::new(&tuning);
        let weights = vec![1.0; tuning.bin_count()];
        let arch = pulp::Arch::new();
        let per_s = RATE / block as f64;
        let mut line = String::new();
        let (mut num, mut den, mut pa, mut count) = (0.0f64, 0.0f64, CancellerBlock0::default(), 0);
        let mut hp = [HighPass::new(150.0), HighPass::new(150.0)];
        let blocks = (seconds * per_s) as usize;
        let change = (get("change", 100.0) * per_s) as usize;
        let mut cost = 0.0;
        let mut recovered = None;
        let drift_ppm = get("drift", 0.0);
        let mut warp = Warp {
            history: vec![0.0; 64],
            read: 32.0,
        };
        for b in 0..blocks {
            let t = b as f64 / per_s;
            if b == change {
                let g = scene.gain();
                let room = Room::new(kind).with_moved_reflections(0.5, 7);
                for (c, r) in scene.conv.iter_mut().zip(responses(&room)) {
                    let r: Vec<f32> = r.iter().map(|x| x * g).collect();
                    c.set_response(&r);
                }
            }
            let talk = if t > 60.0 && t < 90.0 { 1.0 } else { 0.0 };
            let (x, own, amb) = scene.next(1.0, vent, talk);
            let own = warp.next(&own, drift_ppm);
            let mic: Vec<f32> = own.iter().zip(&amb).map(|(a, b)| a + b).collect();
            let mut res = vec![0.0; block];
            for (n, x) in x.iter().enumerate() {
                refs.play(n, x);
            }
            refs.begin_block((b * block) as i64, true);
            for n in 0..6 {
                refs.transform(n, &mut transform);
            }
            let begin = std::time::Instant::now();
            let state = can.process(arch, &mut transform, &refs, &mut leak, &weights, (&mic, &mut res), true);
            let echo: Vec<f32> = res.iter().zip(&amb).map(|(r, a)| r - a).collect();
            cost += begin.elapsed().as_secs_f64();
            let (mut bn, mut bd) = (0.0, 0.0);
            for ((o, r), a) in own.iter().zip(&res).zip(&amb) {
                bn += hp[0].next(*o).powi(2);
                bd += hp[1].next(r - a).powi(2);
            }
            num += bn;
            den += bd;
            if b > change && recovered.is_none() && bn > bd * 10f64.powf(1.5) {
                recovered = Some(t - 100.0);
            }
            pa.p += state.believed_share;
            pa.m += leak.share();
            pa.a += share(&echo, &res);
            if state.room_changed {
                line += &format!(" !{t:.1}");
            }
            count += 1;
            if (b + 1) % (5.0 * per_s) as usize == 0 {
                let tt = (b + 1) as f64 / per_s;
                if tt <= 10.0 || tt % 60.0 < 0.1 || (tt > 100.0 && tt < 120.0) {
                    line += &format!(
                        " {:.0}s:{:.1}({:.2}/{:.2}/{:.2}/{:.1})",
                        tt,
                        10.0 * (num / den).log10(),
                        pa.p / count as f32,
                        pa.m / count as f32,
                        pa.a / count as f32,
                        leak.drift_ppm().unwrap_or(f64::NAN)
                    );
                }
                (num, den, pa, count) = (0.0, 0.0, Default::default(), 0);
            }
        }
        println!(
            "{:12}{line}\n    recovered {recovered:?}; {:.2} ms/s (release bench incl. 6 refs)",
            kind.name(),
            1e3 * cost / seconds
        );
    }
}

fn share(echo: &[f32], res: &[f32]) -> f32 {
    let p = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>();
    p(echo) / p(res)
}

#[derive(Default)]
struct CancellerBlock0 {
    p: f32,
    m: f32,
    a: f32,
}

struct HighPass {
    a: f64,
    x: [f64; 2],
    y: [f64; 2],
}
impl HighPass {
    fn new(hz: f64) -> Self {
        let a = (-core::f64::consts::TAU * hz / RATE).exp();
        HighPass {
            a,
            x: [0.0; 2],
            y: [0.0; 2],
        }
    }
    fn next(&mut self, x: f32) -> f64 {
        let mut v = f64::from(x);
        for i in 0..2 {
            let y = self.a * (self.y[i] + v - self.x[i]);
            self.x[i] = v;
            self.y[i] = y;
            v = y;
        }
        v
    }
}

impl Scene {
    fn gain(&self) -> f32 {
        self.conv[0].gain()
    }
}

struct Warp {
    history: Vec<f32>,
    read: f64,
}
impl Warp {
    /// Reads the signal at another clock.
    fn next(&mut self, block: &[f32], ppm: f64) -> Vec<f32> {
        if ppm == 0.0 {
            return block.to_vec();
        }
        self.history.extend_from_slice(block);
        let out = block
            .iter()
            .map(|_| {
                let centre = self.read.round() as i64;
                let mut sum = 0.0;
                for n in centre - 16..=centre + 16 {
                    let x = n as f64 - self.read;
                    let w = 0.5 + 0.5 * (core::f64::consts::PI * x / 17.0).cos();
                    let sinc = if x.abs() < 1e-9 {
                        1.0
                    } else {
                        (core::f64::consts::PI * x).sin() / (core::f64::consts::PI * x)
                    };
                    sum += w * sinc * f64::from(self.history.get(n as usize).copied().unwrap_or(0.0));
                }
                self.read += 1.0 - ppm * 1e-6;
                sum as f32
            })
            .collect();
        let drop = (self.read as usize).saturating_sub(64);
        self.history.drain(..drop);
        self.read -= drop as f64;
        out
    }
}
