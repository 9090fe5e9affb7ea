//! Real devices through cpal: the default input and output of the default host. The only file that names cpal.
//!
//! The callbacks copy between the device's channels and the rings and do nothing else.

use cpal::{
    BufferSize, Device, ErrorKind, FromSample, SampleFormat, SizedSample, Stream, StreamConfig, SupportedStreamConfig,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};
use habitat_engine::{CaptureEnd, PlaybackEnd};

use crate::health::{Health, Part};

/// Frames that a callback converts at a time, so that its buffer is made once whatever the device asks for.
const CHUNK_FRAMES: usize = 512;

/// Which channels of the devices are used, and how.
pub struct Wanted {
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Frames per device period.
    pub block_frames: u32,
    /// Channel of each microphone, counted from 1, in the order of the layout.
    pub microphone_channels: Vec<u32>,
    /// Channel of each loudspeaker, counted from 1, in the order of the layout.
    pub loudspeaker_channels: Vec<u32>,
}

/// Why there is no sound.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The host has no such device.
    #[error("there is no default {0} device; connect one, or start the sound server that offers it, and see `habitatd devices`")]
    None(&'static str),
    /// The device does not offer what the site needs.
    #[error("the {kind} device {device} cannot do {wanted}; it offers {offered}")]
    Unsupported {
        /// Input or output.
        kind: &'static str,
        /// Name of the device.
        device: String,
        /// What the site needs.
        wanted: String,
        /// What there is.
        offered: String,
    },
    /// The device refused.
    #[error("the {kind} device {device} cannot be opened: {error}")]
    Refused {
        /// Input or output.
        kind: &'static str,
        /// Name of the device.
        device: String,
        /// What it said.
        error: cpal::Error,
    },
}

/// The open devices; sound stops when this is dropped.
pub struct OpenDevices {
    _input: Option<Stream>,
    _output: Option<Stream>,
}

/// Opens the default devices and starts both.
///
/// # Errors
/// When a device is missing, lacks channels or the rate, or refuses.
pub fn open(wanted: &Wanted, capture: CaptureEnd, playback: PlaybackEnd, health: &Health) -> Result<OpenDevices, DeviceError> {
    let host = cpal::default_host();
    let mut input = None;
    if !wanted.microphone_channels.is_empty() {
        let device = host.default_input_device().ok_or(DeviceError::None("input"))?;
        let config = choose("input", &device, wanted, &wanted.microphone_channels)?;
        input = Some(start_input(&device, &config, wanted, capture, health)?);
    }
    let mut output = None;
    if !wanted.loudspeaker_channels.is_empty() {
        let device = host.default_output_device().ok_or(DeviceError::None("output"))?;
        let config = choose("output", &device, wanted, &wanted.loudspeaker_channels)?;
        output = Some(start_output(&device, &config, wanted, playback, health)?);
    }
    health.ok(Part::Audio);
    Ok(OpenDevices {
        _input: input,
        _output: output,
    })
}

/// Names and default configurations of the default host's devices, for people: one line each.
pub fn describe() -> Vec<String> {
    let host = cpal::default_host();
    let mut lines = vec![format!("# host: {}", host.id().name())];
    let devices = host.devices().into_iter().flatten();
    for device in devices {
        let show = |config: Result<SupportedStreamConfig, cpal::Error>| {
            config.map_or_else(
                |_| "-".to_owned(),
                |c| format!("{} ch, {} Hz, {}", c.channels(), c.sample_rate(), c.sample_format()),
            )
        };
        let (input, output) = (show(device.default_input_config()), show(device.default_output_config()));
        lines.push(format!("device = \"{}\"   # in: {input}; out: {output}", name(&device)));
    }
    lines
}

fn name(device: &Device) -> String {
    device.id().map_or_else(|_| "unnamed".to_owned(), |id| id.to_string())
}

fn choose(kind: &'static str, device: &Device, wanted: &Wanted, used: &[u32]) -> Result<SupportedStreamConfig, DeviceError> {
    let channels = used.iter().copied().max().unwrap_or(1);
    let offered: Vec<_> = match kind {
        "input" => device.supported_input_configs().map(Iterator::collect).unwrap_or_default(),
        _ => device.supported_output_configs().map(Iterator::collect).unwrap_or_default(),
    };
    let rate = wanted.sample_rate_hz;
    let fits = |format: SampleFormat| {
        let suitable = offered
            .iter()
            .filter(|c| c.sample_format() == format && u32::from(c.channels()) >= channels);
        suitable
            .filter(|c| (c.min_sample_rate()..=c.max_sample_rate()).contains(&rate))
            .min_by_key(|c| c.channels())
    };
    let best = [SampleFormat::F32, SampleFormat::I32, SampleFormat::I16]
        .into_iter()
        .find_map(fits);
    best.map(|config| config.with_sample_rate(rate))
        .ok_or_else(|| DeviceError::Unsupported {
            kind,
            device: name(device),
            wanted: format!("{channels} channels at {rate} Hz"),
            offered: if offered.is_empty() {
                "nothing that can be listed".to_owned()
            } else {
                let one = |c: &cpal::SupportedStreamConfigRange| {
                    format!(
                        "{} channels at {}-{} Hz as {}",
                        c.channels(),
                        c.min_sample_rate(),
                        c.max_sample_rate(),
                        c.sample_format()
                    )
                };
                offered.iter().map(one).collect::<Vec<_>>().join(", ")
            },
        })
}

fn start_input(
    device: &Device,
    config: &SupportedStreamConfig,
    wanted: &Wanted,
    capture: CaptureEnd,
    health: &Health,
) -> Result<Stream, DeviceError> {
    let build = match config.sample_format() {
        SampleFormat::I16 => input_stream::<i16>,
        SampleFormat::I32 => input_stream::<i32>,
        _ => input_stream::<f32>,
    };
    let stream = build(
        device,
        stream_config(config, wanted),
        &wanted.microphone_channels,
        capture,
        health.clone(),
    );
    let refused = |error| DeviceError::Refused {
        kind: "input",
        device: name(device),
        error,
    };
    let stream = stream.map_err(refused)?;
    stream.play().map_err(refused)?;
    Ok(stream)
}

fn start_output(
    device: &Device,
    config: &SupportedStreamConfig,
    wanted: &Wanted,
    playback: PlaybackEnd,
    health: &Health,
) -> Result<Stream, DeviceError> {
    let build = match config.sample_format() {
        SampleFormat::I16 => output_stream::<i16>,
        SampleFormat::I32 => output_stream::<i32>,
        _ => output_stream::<f32>,
    };
    let stream = build(
        device,
        stream_config(config, wanted),
        &wanted.loudspeaker_channels,
        playback,
        health.clone(),
    );
    let refused = |error| DeviceError::Refused {
        kind: "output",
        device: name(device),
        error,
    };
    let stream = stream.map_err(refused)?;
    stream.play().map_err(refused)?;
    Ok(stream)
}

fn stream_config(config: &SupportedStreamConfig, wanted: &Wanted) -> StreamConfig {
    StreamConfig {
        buffer_size: BufferSize::Fixed(wanted.block_frames),
        ..config.config()
    }
}

fn input_stream<T>(
    device: &Device,
    config: StreamConfig,
    used: &[u32],
    mut capture: CaptureEnd,
    health: Health,
) -> Result<Stream, cpal::Error>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let device_channels = usize::from(config.channels);
    let used: Vec<usize> = used.iter().map(|channel| *channel as usize - 1).collect();
    let mut chunk = vec![0f32; CHUNK_FRAMES * used.len()];
    let callback = move |data: &[T], _: &cpal::InputCallbackInfo| {
        for frames in data.chunks(CHUNK_FRAMES * device_channels) {
            let count = frames.len() / device_channels;
            for (out, frame) in chunk.chunks_exact_mut(used.len()).zip(frames.chunks_exact(device_channels)) {
                for (sample, channel) in out.iter_mut().zip(&used) {
                    *sample = frame[*channel].to_sample();
                }
            }
            capture.push(&chunk[..count * used.len()]);
        }
    };
    device.build_input_stream::<T, _, _>(config, callback, move |error| stream_error("input", &error, &health), None)
}

fn output_stream<T>(
    device: &Device,
    config: StreamConfig,
    used: &[u32],
    mut playback: PlaybackEnd,
    health: Health,
) -> Result<Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32>,
{
    let device_channels = usize::from(config.channels);
    let used: Vec<usize> = used.iter().map(|channel| *channel as usize - 1).collect();
    let mut chunk = vec![0f32; CHUNK_FRAMES * used.len()];
    let callback = move |data: &mut [T], _: &cpal::OutputCallbackInfo| {
        for frames in data.chunks_mut(CHUNK_FRAMES * device_channels) {
            let count = frames.len() / device_channels;
            playback.pop(&mut chunk[..count * used.len()]);
            frames.fill(T::from_sample(0.0));
            for (frame, samples) in frames.chunks_exact_mut(device_channels).zip(chunk.chunks_exact(used.len())) {
                for (sample, channel) in samples.iter().zip(&used) {
                    frame[*channel] = T::from_sample(*sample);
                }
            }
        }
    };
    device.build_output_stream::<T, _, _>(config, callback, move |error| stream_error("output", &error, &health), None)
}

fn stream_error(kind: &str, error: &cpal::Error, health: &Health) {
    // An xrun is a lost moment, not a lost device; the engine counts what was missing.
    if error.kind() != ErrorKind::Xrun {
        health.degraded(
            Part::Audio,
            format!("the {kind} device stopped: {error}; restart the daemon when it is back"),
        );
    }
}
