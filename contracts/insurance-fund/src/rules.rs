//! Parameters as the arithmetic takes them, for one market or one tranche.

use cosmwasm_std::{Order, StdResult, Storage};
use perp_core::draw::Limits;
use perp_core::target;
use perp_core::tranche::RevenueRule;
use perp_interface::params::{FundParams, SurplusRule, TargetRule};
use perp_interface::Quote;

use crate::error::ContractResult;
use crate::state::{MarketBook, Terms, LOSSES_OF};
use crate::tranche::Tranche;

/// The limits in force for a market.
pub fn limits(params: &FundParams, terms: &Terms) -> Limits {
    let limits = params.limits();
    Limits {
        market_window: terms.1.unwrap_or(limits.market_window),
        ..limits
    }
}

/// What a market may still draw by what it has paid in; 2^127 − 1 without such a cap.
///
/// # Errors
/// `Overflow`.
pub fn paid_in_room(terms: &Terms, book: &MarketBook) -> ContractResult<Quote> {
    let Some(cap) = terms.2 else {
        return Ok(Quote(i128::MAX));
    };
    Ok(perp_core::draw::PaidInCap::from(cap).left_floor(book.paid_in, book.drawn)?)
}

/// How large a tranche should be now.
///
/// # Errors
/// `Std`, `Overflow`.
pub fn target_ceil(
    storage: &dyn Storage,
    params: &FundParams,
    (key, tranche): (u32, &Tranche),
) -> ContractResult<Quote> {
    let by_rule = match params.target {
        TargetRule::OpenInterest { bps } => {
            target::of_open_interest_ceil(tranche.open_interest, bps)?
        }
        TargetRule::ValueAtRisk {
            losses,
            quantile_bps,
            multiple_bps,
        } => {
            let mut last = LOSSES_OF
                .prefix(key)
                .range(storage, None, None, Order::Descending)
                .take(losses as usize)
                .map(|row| row.map(|(_, size)| size))
                .collect::<StdResult<Vec<_>>>()?;
            target::of_losses_ceil(&mut last, quantile_bps, multiple_bps)?
        }
    };
    Ok(by_rule.max(params.target_floor))
}

/// How a tranche shares revenue now.
///
/// # Errors
/// `Std`, `Overflow`.
pub fn revenue(
    storage: &dyn Storage,
    params: &FundParams,
    of: (u32, &Tranche),
) -> ContractResult<RevenueRule> {
    Ok(RevenueRule {
        bounties: params.bounty_reserve,
        target: target_ceil(storage, params, of)?,
        staker_share_bps: params.staker_share_bps,
        surplus_to_stakers: matches!(params.surplus, SurplusRule::Stakers {}),
    })
}
