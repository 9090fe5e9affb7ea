//! The other side of backend `pipe`: a block in, a block out.

use std::{
    io::{Read, Write},
    process::{ChildStdin, ChildStdout},
    sync::mpsc::{Receiver, channel},
};

use crate::habitatd::{Daemon, HANG};

/// Lock-step with a daemon.
pub struct Pipe {
    stdin: ChildStdin,
    blocks: Receiver<Vec<f32>>,
}

impl Pipe {
    /// Takes the streams of a daemon whose output blocks have so many samples.
    pub fn of(daemon: &mut Daemon, samples: usize) -> Self {
        let (stdin, stdout) = daemon.streams();
        let (sender, blocks) = channel();
        std::thread::spawn(move || {
            let mut stdout: ChildStdout = stdout;
            let mut bytes = vec![0; samples * size_of::<f32>()];
            while stdout.read_exact(&mut bytes).is_ok() && sender.send(decoded(&bytes)).is_ok() {}
        });
        Pipe { stdin, blocks }
    }

    /// Gives a block.
    pub fn give(&mut self, block: &[f32]) {
        self.stdin.write_all(&encoded(block)).unwrap();
    }

    /// Takes the block that follows.
    pub fn take(&self) -> Vec<f32> {
        self.blocks
            .recv_timeout(HANG)
            .expect("a block comes out for every block that goes in")
    }

    /// A block in, a block out.
    pub fn exchange(&mut self, block: &[f32]) -> Vec<f32> {
        self.give(block);
        self.take()
    }
}

/// Little-endian bytes of samples.
pub fn encoded(samples: &[f32]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// Samples of little-endian bytes.
pub fn decoded(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|sample| f32::from_le_bytes(*sample))
        .collect()
}
