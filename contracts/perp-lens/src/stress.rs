//! The sums of a stress test: one account after the other, nothing read and nothing asked.

use std::collections::BTreeMap;

use perp_core::draw::Headroom;
use perp_core::error::MathError;
use perp_interface::lens::{
    BankruptAccount, LiquidatableAccount, StressOutlook, StressSide, StressTotals,
};
use perp_interface::market::AccountResponse;
use perp_interface::{Lots, MarketId, Price, Quote, Side};

use crate::error::{ContractError, ContractResult};
use crate::sheet::{Market, Sheet};

/// Prices by market.
pub type Prices = BTreeMap<MarketId, Price>;

/// `mark·(1 + move)`, rounded down.
///
/// # Errors
/// `MoveOutOfRange` at −10 000 and below; `PriceOutOfRange` for 0 and for 2^40 and more.
pub fn moved_price_floor(mark: Price, move_bps: i32) -> ContractResult<Price> {
    let factor = 10_000 + i64::from(move_bps);
    let factor = u128::try_from(factor).unwrap_or_default();
    if factor == 0 {
        return Err(ContractError::MoveOutOfRange { move_bps });
    }
    let price = u128::from(mark.0) * factor / 10_000;
    Ok(Price::new(u64::try_from(price).unwrap_or(u64::MAX))?)
}

/// One page: what it finds, and the sums that it was given with its own added.
#[derive(Debug)]
pub struct Page {
    market: MarketId,
    fund: Fund,
    /// Sums so far.
    pub totals: StressTotals,
    /// Bankrupt accounts.
    pub bankrupt: Vec<BankruptAccount>,
    /// Accounts under maintenance.
    pub liquidatable: Vec<LiquidatableAccount>,
}

impl Page {
    /// A page that goes on from `totals`, with what the fund says that it would pay for each market of its tranche.
    ///
    /// # Errors
    /// `UnknownMarket` if the market is not among them; `Overflow`.
    pub fn new(
        market: MarketId,
        headrooms: &BTreeMap<MarketId, Headroom>,
        totals: StressTotals,
    ) -> ContractResult<Self> {
        Ok(Self {
            market,
            fund: Fund::new(market, headrooms, &totals)?,
            totals,
            bankrupt: Vec::new(),
            liquidatable: Vec::new(),
        })
    }

    /// Adds the next account.
    ///
    /// # Errors
    /// `Overflow`; `UnknownMarket` if a market or its price is missing.
    pub fn add(
        &mut self,
        account: &AccountResponse,
        markets: &BTreeMap<MarketId, Market>,
        (present, moved): (&Prices, &Prices),
    ) -> ContractResult<()> {
        count(&mut self.totals.accounts)?;
        if account.locked {
            return count(&mut self.totals.locked);
        }
        let sheet = Sheet::new(account, markets, moved)?;
        let Some(side) = sheet.side(self.market) else {
            return Ok(());
        };
        let equity = sheet.equity()?;
        let maintenance = sheet.maintenance()?;
        if equity >= Quote::ZERO {
            self.add_profit(&sheet, side, equity)?;
        }
        if equity >= maintenance && equity >= Quote::ZERO {
            return Ok(());
        }
        let now = Sheet::new(account, markets, present)?;
        let equity_now = now.equity()?;
        if equity < Quote::ZERO {
            let already = equity_now < Quote::ZERO;
            self.add_bankrupt(account, (&sheet, side), equity, already)
        } else {
            count(&mut side_of(&mut self.totals, side).liquidatable)?;
            self.liquidatable.push(LiquidatableAccount {
                account: account.account,
                side,
                lots: self.lots(&sheet),
                equity,
                maintenance,
                already: equity_now < now.maintenance()?,
            });
            Ok(())
        }
    }

    fn lots(&self, sheet: &Sheet<'_>) -> Lots {
        sheet
            .leg(self.market)
            .map_or(Lots::ZERO, |leg| leg.position.size())
    }

    fn add_profit(&mut self, sheet: &Sheet<'_>, side: Side, equity: Quote) -> ContractResult<()> {
        let Some(leg) = sheet.leg(self.market) else {
            return Ok(());
        };
        let profit = leg.position.pnl(leg.mark)?;
        if profit.0 > 0 {
            let sums = side_of(&mut self.totals, side);
            sums.profitable_lots = sums.profitable_lots.plus(leg.position.size())?;
            sums.profit = sums.profit.plus(profit)?;
            sums.bearable = sums.bearable.plus(profit.min(equity))?;
        }
        Ok(())
    }

    /// Its losses ask the fund one after the other, in the order of their markets.
    fn add_bankrupt(
        &mut self,
        account: &AccountResponse,
        (sheet, side): (&Sheet<'_>, Side),
        equity: Quote,
        already: bool,
    ) -> ContractResult<()> {
        let deficit = Quote::ZERO.minus(equity)?;
        let mut here = (Quote::ZERO, Quote::ZERO);
        for (market, need) in sheet.needs(deficit)? {
            // On an empty book the allowance for slippage comes back at once.
            let paid = self.fund.pay(market, need, self.totals.fund_left)?;
            self.totals.fund_left = self.totals.fund_left.minus(paid)?;
            if market == self.market {
                here = (need, paid);
            } else {
                let elsewhere = &mut self.totals.fund_pays_elsewhere;
                *elsewhere = elsewhere.plus(paid)?;
            }
        }
        let (need, fund_pays) = here;
        let lots = self.lots(sheet);
        let sums = side_of(&mut self.totals, side);
        count(&mut sums.bankrupt)?;
        sums.lots = sums.lots.plus(lots)?;
        sums.need = sums.need.plus(need)?;
        sums.fund_pays = sums.fund_pays.plus(fund_pays)?;
        sums.left = sums.left.plus(need.minus(fund_pays)?)?;
        self.bankrupt.push(BankruptAccount {
            account: account.account,
            side,
            lots,
            deficit,
            need,
            fund_pays,
            already,
        });
        Ok(())
    }
}

/// What the tranche of the market can still pay: to all its markets together, and to each.
#[derive(Debug)]
struct Fund {
    all: Headroom,
    markets: BTreeMap<MarketId, Headroom>,
}

impl Fund {
    /// Less what the pages before have drawn.
    fn new(
        market: MarketId,
        headrooms: &BTreeMap<MarketId, Headroom>,
        totals: &StressTotals,
    ) -> ContractResult<Self> {
        let here = totals.long.fund_pays.plus(totals.short.fund_pays)?;
        let drawn = here.plus(totals.fund_pays_elsewhere)?;
        let own = *headrooms
            .get(&market)
            .ok_or(ContractError::UnknownMarket { market })?;
        let mut markets = headrooms.clone();
        markets.insert(market, own.less(here)?);
        let all = own.less(drawn)?;
        Ok(Self { all, markets })
    }

    /// The fund's own rule for one loss. Another tranche pays what it pays: it changes nothing here.
    fn pay(&mut self, market: MarketId, need: Quote, capital: Quote) -> ContractResult<Quote> {
        let Some(own) = self.markets.get_mut(&market) else {
            return Ok(Quote::ZERO);
        };
        let room = Headroom {
            market: own.market,
            paid_in: own.paid_in,
            capital: capital.or_zero(),
            ..self.all
        };
        let paid = room.payment(need);
        *own = own.less(paid)?;
        self.all = self.all.less(paid)?;
        Ok(paid)
    }
}

/// What the losses of each side would come to, those of the longs first.
///
/// # Errors
/// `Overflow`.
pub fn outlook(totals: &StressTotals) -> ContractResult<[StressOutlook; 2]> {
    let of = |side, (lossy, bearing): (&StressSide, &StressSide)| -> ContractResult<_> {
        let beyond = lossy.lots.0.saturating_sub(bearing.profitable_lots.0);
        Ok(StressOutlook {
            side,
            lots: lossy.lots,
            left: lossy.left,
            lots_beyond_profit: Lots(beyond),
            bad_debt_at_least: lossy.left.minus(bearing.bearable)?.or_zero(),
        })
    };
    Ok([
        of(Side::Long, (&totals.long, &totals.short))?,
        of(Side::Short, (&totals.short, &totals.long))?,
    ])
}

fn side_of(totals: &mut StressTotals, side: Side) -> &mut StressSide {
    match side {
        Side::Long => &mut totals.long,
        Side::Short => &mut totals.short,
    }
}

fn count(counter: &mut u64) -> ContractResult<()> {
    let more = counter.checked_add(1);
    *counter = more.ok_or(MathError::Overflow {
        operation: "count of accounts",
    })?;
    Ok(())
}

#[cfg(test)]
#[path = "stress_tests.rs"]
mod tests;
