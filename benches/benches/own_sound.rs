//! Own sound removed, in three rooms: ours, beside the multi-channel echo canceller of SpeexDSP with `--features speex`.

use std::time::Instant;

use habitat_benches::{
    echo_scene::{BLOCK, Block, EchoScene, Erle, Situation},
    fft::seconds_per_fft,
    remover_run::RemoverRun,
    rooms::RoomKind,
};

/// Blocks per second.
const PER_S: usize = 5;

/// What is measured: takes a block and gives what is left of it.
trait Canceller {
    fn cancel(&mut self, block: &Block) -> (Vec<f32>, f64);

    /// Counts what it left of a block.
    fn count(&mut self, erle: &mut Erle, block: &Block, residual: &[f32]) {
        erle.count(block, residual);
    }
}

struct Ours(RemoverRun);

impl Canceller for Ours {
    fn cancel(&mut self, block: &Block) -> (Vec<f32>, f64) {
        self.0.play(block);
        let (heard, mut residual) = (block.heard(), vec![0.0; BLOCK]);
        let begin = Instant::now();
        self.0.remove(&heard, &mut residual);
        (residual, begin.elapsed().as_secs_f64())
    }
}

#[cfg(feature = "speex")]
impl Canceller for habitat_benches::speex::Speex {
    fn cancel(&mut self, block: &Block) -> (Vec<f32>, f64) {
        let begin = Instant::now();
        let residual = self.remove(&block.played, &block.heard());
        (residual, begin.elapsed().as_secs_f64())
    }

    fn count(&mut self, erle: &mut Erle, block: &Block, residual: &[f32]) {
        erle.count(&self.behind_notch(block), residual);
    }
}

struct Run<C> {
    scene: EchoScene,
    canceller: C,
    erle: Erle,
    busy_s: f64,
    seconds: usize,
}

impl<C: Canceller> Run<C> {
    fn go(&mut self, seconds: usize, situation: Situation) -> f64 {
        for _ in 0..seconds * PER_S {
            let block = self.scene.block(&situation);
            let (residual, busy_s) = self.canceller.cancel(&block);
            self.busy_s += busy_s;
            self.canceller.count(&mut self.erle, &block, &residual);
        }
        self.seconds += seconds;
        self.erle.take_db()
    }
}

fn main() {
    let fft_s = seconds_per_fft();
    println!("one real FFT of 1024 frames forward and back: {:.2} us", fft_s * 1e6);
    println!(
        "{:12} {:22} {:>6} {:>6} {:>6} {:>8} {:>8} {:>7} {:>9} {:>14} {:>8} {:>12}",
        "room",
        "canceller, dB after",
        "10 s",
        "30 s",
        "60 s",
        "talk 45",
        "talk 52",
        "10 min",
        "change",
        "15 dB again in",
        "FFTs/s",
        "mics per core"
    );
    for kind in RoomKind::ALL {
        for tail_s in [0.4, 0.6] {
            row(kind, &format!("ours, {tail_s} s"), Ours(RemoverRun::new(tail_s)), fft_s);
        }
        #[cfg(feature = "speex")]
        row(kind, "SpeexDSP, 0.256 s", habitat_benches::speex::Speex::new(6), fft_s);
    }
}

fn row(kind: RoomKind, name: &str, canceller: impl Canceller, fft_s: f64) {
    let mut run = Run {
        scene: EchoScene::new(kind, 1),
        canceller,
        erle: Erle::default(),
        busy_s: 0.0,
        seconds: 0,
    };
    let quiet = Situation::default();
    let talk = |speech_db| Situation {
        speech_db: Some(speech_db),
        ..quiet
    };
    run.go(8, quiet);
    let ten = run.go(2, quiet);
    run.go(18, quiet);
    let thirty = run.go(2, quiet);
    run.go(25, quiet);
    let minute = run.go(5, quiet);
    let (soft, loud) = (run.go(15, talk(45.0)), run.go(15, talk(52.0)));
    run.go(505, quiet);
    let ten_minutes = run.go(5, quiet);
    run.scene.move_furniture(0.5, 3);
    let changed = run.go(1, quiet);
    let mut recovered_s = 1;
    while run.go(1, quiet) < 15.0 && recovered_s < 90 {
        recovered_s += 1;
    }
    let per_s = run.busy_s / run.seconds as f64;
    println!(
        "{:12} {name:22} {ten:>6.1} {thirty:>6.1} {minute:>6.1} {soft:>8.1} {loud:>8.1} {ten_minutes:>7.1} {changed:>9.1} {:>14} {:>8.0} {:>12.0}",
        kind.name(),
        if recovered_s < 90 {
            format!("{recovered_s} s")
        } else {
            "not in 90 s".to_owned()
        },
        per_s / fft_s,
        1.0 / per_s
    );
}
