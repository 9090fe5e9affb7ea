//! A running stream of one device.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use cpal::{
    BufferSize, Device, ErrorKind, FromSample, I24, SampleFormat, SizedSample, Stream, StreamConfig, SupportedStreamConfig, U24,
    traits::{DeviceTrait, StreamTrait},
};
use habitat_engine::{CaptureEnd, DeviceLink, PlaybackEnd};
use habitat_layout::AudioHost;

use super::{copy::Copying, group::Group, lent::Lent};
use crate::lookup::{self, DeviceError, Direction};

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
pub fn open(wanted: &Wanted, lent: Lent<End>, link: &DeviceLink) -> Result<OpenStream, DeviceError> {
    let direction = wanted.group.direction;
    let device = lookup::find(&wanted.group.device, direction)?;
    let channels = wanted.group.channels.iter().copied().max().unwrap_or(1);
    let config = lookup::choose(&device, direction, channels, wanted.sample_rate_hz)?;
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
    let stream = build(&device, &config, wanted, (lent, link.clone()), failed.clone()).map_err(refused)?;
    stream.play().map_err(refused)?;
    Ok(OpenStream { _stream: stream, failed })
}

fn build<T>(
    device: &Device,
    config: &SupportedStreamConfig,
    wanted: &Wanted,
    (lent, link): (Lent<End>, DeviceLink),
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
    let mut copying = Copying::new(lent, usize::from(config.channels), &wanted.group.channels);
    let on_error = move |error: cpal::Error| note(&failed, &link, &error);
    match wanted.group.direction {
        Direction::Input => {
            let callback = move |data: &[T], info: &cpal::InputCallbackInfo| {
                let time = info.timestamp();
                copying.hear(data, time.callback.saturating_duration_since(time.capture));
            };
            device.build_input_stream::<T, _, _>(config, callback, on_error, None)
        }
        Direction::Output => {
            let callback = move |data: &mut [T], info: &cpal::OutputCallbackInfo| {
                let time = info.timestamp();
                copying.play(data, time.playback.saturating_duration_since(time.callback));
            };
            device.build_output_stream::<T, _, _>(config, callback, on_error, None)
        }
    }
}

/// Notes the first failure; some hosts repeat it thousands of times a second.
fn note(failed: &Failed, link: &DeviceLink, error: &cpal::Error) {
    // A stream that has lost a moment, or was moved to another device, goes on.
    let goes_on = match error.kind() {
        ErrorKind::Xrun => {
            link.count_xrun();
            true
        }
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => true,
        _ => false,
    };
    if goes_on || failed.is.load(Ordering::Acquire) {
        return;
    }
    if let Ok(mut said) = failed.said.try_lock() {
        *said = Some(error.to_string().trim_end_matches('.').to_owned());
    }
    failed.is.store(true, Ordering::Release);
}
