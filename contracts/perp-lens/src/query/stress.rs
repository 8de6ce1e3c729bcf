//! `Stress`: what a move of a price would break, page by page.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use perp_interface::lens::{StressCursor, StressQuery, StressResponse, StressTotals};
use perp_interface::market::MarketResponse;
use perp_interface::{AccountId, MarketId, Price};

use crate::error::{ContractError, ContractResult};
use crate::stress::{moved_price_floor, outlook, Page};
use crate::suite::Suite;

/// Accounts of one page.
const DEFAULT_LIMIT: u32 = 100;
const MOST: u32 = 500;

/// Values one page of accounts at the moved price and adds them to the sums of the pages before.
///
/// What it leaves out, and in which direction that errs:
///
/// * Books are empty. Real ones close a part at the bankruptcy price or better, and with the fund's
///   allowance: needs and lots that reach the queue are then smaller (errs on the safe side). A
///   liquidation of a solvent account that would come first is left out too (the same).
/// * Losses do not act on each other. In truth deleveraging of the first takes lots and profit from
///   accounts that may be bankrupt, or asked to bear, in a later one: lots for the queue and profit
///   that can bear are stated too large, hence bad debt too small (a bound from below).
/// * One price moves. Accounts without a position or a debt in the market are left out, also those
///   that are bankrupt already: what they would draw from the fund is missing (too optimistic).
/// * Accounts are taken in the order of their numbers. What the fund pays in all does not depend on
///   the order; which market and side it is paid for does.
/// * All losses are taken to come in one block: the fund's limits for a block, a window and a drawdown
///   bind as hard as they can, and it may in truth pay more (errs on the safe side). Caps of other
///   markets are counted from anew on every page, which can take money from this one (the same).
/// * Locked accounts are left out: their losses are frozen at a mark of their own.
pub fn stress(deps: Deps, env: &Env, msg: StressQuery) -> ContractResult<Binary> {
    let suite = Suite::load(deps)?;
    let limit = checked_limit(msg.limit)?;
    let listed = suite.market(msg.market)?;
    let (start, price, totals) = begin(&suite, &msg)?;
    let response = page(&suite, &msg, listed, (start, limit), (price, totals))?;
    let height = env.block.height;
    Ok(to_json_binary(&StressResponse { height, ..response })?)
}

fn checked_limit(limit: Option<u32>) -> ContractResult<u32> {
    match limit.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MOST => Ok(limit),
        limit => Err(ContractError::LimitOutOfRange { limit, most: MOST }),
    }
}

type Start = (Option<AccountId>, Price, StressTotals);

/// The first page asks for price and capital; all others have them from the cursor. The sums in a
/// cursor are not checked: who changes them deceives nobody else.
fn begin(suite: &Suite<'_>, msg: &StressQuery) -> ContractResult<Start> {
    let (market, move_bps) = (msg.market, msg.move_bps);
    let Some(cursor) = &msg.cursor else {
        let mark = suite.prices(std::iter::once(market))?;
        let mark = mark.get(&market).copied();
        let mark = mark.ok_or(ContractError::UnknownMarket { market })?;
        let totals = StressTotals {
            fund_left: suite.headroom(market)?.capital,
            ..StressTotals::default()
        };
        return Ok((None, moved_price_floor(mark, move_bps)?, totals));
    };
    if (cursor.market, cursor.move_bps) != (market, move_bps) {
        return Err(ContractError::CursorMismatch {
            market: cursor.market,
            move_bps: cursor.move_bps,
        });
    }
    let price = Price::new(cursor.price.0)?;
    Ok((Some(cursor.after), price, cursor.totals))
}

fn page(
    suite: &Suite<'_>,
    msg: &StressQuery,
    listed: MarketResponse,
    (start, limit): (Option<AccountId>, u32),
    (price, totals): (Price, StressTotals),
) -> ContractResult<StressResponse> {
    let market = msg.market;
    let accounts = suite.accounts(start, limit)?;
    let deleveraging = listed.deleveraging;
    let markets = suite.markets_of(&accounts, listed)?;
    let present: BTreeMap<MarketId, Price> = suite.prices(markets.keys().copied())?;
    let mut moved = present.clone();
    moved.insert(market, price);
    let debts = accounts.iter().flat_map(|a| &a.debts).map(|d| d.market);
    let lossy: BTreeSet<MarketId> = markets.keys().copied().chain(debts).collect();
    let mut page = Page::new(market, &suite.headrooms(market, lossy)?, totals)?;
    for account in &accounts {
        page.add(account, &markets, (&present, &moved))?;
    }
    let whole = accounts.len() < limit as usize;
    let next = accounts.last().filter(|_| !whole).map(|last| {
        Box::new(StressCursor {
            market,
            move_bps: msg.move_bps,
            price,
            after: last.account,
            totals: page.totals,
        })
    });
    Ok(StressResponse {
        price,
        height: 0,
        deleveraging,
        outlook: match next {
            None => outlook(&page.totals)?.into(),
            Some(_) => vec![],
        },
        totals: page.totals,
        bankrupt: page.bankrupt,
        liquidatable: page.liquidatable,
        next,
    })
}
