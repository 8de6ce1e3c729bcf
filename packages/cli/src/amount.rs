//! Amounts of the result: integers inside, decimal strings in JSON, thousands separated for people.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Base units of the quote asset in one unit of it (USDC has 6 decimals).
pub const QUOTE_UNIT: u128 = 1_000_000;

/// Half of a hundredth: what is below it shows as less than one hundredth, never as nothing.
const HALF_CENT: u128 = QUOTE_UNIT / 200;

/// Base units of the quote asset, signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub i128);

/// A number of things, most often lots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(pub u128);

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not an integer in canonical form")]
pub struct ParseError(String);

impl Amount {
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// In whole units with two decimals, a tie away from zero: `1,234,567.89`. A remainder too small to show is `<0.01`, so that
    /// `0.00` always means nothing at all.
    pub fn rounded(self) -> String {
        let magnitude = self.0.unsigned_abs();
        if magnitude != 0 && magnitude < HALF_CENT {
            return if self.0 < 0 { ">-0.01" } else { "<0.01" }.to_string();
        }
        let cents = (magnitude / HALF_CENT).div_ceil(2);
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", grouped(cents / 100), cents % 100)
    }

    /// In whole units with all six decimals: `1,234,567.890000`.
    pub fn exact(self) -> String {
        let magnitude = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (magnitude / QUOTE_UNIT, magnitude % QUOTE_UNIT);
        format!("{sign}{}.{rest:06}", grouped(whole))
    }
}

impl Count {
    /// `1,234,567`
    pub fn grouped(self) -> String {
        grouped(self.0)
    }
}

/// Digits in groups of three.
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

macro_rules! as_decimal_string {
    ($type:ident, $inner:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $type {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                let refused = || ParseError(text.to_string());
                let value: $inner = text.parse().map_err(|_| refused())?;
                // One spelling for each number, so that two results are equal exactly when their texts are.
                (value.to_string() == text)
                    .then_some(Self(value))
                    .ok_or_else(refused)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(D::Error::custom)
            }
        }
    };
}

as_decimal_string!(Amount, i128);
as_decimal_string!(Count, u128);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_decimals_round_half_away_from_zero() {
        for (amount, expected) in [
            (0, "0.00"),
            (1, "<0.01"),
            (-1, ">-0.01"),
            (4_999, "<0.01"),
            (5_000, "0.01"),
            (-5_000, "-0.01"),
            (14_999, "0.01"),
            (15_000, "0.02"),
            (999_995_000, "1,000.00"),
            (1_234_567_890_000, "1,234,567.89"),
            (-1_234_567_894_999, "-1,234,567.89"),
            (i128::MAX, "170,141,183,460,469,231,731,687,303,715,884.11"),
            (i128::MIN, "-170,141,183,460,469,231,731,687,303,715,884.11"),
        ] {
            assert_eq!(Amount(amount).rounded(), expected);
        }
    }

    #[test]
    fn all_decimals_are_kept() {
        for (amount, expected) in [
            (0, "0.000000"),
            (1, "0.000001"),
            (-1_000_000, "-1.000000"),
            (1_234_567_890_123, "1,234,567.890123"),
        ] {
            assert_eq!(Amount(amount).exact(), expected);
        }
    }

    #[test]
    fn amounts_are_strings_in_json() {
        assert_eq!(serde_json::to_string(&Amount(-7)).unwrap(), r#""-7""#);
        assert_eq!(serde_json::from_str::<Count>(r#""12""#).unwrap(), Count(12));
        for text in ["7", r#""007""#, r#""+7""#, r#""-0""#, r#""7.0""#, r#""""#] {
            assert!(serde_json::from_str::<Amount>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Count>(r#""-1""#).is_err());
    }
}
