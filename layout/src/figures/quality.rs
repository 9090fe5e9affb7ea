//! What counts as good and as poor.

use super::Figures;

/// How an office does by the guide values of ISO 3382-3 (annex on the evaluation of results).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Poor acoustic conditions.
    Poor,
    /// In between, as most offices are.
    Fair,
    /// Good acoustic conditions.
    Good,
}

impl Quality {
    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Poor => "poor",
            Self::Fair => "fair",
            Self::Good => "good",
        }
    }

    /// D2,S: good from 7 dB, poor below 5 dB.
    pub fn of_d2s(d2s_db: f64) -> Self {
        Self::rising(d2s_db, 5.0, 7.0)
    }

    /// Lp,A,S,4m: good up to 48 dB, poor above 50 dB.
    pub fn of_lp4m(lp4m_db: f64) -> Self {
        Self::rising(-lp4m_db, -50.0, -48.0)
    }

    /// rD: good up to 5 m, poor above 10 m.
    pub fn of_rd(rd_m: f64) -> Self {
        Self::rising(-rd_m, -10.0, -5.0)
    }

    /// The worst of the figures; a distraction distance that does not exist, because nothing falls, is poor.
    pub fn of(figures: &Figures) -> Self {
        let distraction = figures.rd_m.map_or(Self::Poor, Self::of_rd);
        Self::of_d2s(figures.d2s_db)
            .min(Self::of_lp4m(figures.lp4m_db))
            .min(distraction)
    }

    fn rising(value: f64, poor_below: f64, good_from: f64) -> Self {
        if value >= good_from {
            Self::Good
        } else if value < poor_below {
            Self::Poor
        } else {
            Self::Fair
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_standard() {
        use Quality::{Fair, Good, Poor};
        assert_eq!([7.0, 6.9, 5.0, 4.9].map(Quality::of_d2s), [Good, Fair, Fair, Poor]);
        assert_eq!([48.0, 48.1, 50.0, 50.1].map(Quality::of_lp4m), [Good, Fair, Fair, Poor]);
        assert_eq!([5.0, 5.1, 10.0, 10.1].map(Quality::of_rd), [Good, Fair, Fair, Poor]);
    }
}
