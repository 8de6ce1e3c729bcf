//! 9: what may leave an account, computed again from positions, prices and parameters alone.

use std::collections::BTreeMap;

use perp_core::funding::owed_ceil;
use perp_core::margin::{requirement_ceil, Requirement, Tier};
use perp_interface::feed::{Prices, PricesResponse, QueryMsg as FeedQuery};
use perp_interface::market::{AccountResponse, MarketResponse};
use perp_interface::{MarketId, Price, Quote};

use super::Findings;
use crate::chain::{Chain, ChainResult};
use crate::scan::Scan;

/// Equity, requirements and free collateral of an account.
#[derive(Debug, Default, PartialEq, Eq)]
struct Margins {
    equity: i128,
    usable: i128,
    initial: i128,
    maintenance: i128,
}

/// The contract's answers are those of the definitions.
pub(super) fn margins(chain: &Chain, scan: &Scan, found: &mut Findings) -> ChainResult<()> {
    let markets: BTreeMap<_, _> = scan.markets.iter().map(|m| (m.market, m)).collect();
    if markets.is_empty() {
        return Ok(());
    }
    let query = FeedQuery::Prices(Prices {
        markets: markets.keys().copied().collect(),
        max_age: None,
    });
    let prices: PricesResponse = chain.query(&chain.addresses.feed, &query)?;
    let marks: BTreeMap<_, _> = prices.prices.iter().map(|p| (p.market, p.price)).collect();
    for account in &scan.accounts {
        let want = of_account(account, &markets, &marks);
        let gated = account
            .positions
            .iter()
            .any(|p| markets[&p.market].deleveraging.is_some());
        let free = account.cash.0.min(want.usable - want.initial) - account.held.0;
        let free = if account.locked || gated {
            0
        } else {
            free.max(0)
        };
        let is = chain.health(account.account)?;
        let agrees = (is.equity.0, is.initial.0, is.maintenance.0)
            == (want.equity, want.initial, want.maintenance)
            && is.withdrawable.0 == free
            && is.liquidatable == (want.equity < want.maintenance || want.equity < 0);
        found.check(9, agrees, || {
            format!(
                "account {}: {is:?}, but {want:?} and {free} free",
                account.account
            )
        });
    }
    Ok(())
}

fn of_account(
    account: &AccountResponse,
    markets: &BTreeMap<MarketId, &MarketResponse>,
    marks: &BTreeMap<MarketId, Price>,
) -> Margins {
    let mut sum = Margins {
        equity: account.cash.0,
        usable: account.cash.0,
        ..Margins::default()
    };
    for position in &account.positions {
        let (market, mark) = (markets[&position.market], marks[&position.market]);
        let lots = position.side.sign() * i128::from(position.lots.0);
        let owed = owed_ceil(lots as i64, position.index, market.index).expect("within bounds");
        let pnl = lots * i128::from(mark.0) - position.cost.0 - owed.0;
        sum.equity += pnl;
        sum.usable += match market.deleveraging {
            Some(_) => pnl.min(0),
            None => pnl,
        };
        let notional = Quote(lots.abs() * i128::from(mark.0));
        sum.initial += requirement(market, notional, Requirement::Initial);
        sum.maintenance += requirement(market, notional, Requirement::Maintenance);
    }
    sum
}

fn requirement(market: &MarketResponse, notional: Quote, kind: Requirement) -> i128 {
    let tier = |t: &perp_interface::params::TierParams| Tier {
        from: t.from,
        initial_bps: t.initial_bps,
        maintenance_bps: t.maintenance_bps,
    };
    let tiers: Vec<_> = market.params.tiers.iter().map(tier).collect();
    requirement_ceil(&tiers, notional, kind)
        .expect("within bounds")
        .0
}
