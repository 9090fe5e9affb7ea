//! A room behind a JACK server, in a process of its own: it gives every microphone a tone and records what the loudspeakers play.
//!
//! The name of the server is part of a process's environment, so the test starts itself once more and is the room there.

use std::{
    collections::VecDeque,
    fs::File,
    io::{BufRead, BufReader, BufWriter, Read, Write},
    path::Path,
    process::{Child, ChildStdout, Stdio},
    sync::mpsc::{Sender, channel},
    time::Duration,
};

use jack::{AudioIn, AudioOut, Client, ClientOptions, Control, Port, PortFlags, ProcessScope, contrib::ClosureProcessHandler};

use super::jackd::Jackd;

const CHANNELS: &str = "HABITAT_ROOM_CHANNELS";
const FOLDER: &str = "HABITAT_ROOM_FOLDER";

/// Frames after which what a loudspeaker plays is heard by the microphone beside it; absent: the room sounds of tones.
const ECHO: &str = "HABITAT_ROOM_ECHO";

/// Frequency of every tone: one of which the A-weighting changes nothing.
const TONE_HZ: f64 = 1000.0;

/// Of full scale played to full scale heard: a loudspeaker of 94 dB at 1 m, 2 m from a microphone that gives −26 dBFS at 94 dB.
const ECHO_GAIN: f32 = 0.025;

/// Fewer zeros than these may be chance.
const SILENT_FRAMES: usize = 48;

/// Sound pressure level of the tone at a microphone, dB: each has another.
pub fn level_db(microphone: usize) -> f64 {
    55.0 + 0.5 * microphone as f64
}

/// The room, as the test sees it.
pub struct Room {
    child: Child,
    told: BufReader<ChildStdout>,
}

impl Room {
    /// Begins to play and record, with as many microphones as loudspeakers, into files in this folder.
    pub fn enter(server: &Jackd, channels: usize, folder: &Path) -> Self {
        Room::begin(server, channels, folder, &[])
    }

    /// The same in a room without tones, where each microphone hears its loudspeaker so many frames later.
    pub fn enter_with_echo(server: &Jackd, channels: usize, folder: &Path, frames: usize) -> Self {
        Room::begin(server, channels, folder, &[(ECHO, frames.to_string())])
    }

    fn begin(server: &Jackd, channels: usize, folder: &Path, more: &[(&str, String)]) -> Self {
        let test = std::env::current_exe().unwrap();
        let mut child = server
            .client(test.to_str().unwrap())
            .args(["--exact", "room::in_the_room", "--nocapture"])
            .env(CHANNELS, channels.to_string())
            .env(FOLDER, folder)
            .envs(more.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        Room { child, told }
    }

    /// Waits until all channels are connected and something is heard.
    pub fn wait_for_sound(&mut self) {
        let mut line = String::new();
        while !line.contains("sound") {
            line.clear();
            assert!(self.told.read_line(&mut line).unwrap() > 0, "the room ended");
        }
    }

    /// Waits until the first and the last loudspeaker are silent, and tells for how many frames they have been.
    pub fn wait_for_silence(&mut self) -> u32 {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.told.read_line(&mut line).unwrap() > 0, "the room ended");
            if let Some(frames) = line.trim().strip_prefix("silence of ") {
                return frames.parse().unwrap();
            }
        }
    }

    /// Ends, and gives what the first and the last loudspeaker played since sound was heard.
    pub fn leave(mut self, folder: &Path) -> [Vec<f32>; 2] {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
        ["first", "last"].map(|name| {
            let mut bytes = Vec::new();
            File::open(folder.join(name)).unwrap().read_to_end(&mut bytes).unwrap();
            bytes.as_chunks().0.iter().map(|sample| f32::from_le_bytes(*sample)).collect()
        })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The ports, and what is done with them in every period.
struct Ports {
    microphones: Vec<(Port<AudioOut>, f64)>,
    loudspeakers: Vec<Port<AudioIn>>,
    /// What is under way from each loudspeaker to its microphone.
    echoes: Vec<Option<VecDeque<f32>>>,
    frame: u64,
    rate_hz: f64,
    recorder: Sender<[Vec<f32>; 2]>,
    sounds: bool,
}

impl Ports {
    fn period(&mut self, scope: &ProcessScope) -> Control {
        let channels = self.microphones.iter_mut().zip(&self.loudspeakers).zip(&mut self.echoes);
        for (((microphone, amplitude), loudspeaker), echo) in channels {
            let heard = microphone.as_mut_slice(scope);
            if let Some(echo) = echo {
                for (sample, played) in heard.iter_mut().zip(loudspeaker.as_slice(scope)) {
                    echo.push_back(ECHO_GAIN * played);
                    *sample = echo.pop_front().unwrap_or_default();
                }
                continue;
            }
            for (n, sample) in heard.iter_mut().enumerate() {
                let phase = (self.frame + n as u64) as f64 * TONE_HZ / self.rate_hz * core::f64::consts::TAU;
                *sample = (*amplitude * phase.sin()) as f32;
            }
        }
        self.frame += u64::from(scope.n_frames());
        self.sounds = self.sounds
            || self
                .loudspeakers
                .iter()
                .all(|port| port.as_slice(scope).iter().all(|sample| *sample != 0.0));
        if self.sounds {
            let heard = [self.loudspeakers.first(), self.loudspeakers.last()];
            let _ = self
                .recorder
                .send(heard.map(|port| port.map(|port| port.as_slice(scope).to_vec()).unwrap_or_default()));
        }
        Control::Continue
    }
}

#[test]
fn in_the_room() {
    let (Ok(channels), Ok(folder)) = (std::env::var(CHANNELS), std::env::var(FOLDER)) else {
        return;
    };
    let channels: usize = channels.parse().unwrap();
    let echo: Option<usize> = std::env::var(ECHO).ok().map(|frames| frames.parse().unwrap());
    let (client, _) = Client::new("room", ClientOptions::NO_START_SERVER).unwrap();
    // AES17: a sine whose peak is 1 has 0 dBFS, and the microphones give −26 dBFS at 94 dB.
    let amplitude = |microphone: usize| 10f64.powf((level_db(microphone) - 94.0 - 26.0) / 20.0);
    let (recorder, periods) = channel();
    let mut ports = Ports {
        microphones: (0..channels)
            .map(|n| {
                (
                    client.register_port(&format!("m{n}"), AudioOut::default()).unwrap(),
                    amplitude(n),
                )
            })
            .collect(),
        loudspeakers: (0..channels)
            .map(|n| client.register_port(&format!("s{n}"), AudioIn::default()).unwrap())
            .collect(),
        echoes: vec![echo.map(|frames| vec![0.0; frames].into()); channels],
        frame: 0,
        rate_hz: f64::from(client.sample_rate()),
        recorder,
        sounds: false,
    };
    let handler = ClosureProcessHandler::new(move |_: &Client, scope: &ProcessScope| ports.period(scope));
    let client = client.activate_async((), handler).unwrap();
    let writer = std::thread::spawn(move || {
        let mut files = ["first", "last"].map(|name| BufWriter::new(File::create(Path::new(&folder).join(name)).unwrap()));
        let mut sounds = false;
        for period in periods {
            for (file, samples) in files.iter_mut().zip(&period) {
                samples
                    .iter()
                    .for_each(|sample| file.write_all(&sample.to_le_bytes()).unwrap());
            }
            let silent = |samples: &Vec<f32>| samples.iter().rev().take_while(|sample| **sample == 0.0).count();
            let silent = period.iter().map(silent).min().unwrap_or_default();
            if sounds && silent >= SILENT_FRAMES {
                println!("silence of {silent}");
                sounds = false;
            } else if !sounds && silent == 0 {
                println!("sound");
                sounds = true;
            }
        }
    });
    let connecting = std::thread::spawn(move || {
        connect(client.as_client(), channels);
        client
    });
    // Until the test wants no more.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    if connecting.is_finished() {
        drop(connecting.join().unwrap().deactivate());
        writer.join().unwrap();
    }
}

/// Connects every port of the daemon's with ours, as soon as there are some.
fn connect(client: &Client, channels: usize) {
    loop {
        let of_daemon = |pattern: &str, flags| client.ports(Some(pattern), None, flags);
        let inputs = of_daemon("^cpal_client_.*_in:in_", PortFlags::IS_INPUT);
        let outputs = of_daemon("^cpal_client_.*_out:out_", PortFlags::IS_OUTPUT);
        if inputs.len() == channels && outputs.len() == channels {
            for port in inputs {
                let number = port.rsplit('_').next().unwrap();
                let _ = client.connect_ports_by_name(&format!("room:m{number}"), &port);
            }
            for port in outputs {
                let number = port.rsplit('_').next().unwrap();
                let _ = client.connect_ports_by_name(&port, &format!("room:s{number}"));
            }
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
