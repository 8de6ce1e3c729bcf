//! Decimal text, such as `1.2e-5`, read exactly.
//!
//! The published files hold shortest-round-trip decimals of doubles. Going through a double again would make the amount of
//! base units depend on a rounding that nobody can check by hand, so a number stays `mantissa · 10^exponent` until the one
//! rounding that turns it into an integer.

use std::str::FromStr;

use thiserror::Error;

/// `mantissa · 10^exponent`, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    exponent: i32,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecimalError {
    #[error("`{0}` is not a decimal number")]
    Malformed(String),
    #[error("`{0}` has too many digits")]
    TooLong(String),
    #[error("{mantissa}e{exponent} is out of range")]
    OutOfRange { mantissa: i128, exponent: i32 },
}

/// More would only be reached by a damaged file, and keeps every sum of exponents inside `i32`.
const LARGEST_EXPONENT: i32 = 10_000;

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let malformed = || DecimalError::Malformed(text.to_string());
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().map_err(|_| malformed())?),
            None => (text, 0),
        };
        if exponent.abs() > LARGEST_EXPONENT {
            return Err(DecimalError::TooLong(text.to_string()));
        }
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(malformed());
        }

        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(malformed());
            }
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|m| m.checked_add(i128::from(byte - b'0')))
                .ok_or_else(|| DecimalError::TooLong(text.to_string()))?;
        }
        let places =
            i32::try_from(fraction.len()).map_err(|_| DecimalError::TooLong(text.to_string()))?;
        Ok(Self {
            mantissa: if negative { -mantissa } else { mantissa },
            exponent: exponent - places,
        })
    }
}

impl Decimal {
    /// `self · 10^shift` to the nearest integer, a tie away from zero.
    pub fn shifted_nearest(self, shift: i32) -> Result<i128, DecimalError> {
        let exponent = self.exponent.saturating_add(shift);
        if self.mantissa == 0 {
            return Ok(0);
        }
        let Some(power) = 10_i128.checked_pow(exponent.unsigned_abs()) else {
            // 10^39 and above is more than twice any mantissa: a division by it rounds to zero.
            return if exponent < 0 {
                Ok(0)
            } else {
                Err(self.out_of_range())
            };
        };
        if exponent >= 0 {
            return self
                .mantissa
                .checked_mul(power)
                .ok_or_else(|| self.out_of_range());
        }
        let rest = (self.mantissa % power).unsigned_abs();
        let away = i128::from(rest >= power.unsigned_abs() - rest);
        Ok(self.mantissa / power + away * self.mantissa.signum())
    }

    /// `self · 10^shift` if that is an integer.
    pub fn shifted_exact(self, shift: i32) -> Option<i128> {
        let rounded = self.shifted_nearest(shift).ok()?;
        let exponent = self.exponent.saturating_add(shift);
        if exponent >= 0 {
            return Some(rounded);
        }
        let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
        (rounded.checked_mul(power)? == self.mantissa).then_some(rounded)
    }

    /// k when the number is exactly 10^k.
    pub fn power_of_ten(self) -> Option<i32> {
        let mut mantissa = self.mantissa;
        let mut exponent = self.exponent;
        while mantissa > 1 && mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        (mantissa == 1).then_some(exponent)
    }

    fn out_of_range(self) -> DecimalError {
        DecimalError::OutOfRange {
            mantissa: self.mantissa,
            exponent: self.exponent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_nearest_integer_of_a_shifted_decimal() {
        let cases = [
            ("0", 6, 0),
            ("0.0", 6, 0),
            ("4222.73250000006", 6, 4_222_732_500),
            ("8.000000000001062e-06", 6, 8),
            ("2.5", 0, 3),
            ("-2.5", 0, -3),
            ("2.4999999", 0, 2),
            ("-0.4", 0, 0),
            ("1e3", 0, 1000),
            ("1.5E2", 0, 150),
            ("12345", -2, 123),
            ("12350", -2, 124),
            (".5", 0, 1),
            ("5.", 0, 5),
            ("4.9e-1", 0, 0),
            ("9e-39", 0, 0),
            ("9e-400", 6, 0),
            ("170141183460469231731687303715884105727", 0, i128::MAX),
        ];
        for (text, shift, expected) in cases {
            assert_eq!(
                decimal(text).shifted_nearest(shift),
                Ok(expected),
                "{text} · 10^{shift}"
            );
        }
    }

    #[test]
    fn an_exact_shift_is_refused_when_something_would_be_lost() {
        assert_eq!(decimal("0.15").shifted_exact(2), Some(15));
        assert_eq!(decimal("0.15").shifted_exact(1), None);
        assert_eq!(decimal("1e3").shifted_exact(0), Some(1000));
        assert_eq!(decimal("0.150").shifted_exact(2), Some(15));
        assert_eq!(decimal("1e39").shifted_exact(0), None);
    }

    #[test]
    fn powers_of_ten_are_recognised() {
        for (text, expected) in [
            ("0.001", Some(-3)),
            ("1", Some(0)),
            ("1000", Some(3)),
            ("1e4", Some(4)),
            ("20", None),
            ("0", None),
            ("-1", None),
        ] {
            assert_eq!(decimal(text).power_of_ten(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_decimal_is_refused() {
        for text in [
            "", ".", "-", "1.2.3", "1e", "e5", "0x10", "1,5", "nan", "+1", " 1",
        ] {
            assert!(
                matches!(text.parse::<Decimal>(), Err(DecimalError::Malformed(_))),
                "{text}"
            );
        }
        for text in ["170141183460469231731687303715884105728", "1e99999"] {
            assert!(
                matches!(text.parse::<Decimal>(), Err(DecimalError::TooLong(_))),
                "{text}"
            );
        }
        assert!(decimal("1e30").shifted_nearest(30).is_err());
        assert!(decimal("1e300").shifted_nearest(0).is_err());
    }
}
