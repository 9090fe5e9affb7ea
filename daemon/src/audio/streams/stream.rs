//! A running stream of one device. Its callbacks copy between the device's channels and a ring, and do nothing else: in a debug build
//! an allocation in one of them aborts the process.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use assert_no_alloc::assert_no_alloc;
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, I24, SampleFormat, SizedSample, Stream, StreamConfig, SupportedStreamConfig, U24,
    traits::{DeviceTrait, StreamTrait},
};
use habitat_engine::{CaptureEnd, DeviceLink, PlaybackEnd};
use habitat_layout::AudioHost;

use super::{group::Group, lent::Lent};
use crate::audio::devices::{self, DeviceError, Direction};

/// Frames that a callback converts at a time, so that its buffer is made once whatever the device asks for.
const CHUNK_FRAMES: usize = 512;

/// A ring's end, of either direction.
pub enum End {
    /// For a microphone's device.
    Capture(CaptureEnd),
    /// For a loudspeaker's device.
    Playback(PlaybackEnd),
}

impl End {
    /// What both sides know of the device.
    pub fn link(&self) -> &DeviceLink {
        match self {
            End::Capture(end) => end.link(),
            End::Playback(end) => end.link(),
        }
    }
}

/// What a stream is to be.
pub struct Wanted<'a> {
    /// Device and channels.
    pub group: &'a Group,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Frames of one callback, if the device allows.
    pub period_frames: u32,
}

/// An open stream; it stops when this is dropped.
pub struct OpenStream {
    _stream: Stream,
    failed: Arc<Failed>,
}

/// What went wrong with a stream, said by its error callback.
#[derive(Default)]
struct Failed {
    is: AtomicBool,
    said: std::sync::Mutex<Option<String>>,
}

impl OpenStream {
    /// What the device said when it failed; `None` while it has not.
    pub fn failure(&self) -> Option<String> {
        let failed = self.failed.is.load(Ordering::Acquire);
        failed.then(|| {
            let said = self.failed.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            said.clone().unwrap_or_default()
        })
    }
}

/// Opens a device and starts it. What it is lent goes back when the stream is dropped, or was not made.
///
/// # Errors
/// When the device is not there, lacks what is wanted, or refuses.
pub fn open(wanted: &Wanted, lent: Lent<End>) -> Result<OpenStream, DeviceError> {
    let direction = wanted.group.direction;
    let device = devices::find(&wanted.group.device, direction)?;
    let channels = wanted.group.channels.iter().copied().max().unwrap_or(1);
    let config = devices::choose(&device, direction, channels, wanted.sample_rate_hz)?;
    let refused = |error| DeviceError::refused(direction, wanted.group.name(), error);
    let build = match config.sample_format() {
        SampleFormat::I8 => build::<i8>,
        SampleFormat::I16 => build::<i16>,
        SampleFormat::I24 => build::<I24>,
        SampleFormat::I32 => build::<i32>,
        SampleFormat::I64 => build::<i64>,
        SampleFormat::U8 => build::<u8>,
        SampleFormat::U16 => build::<u16>,
        SampleFormat::U24 => build::<U24>,
        SampleFormat::U32 => build::<u32>,
        SampleFormat::U64 => build::<u64>,
        SampleFormat::F64 => build::<f64>,
        _ => build::<f32>,
    };
    let failed = Arc::new(Failed::default());
    let stream = build(&device, &config, wanted, lent, failed.clone()).map_err(refused)?;
    stream.play().map_err(refused)?;
    Ok(OpenStream { _stream: stream, failed })
}

fn build<T>(
    device: &Device,
    config: &SupportedStreamConfig,
    wanted: &Wanted,
    mut lent: Lent<End>,
    failed: Arc<Failed>,
) -> Result<Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32>,
    f32: FromSample<T>,
{
    // A JACK server has one period for everybody.
    let buffer_size = match wanted.group.device.host() {
        AudioHost::Jack => BufferSize::Default,
        AudioHost::Alsa | AudioHost::PulseAudio => BufferSize::Fixed(wanted.period_frames),
    };
    let config = StreamConfig {
        buffer_size,
        ..config.config()
    };
    let device_channels = usize::from(config.channels);
    let used: Vec<usize> = wanted.group.channels.iter().map(|channel| *channel as usize - 1).collect();
    let mut chunk = vec![0f32; CHUNK_FRAMES * used.len()];
    let on_error = move |error: cpal::Error| note(&failed, &error);
    match wanted.group.direction {
        Direction::Input => {
            let mut copy = move |data: &[T]| {
                let Some(End::Capture(end)) = lent.get() else { return };
                for frames in data.chunks(CHUNK_FRAMES * device_channels) {
                    let count = frames.len() / device_channels;
                    for (out, frame) in chunk.chunks_exact_mut(used.len()).zip(frames.chunks_exact(device_channels)) {
                        for (sample, channel) in out.iter_mut().zip(&used) {
                            *sample = frame[*channel].to_sample();
                        }
                    }
                    end.push(&chunk[..count * used.len()]);
                }
            };
            let callback = move |data: &[T], _: &cpal::InputCallbackInfo| assert_no_alloc(|| copy(data));
            device.build_input_stream::<T, _, _>(config, callback, on_error, None)
        }
        Direction::Output => {
            let mut copy = move |data: &mut [T]| {
                data.fill(T::from_sample(0.0));
                let Some(End::Playback(end)) = lent.get() else { return };
                for frames in data.chunks_mut(CHUNK_FRAMES * device_channels) {
                    let count = frames.len() / device_channels;
                    end.pop(&mut chunk[..count * used.len()]);
                    for (frame, samples) in frames.chunks_exact_mut(device_channels).zip(chunk.chunks_exact(used.len())) {
                        for (sample, channel) in samples.iter().zip(&used) {
                            frame[*channel] = T::from_sample(*sample);
                        }
                    }
                }
            };
            let callback = move |data: &mut [T], _: &cpal::OutputCallbackInfo| assert_no_alloc(|| copy(data));
            device.build_output_stream::<T, _, _>(config, callback, on_error, None)
        }
    }
}

/// Notes the first failure; some hosts repeat it thousands of times a second.
fn note(failed: &Failed, error: &cpal::Error) {
    // Lost moments are counted where they are missed, and a stream that was moved to another device goes on.
    let goes_on = matches!(
        error.kind(),
        ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied
    );
    if goes_on || failed.is.load(Ordering::Acquire) {
        return;
    }
    if let Ok(mut said) = failed.said.try_lock() {
        *said = Some(error.to_string().trim_end_matches('.').to_owned());
    }
    failed.is.store(true, Ordering::Release);
}
