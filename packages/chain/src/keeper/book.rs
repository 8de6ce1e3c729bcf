//! The accounts that a keeper knows, valued with the functions that the market values with.
//!
//! A page of accounts costs one question, their values at new prices cost none: a crash is seen at
//! once in all accounts that were ever read, and only those near their requirement are read again.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use perp_core::margin::{requirement_ceil, Requirement, Tier};
use perp_core::position::Position;
use perp_interface::feed::PriceUpdate;
use perp_interface::market::{AccountResponse, MarketResponse};
use perp_interface::{AccountId, MarketId, PerLot, Price, Quote, Side};

/// What the positions of a market are valued with.
#[derive(Clone, Debug)]
struct Mark {
    price: Price,
    index: PerLot,
    tiers: Vec<Tier>,
}

/// What positions are valued with: markets that have a price.
#[derive(Clone, Debug, Default)]
pub struct Marks(BTreeMap<MarketId, Mark>);

impl Marks {
    /// Of markets and prices of one moment.
    pub fn new(markets: &[MarketResponse], prices: &BTreeMap<MarketId, PriceUpdate>) -> Self {
        let marks = markets.iter().filter_map(|market| {
            let price = prices.get(&market.market)?.price;
            let mark = Mark {
                price,
                index: market.index,
                tiers: market.params.tiers.iter().map(Tier::from).collect(),
            };
            Some((market.market, mark))
        });
        Self(marks.collect())
    }

    /// Equity and maintenance requirement; none without a price, or beyond all numbers.
    pub fn value(&self, account: &AccountResponse) -> Option<Value> {
        let (mut equity, mut maintenance) = (account.cash, Quote::ZERO);
        for held in &account.positions {
            let mark = self.0.get(&held.market)?;
            let position = Position {
                lots: i64::try_from(held.side.sign() * i128::from(held.lots.0)).ok()?,
                cost: held.cost,
                index: held.index,
            };
            let (position, _) = position.settle(mark.index).ok()?;
            equity = equity.plus(position.pnl(mark.price).ok()?).ok()?;
            let notional = position.notional(mark.price).ok()?;
            let required = requirement_ceil(&mark.tiers, notional, Requirement::Maintenance);
            maintenance = maintenance.plus(required.ok()?).ok()?;
        }
        Some(Value {
            account: account.account,
            equity,
            maintenance,
        })
    }
}

/// What an account is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The account.
    pub account: AccountId,
    /// Cash and open profit.
    pub equity: Quote,
    /// What it has to have.
    pub maintenance: Quote,
}

impl Value {
    /// What it has beyond its requirement; below 0 it is liquidatable.
    const fn cushion(&self) -> i128 {
        self.equity.0.saturating_sub(self.maintenance.0)
    }

    /// Whether it can be liquidated.
    pub const fn is_below(&self) -> bool {
        self.equity.0 < self.maintenance.0 || self.equity.0 < 0
    }

    /// Whether it has less than half of its requirement to spare.
    const fn is_near(&self) -> bool {
        self.cushion().saturating_mul(2) < self.maintenance.0 || self.equity.0 < 0
    }
}

/// The accounts that a keeper knows.
#[derive(Clone, Debug, Default)]
pub struct Book {
    accounts: BTreeMap<AccountId, AccountResponse>,
    last: Option<AccountId>,
    cursor: Option<AccountId>,
}

impl Book {
    /// Takes what was read of accounts; those without positions and debts are let go.
    pub fn put(&mut self, accounts: impl IntoIterator<Item = AccountResponse>) {
        for account in accounts {
            self.last = self.last.max(Some(account.account));
            if account.positions.is_empty() && account.cash.0 >= 0 {
                self.accounts.remove(&account.account);
            } else {
                self.accounts.insert(account.account, account);
            }
        }
    }

    /// Where the accounts begin that were never read.
    pub const fn last(&self) -> Option<AccountId> {
        self.last
    }

    /// Where the round over the accounts goes on.
    pub const fn cursor(&self) -> Option<AccountId> {
        self.cursor
    }

    /// The round over the accounts has come this far; none: to its end.
    pub fn move_to(&mut self, cursor: Option<AccountId>) {
        self.cursor = cursor;
    }

    /// An account, as it was last read.
    pub fn get(&self, account: AccountId) -> Option<&AccountResponse> {
        self.accounts.get(&account)
    }

    /// How many have positions or debts.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// So many accounts after one, in a circle.
    pub fn after(&self, account: Option<AccountId>, most: usize) -> Vec<AccountId> {
        let start = account.map_or(0, |account| account.saturating_add(1));
        let all = self
            .accounts
            .range(start..)
            .chain(self.accounts.range(..start));
        all.map(|(id, _)| *id).take(most).collect()
    }

    /// Who has a position on a side of a market, the largest first.
    pub fn holders(&self, market: MarketId, side: Side) -> Vec<AccountId> {
        let held = self.accounts.values().filter_map(|account| {
            let mut positions = account.positions.iter();
            let held = positions.find(|held| held.market == market && held.side == side)?;
            Some((Reverse(held.lots), account.account))
        });
        let mut held: Vec<_> = held.collect();
        held.sort_unstable();
        held.into_iter().map(|(_, account)| account).collect()
    }

    /// Those near their requirement or below it, the worst first.
    pub fn near(&self, marks: &Marks) -> Vec<Value> {
        let valued = self.accounts.values().filter_map(|a| marks.value(a));
        let mut near: Vec<Value> = valued.filter(Value::is_near).collect();
        near.sort_by_key(|value| (value.cushion(), value.account));
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: AccountId, cash: i128) -> AccountResponse {
        AccountResponse {
            account: id,
            owner: "o".to_owned(),
            subaccount: 0,
            cash: Quote(cash),
            positions: vec![],
            debts: vec![],
            held: Quote(0),
            locked: false,
        }
    }

    #[test]
    fn accounts_that_risk_nothing_are_let_go() {
        let mut book = Book::default();
        book.put([account(1, -5), account(2, 5), account(3, -1)]);
        assert_eq!((book.len(), book.last()), (2, Some(3)));
        book.put([account(1, 0)]);
        assert_eq!((book.len(), book.last()), (1, Some(3)));
    }

    #[test]
    fn the_worst_come_first_and_circles_come_round() {
        let mut book = Book::default();
        book.put([account(1, -5), account(4, -9), account(7, -5)]);
        let near = book.near(&Marks::default());
        let order: Vec<_> = near.iter().map(|value| value.account).collect();
        assert_eq!(order, [4, 1, 7]);
        assert_eq!(book.after(None, 2), [1, 4]);
        assert_eq!(book.after(Some(4), 2), [7, 1]);
        assert_eq!(book.after(Some(7), 9), [1, 4, 7]);
    }
}
