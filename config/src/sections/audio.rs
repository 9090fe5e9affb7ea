//! `[audio]`, `[audio.pipe]` and `[audio.virtual]`: where sound comes from and goes to.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    keys,
    read::{Item, Reading, Table, WholeRule, choice, shown, text_or_date, whole},
    site::{Audio, Backend},
};

/// What every sound card and every recording does.
const DEFAULT_SAMPLE_RATE_HZ: u32 = 48_000;

/// 21 ms at 48 kHz: masking need not be quicker, and a server under load keeps up.
const DEFAULT_BLOCK_FRAMES: u32 = 1024;

/// Any seed is as good as another; the same one talks the same day.
const DEFAULT_SEED: u64 = 1;

/// Analysis moves on by 20 ms, a fiftieth of a second, and a period is exactly one second.
const RATE_STEP_HZ: u64 = 50;

const SAMPLE_RATE_HZ: WholeRule = WholeRule {
    min: 8_000,
    max: 192_000,
    reason: "rates that sound devices have",
};

const BLOCK_FRAMES: WholeRule = WholeRule {
    min: 16,
    max: 16_384,
    reason: "smaller blocks cost more than they process, larger ones are late for a mute",
};

/// The rings of the devices have room for this.
const MOST_BLOCKS_OF_DEVICE: u32 = 4;

/// Whether the machine has the CPU is only known where the daemon runs.
const ENGINE_CPU: WholeRule = WholeRule {
    min: 0,
    max: 1023,
    reason: "Linux numbers CPUs from 0, and an affinity mask has 1024",
};

/// TOML has no larger whole numbers.
const SEED: WholeRule = WholeRule {
    min: 0,
    max: i64::MAX as u64,
    reason: "",
};

/// Event ids carry the time since 1970 in milliseconds and 48 bits (UUIDv7, RFC 9562), and RFC 3339 ends with the
/// year 9999; a few thousand years remain for the recording itself.
const START_YEARS: std::ops::Range<i16> = 1970..8000;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Cpal,
    Pipe,
    Virtual,
}

/// Reads the tables.
pub(crate) fn read(root: &Table) -> Audio {
    let Some(table) = root.section("audio", &keys::AUDIO) else {
        return Audio {
            backend: Backend::Cpal,
            sample_rate_hz: DEFAULT_SAMPLE_RATE_HZ,
            block_frames: DEFAULT_BLOCK_FRAMES,
            device_frames: DEFAULT_BLOCK_FRAMES,
            engine_cpu: None,
        };
    };
    const KINDS: &[(&str, Kind)] = &[("cpal", Kind::Cpal), ("pipe", Kind::Pipe), ("virtual", Kind::Virtual)];
    let kind = table.read("backend", choice(KINDS)).or(Kind::Cpal);
    let start = read_start(&table, kind == Kind::Pipe);
    let seed = read_seed(&table);
    let block_frames = table
        .read("block_frames", |item| {
            whole(&BLOCK_FRAMES)(item).and_then(|frames| u32::try_from(frames).ok())
        })
        .or(DEFAULT_BLOCK_FRAMES);
    Audio {
        backend: match kind {
            Kind::Cpal => Backend::Cpal,
            Kind::Pipe => Backend::Pipe {
                start: start.or(Timestamp::UNIX_EPOCH),
            },
            Kind::Virtual => Backend::Virtual { seed },
        },
        sample_rate_hz: table.read("sample_rate_hz", sample_rate).or(DEFAULT_SAMPLE_RATE_HZ),
        block_frames,
        device_frames: table
            .read("device_frames", |item| device_frames(item, block_frames))
            .or(block_frames),
        engine_cpu: table
            .read("engine_cpu", |item| {
                whole(&ENGINE_CPU)(item).and_then(|cpu| u32::try_from(cpu).ok())
            })
            .written(),
    }
}

/// `[audio.pipe]`.
///
/// The stream has as many channels as the layout has microphones, in the order of their `channel` numbers, which need
/// not be without gaps: microphones on the channels 2, 5 and 7 are the first, second and third of the stream.
/// Loudspeakers leave in the same way.
fn read_start(table: &Table, needed: bool) -> Reading<Timestamp> {
    const EXAMPLE: &str = "\"2026-01-05T08:00:00+02:00\"";
    match (table.section("pipe", &keys::AUDIO_PIPE), needed) {
        (Some(pipe), true) => pipe.require("start", EXAMPLE, start),
        (Some(pipe), false) => pipe.read("start", start),
        (None, true) if !table.has("pipe") && !table.notes().has_bad_syntax() => {
            let message = "backend \"pipe\" needs [audio.pipe] with the key `start`, the time of the first frame";
            table.notes().error(
                table.span(),
                message,
                format!("add [audio.pipe] and below it start = {EXAMPLE}"),
            );
            Reading::Wrong
        }
        (None, _) => Reading::Absent,
    }
}

fn read_seed(table: &Table) -> u64 {
    match table.section("virtual", &keys::AUDIO_VIRTUAL) {
        Some(table) => table.read("seed", whole(&SEED)).or(DEFAULT_SEED),
        None => DEFAULT_SEED,
    }
}

fn sample_rate(item: &Item) -> Option<u32> {
    let rate = whole(&SAMPLE_RATE_HZ)(item)?;
    if !rate.is_multiple_of(RATE_STEP_HZ) {
        let message = format!("`sample_rate_hz` = {rate} is not a multiple of {RATE_STEP_HZ}");
        let near = (rate + RATE_STEP_HZ / 2) / RATE_STEP_HZ * RATE_STEP_HZ;
        let help = format!("analysis moves on in steps of 20 ms, which must be whole frames; {near} would do");
        return item.wrong(message, help);
    }
    u32::try_from(rate).ok()
}

fn device_frames(item: &Item, block_frames: u32) -> Option<u32> {
    let frames = u32::try_from(whole(&BLOCK_FRAMES)(item)?).ok()?;
    let most = MOST_BLOCKS_OF_DEVICE * block_frames;
    if frames > most {
        let message = format!("`device_frames` = {frames} is more than {MOST_BLOCKS_OF_DEVICE} blocks of {block_frames} frames");
        let help = format!("write {most} or less, or raise `block_frames`");
        return item.wrong(message, help);
    }
    Some(frames)
}

fn start(item: &Item) -> Option<Timestamp> {
    const HELP: &str = "write date, time and offset as in \"2026-01-05T08:00:00+02:00\" (RFC 3339)";
    let written = text_or_date(item)?;
    let Ok(start) = written.parse::<Timestamp>() else {
        return item.wrong(format!("`start` = {} is not a time with an offset", shown(&written)), HELP);
    };
    let year = TimeZone::UTC.to_datetime(start).year();
    if !START_YEARS.contains(&year) {
        let message = format!("`start` is in the year {year}");
        let help = format!("event ids need a year from {} to {}", START_YEARS.start, START_YEARS.end - 1);
        return item.wrong(message, help);
    }
    Some(start)
}
