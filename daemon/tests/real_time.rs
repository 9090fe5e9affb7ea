//! Real time as the kernel sees it, and the time of blocks, of the real program.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "support/console.rs"]
#[allow(dead_code, reason = "other tests change something")]
mod console;
#[path = "support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "support/one_room.rs"]
mod one_room;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    console::Console,
    habitatd::{Daemon, HANG, Site, free_port},
};

/// As many as tell a median from a maximum.
const BLOCKS: u64 = 60;

/// A site that plays, and its console.
struct Running {
    daemon: Daemon,
    console: Console,
    port: u16,
    _site: Site,
}

impl Running {
    /// With these lines in `[audio]`, started by `launcher`, whose arguments end before the program.
    fn start(audio: &str, launcher: &[&str]) -> Self {
        let port = free_port();
        let habitat = format!(
            "layout = \"layout.toml\"\nstate_dir = \"state\"\n[site]\nid = \"test\"\n[console]\nlisten = \"127.0.0.1:{port}\"\n\
             [audio]\n{audio}\n"
        );
        let site = Site::new(&habitat, &one_room::layout(1, ""));
        let program = site.command("run");
        let command = match launcher.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program.get_program()).args(program.get_args());
                command.env_remove("RUST_LOG").env_remove("JOURNAL_STREAM");
                command
            }
            None => program,
        };
        let mut daemon = Daemon::start(command);
        Running {
            console: Console::of(&mut daemon, port),
            daemon,
            port,
            _site: site,
        }
    }

    /// Health, as soon as there are enough blocks to judge.
    fn health(&self) -> Value {
        let begun = Instant::now();
        loop {
            let health = self.console.get("/api/v1/health");
            if health["block_time"]["last_minute"]["blocks"].as_u64() >= Some(BLOCKS) {
                return health;
            }
            assert!(begun.elapsed() < HANG, "no blocks: {health}\n{}", self.daemon.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What curl gets.
    fn metrics(&self) -> String {
        let url = format!("http://127.0.0.1:{}/metrics", self.port);
        let answer = Command::new("curl").args(["-sf", "--noproxy", "*", &url]).output().unwrap();
        assert!(answer.status.success());
        String::from_utf8(answer.stdout).unwrap()
    }

    /// The thread of that name.
    fn thread(&self, name: &str) -> PathBuf {
        let threads = fs::read_dir(format!("/proc/{}/task", self.daemon.id())).unwrap();
        let named = |path: &PathBuf| fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim() == name);
        threads.map(|thread| thread.unwrap().path()).find(named).unwrap()
    }
}

/// What chrt(1) says of a thread.
fn chrt(thread: &Path) -> String {
    let id = thread.file_name().unwrap();
    let answer = Command::new("chrt").arg("-p").arg(id).env("LC_ALL", "C").output().unwrap();
    String::from_utf8(answer.stdout).unwrap()
}

fn status_value(path: PathBuf, key: &str) -> String {
    let status = fs::read_to_string(path.join("status")).unwrap();
    let value = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    value.unwrap().trim().to_owned()
}

fn share(of: &Value, name: &str) -> f64 {
    of[name].as_f64().unwrap_or_else(|| panic!("{name} in {of}"))
}

#[test]
fn a_live_engine_says_what_the_kernel_says_of_its_thread_and_how_long_its_blocks_take() {
    let allowed = status_value("/proc/self".into(), "Cpus_allowed_list");
    let cpu = allowed.split(['-', ',']).next().unwrap();
    let running = Running::start(&format!("backend = \"virtual\"\nengine_cpu = {cpu}"), &[]);
    let health = running.health();

    let thread = running.thread("engine");
    let told = &health["real_time"];
    let seen = chrt(&thread);
    let (policy, priority) = (
        told["scheduling"]["policy"].as_str().unwrap(),
        &told["scheduling"]["priority"],
    );
    assert!(
        seen.contains(policy) && seen.trim_end().ends_with(&format!(": {priority}")),
        "{told}\n{seen}"
    );
    assert_eq!(
        (&told["cpus"], status_value(thread, "Cpus_allowed_list").as_str()),
        (&cpu.into(), cpu)
    );
    let locked = status_value(format!("/proc/{}", running.daemon.id()).into(), "VmLck");
    assert_eq!(told["memory_locked"], locked != "0 kB", "{locked}");
    let all = policy == "SCHED_FIFO" && told["memory_locked"] == true;
    assert_eq!(health["parts"]["engine"]["state"] == "ok", all, "{health}");

    let block_time = &health["block_time"];
    assert_eq!(block_time["block_period_ms"], 21.3333);
    for part in ["whole_run", "last_minute"] {
        let names = ["p50", "p99", "p999", "max"].map(|name| format!("{name}_share_of_period"));
        let shares = names.map(|name| share(&block_time[part], &name));
        assert!(shares.is_sorted() && shares[0] > 0.0 && shares[0] < 1.0, "{part}: {shares:?}");
    }

    let metrics = running.metrics();
    let number = |name: &str| -> f64 {
        let line = metrics.lines().find(|line| line.starts_with(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("{name} is missing in\n{metrics}"))
            .rsplit_once(' ')
            .unwrap()
            .1
            .parse()
            .unwrap()
    };
    let count = number("habitat_engine_block_seconds_count");
    assert!(count >= BLOCKS as f64);
    assert_eq!(number("habitat_engine_block_seconds_bucket{le=\"+Inf\"}"), count);
    let sum = number("habitat_engine_block_seconds_sum");
    assert!(sum > 0.0 && sum < count, "{sum} s for {count} blocks");
    assert_eq!(
        number(&format!("habitat_engine_scheduling_priority{{policy=\"{policy}\"}}")),
        priority.as_f64().unwrap()
    );
    assert_eq!(number("habitat_memory_locked") == 1.0, told["memory_locked"] == true);
    assert_eq!(number(&format!("habitat_engine_cpus{{cpus=\"{cpu}\"}}")), 1.0);
}

#[test]
fn an_engine_that_is_given_nothing_goes_on_and_says_what_would_help() {
    // Whoever may do anything has to give that up first.
    let root = status_value("/proc/self".into(), "Uid").starts_with('0');
    let give_up = ["setpriv", "--bounding-set", "-sys_nice,-ipc_lock,-sys_resource"];
    let limits = ["prlimit", "--rtprio=0:0", "--memlock=65536:65536"];
    let launcher = if root {
        [&give_up[..], &limits].concat()
    } else {
        limits.to_vec()
    };
    let running = Running::start("backend = \"virtual\"\nengine_cpu = 1023", &launcher);
    let health = running.health();
    let told = &health["real_time"];
    assert_eq!(
        (&told["scheduling"]["policy"], &told["memory_locked"]),
        (&"SCHED_OTHER".into(), &false.into())
    );
    assert_eq!(told["memory_lock_limit_bytes"], 65536);
    let problem = health["parts"]["engine"]["problem"].as_str().unwrap();
    for part in [
        "under SCHED_OTHER",
        "RLIMIT_RTPRIO is 0",
        "LimitRTPRIO=20",
        "RLIMIT_MEMLOCK is 64 KiB",
        "LimitMEMLOCK=infinity",
        "limits.conf",
        "does not run on CPU 1023",
    ] {
        assert!(problem.contains(part), "{part} is missing in {problem}");
    }
    assert_eq!(health["ready"], true);
    assert!(running.metrics().contains("habitat_memory_lock_limit_bytes 65536.0"));
}

#[test]
fn lock_step_asks_for_no_real_time_and_measures_its_blocks_all_the_same() {
    let mut running = Running::start("backend = \"pipe\"\npipe.start = \"2026-01-05T08:00:00Z\"", &[]);
    let (mut stdin, mut stdout) = running.daemon.streams();
    let reading = std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    stdin.write_all(&vec![0; BLOCKS as usize * 1024 * size_of::<f32>()]).unwrap();
    let health = running.health();
    assert_eq!(
        (&health["real_time"], &health["parts"]["engine"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(health["block_time"]["whole_run"]["blocks"], BLOCKS);
    assert!(chrt(&running.thread("engine")).contains("SCHED_OTHER"));
    assert!(!running.metrics().contains("habitat_memory_locked"));
    drop(stdin);
    running.daemon.wait();
    reading.join().unwrap().unwrap();
}
