//! Other parameters of the fund: what each market could draw.

use perp_interface::lens::{
    FundChange, FundImpact, HeadroomImpact, Impact, SimulateCursor, SimulateResponse,
};
use perp_interface::params::SurplusRule;

use super::{answer, Question};
use crate::error::ContractResult;
use crate::suite::Governed;

/// Markets of one page: each asks the fund three times.
const DEFAULT_LIMIT: u32 = 10;
const MOST: u32 = 30;

/// Asks the fund itself, under each set of parameters.
pub fn simulate(question: &Question<'_>, change: FundChange) -> ContractResult<SimulateResponse> {
    let suite = &question.suite;
    let limit = question.limit(DEFAULT_LIMIT, MOST)?;
    let start = question.after_market()?;
    let config = suite.fund_config()?;
    let surplus = change.params.surplus.clone();
    let of = (Governed::Fund, None);
    let outline = question.outline(of, config.params, change.params)?;
    // After the bounds, as the fund does.
    if let SurplusRule::Address { address } = &surplus {
        question.api.addr_validate(address)?;
    }
    let registered = suite.registrations(start, limit)?;
    let mut markets = Vec::with_capacity(registered.len());
    for market in &registered {
        markets.push(HeadroomImpact {
            market: *market,
            now: suite.headroom(*market)?,
            at_once: suite.headroom_under(*market, &outline.at_once)?,
            at_target: suite.headroom_under(*market, &outline.target)?,
        });
    }
    let whole = registered.len() < limit as usize;
    let last = registered.last().filter(|_| !whole);
    let next = last.map(|last| SimulateCursor::Market(*last));
    let impact = Impact::Fund(FundImpact { markets });
    Ok(answer((config.version, outline), impact, next))
}
