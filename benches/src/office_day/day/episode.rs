//! One call, conversation or meeting, and whose turn it is.

use crate::sounds::random::Random;

/// Median durations of calls, conversations and coffees, seconds, and the standard deviation of their logarithms.
const CALL_S: f64 = 200.0;
const CONVERSATION_S: f64 = 150.0;
const COFFEE_S: f64 = 420.0;
const DURATION_SPREAD: f64 = 0.8;

/// Mean length of a turn in a dialogue and in a meeting, seconds; turns are exponential and at least a second.
const TURN_S: f64 = 5.0;
const MEETING_TURN_S: f64 = 12.0;

/// Share of turns after which everybody thinks, and for how long at most, seconds.
const PAUSE_SHARE: f64 = 0.3;
const PAUSE_S: f64 = 4.0;

/// How much louder people are on the telephone (Toubar et al. 2025: teleconferences 54, others 53 dB(A)), dB.
const CALL_DB: f64 = 1.0;

/// Spread of a voice from one episode to the next and from one turn to the next, dB.
const EPISODE_SPREAD_DB: f64 = 1.5;
const TURN_SPREAD_DB: f64 = 1.0;

/// People who talk with each other for a while.
pub struct Episode {
    /// Persons and the seats at which they talk.
    members: Vec<(usize, usize)>,
    /// Somebody at the other end of the line takes turns too.
    remote: bool,
    until_s: usize,
    mean_turn_s: f64,
    offset_db: f64,
    /// Whose turn it is; the one after the last member is the other end of the line; nobody in a pause.
    turn: Option<usize>,
    last: usize,
    turn_until_s: usize,
    turn_db: f64,
}

impl Episode {
    /// A call of one person.
    pub fn call(person: usize, now_s: usize, random: &mut Random) -> Self {
        let until_s = now_s + duration_s(CALL_S, random);
        let mut call = Self::new(vec![(person, person)], until_s, TURN_S, random);
        call.remote = true;
        call.offset_db += CALL_DB;
        call
    }

    /// Two people talk, each at the given seat.
    pub fn conversation(persons: [usize; 2], seats: [usize; 2], now_s: usize, random: &mut Random) -> Self {
        let until_s = now_s + duration_s(CONVERSATION_S, random);
        Self::new(persons.into_iter().zip(seats).collect(), until_s, TURN_S, random)
    }

    /// A team talks, everybody at the given seat.
    pub fn meeting(members: Vec<(usize, usize)>, until_s: usize, random: &mut Random) -> Self {
        Self::new(members, until_s, MEETING_TURN_S, random)
    }

    /// Some people have coffee, everybody at the given place.
    pub fn coffee(members: Vec<(usize, usize)>, now_s: usize, random: &mut Random) -> Self {
        let until_s = now_s + duration_s(COFFEE_S, random);
        Self::new(members, until_s, TURN_S, random)
    }

    fn new(members: Vec<(usize, usize)>, until_s: usize, mean_turn_s: f64, random: &mut Random) -> Self {
        Episode {
            last: random.index(members.len()),
            members,
            remote: false,
            until_s,
            mean_turn_s,
            offset_db: EPISODE_SPREAD_DB * random.normal_pair().0,
            turn: None,
            turn_until_s: 0,
            turn_db: 0.0,
        }
    }

    /// Whether it is over.
    pub fn has_ended(&self, second: usize) -> bool {
        second >= self.until_s
    }

    /// Who takes part.
    pub fn members(&self) -> impl Iterator<Item = usize> + '_ {
        self.members.iter().map(|(person, _)| *person)
    }

    /// Where they are.
    pub fn seats(&self) -> impl Iterator<Item = usize> + '_ {
        self.members.iter().map(|(_, seat)| *seat)
    }

    /// Who talks in this second, at whose seat, and how much louder than usual.
    pub fn speaker(&mut self, second: usize, random: &mut Random) -> Option<(usize, usize, f64)> {
        if second >= self.turn_until_s {
            self.next_turn(second, random);
        }
        let (person, seat) = *self.members.get(self.turn?)?;
        Some((person, seat, self.offset_db + self.turn_db))
    }

    fn next_turn(&mut self, second: usize, random: &mut Random) {
        if self.turn.is_some() && random.uniform() < PAUSE_SHARE {
            self.turn = None;
            self.turn_until_s = second + 1 + random.index(PAUSE_S as usize);
            return;
        }
        let takers = self.members.len() + usize::from(self.remote);
        let step = 1 + random.index(takers.max(2) - 1);
        self.last = (self.last + step) % takers;
        self.turn = Some(self.last);
        self.turn_until_s = second + 1 + (random.waiting_s(1.0 / self.mean_turn_s)) as usize;
        self.turn_db = TURN_SPREAD_DB * random.normal_pair().0;
    }
}

fn duration_s(median_s: f64, random: &mut Random) -> usize {
    1 + (median_s * (DURATION_SPREAD * random.normal_pair().0).exp()) as usize
}
