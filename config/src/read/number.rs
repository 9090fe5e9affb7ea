//! Numbers in their range.

use toml::de::DeValue;

use super::Item;

/// What a number may be.
pub(crate) struct NumberRule {
    /// Lowest value.
    pub(crate) min: f64,
    /// Highest value.
    pub(crate) max: f64,
    /// Unit with a leading space, or empty.
    pub(crate) unit: &'static str,
    /// Why it ends there.
    pub(crate) reason: &'static str,
}

/// What a whole number may be.
pub(crate) struct WholeRule {
    /// Lowest value.
    pub(crate) min: u64,
    /// Highest value.
    pub(crate) max: u64,
    /// Why it ends there.
    pub(crate) reason: &'static str,
}

impl NumberRule {
    /// "write a number from 1 to 2 dB: reason".
    fn help(&self) -> String {
        help(
            "a number",
            &self.min.to_string(),
            &self.max.to_string(),
            self.unit,
            self.reason,
        )
    }
}

fn help(what: &str, min: &str, max: &str, unit: &str, reason: &str) -> String {
    let range = format!("write {what} from {min} to {max}{unit}");
    if reason.is_empty() {
        range
    } else {
        format!("{range}: {reason}")
    }
}

/// A finite number in the range of `rule`; whole numbers count too.
pub(crate) fn number(rule: &'static NumberRule) -> impl Fn(&Item) -> Option<f64> {
    move |item| {
        let value = match item.value {
            // Integers beyond 64 bits are far out of every range.
            DeValue::Integer(digits) => {
                i64::from_str_radix(digits.as_str(), digits.radix()).map_or(f64::INFINITY, |whole| whole as f64)
            }
            DeValue::Float(digits) => digits.as_str().parse().unwrap_or(f64::NAN),
            _ => return item.wrong_kind("a number", rule.help()),
        };
        if (rule.min..=rule.max).contains(&value) {
            return Some(value);
        }
        let written = item.notes.written(&item.span);
        let problem = if !value.is_finite() && !matches!(item.value, DeValue::Integer(_)) {
            "is not a finite number".to_owned()
        } else if value < rule.min {
            format!("is below the lowest allowed value, {}{}", rule.min, rule.unit)
        } else {
            format!("is above the highest allowed value, {}{}", rule.max, rule.unit)
        };
        item.wrong(format!("`{}` = {} {problem}", item.key, super::shown(written)), rule.help())
    }
}

/// A whole number in the range of `rule`.
pub(crate) fn whole(rule: &'static WholeRule) -> impl Fn(&Item) -> Option<u64> {
    move |item| {
        let help = || {
            help(
                "a whole number",
                &rule.min.to_string(),
                &rule.max.to_string(),
                "",
                rule.reason,
            )
        };
        let DeValue::Integer(digits) = item.value else {
            return item.wrong_kind("a whole number", help());
        };
        let value = i128::from_str_radix(digits.as_str(), digits.radix()).unwrap_or(i128::MAX);
        match u64::try_from(value) {
            Ok(value) if (rule.min..=rule.max).contains(&value) => Some(value),
            _ => {
                let written = super::shown(item.notes.written(&item.span));
                let (word, limit) = if value < i128::from(rule.min) {
                    ("below the lowest", rule.min)
                } else {
                    ("above the highest", rule.max)
                };
                item.wrong(format!("`{}` = {written} is {word} allowed value, {limit}", item.key), help())
            }
        }
    }
}
