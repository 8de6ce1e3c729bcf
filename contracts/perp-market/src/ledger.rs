//! The working set of one message: accounts and markets in memory, read once, written once.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Addr, QuerierWrapper, Storage};
use perp_core::funding::accrue;
use perp_core::hedge::Hedge;
use perp_core::margin::{self, Leg, Requirement, Tier};
use perp_core::position::{Position, Trade};
use perp_interface::{AccountId, Lots, MarketId, Price, Quote, Side};

use crate::error::{ContractError, ContractResult};
use crate::prices::Marks;
use crate::state::{Account, Debt, Listing, MarketState, ACCOUNTS, LISTINGS, LOSSES, MARKETS};

/// A market as loaded: its state with funding accrued, and its parameters.
#[derive(Clone, Debug)]
pub struct Market {
    /// As stored.
    stored: MarketState,
    /// As it is now.
    pub state: MarketState,
    /// Name and parameters.
    pub listing: Listing,
    /// Margin tiers.
    pub tiers: Vec<Tier>,
}

/// Equity and requirements of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Cash and open profit.
    pub equity: Quote,
    /// Without profit in gated markets and without what open losses hold: what a trade may spend.
    pub usable: Quote,
    /// Initial requirement.
    pub initial: Quote,
    /// Maintenance requirement.
    pub maintenance: Quote,
    /// What may be withdrawn.
    pub withdrawable: Quote,
}

/// An account and a market as they were before a trade. The whole ledger is no copy to make for
/// each of many fills.
#[derive(Clone, Debug)]
pub struct Snapshot {
    account: (AccountId, Account),
    market: (MarketId, MarketState),
}

/// Accounts, markets and marks of one message.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    accounts: BTreeMap<AccountId, (Account, Account)>,
    /// Of accounts with holds, what open losses hold.
    held: BTreeMap<AccountId, Quote>,
    markets: BTreeMap<MarketId, Market>,
    /// Prices.
    pub marks: Marks,
    now: u64,
    touched: BTreeSet<(AccountId, MarketId)>,
}

impl Ledger {
    /// An empty working set at block time `now` (seconds).
    pub fn new(now: u64) -> Self {
        Self {
            now,
            ..Self::default()
        }
    }

    /// Block time in seconds.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// Loads a market and accrues its funding, unless a loss gates it: then funding stands still,
    /// so that a job of several transactions settles at one index.
    pub fn load_market(&mut self, storage: &dyn Storage, id: MarketId) -> ContractResult<()> {
        if self.markets.contains_key(&id) {
            return Ok(());
        }
        let unknown = || ContractError::UnknownMarket { market: id };
        let listing = LISTINGS.may_load(storage, id)?.ok_or_else(unknown)?;
        let stored = MARKETS.may_load(storage, id)?.ok_or_else(unknown)?;
        let mut state = stored.clone();
        if state.gate.is_none() {
            let seconds = self.now.saturating_sub(state.accrued_at);
            state.index = accrue(state.index, listing.params.funding_rate, seconds)?;
        }
        state.accrued_at = self.now;
        let tiers = listing.params.tiers.iter().map(Tier::from).collect();
        self.markets.insert(
            id,
            Market {
                stored,
                state,
                listing,
                tiers,
            },
        );
        Ok(())
    }

    /// Loads an account and every market it has a position or a debt in.
    pub fn load_account(&mut self, storage: &dyn Storage, id: AccountId) -> ContractResult<()> {
        if self.accounts.contains_key(&id) {
            return Ok(());
        }
        let account =
            ACCOUNTS
                .may_load(storage, id)?
                .ok_or_else(|| ContractError::UnknownAccount {
                    account: id.to_string(),
                })?;
        let markets: Vec<_> = account
            .positions
            .iter()
            .map(|(m, _)| *m)
            .chain(account.debts.iter().map(|d| d.market))
            .collect();
        for market in markets {
            self.load_market(storage, market)?;
        }
        let held = held(storage, &account)?;
        if held.0 > 0 {
            self.held.insert(id, held);
        }
        self.accounts.insert(id, (account.clone(), account));
        Ok(())
    }

    /// Adds an account that exists only in this working set, for a preview. Never saved.
    pub fn imagine(&mut self, id: AccountId, account: Account) {
        self.accounts.insert(id, (account.clone(), account));
    }

    /// Asks the feed for the loaded markets that have no price yet.
    pub fn price_loaded(&mut self, querier: QuerierWrapper<'_>, feed: &Addr) -> ContractResult<()> {
        let mut missing = self.market_ids();
        missing.retain(|market| !self.marks.has(*market));
        let mut marks = Marks::query(querier, feed, &missing, self.now)?;
        marks.extend(std::mem::take(&mut self.marks));
        self.marks = marks;
        Ok(())
    }

    /// All loaded markets.
    pub fn market_ids(&self) -> BTreeSet<MarketId> {
        self.markets.keys().copied().collect()
    }

    /// A loaded account.
    pub fn account(&self, id: AccountId) -> ContractResult<&Account> {
        self.accounts
            .get(&id)
            .map(|(_, now)| now)
            .ok_or_else(|| ContractError::UnknownAccount {
                account: id.to_string(),
            })
    }

    /// A loaded account, to change.
    pub fn account_mut(&mut self, id: AccountId) -> ContractResult<&mut Account> {
        self.accounts
            .get_mut(&id)
            .map(|(_, now)| now)
            .ok_or_else(|| ContractError::UnknownAccount {
                account: id.to_string(),
            })
    }

    /// A loaded market.
    pub fn market(&self, id: MarketId) -> ContractResult<&Market> {
        self.markets
            .get(&id)
            .ok_or(ContractError::UnknownMarket { market: id })
    }

    /// A loaded market, to change.
    pub fn market_mut(&mut self, id: MarketId) -> ContractResult<&mut Market> {
        self.markets
            .get_mut(&id)
            .ok_or(ContractError::UnknownMarket { market: id })
    }

    /// An account's position with funding settled as of now, flat if it has none.
    pub fn position(&self, id: AccountId, market: MarketId) -> ContractResult<Position> {
        let index = self.market(market)?.state.index;
        let held = self
            .account(id)?
            .positions
            .iter()
            .find(|(m, _)| *m == market);
        match held {
            Some((_, position)) => Ok(position.settle(index)?.0),
            None => Ok(Position::flat(index)),
        }
    }

    /// All positions of an account, settled and valued at the marks.
    pub fn legs(&self, id: AccountId) -> ContractResult<Vec<Leg<'_>>> {
        let held = &self.account(id)?.positions;
        held.iter()
            .map(|(market, _)| {
                let loaded = self.market(*market)?;
                Ok(Leg {
                    position: self.position(id, *market)?,
                    mark: self.marks.of_any_age(*market)?,
                    tiers: &loaded.tiers,
                    profit_is_gated: loaded.state.gate.is_some(),
                })
            })
            .collect()
    }

    /// Equity and requirements of an account.
    pub fn health(&self, id: AccountId) -> ContractResult<Health> {
        let cash = self.account(id)?.cash;
        let legs = self.legs(id)?;
        let held = self.held.get(&id).copied().unwrap_or_default();
        Ok(Health {
            equity: margin::equity(cash, &legs)?,
            usable: margin::usable_equity(cash, &legs)?.minus(held)?,
            initial: margin::total_requirement_ceil(&legs, Requirement::Initial)?,
            maintenance: margin::total_requirement_ceil(&legs, Requirement::Maintenance)?,
            withdrawable: margin::withdrawable(cash, &legs)?.minus(held)?.or_zero(),
        })
    }

    /// What an account holds in the other markets of a market's hedge group, at the marks.
    pub fn hedge(&self, id: AccountId, market: MarketId) -> ContractResult<Hedge> {
        let group = self.market(market)?.listing.params.hedge_group;
        let mut hedge = Hedge::default();
        if group == 0 {
            return Ok(hedge);
        }
        for (other, position) in &self.account(id)?.positions {
            if *other == market || self.market(*other)?.listing.params.hedge_group != group {
                continue;
            }
            let notional = position.notional(self.marks.of_any_age(*other)?)?;
            let signed = position.side().map_or(0, |side| side.sign() * notional.0);
            hedge.others = hedge.others.plus(Quote(signed))?;
        }
        Ok(hedge)
    }

    /// Refuses if a price that values this account is older than `max` seconds.
    pub fn assert_fresh(&self, id: AccountId, max: u64) -> ContractResult<()> {
        for (market, _) in &self.account(id)?.positions {
            self.marks.assert_fresh(*market, max)?;
        }
        Ok(())
    }

    /// Settles the funding of one position into its cost.
    pub fn settle(&mut self, id: AccountId, market: MarketId) -> ContractResult<()> {
        let index = self.market(market)?.state.index;
        let account = self.account_mut(id)?;
        let Some((_, position)) = account.positions.iter_mut().find(|(m, _)| *m == market) else {
            return Ok(());
        };
        let (settled, owed) = position.settle(index)?;
        *position = settled;
        let state = &mut self.market_mut(market)?.state;
        state.pool = state.pool.plus(owed)?;
        self.touched.insert((id, market));
        Ok(())
    }

    /// What a trade of `id` in `market` may change.
    pub fn snapshot(&self, id: AccountId, market: MarketId) -> ContractResult<Snapshot> {
        Ok(Snapshot {
            account: (id, self.account(id)?.clone()),
            market: (market, self.market(market)?.state.clone()),
        })
    }

    /// Takes a trade back. What it touched stays touched: the queue is told of what has not changed.
    pub fn restore(&mut self, snapshot: Snapshot) -> ContractResult<()> {
        *self.account_mut(snapshot.account.0)? = snapshot.account.1;
        self.market_mut(snapshot.market.0)?.state = snapshot.market.1;
        Ok(())
    }

    /// Trades: settles funding, changes the position, moves what is realised to cash.
    pub fn trade(
        &mut self,
        id: AccountId,
        market: MarketId,
        side: Side,
        lots: Lots,
        price: Price,
    ) -> ContractResult<Trade> {
        self.settle(id, market)?;
        let before = self.position(id, market)?;
        let trade = before.trade(side, lots, price)?;
        self.put_position(id, market, trade.position)?;
        let closed_side = before.side().unwrap_or(side);
        self.move_cash(id, market, closed_side, trade.realised)?;
        let (old_long, new_long) = (before.lots.max(0), trade.position.lots.max(0));
        let state = &mut self.market_mut(market)?.state;
        let open = i128::from(state.open_interest.0) + i128::from(new_long) - i128::from(old_long);
        state.open_interest =
            Lots(
                u64::try_from(open).map_err(|_| perp_core::MathError::Overflow {
                    operation: "open interest",
                })?,
            );
        Ok(trade)
    }

    /// Replaces a position; a flat one is removed.
    pub fn put_position(
        &mut self,
        id: AccountId,
        market: MarketId,
        position: Position,
    ) -> ContractResult<()> {
        let positions = &mut self.account_mut(id)?.positions;
        match (
            positions.binary_search_by_key(&market, |(m, _)| *m),
            position.lots,
        ) {
            (Ok(i), 0) => {
                positions.remove(i);
            }
            (Ok(i), _) => positions[i].1 = position,
            (Err(_), 0) => {}
            (Err(i), _) => positions.insert(i, (market, position)),
        }
        self.touched.insert((id, market));
        Ok(())
    }

    /// Adds to cash (+) or takes from it (−). What cash cannot pay becomes a debt of `market`;
    /// what comes in pays debts first, in market order.
    pub fn move_cash(
        &mut self,
        id: AccountId,
        market: MarketId,
        side: Side,
        amount: Quote,
    ) -> ContractResult<()> {
        let account = self.account_mut(id)?;
        let owed_before = Quote(-account.cash.0).or_zero();
        account.cash = account.cash.plus(amount)?;
        let owed_after = Quote(-account.cash.0).or_zero();
        if owed_after > owed_before {
            let more = owed_after.minus(owed_before)?;
            match account.debts.binary_search_by_key(&market, |d| d.market) {
                Ok(i) => {
                    let debt = &mut account.debts[i];
                    debt.amount = debt.amount.plus(more)?;
                    debt.side = side;
                }
                Err(i) => account.debts.insert(
                    i,
                    Debt {
                        market,
                        amount: more,
                        side,
                    },
                ),
            }
        } else {
            let mut paid = owed_before.minus(owed_after)?;
            for debt in &mut account.debts {
                let part = debt.amount.min(paid);
                debt.amount = debt.amount.minus(part)?;
                paid = paid.minus(part)?;
            }
            account.debts.retain(|d| d.amount.0 > 0);
        }
        // Cash moves the collateral per lot of every position.
        let markets: Vec<_> = self
            .account(id)?
            .positions
            .iter()
            .map(|(m, _)| *m)
            .collect();
        self.touched.extend(markets.into_iter().map(|m| (id, m)));
        Ok(())
    }

    /// Takes the fee of a trade on `traded` from an account into the market's fees. Who is flat
    /// after it has closed a position on the other side, which is the one that answers for it.
    pub fn charge_fee(
        &mut self,
        id: AccountId,
        market: MarketId,
        traded: Side,
        fee: Quote,
    ) -> ContractResult<()> {
        if fee.0 == 0 {
            return Ok(());
        }
        let held = self.position(id, market)?.side();
        let side = held.unwrap_or(traded.opposite());
        self.move_cash(id, market, side, Quote(-fee.0))?;
        let state = &mut self.market_mut(market)?.state;
        state.fees = state.fees.plus(fee)?;
        Ok(())
    }

    /// `(account, market)` pairs whose ranking may have changed.
    pub const fn touched(&self) -> &BTreeSet<(AccountId, MarketId)> {
        &self.touched
    }

    /// Has the queue told of a pair although nothing changed here.
    pub fn touch(&mut self, id: AccountId, market: MarketId) {
        self.touched.insert((id, market));
    }

    /// Writes what changed.
    pub fn save(&self, storage: &mut dyn Storage) -> ContractResult<()> {
        for (id, (stored, now)) in &self.accounts {
            if stored != now {
                ACCOUNTS.save(storage, *id, now)?;
            }
        }
        for (id, market) in &self.markets {
            // Accrual is linear in time: it alone is no reason to write.
            let unaccrued = MarketState {
                index: market.stored.index,
                accrued_at: market.stored.accrued_at,
                ..market.state.clone()
            };
            if unaccrued != market.stored {
                MARKETS.save(storage, *id, &market.state)?;
            }
        }
        Ok(())
    }
}

/// Profit of deleveraging fills whose losses are still open: they may yet need it.
pub fn held(storage: &dyn Storage, account: &Account) -> ContractResult<Quote> {
    let mut held = Quote::ZERO;
    for (loss_id, kept) in &account.holds {
        let open = LOSSES
            .may_load(storage, *loss_id)?
            .is_some_and(|loss| !loss.closed);
        if open {
            held = held.plus(*kept)?;
        }
    }
    Ok(held)
}
