//! Block times as nodes write them.

/// Seconds since 1970 of an RFC 3339 time in UTC, such as `2025-10-10T21:15:03.5Z`; parts of a
/// second are dropped, as contracts do.
pub fn seconds(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.split('.').next()?.split(':');
    let mut part = || time.next()?.parse::<i64>().ok();
    let (hour, minute, second) = (part()?, part()?, part()?);
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !in_range {
        return None;
    }
    let days = days_since_1970(year, month, day);
    u64::try_from(((days * 24 + hour) * 60 + minute) * 60 + second).ok()
}

/// Years begin in March here, so that the leap day is the last of a year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let before = 146_097 * century / 4 + 1_461 * of_century / 4 + (153 * month + 2) / 5;
    before + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_examples() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:01Z", Some(951_825_601)),
            ("2025-10-10T21:15:03.999Z", Some(1_760_130_903)),
            ("2100-03-01T00:00:00Z", Some(4_107_542_400)),
            ("2025-13-10T21:15:03Z", None),
            ("2025-10-10T21:15:03", None),
            ("2025-10-10", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
