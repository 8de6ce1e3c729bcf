//! Unit newtypes. All are integers; on the wire they are decimal strings.

use std::fmt;
use std::str::FromStr;

use cosmwasm_schema::cw_schema;
use cosmwasm_schema::schemars::JsonSchema;
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{overflow, MathError, MathResult};

/// Fixed-point scale of funding indices and of everything the ranking stores: 2^32.
pub const FIXED: i128 = 1 << 32;

/// Exclusive upper bound of a [`Price`].
pub const PRICE_BOUND: u64 = 1 << 40;

/// Exclusive upper bound of a size in [`Lots`].
pub const LOTS_BOUND: u64 = 1 << 48;

macro_rules! decimal_string_newtype {
    ($name:ident, $inner:ty, $precision:literal, $signed:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct FromText;
                impl de::Visitor<'_> for FromText {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("a string-encoded ", stringify!($inner)))
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse::<$inner>()
                            .map($name)
                            .map_err(|e| E::custom(format_args!("invalid integer '{text}': {e}")))
                    }
                }
                deserializer.deserialize_str(FromText)
            }
        }
    };
}

/// Quote units per lot. Range 1..2^40, checked by [`Price::new`] and at every message edge.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    JsonSchema,
    cw_schema::Schemaifier,
)]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema")]
#[schemaifier(type = cw_schema::NodeType::Integer { precision: 64, signed: false })]
pub struct Price(#[schemars(with = "String")] pub u64);
decimal_string_newtype!(Price, u64, 64, false);

/// A number of whole lots. Range 0..2^48.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    JsonSchema,
    cw_schema::Schemaifier,
)]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema")]
#[schemaifier(type = cw_schema::NodeType::Integer { precision: 64, signed: false })]
pub struct Lots(#[schemars(with = "String")] pub u64);
decimal_string_newtype!(Lots, u64, 64, false);

/// Base units of the settlement denom, signed.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    JsonSchema,
    cw_schema::Schemaifier,
)]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema")]
#[schemaifier(type = cw_schema::NodeType::Integer { precision: 128, signed: true })]
pub struct Quote(#[schemars(with = "String")] pub i128);
decimal_string_newtype!(Quote, i128, 128, true);

/// Quote units per lot at the fixed-point scale 2^32, signed: cumulative funding, an entry, a
/// profit per lot.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    JsonSchema,
    cw_schema::Schemaifier,
)]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema")]
#[schemaifier(type = cw_schema::NodeType::Integer { precision: 128, signed: true })]
pub struct PerLot(#[schemars(with = "String")] pub i128);
decimal_string_newtype!(PerLot, i128, 128, true);

/// A part of a staked pool. Not negative; a pool issues 1 000 of them for its first unit.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    JsonSchema,
    cw_schema::Schemaifier,
)]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema")]
#[schemaifier(type = cw_schema::NodeType::Integer { precision: 128, signed: false })]
pub struct Shares(#[schemars(with = "String")] pub u128);
decimal_string_newtype!(Shares, u128, 128, false);

/// Which way a position stands or an order trades: a long order buys.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    cw_schema::Schemaifier,
)]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema")]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Gains when the price rises.
    Long,
    /// Gains when the price falls.
    Short,
}

impl Side {
    /// +1 for long, −1 for short.
    pub const fn sign(self) -> i128 {
        match self {
            Side::Long => 1,
            Side::Short => -1,
        }
    }

    /// The other side.
    pub const fn opposite(self) -> Self {
        match self {
            Side::Long => Side::Short,
            Side::Short => Side::Long,
        }
    }

    /// 0 for long, 1 for short: how storage keys name a side.
    pub const fn bit(self) -> u8 {
        match self {
            Side::Long => 0,
            Side::Short => 1,
        }
    }

    /// The inverse of [`Side::bit`]; anything but 0 is short.
    pub const fn from_bit(bit: u8) -> Self {
        match bit {
            0 => Side::Long,
            _ => Side::Short,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Long => "long",
            Side::Short => "short",
        })
    }
}

impl Price {
    /// A price within its bounds.
    ///
    /// # Errors
    /// `PriceOutOfRange` for 0 and for 2^40 or more.
    pub const fn new(price: u64) -> MathResult<Self> {
        if price == 0 || price >= PRICE_BOUND {
            return Err(MathError::PriceOutOfRange { price });
        }
        Ok(Self(price))
    }

    /// `price × lots`, exact.
    ///
    /// # Errors
    /// `Overflow` if either is out of bounds far enough for the product to leave `i128`.
    pub fn notional(self, lots: Lots) -> MathResult<Quote> {
        (self.0 as i128)
            .checked_mul(lots.0 as i128)
            .map(Quote)
            .ok_or(overflow("notional"))
    }
}

impl Lots {
    /// No lots.
    pub const ZERO: Self = Self(0);

    /// A size of at least one lot within its bounds.
    ///
    /// # Errors
    /// `LotsOutOfRange` for 0 and for 2^48 or more.
    pub const fn new(lots: u64) -> MathResult<Self> {
        if lots == 0 || lots >= LOTS_BOUND {
            return Err(MathError::LotsOutOfRange { lots });
        }
        Ok(Self(lots))
    }

    /// Whether there are none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `self − other`.
    ///
    /// # Errors
    /// `Overflow` below zero.
    pub fn minus(self, other: Self) -> MathResult<Self> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or(overflow("lots below zero"))
    }

    /// `self + other`.
    ///
    /// # Errors
    /// `LotsOutOfRange` at 2^48 and above.
    pub fn plus(self, other: Self) -> MathResult<Self> {
        match self.0.checked_add(other.0) {
            Some(lots) if lots < LOTS_BOUND => Ok(Self(lots)),
            _ => Err(MathError::LotsOutOfRange {
                lots: self.0.saturating_add(other.0),
            }),
        }
    }
}

impl Quote {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `self + other`, or `Overflow`.
    pub fn plus(self, other: Self) -> MathResult<Self> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or(overflow("quote sum"))
    }

    /// `self − other`, or `Overflow`.
    pub fn minus(self, other: Self) -> MathResult<Self> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or(overflow("quote difference"))
    }

    /// The larger of this and nothing.
    pub fn or_zero(self) -> Self {
        Self(self.0.max(0))
    }

    /// The magnitude if this is not negative, else 0.
    pub fn to_unsigned(self) -> u128 {
        self.0.max(0).unsigned_abs()
    }

    /// From an unsigned amount.
    ///
    /// # Errors
    /// `Overflow` at 2^127 and above.
    pub fn from_unsigned(amount: u128) -> MathResult<Self> {
        i128::try_from(amount)
            .map(Self)
            .map_err(|_| overflow("quote amount"))
    }

    /// Sum of many.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn sum(amounts: impl IntoIterator<Item = Quote>) -> MathResult<Self> {
        amounts
            .into_iter()
            .try_fold(Self::ZERO, |sum, amount| sum.plus(amount))
    }
}

impl Shares {
    /// No shares.
    pub const ZERO: Self = Self(0);

    /// Sum.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn plus(self, other: Self) -> MathResult<Self> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or(overflow("sum of shares"))
    }

    /// Difference.
    ///
    /// # Errors
    /// `Overflow` below zero.
    pub fn minus(self, other: Self) -> MathResult<Self> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or(overflow("difference of shares"))
    }
}

impl PerLot {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A whole price at the fixed-point scale.
    pub const fn of_price(price: Price) -> Self {
        Self((price.0 as i128) << 32)
    }

    /// `self + other`, or `Overflow`.
    pub fn plus(self, other: Self) -> MathResult<Self> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or(overflow("per-lot sum"))
    }

    /// `self − other`, or `Overflow`.
    pub fn minus(self, other: Self) -> MathResult<Self> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or(overflow("per-lot difference"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{from_json, to_json_string};

    #[test]
    fn wire_form_is_a_decimal_string() {
        assert_eq!(to_json_string(&Quote(-5)).expect("json"), "\"-5\"");
        assert_eq!(
            from_json::<Quote>(b"\"-170141183460469231731687303715884105728\"").expect("min"),
            Quote(i128::MIN)
        );
        assert!(
            from_json::<Quote>(b"5").is_err(),
            "a bare number is refused"
        );
        assert!(
            from_json::<Lots>(b"\"-5\"").is_err(),
            "a negative size is refused"
        );
        assert!(from_json::<Lots>(b"\"1e3\"").is_err());
    }

    #[test]
    fn bounds() {
        assert!(Price::new(0).is_err());
        assert!(Price::new(PRICE_BOUND).is_err());
        assert!(Price::new(PRICE_BOUND - 1).is_ok());
        assert!(Lots::new(0).is_err());
        assert!(Lots::new(LOTS_BOUND).is_err());
        assert!(Lots(LOTS_BOUND - 1).plus(Lots(1)).is_err());
        let largest = Price(PRICE_BOUND - 1)
            .notional(Lots(LOTS_BOUND - 1))
            .expect("fits");
        assert!(largest.0 < 1 << 88);
    }
}
