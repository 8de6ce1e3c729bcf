//! Resting orders against whoever meets them: a taker, a liquidation, or a loss.

use std::collections::BTreeMap;

use cosmwasm_std::{Event, Storage};
use perp_core::liquidation::fee_ceil;
use perp_core::position::Trade;
use perp_interface::event::OrderRemoved;
use perp_interface::params::ExchangeParams;
use perp_interface::{AccountId, Lots, MarketId, Price, Quote, Side};

use crate::book::{self, Resting};
use crate::error::{ContractError, ContractResult};
use crate::ledger::{Health, Ledger};

/// The working set of a message that trades.
#[derive(Debug)]
pub struct Desk {
    /// Accounts, markets, marks.
    pub ledger: Ledger,
    /// Parameters of the exchange.
    pub params: ExchangeParams,
    /// Events in order.
    pub events: Vec<Event>,
    orders: BTreeMap<u64, (Resting, Lots)>,
}

/// What a maker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The order was filled; the maker paid this fee.
    Filled(Quote),
    /// The order could not be filled now and was taken off: whatever is left in front of a book
    /// that nobody can fill shuts it.
    Passed,
}

impl Desk {
    /// Nothing has happened yet.
    pub fn new(ledger: Ledger, params: ExchangeParams) -> Self {
        Self {
            ledger,
            params,
            events: Vec::new(),
            orders: BTreeMap::new(),
        }
    }

    /// What a fill of a loss of this market brings whoever executed it.
    pub fn bounty_per_fill(&self, market: MarketId) -> ContractResult<Quote> {
        Ok(self.ledger.market(market)?.listing.params.bounty_per_fill)
    }

    /// Lots of an order that may be filled now. Reduce-only orders are clamped to the position as
    /// it is at this moment; one without anything to reduce is taken off.
    pub fn available(&mut self, order: &Resting) -> ContractResult<Lots> {
        let left = self
            .orders
            .get(&order.id)
            .map_or(order.lots, |(_, left)| *left);
        if !order.reduce_only || left.is_zero() {
            return Ok(left);
        }
        let position = self.ledger.position(order.account, order.market)?;
        if position.side() != Some(order.side.opposite()) {
            self.take_off(order, "reduce_only")?;
            return Ok(Lots::ZERO);
        }
        Ok(left.min(position.size()))
    }

    /// Fills `lots` of a resting order at its price, if its account can bear it; otherwise the
    /// order is taken off. Prices that value the maker must be fresh for a fill that opens.
    pub fn fill(&mut self, order: &Resting, lots: Lots) -> ContractResult<Maker> {
        let before = self.ledger.health(order.account)?;
        let attempt = self.ledger.snapshot(order.account, order.market)?;
        let fee_bps = self
            .ledger
            .market(order.market)?
            .listing
            .params
            .maker_fee_bps;
        let fee = fee_ceil(order.price, lots, fee_bps)?;
        let trade =
            self.ledger
                .trade(order.account, order.market, order.side, lots, order.price)?;
        self.ledger
            .charge_fee(order.account, order.market, order.side, fee)?;
        let opens = !trade.opened.is_zero();
        if opens
            && self
                .ledger
                .assert_fresh(order.account, self.params.loose_price_age)
                .is_err()
        {
            self.ledger.restore(attempt)?;
            self.take_off(order, "stale_price")?;
            return Ok(Maker::Passed);
        }
        let of = (order.account, order.market);
        if let Err(error) = assert_healthy(&self.ledger, &self.params, of, before, &trade) {
            self.ledger.restore(attempt)?;
            let reason = match error {
                ContractError::MarketDeleveraging { .. } => "deleveraging",
                _ => "margin",
            };
            self.take_off(order, reason)?;
            return Ok(Maker::Passed);
        }
        let left = self
            .orders
            .get(&order.id)
            .map_or(order.lots, |(_, left)| *left);
        self.note(order, left.minus(lots)?)?;
        if order.reduce_only {
            // Takes the rest off if there is nothing left to reduce.
            self.available(order)?;
        }
        Ok(Maker::Filled(fee))
    }

    /// Takes an order off the book and says why.
    pub fn take_off(&mut self, order: &Resting, reason: &str) -> ContractResult<()> {
        let left = self
            .orders
            .get(&order.id)
            .map_or(order.lots, |(_, left)| *left);
        self.note(order, Lots::ZERO)?;
        self.events.push(
            OrderRemoved {
                account: order.account,
                market: order.market,
                order_id: order.id,
                lots: left,
                reason: reason.to_owned(),
            }
            .into(),
        );
        Ok(())
    }

    fn note(&mut self, order: &Resting, left: Lots) -> ContractResult<()> {
        let was_there = self
            .orders
            .get(&order.id)
            .is_none_or(|(_, left)| !left.is_zero());
        self.orders.insert(order.id, (*order, left));
        if left.is_zero() && was_there {
            let account = self.ledger.account_mut(order.account)?;
            account.orders = account.orders.saturating_sub(1);
            let state = &mut self.ledger.market_mut(order.market)?.state;
            let count = &mut state.orders[usize::from(order.side.bit())];
            *count = count.saturating_sub(1);
        }
        Ok(())
    }

    /// Writes the ledger and what happened to the orders.
    pub fn save(&self, storage: &mut dyn Storage) -> ContractResult<()> {
        self.ledger.save(storage)?;
        for (order, left) in self.orders.values() {
            if left.is_zero() {
                book::remove(storage, order);
            } else if *left != order.lots {
                book::put(
                    storage,
                    &Resting {
                        lots: *left,
                        ..*order
                    },
                )?;
            }
        }
        Ok(())
    }
}

/// The one check behind every trade. What opens must meet the initial requirement; what only
/// reduces must leave the account at or above maintenance, or at least no less healthy, so that
/// nobody is drained by reducing at an absurd price. A bankrupt account does not trade: whoever won
/// from it would have as cash what it cannot pay, and be gone before its loss is opened.
pub fn assert_healthy(
    ledger: &Ledger,
    params: &ExchangeParams,
    (id, market): (AccountId, MarketId),
    before: Health,
    trade: &Trade,
) -> ContractResult<()> {
    if before.equity.0 < 0 {
        return Err(ContractError::Bankrupt {
            account: id,
            equity: before.equity,
        });
    }
    let after = ledger.health(id)?;
    if trade.opened.is_zero() {
        return assert_no_less_healthy(before, after);
    }
    assert_no_new_hedge(ledger, id, market)?;
    let count = ledger.account(id)?.positions.len();
    if count > params.max_positions as usize {
        return Err(ContractError::TooManyPositions {
            count,
            most: params.max_positions,
        });
    }
    if after.usable < after.initial {
        return Err(ContractError::InsufficientMargin {
            equity: after.usable,
            required: after.initial,
        });
    }
    Ok(())
}

/// Who holds a position in a market that is being deleveraged opens none in the rest of its hedge
/// group: a hedge is passed over as long as anybody else is left, and the order of a job that
/// pauses is that of its opening.
fn assert_no_new_hedge(ledger: &Ledger, id: AccountId, market: MarketId) -> ContractResult<()> {
    let group = ledger.market(market)?.listing.params.hedge_group;
    if group == 0 {
        return Ok(());
    }
    for (other, _) in &ledger.account(id)?.positions {
        let held = ledger.market(*other)?;
        if let (Some(by), true) = (held.state.gate, held.listing.params.hedge_group == group) {
            return Err(ContractError::MarketDeleveraging { market: *other, by });
        }
    }
    Ok(())
}

/// What open losses may still need counts nothing, or a reduction elsewhere would spend it. And the
/// maintenance that it frees may not be spent down to a hole: below zero the money is the fund's.
fn assert_no_less_healthy(before: Health, after: Health) -> ContractResult<()> {
    let (was, is) = (
        before.usable.minus(before.maintenance)?,
        after.usable.minus(after.maintenance)?,
    );
    if is.0 < 0 && is < was {
        return Err(ContractError::WorseHealth {
            before: was,
            after: is,
        });
    }
    if after.equity.0 < 0 {
        return Err(ContractError::ReducesToBankruptcy {
            before: before.equity,
            after: after.equity,
        });
    }
    Ok(())
}

/// The side of the book that somebody on `side` trades against.
pub const fn against(side: Side) -> Side {
    side.opposite()
}

/// The fee of a taker, rounded up.
pub fn taker_fee_ceil(price: Price, lots: Lots, bps: u32) -> ContractResult<Quote> {
    Ok(fee_ceil(price, lots, bps)?)
}
