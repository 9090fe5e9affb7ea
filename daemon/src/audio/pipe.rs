//! Raw interleaved little-endian f32 frames over standard input and output, in lock-step.
//!
//! The input has as many channels as the layout has microphones, in channel order, and the output as many as it has
//! loudspeakers. Exactly one block is read, then exactly one is written. At the end of the input whole frames of a partial last
//! block are measured and nothing is written for them; bytes that are no whole frame are refused.

use std::{
    io::{self, ErrorKind, Read, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::Thread,
    time::Duration,
};

use habitat_engine::{CaptureEnd, Counters, PlaybackEnd, ReportGauge};

/// How long to wait at most before looking again whether the engine or the reporter has caught up.
const NAP: Duration = Duration::from_millis(2);

/// How a run over the pipe ended.
#[derive(Debug)]
pub enum PipeEnd {
    /// The input ended at the end of a frame.
    EndOfInput,
    /// The input ended inside a frame; the bytes of it were refused.
    TornFrame {
        /// Bytes that are too few for a frame.
        bytes: usize,
        /// Bytes that a frame has.
        frame_bytes: usize,
    },
    /// Nobody reads the output any more.
    OutputClosed,
    /// The daemon was told to end.
    Stopped,
}

/// The order of the channels: indices into the layout's devices, sorted by channel number.
pub fn channel_order(channels: impl Iterator<Item = u32>) -> Vec<usize> {
    let mut order: Vec<(u32, usize)> = channels.enumerate().map(|(index, channel)| (channel, index)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, index)| index).collect()
}

/// One side of the pipe: how many frames make a block, and which device each channel is.
pub struct Block {
    /// Frames per block.
    pub frames: usize,
    /// Microphone of each input channel.
    pub microphones: Vec<usize>,
    /// Loudspeaker of each output channel.
    pub loudspeakers: Vec<usize>,
}

/// Feeds the engine until the input ends or `stop` is set. The engine thread must wake the calling thread after each block.
/// `before_block` is told the first frame of each block before the engine gets it: what it changes holds from that frame on.
///
/// # Errors
/// When the input cannot be read or the output cannot be written.
pub fn run(
    streams: (impl Read, impl Write),
    block: &Block,
    (mut capture, playback): (CaptureEnd, PlaybackEnd),
    watched: (&ReportGauge, &Counters),
    engine: &Thread,
    stop: &Arc<AtomicBool>,
    before_block: impl FnMut(u64),
) -> io::Result<PipeEnd> {
    let end = exchange(streams, block, (&mut capture, playback), watched, engine, stop, before_block);
    // Whatever ended it, nothing more will come.
    capture.end();
    engine.unpark();
    end
}

fn exchange(
    (mut input, mut output): (impl Read, impl Write),
    block: &Block,
    (capture, mut playback): (&mut CaptureEnd, PlaybackEnd),
    (gauge, counters): (&ReportGauge, &Counters),
    engine: &Thread,
    stop: &Arc<AtomicBool>,
    mut before_block: impl FnMut(u64),
) -> io::Result<PipeEnd> {
    let frame_bytes = block.microphones.len() * size_of::<f32>();
    let mut bytes = vec![0u8; block.frames * frame_bytes];
    let mut samples = vec![0f32; block.frames * block.microphones.len()];
    let mut played = vec![0f32; block.frames * block.loudspeakers.len()];
    let mut written = vec![0u8; played.len() * size_of::<f32>()];
    let mut fed = 0;
    loop {
        let count = read_full(&mut input, &mut bytes)?;
        if stop.load(Ordering::Acquire) {
            return Ok(PipeEnd::Stopped);
        }
        let frames = count / frame_bytes;
        decode(&bytes[..frames * frame_bytes], &block.microphones, &mut samples);
        before_block(fed * block.frames as u64);
        capture.push(&samples[..frames * block.microphones.len()]);
        if frames < block.frames {
            let torn = count % frame_bytes;
            return Ok(if torn == 0 {
                PipeEnd::EndOfInput
            } else {
                PipeEnd::TornFrame {
                    bytes: torn,
                    frame_bytes,
                }
            });
        }
        engine.unpark();
        fed += 1;
        while counters.blocks.get() < fed && !stop.load(Ordering::Acquire) {
            std::thread::park_timeout(NAP);
        }
        playback.pop(&mut played);
        encode(&played, &block.loudspeakers, &mut written);
        match output.write_all(&written).and_then(|()| output.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(PipeEnd::OutputClosed),
            Err(error) => return Err(error),
        }
        // Faster than real time is fine, but nothing that is reported may be lost.
        while gauge.half_full() && !stop.load(Ordering::Acquire) {
            std::thread::sleep(NAP);
        }
    }
}

/// Reads until the buffer is full or the input ends.
fn read_full(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn decode(bytes: &[u8], order: &[usize], samples: &mut [f32]) {
    let channels = order.len();
    for (position, value) in bytes.as_chunks::<4>().0.iter().enumerate() {
        samples[position / channels * channels + order[position % channels]] = f32::from_le_bytes(*value);
    }
}

fn encode(samples: &[f32], order: &[usize], bytes: &mut [u8]) {
    let channels = order.len();
    for (position, value) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *value = samples[position / channels * channels + order[position % channels]].to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_go_by_number_and_not_by_the_order_of_the_file() {
        let order = channel_order([3, 1, 2].into_iter());
        let bytes: Vec<u8> = [10f32, 20.0, 30.0, 11.0, 21.0, 31.0]
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        let mut samples = vec![0.0; 6];
        decode(&bytes, &order, &mut samples);
        assert_eq!(samples, [30.0, 10.0, 20.0, 31.0, 11.0, 21.0]);
        let mut back = vec![0; bytes.len()];
        encode(&samples, &order, &mut back);
        assert_eq!(back, bytes);
    }

    #[test]
    fn a_reader_that_gives_single_bytes_is_read_to_the_end() {
        struct Drip(u8);
        impl Read for Drip {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                buffer[0] = self.0;
                Ok(usize::from(self.0 <= 5))
            }
        }
        let mut buffer = [0; 8];
        assert_eq!(read_full(&mut Drip(0), &mut buffer).unwrap(), 5);
    }
}
