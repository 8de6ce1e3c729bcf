//! What users and keepers do, one call each.

use cosmwasm_std::{coin, Addr, Event};
use perp_interface::market::{
    AccountQuery, AccountResponse, CancelOrder, Deposit, ExecuteMsg, HealthQuery, HealthResponse,
    Liquidate, ListMarket, OrderKind, PlaceOrder, QueryMsg, Withdraw,
};
use perp_interface::params::MarketParams;
use perp_interface::{feed, fund, queue};
use perp_interface::{AccountId, LossId, Lots, MarketId, Price, Quote, Side};

use crate::chain::{Chain, ChainError, ChainResult, DENOM};

/// An order in short.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Market.
    pub market: MarketId,
    /// Side.
    pub side: Side,
    /// Lots.
    pub lots: u64,
    /// Worst price.
    pub price: u64,
    /// Limit or immediate-or-cancel.
    pub kind: OrderKind,
    /// Reduce-only.
    pub reduce_only: bool,
}

impl Order {
    /// A limit order.
    pub const fn limit(market: MarketId, side: Side, lots: u64, price: u64) -> Self {
        Self {
            market,
            side,
            lots,
            price,
            kind: OrderKind::Limit,
            reduce_only: false,
        }
    }

    /// An immediate-or-cancel order.
    pub const fn ioc(market: MarketId, side: Side, lots: u64, price: u64) -> Self {
        Self {
            kind: OrderKind::Ioc,
            ..Self::limit(market, side, lots, price)
        }
    }

    /// The same, reduce-only.
    pub const fn reduce_only(self) -> Self {
        Self {
            reduce_only: true,
            ..self
        }
    }
}

impl Chain {
    /// An address with coins for `name`.
    pub fn user(&mut self, name: &str) -> Addr {
        self.app.api().addr_make(name)
    }

    /// Puts coins into a wallet.
    pub fn mint(&mut self, to: &Addr, amount: u128) {
        if amount == 0 {
            return;
        }
        let mint = cw_multi_test::BankSudo::Mint {
            to_address: to.to_string(),
            amount: vec![coin(amount, DENOM)],
        };
        self.app.sudo(mint.into()).expect("minting works");
    }

    /// Balance of the settlement denom.
    pub fn balance(&self, of: &Addr) -> u128 {
        let coin = self
            .app
            .wrap()
            .query_balance(of, DENOM)
            .expect("the bank answers");
        cosmwasm_std::Uint128::try_from(coin.amount)
            .expect("fits")
            .u128()
    }

    /// Sets a price observed now.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn set_price(&mut self, market: MarketId, price: u64) -> ChainResult<Vec<Event>> {
        let publish_time = self.app.block_info().time.seconds();
        let update = feed::PriceUpdate {
            market,
            price: Price(price),
            publish_time,
        };
        let msg = feed::ExecuteMsg::SetPrices(feed::SetPrices {
            prices: vec![update],
        });
        let (sender, to) = (self.governance.clone(), self.addresses.feed.clone());
        self.send(&sender, &to, &msg, &[])
    }

    /// Sets a first price and lists a market.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn list(
        &mut self,
        market: MarketId,
        price: u64,
        params: MarketParams,
    ) -> ChainResult<Vec<Event>> {
        self.set_price(market, price)?;
        let sender = self.governance.clone();
        let symbol = format!("M{market}");
        self.market(
            &sender,
            ExecuteMsg::ListMarket(ListMarket {
                market,
                symbol,
                params,
            }),
        )?;
        self.register(fund::RegisterMarket {
            market,
            isolated: false,
            window_cap: None,
            paid_in_cap: None,
        })
    }

    /// Registers a market with the fund; [`Self::list`] has done so with the shared tranche.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn register(&mut self, terms: fund::RegisterMarket) -> ChainResult<Vec<Event>> {
        let sender = self.governance.clone();
        self.fund(&sender, fund::ExecuteMsg::RegisterMarket(terms))
    }

    /// Sends the fund a message without coins.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn fund(&mut self, sender: &Addr, msg: fund::ExecuteMsg) -> ChainResult<Vec<Event>> {
        let to = self.addresses.fund.clone();
        self.send(sender, &to, &msg, &[])
    }

    /// Mints and stakes.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn stake(
        &mut self,
        user: &Addr,
        tranche: fund::Tranche,
        amount: u128,
    ) -> ChainResult<Vec<Event>> {
        self.mint(user, amount);
        let to = self.addresses.fund.clone();
        let msg = fund::ExecuteMsg::Stake(fund::Stake {
            tranche,
            min_shares: None,
        });
        self.send(user, &to, &msg, &[coin(amount, DENOM)])
    }

    /// Adds seed to the fund's shared tranche out of nowhere.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn contribute(&mut self, amount: u128) -> ChainResult<Vec<Event>> {
        self.contribute_to(fund::Tranche::Shared, fund::Layer::Seed, amount)
    }

    /// Adds money to a layer out of nowhere.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn contribute_to(
        &mut self,
        tranche: fund::Tranche,
        layer: fund::Layer,
        amount: u128,
    ) -> ChainResult<Vec<Event>> {
        let (sender, to) = (self.governance.clone(), self.addresses.fund.clone());
        self.mint(&sender, amount);
        self.send(
            &sender,
            &to,
            &fund::ExecuteMsg::Contribute(fund::Contribute { tranche, layer }),
            &[coin(amount, DENOM)],
        )
    }

    /// Mints and deposits.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn deposit(&mut self, user: &Addr, amount: u128) -> ChainResult<AccountId> {
        self.mint(user, amount);
        let to = self.addresses.market.clone();
        let msg = ExecuteMsg::Deposit(Deposit { subaccount: 0 });
        self.send(user, &to, &msg, &[coin(amount, DENOM)])?;
        Ok(self.account(user)?.account)
    }

    /// Withdraws from subaccount 0.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn withdraw(&mut self, user: &Addr, amount: i128) -> ChainResult<Vec<Event>> {
        let msg = ExecuteMsg::Withdraw(Withdraw {
            subaccount: 0,
            amount: Quote(amount),
        });
        self.market(user, msg)
    }

    /// Places an order for subaccount 0.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn place(&mut self, user: &Addr, order: Order) -> ChainResult<Vec<Event>> {
        let msg = ExecuteMsg::PlaceOrder(PlaceOrder {
            subaccount: 0,
            market: order.market,
            side: order.side,
            lots: Lots(order.lots),
            price: Price(order.price),
            kind: order.kind,
            reduce_only: order.reduce_only,
        });
        self.market(user, msg)
    }

    /// Cancels an order of subaccount 0.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn cancel(&mut self, user: &Addr, order_id: u64) -> ChainResult<Vec<Event>> {
        self.market(
            user,
            ExecuteMsg::CancelOrder(CancelOrder {
                subaccount: 0,
                order_id,
            }),
        )
    }

    /// Liquidates an account.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn liquidate(&mut self, sender: &Addr, account: AccountId) -> ChainResult<Vec<Event>> {
        self.market(sender, ExecuteMsg::Liquidate(Liquidate { account }))
    }

    /// One step of a job.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn step(&mut self, sender: &Addr, loss_id: LossId) -> ChainResult<Vec<Event>> {
        let msg = queue::ContinueDeleverage {
            loss_id,
            limit: None,
        };
        self.queue(sender, queue::ExecuteMsg::ContinueDeleverage(msg))
    }

    /// Works off all open jobs in their order; returns the number of steps.
    ///
    /// # Errors
    /// As [`Chain::send`]; a chain error too if the jobs do not end within `most` steps.
    pub fn finish_jobs(&mut self, most: u32) -> ChainResult<(u32, Vec<Event>)> {
        let sender = self.governance.clone();
        let mut events = Vec::new();
        for steps in 0..=most {
            let jobs: queue::JobsResponse =
                self.query(&self.addresses.queue, &queue::QueryMsg::Jobs {})?;
            let Some(first) = jobs.jobs.first() else {
                return Ok((steps, events));
            };
            events.extend(self.step(&sender, first.terms.loss_id)?);
        }
        Err(ChainError(format!("jobs_do_not_end: after {most} steps")))
    }

    /// Account 0 of a user.
    ///
    /// # Errors
    /// What the contract answers.
    pub fn account(&self, user: &Addr) -> ChainResult<AccountResponse> {
        let query = AccountQuery {
            owner: user.to_string(),
            subaccount: 0,
        };
        self.query(&self.addresses.market, &QueryMsg::Account(query))
    }

    /// Health of an account.
    ///
    /// # Errors
    /// What the contract answers.
    pub fn health(&self, account: AccountId) -> ChainResult<HealthResponse> {
        self.query(
            &self.addresses.market,
            &QueryMsg::Health(HealthQuery { account }),
        )
    }

    /// Lets time pass.
    pub fn advance(&mut self, seconds: u64, blocks: u64) {
        self.app.update_block(|block| {
            block.time = block.time.plus_seconds(seconds);
            block.height += blocks;
        });
    }
}
