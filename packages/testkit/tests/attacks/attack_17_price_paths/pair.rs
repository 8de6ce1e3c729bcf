//! Two colluding legs, their keeper, and what all of them have.

use cosmwasm_std::{coin, Addr, Event};
use perp_interface::fund::{OwedQuery, OwedResponse, QueryMsg as FundQuery};
use perp_interface::market::{
    AccountQuery, AccountResponse, CancelOrder, Deposit, ExecuteMsg, OrdersQuery, OrdersResponse,
    QueryMsg, Withdraw,
};
use perp_interface::{queue, AccountId, LossId, Quote, Side};
use perp_testkit::chain::{ChainResult, Order, DENOM};
use perp_testkit::Chain;

use crate::situation::{place_for, ENTRY};

/// Market that the pair trades in.
pub const MARKET: u16 = 1;

/// Lots of each leg: 1 000 USDC at the entry.
pub const LOTS: u64 = 100;

/// One account of the pair.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Owner.
    pub user: Addr,
    /// Its number among the owner's accounts.
    pub subaccount: u32,
    /// Its number.
    pub id: AccountId,
}

impl Leg {
    /// Opens the account with a deposit.
    pub fn open(chain: &mut Chain, (name, subaccount): (&str, u32), amount: u128) -> Self {
        let user = chain.user(name);
        chain.mint(&user, amount);
        let to = chain.addresses.market.clone();
        let msg = ExecuteMsg::Deposit(Deposit { subaccount });
        chain
            .send(&user, &to, &msg, &[coin(amount, DENOM)])
            .expect("deposits");
        let mut leg = Self {
            user,
            subaccount,
            id: 0,
        };
        leg.id = leg.account(chain).account;
        leg
    }

    /// The account.
    pub fn account(&self, chain: &Chain) -> AccountResponse {
        let query = QueryMsg::Account(AccountQuery {
            owner: self.user.to_string(),
            subaccount: self.subaccount,
        });
        chain
            .query(&chain.addresses.market, &query)
            .expect("is there")
    }

    /// Its signed lots.
    pub fn lots(&self, chain: &Chain) -> i128 {
        let positions = self.account(chain).positions;
        let held = positions.iter().find(|p| p.market == MARKET);
        held.map_or(0, |p| p.side.sign() * i128::from(p.lots.0))
    }

    /// Its equity at the feed's prices.
    pub fn equity(&self, chain: &Chain) -> i128 {
        chain.health(self.id).expect("answers").equity.0
    }

    /// Places an order.
    pub fn place(&self, chain: &mut Chain, order: Order) -> ChainResult<Vec<Event>> {
        place_for(chain, (&self.user, self.subaccount), order)
    }

    /// Closes what it can on the book, at any price.
    pub fn close(&self, chain: &mut Chain) {
        let lots = self.lots(chain);
        if lots == 0 {
            return;
        }
        let (side, worst) = if lots > 0 {
            (Side::Short, 1)
        } else {
            (Side::Long, 4 * ENTRY)
        };
        let order = Order::ioc(MARKET, side, lots.unsigned_abs() as u64, worst).reduce_only();
        // An empty book fills nothing; a gated market refuses.
        let _ = self.place(chain, order);
    }

    /// Takes its orders off the book.
    pub fn cancel_all(&self, chain: &mut Chain) {
        let query = QueryMsg::Orders(OrdersQuery { account: self.id });
        let resting: OrdersResponse = chain
            .query(&chain.addresses.market, &query)
            .expect("answers");
        for order in resting.orders {
            let msg = CancelOrder {
                subaccount: self.subaccount,
                order_id: order.order_id,
            };
            chain
                .market(&self.user, ExecuteMsg::CancelOrder(msg))
                .expect("cancels");
        }
    }

    /// Takes out what it may, and asks for one unit more, which is never given.
    pub fn withdraw_all(&self, chain: &mut Chain) {
        let free = chain.health(self.id).expect("answers").withdrawable.0;
        let take = |chain: &mut Chain, amount: i128| {
            let msg = Withdraw {
                subaccount: self.subaccount,
                amount: Quote(amount),
            };
            chain.market(&self.user, ExecuteMsg::Withdraw(msg))
        };
        assert!(take(chain, free + 1).is_err(), "more than is withdrawable");
        if free > 0 {
            // Refused while the market is gated.
            let _ = take(chain, free);
        }
    }
}

/// Both legs and the keeper.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The first is hurt by the path's steps down.
    pub legs: [Leg; 2],
    /// Liquidates and steps for the pair.
    pub keeper: Addr,
}

impl Pair {
    /// The leg that stands against another.
    pub fn other(&self, leg: usize) -> &Leg {
        &self.legs[1 - leg]
    }

    /// Whether an account is one of the legs.
    pub fn owns(&self, account: AccountId) -> bool {
        self.legs.iter().any(|leg| leg.id == account)
    }

    /// Sum of signed lots.
    pub fn net_lots(&self, chain: &Chain) -> i128 {
        self.legs.iter().map(|leg| leg.lots(chain)).sum()
    }

    /// Equity of both legs, coins of all wallets, bounties owed to them.
    pub fn wealth(&self, chain: &Chain) -> i128 {
        let mut wallets = vec![&self.keeper];
        wallets.extend(self.legs.iter().map(|leg| &leg.user));
        wallets.sort();
        wallets.dedup();
        let coins: i128 = wallets
            .iter()
            .map(|wallet| chain.balance(wallet) as i128 + owed(chain, wallet))
            .sum();
        let equity: i128 = self.legs.iter().map(|leg| leg.equity(chain)).sum();
        coins + equity
    }

    /// One step of the first open job, by the keeper; its loss, and what happened.
    pub fn step(&self, chain: &mut Chain) -> Option<(LossId, Vec<Event>)> {
        let jobs = crate::situation::jobs(chain).jobs;
        let loss_id = jobs.first()?.terms.loss_id;
        let msg = queue::ContinueDeleverage {
            loss_id,
            limit: None,
        };
        let events = chain
            .queue(&self.keeper, queue::ExecuteMsg::ContinueDeleverage(msg))
            .expect("steps");
        Some((loss_id, events))
    }
}

/// What the fund has booked for an address.
pub fn owed(chain: &Chain, to: &Addr) -> i128 {
    let query = FundQuery::Owed(OwedQuery { to: to.to_string() });
    let owed: OwedResponse = chain.query(&chain.addresses.fund, &query).expect("answers");
    owed.amount.0
}
