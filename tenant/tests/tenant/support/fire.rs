//! Instances of a tenant and their database, killed and stopped at random.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::{
    Place,
    process::{Program, serve_command},
    proxy::Instances,
};

/// How many run.
pub const INSTANCES: usize = 2;

/// Kills, stops and starts again.
pub struct Fire {
    place: Arc<Mutex<Place>>,
    addresses: Instances,
    programs: Vec<Program>,
    random: fastrand::Rng,
    kills: u32,
    stops: u32,
    database_kills: u32,
}

impl Fire {
    /// Starts the instances.
    pub fn new(place: Arc<Mutex<Place>>, addresses: Instances) -> Self {
        let mut fire = Fire {
            place,
            addresses,
            programs: Vec::new(),
            random: fastrand::Rng::with_seed(7),
            kills: 0,
            stops: 0,
            database_kills: 0,
        };
        (0..INSTANCES).for_each(|_| fire.start_program());
        fire
    }

    /// Until the time is over; then everything runs.
    pub fn burn(mut self, until: Instant) -> Burnt {
        while Instant::now() < until {
            std::thread::sleep(Duration::from_millis(self.random.u64(200..900)));
            match self.random.u32(..10) {
                0..6 => self.kill_programs(1),
                6 | 7 => self.stop_program(),
                8 => self.kill_database(),
                _ => {
                    self.kill_programs(INSTANCES);
                    self.kill_database();
                }
            }
            while self.programs.len() < INSTANCES {
                self.start_program();
            }
        }
        Burnt {
            kills: self.kills,
            stops: self.stops,
            database_kills: self.database_kills,
            _programs: self.programs,
        }
    }

    fn kill_programs(&mut self, count: usize) {
        for _ in 0..count {
            let program = self.programs.swap_remove(self.random.usize(..self.programs.len()));
            program.kill();
            self.kills += 1;
        }
        self.publish();
    }

    /// Hangs for longer than controllers wait, so that another instance gets what this one has in hand.
    fn stop_program(&mut self) {
        let program = &self.programs[self.random.usize(..self.programs.len())];
        program.send_signal("STOP");
        std::thread::sleep(Duration::from_millis(self.random.u64(500..2000)));
        program.send_signal("CONT");
        self.stops += 1;
    }

    fn kill_database(&mut self) {
        let mut place = self.place.lock().expect("not poisoned");
        place.server_mut().kill();
        std::thread::sleep(Duration::from_millis(self.random.u64(..500)));
        place.server_mut().start_again();
        self.database_kills += 1;
    }

    fn start_program(&mut self) {
        let command = serve_command(&self.place.lock().expect("not poisoned"));
        self.programs.push(Program::start(command));
        self.publish();
    }

    fn publish(&self) {
        *self.addresses.lock().expect("not poisoned") = self.programs.iter().map(Program::address).collect();
    }
}

/// What happened; keeps the instances running until the last controller is done.
pub struct Burnt {
    pub kills: u32,
    pub stops: u32,
    pub database_kills: u32,
    _programs: Vec<Program>,
}
