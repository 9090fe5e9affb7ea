//! Impulse responses of a shoebox room by its image sources.

/// At 20 °C.
pub const SPEED_OF_SOUND_M_PER_S: f64 = 343.2;

/// Half the length of the interpolation kernel of a fractional delay, samples.
const KERNEL_HALF: i64 = 12;

/// A point, metres.
pub type Point = [f64; 3];

/// How reverberant a room is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomKind {
    /// T60 0.3 s: absorbing ceiling, carpet, screens.
    Dry,
    /// T60 0.5 s: an ordinary open-plan office.
    Typical,
    /// T60 0.9 s: glass, concrete, little absorption.
    Reverberant,
}

impl RoomKind {
    /// All of them.
    pub const ALL: [RoomKind; 3] = [RoomKind::Dry, RoomKind::Typical, RoomKind::Reverberant];

    /// Reverberation time, seconds.
    pub fn reverberation_s(self) -> f64 {
        match self {
            RoomKind::Dry => 0.3,
            RoomKind::Typical => 0.5,
            RoomKind::Reverberant => 0.9,
        }
    }

    /// What tables call it.
    pub fn name(self) -> &'static str {
        match self {
            RoomKind::Dry => "dry",
            RoomKind::Typical => "typical",
            RoomKind::Reverberant => "reverberant",
        }
    }
}

/// A shoebox room with six loudspeakers in reach of one microphone.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    kind: RoomKind,
    size_m: Point,
    /// Share of the reflections that have moved, 0..1, and which of the ways to move them.
    moved: (f64, u64),
}

impl Room {
    /// Where the microphone hangs.
    pub const MICROPHONE: Point = [7.1, 5.3, 2.7];

    /// Six loudspeakers in the ceiling around it, 1.6-3.9 m away.
    pub const LOUDSPEAKERS: [Point; 6] = [
        [5.9, 4.2, 2.75],
        [8.6, 4.3, 2.75],
        [5.8, 6.9, 2.75],
        [8.7, 7.0, 2.75],
        [7.2, 1.9, 2.75],
        [10.9, 5.6, 2.75],
    ];

    /// A room as it was commissioned.
    pub fn new(kind: RoomKind) -> Self {
        Room {
            kind,
            size_m: [14.3, 10.7, 2.8],
            moved: (0.0, 0),
        }
    }

    /// A shoebox room of another size, with loudspeakers and microphones wherever they may be.
    pub fn with_size(kind: RoomKind, size_m: Point) -> Self {
        Room {
            size_m,
            ..Room::new(kind)
        }
    }

    /// The same room after people and furniture have moved: a share of all reflections arrives on other ways.
    pub fn with_moved_reflections(self, share: f64, seed: u64) -> Self {
        Room {
            moved: (share, seed),
            ..self
        }
    }

    /// Impulse response from a point to a point; a source of free-field amplitude 1 at 1 m. Until it has decayed by 50 dB.
    pub fn response(&self, from: Point, to: Point, sample_rate_hz: f64) -> Vec<f32> {
        let length = (self.kind.reverberation_s() * 50.0 / 60.0 * sample_rate_hz) as usize;
        let reach_m = length as f64 / sample_rate_hz * SPEED_OF_SOUND_M_PER_S;
        let reflection = self.reflection_factors();
        let mut response = vec![0.0; length + 2 * KERNEL_HALF as usize];
        let orders = self.size_m.map(|size| (reach_m / (2.0 * size)).ceil() as i64);
        let mut distances = [Vec::new(), Vec::new(), Vec::new()];
        for axis in 0..3 {
            for n in -orders[axis]..=orders[axis] {
                for mirrored in [false, true] {
                    let source = if mirrored { -from[axis] } else { from[axis] };
                    let offset = 2.0 * n as f64 * self.size_m[axis] + source - to[axis];
                    let hits = if mirrored { (n - 1).abs() + n.abs() } else { 2 * n.abs() };
                    distances[axis].push((offset * offset, hits as i32));
                }
            }
        }
        let mut image = 0u64;
        for &(x2, x_hits) in &distances[0] {
            for &(y2, y_hits) in &distances[1] {
                for &(z2, z_hits) in &distances[2] {
                    image += 1;
                    let distance = (x2 + y2 + z2).sqrt();
                    if distance >= reach_m {
                        continue;
                    }
                    let mut gain =
                        reflection[0].powi(x_hits) * reflection[1].powi(y_hits) * reflection[2].powi(z_hits) / distance.max(0.3);
                    let hits = x_hits + y_hits + z_hits;
                    // Real surfaces scatter and are not flat: no two reflections have the same sign and time as the mirror's.
                    let mut delay = distance / SPEED_OF_SOUND_M_PER_S;
                    if hits > 0 {
                        let (sign, shift) = scatter(image, 0);
                        gain *= sign;
                        delay += shift * 2e-4 * f64::from(hits).sqrt();
                        let (_, chance) = scatter(image, self.moved.1.wrapping_mul(2).wrapping_add(1));
                        if 0.5 + 0.5 * chance < self.moved.0 {
                            let (sign, shift) = scatter(image, self.moved.1.wrapping_mul(2).wrapping_add(2));
                            gain *= sign;
                            delay = (delay + shift * 2e-3).max(0.0);
                        }
                    }
                    add(&mut response, delay * sample_rate_hz, gain);
                }
            }
        }
        response
    }

    /// Reflection factors per axis, by Eyring's formula T60 = 0.161 V / (−S ln(1−α)). In a room as flat as this one sound that
    /// travels horizontally meets the surfaces less often than Eyring's mean, so that they have to absorb more.
    fn reflection_factors(&self) -> [f64; 3] {
        const FLATNESS: f64 = 0.62;
        let [x, y, z] = self.size_m;
        let (volume, surface) = (x * y * z, 2.0 * (x * y + y * z + x * z));
        let absorbed = 1.0 - (-0.161 * volume / (surface * FLATNESS * self.kind.reverberation_s())).exp();
        [(1.0 - absorbed).sqrt(); 3]
    }
}

/// A sign and a number within −1..1 that belong to an image source.
fn scatter(image: u64, salt: u64) -> (f64, f64) {
    let mut z = image.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    let sign = if z & 1 == 0 { 1.0 } else { -1.0 };
    (sign, (z >> 11) as f64 / (1u64 << 52) as f64 - 1.0)
}

/// Adds a Hann-windowed sinc at a fractional position.
fn add(response: &mut [f32], position: f64, gain: f64) {
    let centre = position.round() as i64;
    for n in centre - KERNEL_HALF..=centre + KERNEL_HALF {
        let x = n as f64 - position;
        let window = 0.5 + 0.5 * (core::f64::consts::PI * x / (KERNEL_HALF as f64 + 1.0)).cos();
        let sinc = if x.abs() < 1e-9 {
            1.0
        } else {
            (core::f64::consts::PI * x).sin() / (core::f64::consts::PI * x)
        };
        if let Some(slot) = usize::try_from(n).ok().and_then(|n| response.get_mut(n)) {
            *slot += (gain * window * sinc) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direct_sound_arrives_in_time_and_as_loud_as_distance_says() {
        let response = Room::new(RoomKind::Dry).response([2.0, 2.0, 1.2], [5.0, 6.0, 1.2], 48_000.0);
        let expected = 5.0 / SPEED_OF_SOUND_M_PER_S * 48_000.0;
        let first = response.iter().position(|x| x.abs() > 0.05).unwrap() as f64;
        assert!((first - expected).abs() < 3.0, "{first} instead of {expected}");
        let energy: f64 = response[..(expected as usize + 20)].iter().map(|x| f64::from(x * x)).sum();
        assert!((10.0 * energy.log10() + 14.0).abs() < 0.5, "{}", 10.0 * energy.log10());
    }

    #[test]
    fn reverberation_decays_in_the_time_it_is_named_for() {
        for kind in RoomKind::ALL {
            let rate = 16_000.0;
            let response = Room::new(kind).response(Room::LOUDSPEAKERS[0], Room::MICROPHONE, rate);
            // Schroeder's backward integration, −5 to −25 dB (ISO 3382-2).
            let mut left: f64 = response.iter().map(|x| f64::from(x * x)).sum();
            let total = left;
            let mut crossing = [0.0f64; 2];
            for (n, x) in response.iter().enumerate() {
                let db = 10.0 * (left / total).log10();
                for (slot, level) in crossing.iter_mut().zip([-5.0, -25.0]) {
                    if *slot == 0.0 && db < level {
                        *slot = n as f64 / rate;
                    }
                }
                left -= f64::from(x * x);
            }
            let t20 = 3.0 * (crossing[1] - crossing[0]);
            let ratio = t20 / kind.reverberation_s();
            assert!((0.75..1.35).contains(&ratio), "{}: {t20:.2} s", kind.name());
        }
    }
}
