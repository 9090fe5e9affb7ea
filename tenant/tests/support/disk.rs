//! A disk that can be full: a file system in memory, which takes the rights of an administrator.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long the disk may stay too busy to be measured.
const PATIENCE: Duration = Duration::from_secs(20);

/// Gone when it goes out of scope, with everything on it.
pub struct Disk {
    folder: TempDir,
    mebibytes: u32,
}

impl Disk {
    /// With so much room; `None` for a user who may not mount anything.
    pub fn mount(mebibytes: u32) -> Option<Self> {
        let folder = TempDir::with_prefix("habitat-disk-").expect("a temporary folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m,mode=755"), "habitat-test"]);
        let mounted = mount.arg(folder.path()).stderr(Stdio::null()).status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Disk { folder, mebibytes })
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// From now on it has no room for another page.
    pub fn fill(&self) {
        let begun = Instant::now();
        // Fails when somebody writes between the two.
        while !self.resize(&format!("{}", used_bytes(self.folder.path()))) {
            assert!(begun.elapsed() < PATIENCE, "the disk cannot be filled");
        }
    }

    /// And now it has.
    pub fn free(&self) {
        assert!(self.resize(&format!("{}m", self.mebibytes)), "the disk cannot be freed");
    }

    fn resize(&self, size: &str) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,size={size}")]).arg(self.folder.path());
        mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }
}

fn used_bytes(path: &Path) -> u64 {
    let output = Command::new("df")
        .args(["--block-size=1", "--output=used"])
        .arg(path)
        .output();
    let text = String::from_utf8(output.expect("df runs").stdout).expect("text");
    text.lines()
        .nth(1)
        .and_then(|used| used.trim().parse().ok())
        .expect("a number")
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a process that is still ending may have a file open.
        let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}
