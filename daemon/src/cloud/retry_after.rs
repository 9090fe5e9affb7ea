//! The header `Retry-After`: seconds or a date (RFC 9110, 10.2.3).

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// The wait that a server asks for; `None` when the value is neither of both. A date counts from the server's own clock,
/// its header `Date`, as far as it gives that; from `now` otherwise.
pub(super) fn parse(value: &str, date: Option<&str>, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let until = http_date(value)?;
    let from = date.and_then(http_date).unwrap_or(now);
    // A date in the past asks for no wait at all.
    Some(Duration::try_from(until.duration_since(from)).unwrap_or_default())
}

/// The date format of RFC 9110, 5.6.7 that servers have to send; jiff reads it with RFC 2822, from which it comes.
fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "Mon, 05 Jan 2026 12:00:00 GMT";
    const TEN_PAST: &str = "Mon, 05 Jan 2026 12:10:00 GMT";

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(parse("120", None, Timestamp::UNIX_EPOCH), Some(Duration::from_secs(120)));
        assert_eq!(parse(" 0 ", None, Timestamp::UNIX_EPOCH), Some(Duration::ZERO));
    }

    #[test]
    fn a_date_counts_from_the_servers_clock_even_when_ours_is_wrong() {
        let ours = at("2031-01-01T00:00:00Z");
        assert_eq!(parse(TEN_PAST, Some(NOON), ours), Some(Duration::from_secs(600)));
    }

    #[test]
    fn without_the_servers_clock_a_date_counts_from_ours() {
        assert_eq!(
            parse(TEN_PAST, None, at("2026-01-05T12:09:00Z")),
            Some(Duration::from_secs(60))
        );
        assert_eq!(
            parse(TEN_PAST, Some("soon"), at("2026-01-05T12:09:00Z")),
            Some(Duration::from_secs(60))
        );
    }

    #[test]
    fn a_date_in_the_past_asks_for_no_wait() {
        assert_eq!(parse(NOON, Some(TEN_PAST), Timestamp::UNIX_EPOCH), Some(Duration::ZERO));
    }

    #[test]
    fn anything_else_is_not_understood() {
        for value in ["", "soon", "-5", "1.5", "99999999999999999999"] {
            assert_eq!(parse(value, None, Timestamp::UNIX_EPOCH), None, "{value:?}");
        }
    }
}
