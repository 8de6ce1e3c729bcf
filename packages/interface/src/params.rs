//! Parameters: every field with its bounds, one `validate` per set.

mod fields;
mod fund;

use cosmwasm_schema::cw_serde;
use perp_core::bounty::least_fee_floor;
use thiserror::Error;

pub use self::fields::OwnPolicy;
pub use self::fund::{FundParams, PaidInCap, SurplusRule, TargetRule};
use crate::{Lots, PerLot, Policy, Quote};

/// A parameter outside of its bounds.
#[derive(Error, Debug, Clone, PartialEq, Eq)]
pub enum ParamError {
    /// A number outside of its bounds.
    #[error("param_out_of_bounds: {name} = {value} is not within {min}..={max}")]
    OutOfBounds {
        /// Field.
        name: &'static str,
        /// Refused value.
        value: i128,
        /// Least allowed.
        min: i128,
        /// Most allowed.
        max: i128,
    },
    /// Margin tiers that do not start at 0, do not ascend, or whose rates fall.
    #[error("param_tiers: tier {tier}: {reason}")]
    Tiers {
        /// Which tier, from 0.
        tier: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A bounty that could be earned by making losses.
    #[error("param_bounty: {bounty} per fill is above {fee}, the least fee of a position of least notional")]
    Bounty {
        /// What was proposed.
        bounty: Quote,
        /// Most that is allowed.
        fee: Quote,
    },
}

pub(crate) fn within(
    name: &'static str,
    value: impl Into<i128>,
    min: i128,
    max: i128,
) -> Result<(), ParamError> {
    let value = value.into();
    if value < min || value > max {
        return Err(ParamError::OutOfBounds {
            name,
            value,
            min,
            max,
        });
    }
    Ok(())
}

/// Parameters of the price feed.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct FeedParams {
    /// How far in the future a publish time may lie, in seconds. Bounds: 0..=60.
    pub max_future: u64,
    /// How old a price may be when it is set, in seconds. Bounds: 1..=3600.
    pub max_age: u64,
}

impl Default for FeedParams {
    fn default() -> Self {
        Self {
            max_future: 5,
            max_age: 60,
        }
    }
}

impl FeedParams {
    /// Checks every bound.
    ///
    /// # Errors
    /// `OutOfBounds`.
    pub fn validate(&self) -> Result<(), ParamError> {
        within("max_future", self.max_future, 0, 60)?;
        within("max_age", self.max_age, 1, 3600)
    }
}

/// Parameters of the queue.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct QueueParams {
    /// Units of work (positions read by the summing walk, candidates, rows of kept profit) per
    /// call. Bounds: 1..=1 000 000.
    pub step_limit: u32,
    /// Selection policy of markets that have none of their own.
    pub default_policy: Policy,
}

impl Default for QueueParams {
    fn default() -> Self {
        Self {
            step_limit: 500,
            default_policy: Policy::default(),
        }
    }
}

impl QueueParams {
    /// Checks every bound.
    ///
    /// # Errors
    /// `OutOfBounds`.
    pub fn validate(&self) -> Result<(), ParamError> {
        within("step_limit", self.step_limit, 1, 1_000_000)?;
        validate_policy(&self.default_policy)
    }
}

/// Checks a selection policy.
///
/// # Errors
/// `OutOfBounds`.
pub fn validate_policy(policy: &Policy) -> Result<(), ParamError> {
    within("breadth", policy.breadth, 1, 10_000)?;
    within("min_fill", policy.min_fill.0, 1, 1 << 40)
}

/// Parameters of the market contract that hold for all its markets.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ExchangeParams {
    /// Most markets that one account may hold positions in. Bounds: 1..=16.
    pub max_positions: u32,
    /// Most resting orders of one account. Bounds: 1..=100.
    pub max_orders: u32,
    /// Most resting orders on one side of a book; a better one then takes the place of the last.
    /// Bounds: 1..=1 000 000.
    pub max_side_orders: u32,
    /// Most resting orders that one message matches. Bounds: 1..=500.
    pub max_fills: u32,
    /// Oldest price for opening and withdrawing, in seconds. Bounds: 1..=3600.
    pub strict_price_age: u64,
    /// Oldest price for reducing and liquidating, in seconds. Bounds: strict..=86 400.
    pub loose_price_age: u64,
    /// Gas limit of the submessage to the fund; deferred jobs of one bankruptcy share as much. Must be
    /// above the fund's `report_gas_limit`. Bounds: 1 000 000..=1 000 000 000.
    pub cover_gas_limit: u64,
    /// Part of the liquidation fee that goes to the liquidator, in basis points. Bounds: 0..=5 000.
    pub liquidator_share_bps: u32,
    /// Blocks without a step after which anybody may close a loss at the mark. Bounds: 10..=100 000.
    pub force_after_blocks: u64,
    /// Most accounts of one owner; all of them are looked at when one is bankrupt. Bounds: 1..=64.
    pub max_subaccounts: u32,
}

impl Default for ExchangeParams {
    fn default() -> Self {
        Self {
            max_positions: 8,
            max_orders: 20,
            max_side_orders: 10_000,
            max_fills: 50,
            strict_price_age: 60,
            loose_price_age: 600,
            cover_gas_limit: 80_000_000,
            liquidator_share_bps: 2_000,
            force_after_blocks: 600,
            max_subaccounts: 16,
        }
    }
}

impl ExchangeParams {
    /// Checks every bound.
    ///
    /// # Errors
    /// `OutOfBounds`.
    pub fn validate(&self) -> Result<(), ParamError> {
        within("max_positions", self.max_positions, 1, 16)?;
        within("max_orders", self.max_orders, 1, 100)?;
        within("max_side_orders", self.max_side_orders, 1, 1_000_000)?;
        within("max_fills", self.max_fills, 1, 500)?;
        within("strict_price_age", self.strict_price_age, 1, 3600)?;
        within(
            "loose_price_age",
            self.loose_price_age,
            i128::from(self.strict_price_age),
            86_400,
        )?;
        within(
            "cover_gas_limit",
            self.cover_gas_limit,
            1_000_000,
            1_000_000_000,
        )?;
        within("liquidator_share_bps", self.liquidator_share_bps, 0, 5_000)?;
        within("force_after_blocks", self.force_after_blocks, 10, 100_000)?;
        within("max_subaccounts", self.max_subaccounts, 1, 64)
    }
}

/// One margin tier: rates for the part of a notional above `from`.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct TierParams {
    /// Notional in quote units from which the rates hold; 0 in the first tier, ascending.
    pub from: Quote,
    /// Initial margin. Bounds: maintenance+1..=10 000, never falling from tier to tier.
    pub initial_bps: u32,
    /// Maintenance margin. Bounds: 10..=9 999, never falling from tier to tier.
    pub maintenance_bps: u32,
}

impl From<&TierParams> for perp_core::margin::Tier {
    fn from(tier: &TierParams) -> Self {
        Self {
            from: tier.from,
            initial_bps: tier.initial_bps,
            maintenance_bps: tier.maintenance_bps,
        }
    }
}

/// Parameters of one market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarketParams {
    /// 1 to 8 margin tiers.
    pub tiers: Vec<TierParams>,
    /// Least notional of an order or position, a full close exempt. Bounds: 0..=2^60.
    pub min_notional: Quote,
    /// Most lots open on each side. Bounds: 1..=2^48 − 1.
    pub max_open_interest: Lots,
    /// Taker fee. Bounds: 0..=100.
    pub taker_fee_bps: u32,
    /// Maker fee. Bounds: 0..=100.
    pub maker_fee_bps: u32,
    /// Liquidation fee. Bounds: 0..=500.
    pub liquidation_fee_bps: u32,
    /// Largest spread below the mark at which a liquidation sells. Bounds: 0..=1 000.
    pub liquidation_spread_bps: u32,
    /// Width of the band in which the fund pays for closing a loss on the book. Bounds: 0..=50.
    pub cover_band_bps: u32,
    /// Funding that a long lot pays per second, at the scale 2^32 (negative: receives).
    /// Bounds: ±2^40.
    pub funding_rate: PerLot,
    /// Markets of one group (of the same underlying) hedge each other: the queue breaks a hedge only
    /// when nobody else is left. 0: none. Bounds: 0..=65 535.
    pub hedge_group: u16,
    /// What the fund pays for each executed fill of a bankrupt account's loss, in quote units; all fills of a
    /// loss bring no more than the least fee of its position. Bounds: 0..=⌊least fee of `min_notional`⌋.
    pub bounty_per_fill: Quote,
}

impl Default for MarketParams {
    fn default() -> Self {
        Self {
            tiers: vec![
                TierParams {
                    from: Quote(0),
                    initial_bps: 1_000,
                    maintenance_bps: 500,
                },
                TierParams {
                    from: Quote(1_000_000_000_000),
                    initial_bps: 2_000,
                    maintenance_bps: 1_000,
                },
            ],
            min_notional: Quote(10_000_000),
            max_open_interest: Lots(1 << 40),
            taker_fee_bps: 5,
            maker_fee_bps: 2,
            liquidation_fee_bps: 50,
            liquidation_spread_bps: 150,
            cover_band_bps: 50,
            funding_rate: PerLot(0),
            hedge_group: 0,
            bounty_per_fill: Quote(2_000),
        }
    }
}

impl MarketParams {
    /// Checks every bound and the shape of the tiers.
    ///
    /// # Errors
    /// `OutOfBounds`, `Tiers`.
    pub fn validate(&self) -> Result<(), ParamError> {
        within("tiers", self.tiers.len() as u32, 1, 8)?;
        self.validate_tiers()?;
        within("min_notional", self.min_notional.0, 0, 1 << 60)?;
        within(
            "max_open_interest",
            self.max_open_interest.0,
            1,
            (1 << 48) - 1,
        )?;
        within("taker_fee_bps", self.taker_fee_bps, 0, 100)?;
        within("maker_fee_bps", self.maker_fee_bps, 0, 100)?;
        within("liquidation_fee_bps", self.liquidation_fee_bps, 0, 500)?;
        within(
            "liquidation_spread_bps",
            self.liquidation_spread_bps,
            0,
            1_000,
        )?;
        within("cover_band_bps", self.cover_band_bps, 0, 50)?;
        within("funding_rate", self.funding_rate.0, -(1 << 40), 1 << 40)?;
        self.validate_bounty()
    }

    /// The lesser of both fees: what every lot has paid at the least, whoever traded it.
    pub fn least_fee_bps(&self) -> u32 {
        self.taker_fee_bps.min(self.maker_fee_bps)
    }

    /// Whoever makes losses to earn bounties has paid more in fees: a fill closes lots of a position that
    /// paid for at least `min_notional`.
    fn validate_bounty(&self) -> Result<(), ParamError> {
        let bounty = self.bounty_per_fill;
        within("bounty_per_fill", bounty.0, 0, 1 << 60)?;
        let fee = least_fee_floor(self.min_notional, self.least_fee_bps()).unwrap_or_default();
        if bounty > fee {
            return Err(ParamError::Bounty { bounty, fee });
        }
        Ok(())
    }

    fn validate_tiers(&self) -> Result<(), ParamError> {
        let mut previous: Option<&TierParams> = None;
        for (tier, t) in self.tiers.iter().enumerate() {
            let refuse = |reason| Err(ParamError::Tiers { tier, reason });
            within("maintenance_bps", t.maintenance_bps, 10, 9_999)?;
            within(
                "initial_bps",
                t.initial_bps,
                i128::from(t.maintenance_bps) + 1,
                10_000,
            )?;
            match previous {
                None if t.from.0 != 0 => return refuse("the first tier starts at 0"),
                Some(p) if t.from <= p.from => return refuse("tiers ascend"),
                Some(p)
                    if t.initial_bps < p.initial_bps || t.maintenance_bps < p.maintenance_bps =>
                {
                    return refuse("rates never fall")
                }
                _ => previous = Some(t),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;
