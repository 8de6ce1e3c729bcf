//! Other parameters of the exchange: who has more than they would allow, and which prices they would use.

use perp_interface::lens::{
    ExchangeAccount, ExchangeChange, ExchangeImpact, Impact, PriceImpact, SimulateCursor,
    SimulateResponse,
};
use perp_interface::params::ExchangeParams;

use super::market::{DEFAULT_LIMIT, MOST};
use super::{answer, Question};
use crate::error::ContractResult;
use crate::plan::Outline;
use crate::suite::Governed;

/// Counts the positions of one page of accounts. What else the parameters bound would take a question for
/// each account (its orders) or each owner (its accounts): it stands in the plan.
pub fn simulate(
    question: &Question<'_>,
    change: ExchangeChange,
) -> ContractResult<SimulateResponse> {
    let suite = &question.suite;
    let limit = question.limit(DEFAULT_LIMIT, MOST)?;
    let start = question.after_account()?;
    let config = suite.market_config()?;
    let of = (Governed::Market, None);
    let outline = question.outline(of, config.params, change.params)?;
    let accounts = suite.accounts(start, limit)?;
    let (now, most) = (outline.now.max_positions, outline.target.max_positions);
    let counted = accounts.iter().map(|account| {
        let positions = account.positions.len() as u32;
        ExchangeAccount {
            account: account.account,
            positions,
            already: positions > now,
        }
    });
    let above_max_positions = counted.filter(|a| a.positions > most).collect();
    let prices = match start {
        None => prices(question, &outline)?,
        Some(_) => vec![],
    };
    let whole = accounts.len() < limit as usize;
    let last = accounts.last().filter(|_| !whole);
    let next = last.map(|last| SimulateCursor::Account(last.account));
    let impact = Impact::Exchange(ExchangeImpact {
        looked_at: accounts.len() as u64,
        above_max_positions,
        prices,
    });
    Ok(answer((config.version, outline), impact, next))
}

fn prices(
    question: &Question<'_>,
    outline: &Outline<ExchangeParams>,
) -> ContractResult<Vec<PriceImpact>> {
    let markets = question.suite.first_markets()?;
    let updates = question
        .suite
        .price_updates(markets.iter().map(|m| m.market))?;
    let (now, target) = (&outline.now, &outline.target);
    let of = updates.iter().map(|update| {
        let age = question.now.saturating_sub(update.publish_time);
        PriceImpact {
            market: update.market,
            age,
            opens: age <= now.strict_price_age,
            opens_at_target: age <= target.strict_price_age,
            reduces: age <= now.loose_price_age,
            reduces_at_target: age <= target.loose_price_age,
        }
    });
    Ok(of.collect())
}
