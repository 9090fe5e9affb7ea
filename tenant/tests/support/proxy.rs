//! A bad line between a controller and the instances of a tenant: connections go to any of those that run, and many of
//! them break at the worst moments.

use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// The instances that run now.
pub type Instances = Arc<Mutex<Vec<SocketAddr>>>;

/// What is done to a connection.
#[derive(Clone, Copy)]
enum Fate {
    /// Nothing bad to a request of usual length; a connection that carries several ends in the middle of one of them.
    Pass,
    /// Everything takes longer.
    Slow,
    /// It ends before the request is sent.
    CutBefore,
    /// It ends in the middle of the request.
    CutWithin,
    /// The answer comes out of the instance and is lost.
    LoseAnswer,
}

/// No connection lasts longer.
const LIFE_MAX_MS: u64 = 3000;

/// Counts connections by what became of them.
#[derive(Default)]
pub struct Line {
    connections: AtomicU64,
    pub cut_before: AtomicU64,
    pub cut_within: AtomicU64,
    /// Those that were used up.
    cut_later: AtomicU64,
    /// Answers that were lost although they said that the batch is stored.
    pub lost_after_commit: AtomicU64,
}

impl Line {
    /// Opens a line to the instances and gives the address of its near end.
    pub async fn open(self: &Arc<Self>, instances: Instances, seed: u64) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let line = self.clone();
        tokio::spawn(async move {
            let mut random = fastrand::Rng::with_seed(seed);
            while let Ok((near, _)) = listener.accept().await {
                line.connections.fetch_add(1, Ordering::Relaxed);
                let target = random.choice(instances.lock().expect("not poisoned").iter().copied());
                let (fate, life) = (Self::fate(&mut random), Duration::from_millis(random.u64(..LIFE_MAX_MS)));
                let Some(target) = target else { continue };
                let carried = line.clone().carry(near, target, fate);
                let line = line.clone();
                tokio::spawn(async move {
                    let ended = tokio::time::timeout(life, carried).await.is_ok();
                    line.cut_later.fetch_add(u64::from(!ended), Ordering::Relaxed);
                });
            }
        });
        address
    }

    fn fate(random: &mut fastrand::Rng) -> Fate {
        match random.u32(..10) {
            0 => Fate::CutBefore,
            1 => Fate::CutWithin,
            2 | 3 => Fate::LoseAnswer,
            4 => Fate::Slow,
            _ => Fate::Pass,
        }
    }

    /// Dropping the two streams is what cuts the connection.
    async fn carry(self: Arc<Self>, near: TcpStream, target: SocketAddr, fate: Fate) {
        if matches!(fate, Fate::CutBefore) {
            self.cut_before.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let Ok(far) = TcpStream::connect(target).await else { return };
        let ((mut near_in, mut near_out), (mut far_in, far_out)) = (near.into_split(), far.into_split());
        if matches!(fate, Fate::CutWithin) {
            let mut part = [0; 600];
            if near_in.read_exact(&mut part).await.is_ok() {
                self.cut_within.fetch_add(1, Ordering::Relaxed);
                let _ = far_out.try_write(&part);
            }
            return;
        }
        if matches!(fate, Fate::Slow) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let mut far_out = far_out;
        // A set, so that it goes when this does.
        let mut up = JoinSet::new();
        up.spawn(async move { tokio::io::copy(&mut near_in, &mut far_out).await.map(|_| ()) });
        let mut answer = [0; 4096];
        while let Ok(count @ 1..) = far_in.read(&mut answer).await {
            if matches!(fate, Fate::LoseAnswer) {
                let stored = answer[..count].starts_with(b"HTTP/1.1 200");
                self.lost_after_commit.fetch_add(u64::from(stored), Ordering::Relaxed);
                break;
            }
            if near_out.write_all(&answer[..count]).await.is_err() {
                break;
            }
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        write!(
            f,
            "{} connections: {} cut before and {} within the request, {} later; {} answers lost after the commit",
            count(&self.connections),
            count(&self.cut_before),
            count(&self.cut_within),
            count(&self.cut_later),
            count(&self.lost_after_commit)
        )
    }
}
