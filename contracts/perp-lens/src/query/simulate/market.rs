//! Other parameters of a market: what its accounts must have.

use perp_interface::lens::{Impact, MarketChange, MarketImpact, SimulateCursor, SimulateResponse};

use super::{answer, Question};
use crate::error::{ContractError, ContractResult};
use crate::simulate::{Page, Tiers};
use crate::suite::Governed;

/// Accounts of one page.
pub const DEFAULT_LIMIT: u32 = 100;
pub const MOST: u32 = 300;

/// Values one page of accounts. Only margin tiers change what an account must have; all else of a market's
/// parameters holds for what it does next, and stands in the plan.
pub fn simulate(question: &Question<'_>, change: MarketChange) -> ContractResult<SimulateResponse> {
    let suite = &question.suite;
    let market = change.market;
    let limit = question.limit(DEFAULT_LIMIT, MOST)?;
    let start = question.after_account()?;
    let listed = suite.market(market)?;
    let version = listed.version;
    let of = (Governed::Market, Some(market));
    let outline = question.outline(of, listed.params.clone(), change.params)?;
    let (open_interest, deleveraging) = (listed.open_interest, listed.deleveraging);
    let accounts = suite.accounts(start, limit)?;
    let markets = suite.markets_of(&accounts, listed)?;
    let prices = suite.prices(markets.keys().copied())?;
    let mark = prices.get(&market).copied();
    let mark = mark.ok_or(ContractError::UnknownMarket { market })?;
    let mut page = Page::new(market, Tiers::from(&outline));
    for account in &accounts {
        page.add(account, &markets, &prices)?;
    }
    let whole = accounts.len() < limit as usize;
    let last = accounts.last().filter(|_| !whole);
    let next = last.map(|last| SimulateCursor::Account(last.account));
    let impact = Impact::Market(MarketImpact {
        market,
        mark,
        open_interest,
        deleveraging,
        accounts: page.accounts,
        totals: page.totals,
    });
    Ok(answer((version, outline), impact, next))
}
