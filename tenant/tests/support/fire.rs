//! Instances of a tenant and their database, killed and stopped at random.

use std::{
    fmt,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::{disk::Disk, postgres::Postgres, program::Program, proxy::Instances};

/// How many run.
pub const INSTANCES: usize = 2;
/// Room for the database of some hours of fire.
const DISK_MIB: u32 = 2048;
/// An instance that is started beside a database which recovers ends and is started again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills, stops and starts again.
pub struct Fire {
    server: Arc<Mutex<Postgres>>,
    serve: fn(&Postgres) -> Command,
    addresses: Instances,
    programs: Vec<Program>,
    random: fastrand::Rng,
    /// Of the database; without the rights for one it is never full.
    disk: Option<Disk>,
    kills: u32,
    stops: u32,
    database_kills: u32,
    full_disks: u32,
}

/// A server, on a disk that can be filled if that is possible.
pub fn server_on_a_disk() -> (Arc<Mutex<Postgres>>, Option<Disk>) {
    let disk = Disk::mount(DISK_MIB);
    let folder = disk.as_ref().map_or_else(std::env::temp_dir, Disk::path);
    (Arc::new(Mutex::new(Postgres::start_in(&folder))), disk)
}

impl Fire {
    /// Starts the instances by this command.
    pub fn new(server: Arc<Mutex<Postgres>>, disk: Option<Disk>, serve: fn(&Postgres) -> Command, addresses: Instances) -> Self {
        let mut fire = Fire {
            server,
            disk,
            serve,
            addresses,
            programs: Vec::new(),
            random: fastrand::Rng::with_seed(7),
            kills: 0,
            stops: 0,
            database_kills: 0,
            full_disks: 0,
        };
        (0..INSTANCES).for_each(|_| fire.start_program());
        fire
    }

    /// Until the time is over; then everything runs.
    pub fn burn(mut self, until: Instant) -> Burnt {
        while Instant::now() < until {
            std::thread::sleep(Duration::from_millis(self.random.u64(200..900)));
            match self.random.u32(..12) {
                0..6 => self.kill_programs(1),
                6 | 7 => self.stop_program(),
                8 => self.kill_database(),
                9 | 10 => self.fill_disk(),
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
            full_disks: self.full_disks,
            disk: self.disk,
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
        let mut server = self.server.lock().expect("not poisoned");
        server.kill();
        std::thread::sleep(Duration::from_millis(self.random.u64(..500)));
        server.start_again();
        self.database_kills += 1;
    }

    /// The database finds no room, and may end by itself for that.
    fn fill_disk(&mut self) {
        let Some(disk) = &self.disk else { return };
        disk.fill();
        std::thread::sleep(Duration::from_millis(self.random.u64(300..2000)));
        disk.free();
        self.server.lock().expect("not poisoned").start_again();
        self.full_disks += 1;
    }

    fn start_program(&mut self) {
        let command = || (self.serve)(&self.server.lock().expect("not poisoned"));
        let begun = Instant::now();
        let program = loop {
            match Program::try_start(command()) {
                Some(program) => break program,
                None => assert!(begun.elapsed() < PATIENCE, "no instance starts"),
            }
        };
        self.programs.push(program);
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
    full_disks: u32,
    /// Has to outlive the server.
    pub disk: Option<Disk>,
    _programs: Vec<Program>,
}

impl Burnt {
    /// Whether everything was hit in these seconds.
    pub fn assert_hot(&self, seconds: u64) {
        assert!(
            u64::from(self.kills) > seconds / 6 && u64::from(self.stops) > seconds / 30,
            "hardly an instance was hit: {self}"
        );
        assert!(
            u64::from(self.database_kills) > seconds / 30,
            "hardly a kill of the database: {self}"
        );
        assert!(
            self.disk.is_none() || u64::from(self.full_disks) > seconds / 30,
            "the disk was hardly full: {self}"
        );
    }
}

impl fmt::Display for Burnt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Burnt {
            kills,
            stops,
            database_kills,
            full_disks,
            ..
        } = self;
        write!(
            f,
            "{kills} kills and {stops} stops of {INSTANCES} instances, {database_kills} kills of the database, {full_disks} times its \
             disk was full"
        )
    }
}
