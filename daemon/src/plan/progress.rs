//! A bar on a terminal, for plans that take seconds.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Parts of a whole.
const STEPS: u64 = 1000;

/// Plans of fewer zones are ready before anybody could read a bar.
const FEW_ZONES: usize = 40;

/// How far the prediction is; shown on standard error only if that is a terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar for a plan of so many zones.
    pub fn start(zones: usize) -> Self {
        let target = if zones >= FEW_ZONES && stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(STEPS), target);
        let style = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3} % {elapsed}");
        Self(
            style
                .map_or(bar.clone(), |style| bar.with_style(style))
                .with_message("predicting"),
        )
    }

    /// No bar.
    pub fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    pub(super) fn show(&self, share: f64) {
        self.0.set_position((share * STEPS as f64) as u64);
        if share >= 1.0 {
            self.0.finish_and_clear();
        }
    }
}
