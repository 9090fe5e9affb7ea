use habitat_benches::{score::*, sounds::{disturbance::Disturbance, random::Random, scene::*, talk::*, voice::Voice}};
use std::time::Instant;

fn earshot_scores(samples: &[f32], gain: f32) -> Vec<f64> {
    let mut d = earshot::Detector::default();
    samples.chunks_exact(256).map(|c| {
        let mut f = [0.0f32; 256];
        for (a, b) in f.iter_mut().zip(c) { *a = (b * gain).clamp(-1.0, 1.0); }
        f64::from(d.predict_f32(&f))
    }).collect()
}
fn per_second(v: &[f64], per: f64, n: usize, thr: f64) -> Vec<f64> {
    (0..n).map(|s| { let a=(s as f64*per) as usize; let b=(((s+1) as f64*per) as usize).min(v.len()); v[a..b].iter().filter(|x| **x>=thr).count() as f64/(b-a) as f64 }).collect()
}
fn main() {
    let rate = 16000.0;
    let voices: Vec<Voice> = (0..4).map(|n| Voice::new(n, 1.0, rate)).collect();
    let places = [Place{t60_s:0.0,direct_db:0.0},Place{t60_s:0.5,direct_db:0.0},Place{t60_s:0.9,direct_db:-6.0}];
    let mut scenes = vec![];
    let t=Instant::now();
    let mut seed=1;
    for level in [30.0,34.0,40.0,50.0] { for place in places {
        seed+=1; let mut r=Random::new(seed);
        let residual = r.between(18.0,28.0);
        let sc=Scene{rate_hz:rate,seconds:40,talkers:vec![(&voices[r.index(4)],Manner{level_db:level,pause_s:2.0,place})],ventilation:(Disturbance::Ventilation,r.between(25.0,36.0)),residual:&|_|Some(residual),disturbance:None,seed};
        scenes.push((format!("speech {level} T {}",place.t60_s),sc.hear()));
    }}
    for d in Disturbance::ALL { for level in [36.0, 46.0] { seed+=1;
        let sc=Scene{rate_hz:rate,seconds:40,talkers:vec![],ventilation:(Disturbance::Ventilation,28.0),residual:&|_|Some(23.0),disturbance:Some((d,level)),seed};
        scenes.push((format!("{} {level}",d.name()),sc.hear()));
    }}
    println!("made in {:?}", t.elapsed());
    for gain_db in [-96.0f32,-80.0,-64.0] {
        let t=Instant::now();
        let gain=10f32.powf(gain_db/20.0);
        let (mut truth,mut found,mut found2)=(vec![],vec![],vec![]); let mut out=String::new();
        for (name,h) in &scenes {
            let v=earshot_scores(&h.samples,gain);
            let s=h.seconds();
            let f=per_second(&v,62.5,s.len(),0.5);
            let f2:Vec<f64>=(0..s.len()).map(|k| v[(k as f64*62.5) as usize..((k+1) as f64*62.5) as usize].iter().sum::<f64>()/62.5).collect();
            let mut sc=Score::default(); sc.count(&s,&f);
            out+=&format!("  {name:28} speech share {:.2} p {:.3} r {:.3} f1 {:.3} false {:.3} mean {:.2}\n",s.iter().filter(|x|**x).count() as f64/s.len() as f64,sc.precision(),sc.recall(),sc.f1(),sc.false_share(), f2.iter().sum::<f64>()/f2.len() as f64);
            if name.starts_with("speech"){ truth.extend(s); found.extend(f); found2.extend(f2);}
        }
        let mut sc=Score::default(); sc.count(&truth,&found);
        println!("gain {gain_db}: F1 {:.3} p {:.3} r {:.3} auc {:.3} auc-mean {:.3} time/s {:.1} us",sc.f1(),sc.precision(),sc.recall(),area_under_curve(&truth,&found),area_under_curve(&truth,&found2),t.elapsed().as_secs_f64()*1e6/(scenes.len() as f64*40.0));
        print!("{out}");
    }
}
