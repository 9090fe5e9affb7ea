//! Scales of the maps: seven steps, from what is good to what is not.

use habitat_layout::drawing::STEPS;

/// Limits between the steps, what each step is called, and what the whole is.
pub(super) struct Scale {
    pub(super) limits: [f64; STEPS as usize - 1],
    pub(super) labels: [&'static str; STEPS as usize],
    pub(super) title: &'static str,
}

/// Speech transmission index: 0.21 is where work begins to suffer and 0.44 where it suffers most (Haapakangas et al. 2020); at
/// 0.50 the distraction distance ends (ISO 3382-3).
pub(super) const STI: Scale = Scale {
    limits: [0.10, 0.21, 0.32, 0.44, 0.50, 0.60],
    labels: [
        "below 0.10",
        "0.10–0.21 not understood",
        "0.21–0.32 single words",
        "0.32–0.44",
        "0.44–0.50",
        "0.50–0.60 understood",
        "above 0.60 clear",
    ],
    title: "Speech transmission index (STI)",
};

/// How many other workplaces one understands.
pub(super) const UNDERSTOOD: Scale = Scale {
    limits: [2.0, 5.0, 9.0, 15.0, 25.0, 40.0],
    labels: ["0–1", "2–4", "5–8", "9–14", "15–24", "25–39", "40 and more"],
    title: "Workplaces whose talk is understood from here",
};

/// Masking re the zone's commissioned level, dB.
pub(super) const EVENNESS: Scale = Scale {
    limits: [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0],
    labels: [
        "−3 dB and less",
        "−3 to −2 dB",
        "−2 to −1 dB",
        "within 1 dB",
        "1 to 2 dB",
        "2 to 3 dB",
        "3 dB and more",
    ],
    title: "Masking re the commissioned level of the zone",
};

impl Scale {
    /// Step of a value; the upper limit of a step belongs to the next.
    pub(super) fn step(&self, value: f64) -> u8 {
        self.limits.iter().filter(|limit| value >= **limit).count() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_understood_by_the_standard_has_a_warm_colour() {
        assert_eq!([0.0, 0.1, 0.439, 0.44, 0.5, 0.9].map(|sti| STI.step(sti)), [0, 1, 3, 4, 5, 6]);
        assert_eq!(EVENNESS.step(0.0), 3);
        assert_eq!(EVENNESS.step(f64::NEG_INFINITY), 0);
    }
}
