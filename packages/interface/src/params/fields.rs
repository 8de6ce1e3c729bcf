//! Which way every parameter is tighter, and how far it moves in one step: the tables that changes are
//! judged by. The reasons stand in `docs/parameters.md`.
//!
//! A guardian moves what is `Up` or `Down`, and none of that can keep anybody from reducing, from liquidating
//! or from deleveraging: the ages of prices, numbers of orders, gas limits and fees are `Neither`.

use cosmwasm_std::to_json_string;
use perp_core::change::Step::{By, Percent, Whole};
use perp_core::change::Tighter::{Down, Neither, Up};
use perp_core::change::{Access, Field, ParamSet};
use perp_core::policy::Policy;

use super::{
    least_fee_floor, validate_policy, ExchangeParams, FeedParams, FundParams, MarketParams,
    ParamError, QueueParams, TierParams,
};
use crate::{Lots, PerLot, Quote};

/// A field that is one plain number.
macro_rules! number {
    ($($name:ident).+, $tighter:ident, $step:expr) => {
        Field {
            name: stringify!($($name).+),
            tighter: $tighter,
            access: Access::Numbers {
                len: |_| 1,
                get: |p, _| i128::from(p.$($name).+),
                // A value between two that fit fits.
                set: |p, _, n| p.$($name).+ = n.try_into().unwrap_or_default(),
                step: $step,
            },
        }
    };
}

/// A field that is one amount.
macro_rules! amount {
    ($kind:ident, $($name:ident).+, $tighter:ident, $step:expr) => {
        Field {
            name: stringify!($($name).+),
            tighter: $tighter,
            access: Access::Numbers {
                len: |_| 1,
                get: |p, _| i128::from(p.$($name).+.0),
                set: |p, _, n| p.$($name).+ = $kind(n.try_into().unwrap_or_default()),
                step: $step,
            },
        }
    };
}

/// A rate of every margin tier.
macro_rules! rate {
    ($name:ident, $tighter:ident, $step:expr) => {
        Field {
            name: concat!("tiers.", stringify!($name)),
            tighter: $tighter,
            access: Access::Numbers {
                len: |p| p.tiers.len(),
                get: |p, i| i128::from(p.tiers[i].$name),
                set: |p, i, n| p.tiers[i].$name = n.try_into().unwrap_or_default(),
                step: $step,
            },
        }
    };
}

/// A choice that changes as a whole.
macro_rules! choice {
    ($($name:ident).+) => {
        Field {
            name: stringify!($($name).+),
            tighter: Neither,
            access: Access::Whole {
                text: |p| to_json_string(&p.$($name).+).unwrap_or_default(),
                copy: |p, from| p.$($name).+ = from.$($name).+.clone(),
            },
        }
    };
}

/// Twice or half as much in one step, at least `least`.
const fn double(least: u64) -> perp_core::change::Step {
    Percent {
        percent: 100,
        least,
    }
}

const USDC_1: u64 = 1_000_000;

impl ParamSet for FeedParams {
    type Error = ParamError;

    fn fields() -> &'static [Field<Self>] {
        const FIELDS: &[Field<FeedParams>] = &[
            number!(max_future, Neither, double(5)),
            number!(max_age, Neither, double(10)),
        ];
        FIELDS
    }

    fn validate(&self) -> Result<(), ParamError> {
        Self::validate(self)
    }
}

impl ParamSet for QueueParams {
    type Error = ParamError;

    fn fields() -> &'static [Field<Self>] {
        const FIELDS: &[Field<QueueParams>] = &[
            number!(step_limit, Neither, Whole),
            choice!(default_policy.score),
            number!(default_policy.breadth, Neither, Whole),
            choice!(default_policy.protect_principal),
            amount!(Lots, default_policy.min_fill, Neither, Whole),
        ];
        FIELDS
    }

    fn validate(&self) -> Result<(), ParamError> {
        Self::validate(self)
    }
}

/// A market's own selection policy, or that it has none.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OwnPolicy {
    /// Its own, or none: the default of the queue's parameters.
    pub policy: Option<Policy>,
}

impl ParamSet for OwnPolicy {
    type Error = ParamError;

    fn fields() -> &'static [Field<Self>] {
        const FIELDS: &[Field<OwnPolicy>] = &[choice!(policy)];
        FIELDS
    }

    fn validate(&self) -> Result<(), ParamError> {
        self.policy.as_ref().map_or(Ok(()), validate_policy)
    }
}

impl ParamSet for ExchangeParams {
    type Error = ParamError;

    fn fields() -> &'static [Field<Self>] {
        const FIELDS: &[Field<ExchangeParams>] = &[
            number!(max_positions, Down, By(4)),
            number!(max_orders, Neither, By(20)),
            number!(max_side_orders, Neither, double(1_000)),
            number!(max_fills, Neither, Whole),
            number!(strict_price_age, Neither, double(10)),
            number!(loose_price_age, Neither, double(10)),
            number!(cover_gas_limit, Neither, Whole),
            number!(liquidator_share_bps, Neither, By(500)),
            number!(force_after_blocks, Neither, double(10)),
            number!(max_subaccounts, Down, By(8)),
        ];
        FIELDS
    }

    fn validate(&self) -> Result<(), ParamError> {
        Self::validate(self)
    }

    /// Both ages move by the same factor, but one may be at its goal before the other.
    fn reconcile(&mut self) {
        self.loose_price_age = self.loose_price_age.max(self.strict_price_age);
    }
}

impl ParamSet for MarketParams {
    type Error = ParamError;

    fn fields() -> &'static [Field<Self>] {
        const FIELDS: &[Field<MarketParams>] = &[
            rate!(
                initial_bps,
                Up,
                Percent {
                    percent: 25,
                    least: 100
                }
            ),
            rate!(maintenance_bps, Neither, By(50)),
            amount!(Quote, min_notional, Up, double(USDC_1)),
            amount!(Lots, max_open_interest, Down, double(1_000)),
            number!(taker_fee_bps, Neither, By(10)),
            number!(maker_fee_bps, Neither, By(10)),
            number!(liquidation_fee_bps, Neither, By(50)),
            number!(liquidation_spread_bps, Neither, By(50)),
            number!(cover_band_bps, Down, By(10)),
            // A day at one unit a lot and second is less than 1 % at the least listing price.
            amount!(PerLot, funding_rate, Neither, By(1 << 32)),
            number!(hedge_group, Neither, Whole),
            amount!(Quote, bounty_per_fill, Down, double(USDC_1)),
        ];
        FIELDS
    }

    fn validate(&self) -> Result<(), ParamError> {
        Self::validate(self)
    }

    /// Tiers cut at the boundaries of both: rates are marginal, so each set means what it meant.
    fn align(&self, other: &Self) -> (Self, Self) {
        let cut = |tiers: &[TierParams], at: &[TierParams]| {
            let mut out = tiers.to_vec();
            for boundary in at {
                if let Err(i) = out.binary_search_by_key(&boundary.from, |t| t.from) {
                    let rates = out.get(i.saturating_sub(1)).unwrap_or(boundary).clone();
                    let from = boundary.from;
                    out.insert(i, TierParams { from, ..rates });
                }
            }
            out
        };
        let of = |one: &Self, two: &Self| Self {
            tiers: cut(&one.tiers, &two.tiers),
            ..one.clone()
        };
        (of(self, other), of(other, self))
    }

    /// Initial stays above maintenance and never falls from tier to tier, and a bounty stays below the fees that pay
    /// for it. Maintenance needs no bound of its own: initial rises at once, so a goal lies below the initial rate
    /// that holds before its first step.
    fn reconcile(&mut self) {
        let mut least = 0;
        for tier in &mut self.tiers {
            least = tier.initial_bps.max(tier.maintenance_bps + 1).max(least);
            tier.initial_bps = least;
        }
        let fee = least_fee_floor(self.min_notional, self.least_fee_bps()).unwrap_or_default();
        self.bounty_per_fill = self.bounty_per_fill.min(fee);
    }
}

impl ParamSet for FundParams {
    type Error = ParamError;

    fn fields() -> &'static [Field<Self>] {
        const CAP: u64 = 1_000_000 * USDC_1;
        const FIELDS: &[Field<FundParams>] = &[
            amount!(Quote, per_loss_cap, Down, double(CAP)),
            amount!(Quote, per_block_cap, Down, double(CAP)),
            amount!(Quote, window_cap, Down, double(CAP)),
            amount!(Quote, market_window_cap, Down, double(CAP)),
            number!(window_seconds, Up, double(60)),
            number!(trip_bps, Down, By(500)),
            number!(resume_bps, Down, By(500)),
            number!(report_gas_limit, Neither, Whole),
            number!(cooldown_seconds, Neither, double(86_400)),
            number!(claim_seconds, Neither, double(86_400)),
            number!(emergency_seconds, Neither, double(3_600)),
            number!(max_requests, Neither, By(5)),
            amount!(Quote, min_stake, Neither, double(100 * USDC_1)),
            amount!(Quote, bounty_per_loss_cap, Down, double(100 * USDC_1)),
            amount!(Quote, bounty_reserve, Down, double(1_000 * USDC_1)),
            choice!(target),
            amount!(Quote, target_floor, Neither, double(CAP)),
            number!(staker_share_bps, Neither, By(1_000)),
            choice!(surplus),
        ];
        FIELDS
    }

    fn validate(&self) -> Result<(), ParamError> {
        Self::validate(self)
    }

    /// Times and thresholds stay in their order while each is on its way.
    fn reconcile(&mut self) {
        self.resume_bps = self
            .resume_bps
            .min(self.trip_bps.saturating_sub(Self::LEAST_GAP_BPS));
        self.claim_seconds = self.claim_seconds.min(self.cooldown_seconds);
        self.emergency_seconds = self.emergency_seconds.min(self.claim_seconds / 2);
    }
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
