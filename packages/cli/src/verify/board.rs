//! Accounts, markets and prices as the events of a transaction move them.

use std::collections::{BTreeMap, BTreeSet};

use perp_core::funding::accrue;
use perp_core::hedge::Hedge;
use perp_core::liquidation::fee_ceil;
use perp_core::margin::{requirement_ceil, Requirement, Tier};
use perp_core::position::Position;
use perp_interface::market::{AccountResponse, DebtResponse, MarketResponse, PositionResponse};
use perp_interface::{AccountId, Lots, MarketId, Price, Quote, Side};
use perp_testkit::order::{standing_in, Standing};

use super::state::State;
use super::VerifyError;

/// `(account, market)` pairs that a message has changed.
pub type Pairs = BTreeSet<(AccountId, MarketId)>;

/// The model.
#[derive(Clone, Debug, Default)]
pub struct Board {
    accounts: BTreeMap<AccountId, AccountResponse>,
    markets: Vec<MarketResponse>,
    prices: BTreeMap<MarketId, Price>,
    touched: Pairs,
}

impl Board {
    /// The state at the time of the transaction's block: funding goes on until then, except in
    /// markets that a loss gates.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn new(state: &State, time: u64) -> Result<Self, VerifyError> {
        let seconds = time
            .checked_sub(state.time)
            .ok_or(VerifyError::TimeRunsBack {
                state: state.time,
                transaction: time,
            })?;
        let mut markets = state.markets.clone();
        for market in markets.iter_mut().filter(|m| m.deleveraging.is_none()) {
            market.index = accrue(market.index, market.params.funding_rate, seconds)?;
        }
        let accounts = state.accounts.iter().map(|a| (a.account, a.clone()));
        let prices = state.prices.iter().map(|p| (p.market, p.price));
        Ok(Self {
            accounts: accounts.collect(),
            markets,
            prices: prices.collect(),
            touched: Pairs::new(),
        })
    }

    /// What was changed since this was last asked.
    pub fn take_touched(&mut self) -> Pairs {
        std::mem::take(&mut self.touched)
    }

    /// An account.
    ///
    /// # Errors
    /// `UnknownAccount`.
    pub fn account(&self, id: AccountId) -> Result<&AccountResponse, VerifyError> {
        self.accounts
            .get(&id)
            .ok_or(VerifyError::UnknownAccount(id))
    }

    fn account_mut(&mut self, id: AccountId) -> Result<&mut AccountResponse, VerifyError> {
        self.accounts
            .get_mut(&id)
            .ok_or(VerifyError::UnknownAccount(id))
    }

    /// All accounts.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountResponse> {
        self.accounts.values()
    }

    /// Whether there is such an account.
    pub fn knows(&self, id: AccountId) -> bool {
        self.accounts.contains_key(&id)
    }

    /// Adds an account that the transaction opened.
    pub fn open_account(&mut self, id: AccountId, owner: &str) {
        self.accounts.entry(id).or_insert_with(|| AccountResponse {
            account: id,
            owner: owner.to_owned(),
            subaccount: 0,
            cash: Quote::ZERO,
            positions: Vec::new(),
            debts: Vec::new(),
            held: Quote::ZERO,
            locked: false,
        });
    }

    /// A market.
    ///
    /// # Errors
    /// `UnknownMarket`.
    pub fn market(&self, id: MarketId) -> Result<&MarketResponse, VerifyError> {
        self.markets
            .iter()
            .find(|m| m.market == id)
            .ok_or(VerifyError::UnknownMarket(id))
    }

    /// Gates a market for an account's losses, or opens it again.
    ///
    /// # Errors
    /// `UnknownMarket`.
    pub fn gate(&mut self, id: MarketId, by: Option<AccountId>) -> Result<(), VerifyError> {
        let market = self.markets.iter_mut().find(|m| m.market == id);
        market.ok_or(VerifyError::UnknownMarket(id))?.deleveraging = by;
        Ok(())
    }

    /// Opens all markets that an account's losses gate, and the account.
    ///
    /// # Errors
    /// `UnknownAccount`.
    pub fn release(&mut self, id: AccountId) -> Result<(), VerifyError> {
        let gated = self.markets.iter_mut();
        gated
            .filter(|m| m.deleveraging == Some(id))
            .for_each(|m| m.deleveraging = None);
        self.lock(id, false)
    }

    /// Freezes or frees an account.
    ///
    /// # Errors
    /// `UnknownAccount`.
    pub fn lock(&mut self, id: AccountId, locked: bool) -> Result<(), VerifyError> {
        self.account_mut(id)?.locked = locked;
        Ok(())
    }

    /// The feed's price.
    ///
    /// # Errors
    /// `NoPrice`.
    pub fn price(&self, market: MarketId) -> Result<Price, VerifyError> {
        self.prices
            .get(&market)
            .copied()
            .ok_or(VerifyError::NoPrice(market))
    }

    /// A new price of the feed.
    pub fn set_price(&mut self, market: MarketId, price: Price) {
        self.prices.insert(market, price);
    }

    /// Margin tiers of a market.
    ///
    /// # Errors
    /// `UnknownMarket`.
    pub fn tiers(&self, market: MarketId) -> Result<Vec<Tier>, VerifyError> {
        let tiers = self.market(market)?.params.tiers.iter();
        Ok(tiers.map(Tier::from).collect())
    }

    /// An account's position with funding settled as of now, flat if it has none.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn position(&self, id: AccountId, market: MarketId) -> Result<Position, VerifyError> {
        let index = self.market(market)?.index;
        let held = self.account(id)?.positions.iter();
        match held.clone().find(|p| p.market == market) {
            Some(held) => Ok(of_response(held).settle(index)?.0),
            None => Ok(Position::flat(index)),
        }
    }

    /// Equity and maintenance requirement, one market at its frozen mark and the others at the
    /// feed's prices.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn health(
        &self,
        id: AccountId,
        frozen: Option<(MarketId, Price)>,
    ) -> Result<(Quote, Quote), VerifyError> {
        let account = self.account(id)?;
        let (mut equity, mut maintenance) = (account.cash, Quote::ZERO);
        for held in &account.positions {
            let mark = match frozen {
                Some((market, mark)) if market == held.market => mark,
                _ => self.price(held.market)?,
            };
            let position = self.position(id, held.market)?;
            equity = equity.plus(position.pnl(mark)?)?;
            maintenance = maintenance.plus(requirement_ceil(
                &self.tiers(held.market)?,
                position.notional(mark)?,
                Requirement::Maintenance,
            )?)?;
        }
        Ok((equity, maintenance))
    }

    /// What an account holds in the other markets of a market's hedge group.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn hedge(&self, id: AccountId, market: MarketId) -> Result<Hedge, VerifyError> {
        let group = self.market(market)?.params.hedge_group;
        let mut hedge = Hedge::default();
        for held in &self.account(id)?.positions {
            let of = self.market(held.market)?.params.hedge_group;
            if group == 0 || held.market == market || of != group {
                continue;
            }
            let notional = self.price(held.market)?.notional(held.lots)?;
            let signed = held.side.sign() * notional.0;
            hedge.others = hedge.others.plus(Quote(signed))?;
        }
        Ok(hedge)
    }

    /// What the ranking must hold of a position, none if there is none.
    ///
    /// # Errors
    /// `UnknownAccount`.
    pub fn standing(
        &self,
        id: AccountId,
        market: MarketId,
    ) -> Result<Option<(Side, Standing)>, VerifyError> {
        let account = self.account(id)?;
        let held = account.positions.iter().find(|p| p.market == market);
        Ok(held.map(|p| (p.side, standing_in(&self.markets, account, p))))
    }

    /// Settles the funding of one position into its cost.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn settle(&mut self, id: AccountId, market: MarketId) -> Result<(), VerifyError> {
        let position = self.position(id, market)?;
        if position.lots != 0 {
            self.put_position(id, market, position)?;
        }
        Ok(())
    }

    /// Replaces a position; a flat one is removed.
    ///
    /// # Errors
    /// `UnknownAccount`.
    pub fn put_position(
        &mut self,
        id: AccountId,
        market: MarketId,
        position: Position,
    ) -> Result<(), VerifyError> {
        let positions = &mut self.account_mut(id)?.positions;
        positions.retain(|p| p.market != market);
        if let Some(side) = position.side() {
            let at = positions.partition_point(|p| p.market < market);
            let response = PositionResponse {
                market,
                side,
                lots: position.size(),
                cost: position.cost,
                index: position.index,
            };
            positions.insert(at, response);
        }
        self.touched.insert((id, market));
        Ok(())
    }

    /// Trades at a price: what is realised goes to cash.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn trade(
        &mut self,
        (id, market): (AccountId, MarketId),
        side: Side,
        lots: Lots,
        price: Price,
    ) -> Result<(), VerifyError> {
        let before = self.position(id, market)?;
        let trade = before.trade(side, lots, price)?;
        self.put_position(id, market, trade.position)?;
        self.move_cash((id, market), before.side().unwrap_or(side), trade.realised)
    }

    /// A fill of a maker's order, with its fee.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn fill_maker(
        &mut self,
        (maker, market): (AccountId, MarketId),
        side: Side,
        lots: Lots,
        price: Price,
    ) -> Result<(), VerifyError> {
        let fee = fee_ceil(price, lots, self.market(market)?.params.maker_fee_bps)?;
        self.trade((maker, market), side, lots, price)?;
        self.charge_fee((maker, market), side, fee)
    }

    /// Takes a fee.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn charge_fee(
        &mut self,
        (id, market): (AccountId, MarketId),
        traded: Side,
        fee: Quote,
    ) -> Result<(), VerifyError> {
        if fee == Quote::ZERO {
            return Ok(());
        }
        let held = self.position(id, market)?.side();
        let side = held.unwrap_or(traded.opposite());
        self.move_cash((id, market), side, Quote(-fee.0))
    }

    /// Adds to cash or takes from it. What cash cannot pay becomes a debt of the market; what
    /// comes in pays debts first, in market order.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn move_cash(
        &mut self,
        (id, market): (AccountId, MarketId),
        side: Side,
        amount: Quote,
    ) -> Result<(), VerifyError> {
        let account = self.account_mut(id)?;
        let owed_before = Quote(-account.cash.0).or_zero();
        account.cash = account.cash.plus(amount)?;
        let owed_after = Quote(-account.cash.0).or_zero();
        if owed_after > owed_before {
            owe(account, (market, side), owed_after.minus(owed_before)?)?;
        } else {
            pay_debts(account, owed_before.minus(owed_after)?)?;
        }
        let markets: Vec<_> = account.positions.iter().map(|p| p.market).collect();
        self.touched.extend(markets.into_iter().map(|m| (id, m)));
        Ok(())
    }

    /// Has the ranking told of a pair although nothing changed.
    pub fn touch_all(&mut self, id: AccountId, market: MarketId) {
        let held = self.accounts.get(&id).map(|a| &a.positions);
        let markets = held.into_iter().flatten().map(|p| p.market);
        self.touched
            .extend(markets.chain([market]).map(|m| (id, m)));
    }
}

fn owe(
    account: &mut AccountResponse,
    (market, side): (MarketId, Side),
    more: Quote,
) -> Result<(), VerifyError> {
    match account.debts.binary_search_by_key(&market, |d| d.market) {
        Ok(i) => {
            account.debts[i].amount = account.debts[i].amount.plus(more)?;
            account.debts[i].side = side;
        }
        Err(i) => account.debts.insert(
            i,
            DebtResponse {
                market,
                amount: more,
                side,
            },
        ),
    }
    Ok(())
}

fn pay_debts(account: &mut AccountResponse, mut paid: Quote) -> Result<(), VerifyError> {
    for debt in &mut account.debts {
        let part = debt.amount.min(paid);
        debt.amount = debt.amount.minus(part)?;
        paid = paid.minus(part)?;
    }
    account.debts.retain(|d| d.amount.0 > 0);
    Ok(())
}

fn of_response(held: &PositionResponse) -> Position {
    Position {
        lots: (held.side.sign() * i128::from(held.lots.0)) as i64,
        cost: held.cost,
        index: held.index,
    }
}
