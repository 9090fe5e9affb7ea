//! What the daemon should have played.

use std::io::{BufReader, Read, Write};

use crate::{
    habitatd::{Daemon, Site},
    site::{BLOCK, On, RATE, habitat, layout},
};

/// What the daemon plays on a pipe: the same, for its noise and its ramp are the site's own.
pub fn reference(channels: usize, seconds: usize) -> [Vec<f32>; 2] {
    let audio = "backend = \"pipe\"\n[audio.pipe]\nstart = \"2026-01-05T08:00:00Z\"";
    let site = Site::new(
        &habitat(audio, ""),
        &layout(&[On::jack(channels)]).replace("device = \"jack\"\n", ""),
    );
    let blocks = seconds * RATE as usize / BLOCK as usize;
    let mut daemon = Daemon::start(site.command("run"));
    let (mut stdin, stdout) = daemon.streams();
    let mut played = [Vec::new(), Vec::new()];
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let silence = vec![0u8; BLOCK as usize * channels * 4];
            (0..blocks).for_each(|_| stdin.write_all(&silence).unwrap());
        });
        let mut frames = BufReader::new(stdout);
        let mut frame = vec![0u8; 4 * channels];
        while frames.read_exact(&mut frame).is_ok() {
            let samples = frame.as_chunks().0;
            played[0].push(f32::from_le_bytes(samples[0]));
            played[1].push(f32::from_le_bytes(samples[channels - 1]));
        }
    });
    assert!(daemon.wait().success());
    played
}

/// Follows a recording through the reference, and counts the frames of silence that were put between; anything else is a fault.
pub fn gaps(recorded: &[f32], reference: &[f32]) -> usize {
    let begin = reference.windows(64).position(|window| window == &recorded[..64]);
    let mut at = begin.expect("what was recorded was never played");
    let mut silent = 0;
    for (frame, sample) in recorded.iter().enumerate() {
        if at < reference.len() && *sample == reference[at] {
            at += 1;
        } else {
            assert!(*sample == 0.0, "frame {frame}: {sample} instead of {:?}", reference.get(at));
            silent += 1;
        }
    }
    silent
}
