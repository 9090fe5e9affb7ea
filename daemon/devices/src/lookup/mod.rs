//! Which devices there are, which one a name of the layout means, and in which of its configurations it is used.
//!
//! [`find`](find::find) finds, [`choose`](choose::choose) chooses, [`list`] shows people what there is. Nothing here opens a
//! stream.

mod cards;
pub mod choose;
mod describe;
pub mod error;
pub mod find;
mod host;
pub mod list;
mod names;
mod offer;

pub use choose::choose;
pub use error::DeviceError;
pub use find::find;

/// Which way sound goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the microphones.
    Input,
    /// To the loudspeakers.
    Output,
}

impl Direction {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Direction::Input => "input",
            Direction::Output => "output",
        }
    }
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
