//! Builds the chain, wires the contracts, and sends messages as users would.

use std::collections::BTreeSet;
use std::fmt;

use cosmwasm_std::{Addr, Coin, Empty, Event};
use cw_multi_test::{App, AppBuilder, Contract, ContractWrapper, Executor};
use perp_interface::governance::NoticeParams;
use perp_interface::market::ExecuteMsg;
use perp_interface::params::{ExchangeParams, FeedParams, FundParams, QueueParams};
use perp_interface::AccountId;
use perp_interface::{feed, fund, lens, market, queue, LossId};
use serde::de::DeserializeOwned;
use serde::Serialize;

pub use crate::actions::Order;
use crate::{invariants, receipts};

/// The settlement denom of the embedded chain.
pub const DENOM: &str = "uusdc";

/// No notice: the first step of every change holds at once.
pub const AT_ONCE: NoticeParams = NoticeParams {
    notice_seconds: 0,
    step_seconds: 0,
};

/// A contract as cw-multi-test takes it.
pub type BoxedContract = Box<dyn Contract<Empty>>;

/// What the chain answered to a refused transaction: the whole chain of error texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainError(pub String);

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ChainError {}

impl ChainError {
    /// Whether the error carries this stable code.
    pub fn has_code(&self, code: &str) -> bool {
        self.0.contains(&format!("{code}:"))
    }
}

/// Result of a transaction or a query.
pub type ChainResult<T> = Result<T, ChainError>;

/// The four contracts to deploy.
pub struct ContractSet {
    /// perp-market.
    pub market: BoxedContract,
    /// insurance-fund.
    pub fund: BoxedContract,
    /// deleverage-queue.
    pub queue: BoxedContract,
    /// price-feed.
    pub feed: BoxedContract,
}

impl fmt::Debug for ContractSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContractSet")
    }
}

impl Default for ContractSet {
    /// The Rust contracts of this workspace.
    fn default() -> Self {
        use {
            deleverage_queue::contract as q, insurance_fund::contract as f,
            perp_market::contract as m, price_feed::contract as p,
        };
        Self {
            market: Box::new(
                ContractWrapper::new(m::execute, m::instantiate, m::query)
                    .with_reply(m::reply)
                    .with_sudo(m::sudo)
                    .with_migrate(m::migrate),
            ),
            fund: Box::new(
                ContractWrapper::new(f::execute, f::instantiate, f::query)
                    .with_reply(f::reply)
                    .with_sudo(f::sudo)
                    .with_migrate(f::migrate),
            ),
            queue: Box::new(
                ContractWrapper::new(q::execute, q::instantiate, q::query)
                    .with_reply(q::reply)
                    .with_sudo(q::sudo)
                    .with_migrate(q::migrate),
            ),
            feed: Box::new(
                ContractWrapper::new(p::execute, p::instantiate, p::query)
                    .with_sudo(p::sudo)
                    .with_migrate(p::migrate),
            ),
        }
    }
}

/// What to build.
#[derive(Default)]
pub struct ChainBuilder {
    contracts: ContractSet,
    exchange: ExchangeParams,
    fund: FundParams,
    queue: QueueParams,
    notice: Option<NoticeParams>,
    lens: Option<BoxedContract>,
    check_every: u64,
}

impl fmt::Debug for ChainBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainBuilder")
            .field("exchange", &self.exchange)
            .field("fund", &self.fund)
            .field("queue", &self.queue)
            .field("lens", &self.lens.is_some())
            .field("check_every", &self.check_every)
            .finish_non_exhaustive()
    }
}

impl ChainBuilder {
    /// Other contracts than the workspace's own.
    pub fn contracts(mut self, contracts: ContractSet) -> Self {
        self.contracts = contracts;
        self
    }

    /// Parameters of the exchange.
    pub fn exchange(mut self, params: ExchangeParams) -> Self {
        self.exchange = params;
        self
    }

    /// Parameters of the fund.
    pub fn fund(mut self, params: FundParams) -> Self {
        self.fund = params;
        self
    }

    /// Parameters of the queue.
    pub fn queue(mut self, params: QueueParams) -> Self {
        self.queue = params;
        self
    }

    /// How long changes wait; without it not at all.
    pub fn notice(mut self, notice: NoticeParams) -> Self {
        self.notice = Some(notice);
        self
    }

    /// Deploys the workspace's lens too.
    pub fn lens(mut self) -> Self {
        use perp_lens::contract as l;
        self.lens = Some(Box::new(
            ContractWrapper::new(l::execute, l::instantiate, l::query).with_migrate(l::migrate),
        ));
        self
    }

    /// Checks all invariants after every `n` messages; 0 never does.
    pub fn check_every(mut self, n: u64) -> Self {
        self.check_every = n;
        self
    }

    /// Stores, instantiates and connects the four contracts.
    pub fn build(self) -> Chain {
        let mut app = AppBuilder::new().build(|_, _, _| {});
        let governance = app.api().addr_make("governance");
        let authority = governance.to_string();
        let guardian = Some(app.api().addr_make("guardian").to_string());
        let notice = self.notice.unwrap_or(AT_ONCE);
        let mut deploy = |contract, msg: &dyn erased::Message, label: &str| {
            let code = app.store_code(contract);
            msg.instantiate(&mut app, code, &governance, label)
        };
        let addresses = Addresses {
            market: deploy(
                self.contracts.market,
                &market::InstantiateMsg {
                    authority: authority.clone(),
                    guardian: guardian.clone(),
                    notice,
                    denom: DENOM.to_owned(),
                    params: self.exchange,
                    links: None,
                },
                "perp-market",
            ),
            fund: deploy(
                self.contracts.fund,
                &fund::InstantiateMsg {
                    authority: authority.clone(),
                    guardian: guardian.clone(),
                    notice,
                    denom: DENOM.to_owned(),
                    params: self.fund,
                    links: None,
                },
                "insurance-fund",
            ),
            queue: deploy(
                self.contracts.queue,
                &queue::InstantiateMsg {
                    authority: authority.clone(),
                    guardian: guardian.clone(),
                    notice,
                    params: self.queue,
                    links: None,
                },
                "deleverage-queue",
            ),
            feed: deploy(
                self.contracts.feed,
                &feed::InstantiateMsg {
                    authority: authority.clone(),
                    guardian,
                    notice,
                    feeders: vec![authority],
                    params: FeedParams::default(),
                },
                "price-feed",
            ),
            lens: None,
        };
        let mut chain = Chain {
            app,
            governance,
            addresses,
            check_every: 0,
            messages: 0,
            stale_collateral: BTreeSet::new(),
            unprotected: BTreeSet::new(),
        };
        chain.connect();
        if let Some(lens) = self.lens {
            chain.deploy_lens(lens);
        }
        chain.check_every = self.check_every;
        chain
    }
}

/// `instantiate_contract` is generic over the message; this lets one closure deploy four of them.
mod erased {
    use super::*;

    pub trait Message {
        fn instantiate(&self, app: &mut App, code: u64, sender: &Addr, label: &str) -> Addr;
    }

    impl<T: Serialize> Message for T {
        fn instantiate(&self, app: &mut App, code: u64, sender: &Addr, label: &str) -> Addr {
            let admin = Some(sender.to_string());
            app.instantiate_contract(code, sender.clone(), self, &[], label, admin)
                .expect("the defaults instantiate")
        }
    }
}

/// Where the contracts are.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// perp-market.
    pub market: Addr,
    /// insurance-fund.
    pub fund: Addr,
    /// deleverage-queue.
    pub queue: Addr,
    /// price-feed.
    pub feed: Addr,
    /// perp-lens, if the builder was asked for it.
    pub lens: Option<Addr>,
}

/// The running chain.
pub struct Chain {
    /// The embedded app.
    pub app: App,
    /// The authority of all contracts, and a feeder.
    pub governance: Addr,
    /// The contracts.
    pub addresses: Addresses,
    check_every: u64,
    messages: u64,
    stale_collateral: BTreeSet<AccountId>,
    unprotected: BTreeSet<LossId>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Chain {
    /// A chain with the workspace's contracts and default parameters.
    pub fn builder() -> ChainBuilder {
        ChainBuilder::default()
    }

    fn connect(&mut self) {
        let Addresses {
            market,
            fund,
            queue,
            feed,
            ..
        } = self.addresses.clone();
        let governance = self.governance.clone();
        let connect_market = market::Connect {
            fund: fund.to_string(),
            queue: queue.to_string(),
            feed: feed.to_string(),
        };
        let connect_fund = fund::Connect {
            market: market.to_string(),
            market_code_id: self.code_of(&market),
            queue: queue.to_string(),
        };
        let connect_queue = queue::Connect {
            market: market.to_string(),
            fund: fund.to_string(),
        };
        self.send(
            &governance,
            &market,
            &ExecuteMsg::Connect(connect_market),
            &[],
        )
        .expect("market connects");
        self.send(
            &governance,
            &fund,
            &fund::ExecuteMsg::Connect(connect_fund),
            &[],
        )
        .expect("fund connects");
        self.send(
            &governance,
            &queue,
            &queue::ExecuteMsg::Connect(connect_queue),
            &[],
        )
        .expect("queue connects");
    }

    /// The code that a contract runs.
    ///
    /// # Panics
    /// If there is no such contract.
    pub fn code_of(&self, contract: &Addr) -> u64 {
        let info = self.app.wrap().query_wasm_contract_info(contract);
        info.expect("there is one").code_id
    }

    /// The lens checks that the market names the same contracts, so it comes after they are connected.
    fn deploy_lens(&mut self, lens: BoxedContract) {
        let msg = lens::InstantiateMsg {
            market: self.addresses.market.to_string(),
            fund: self.addresses.fund.to_string(),
            queue: self.addresses.queue.to_string(),
            feed: self.addresses.feed.to_string(),
        };
        let code = self.app.store_code(lens);
        let sender = self.governance.clone();
        let address = erased::Message::instantiate(&msg, &mut self.app, code, &sender, "perp-lens");
        self.addresses.lens = Some(address);
    }

    /// Sends a message to a contract; checks the invariants when it is time.
    ///
    /// # Errors
    /// The texts of all errors, outermost first.
    ///
    /// # Panics
    /// If an invariant is violated.
    pub fn send<T: Serialize>(
        &mut self,
        sender: &Addr,
        to: &Addr,
        msg: &T,
        funds: &[Coin],
    ) -> ChainResult<Vec<Event>> {
        let message = cosmwasm_std::WasmMsg::Execute {
            contract_addr: to.to_string(),
            msg: cosmwasm_std::to_json_binary(msg).map_err(|e| ChainError(e.to_string()))?,
            funds: funds.to_vec(),
        };
        let answer = self
            .app
            .execute(sender.clone(), message.into())
            .map(|response| response.events)
            .map_err(|e| ChainError(e.to_string()));
        self.note_collateral(answer.as_deref().unwrap_or_default());
        self.note_policies(answer.as_deref().unwrap_or_default());
        self.messages += 1;
        if self.check_every > 0 {
            let events = answer.as_deref().unwrap_or_default();
            let found = invariants::receipt_violations(events, &self.unprotected);
            assert_eq!(found, []);
            if self.messages.is_multiple_of(self.check_every) {
                invariants::assert_all(self);
            }
        }
        answer
    }

    /// Jobs whose policy lets a charge exceed the profit.
    fn note_policies(&mut self, events: &[Event]) {
        for job in receipts::of_kind(events, "job_opened") {
            if job.text("protect_principal") == "false" {
                self.unprotected.insert(job.number("loss_id") as LossId);
            }
        }
    }

    /// A fill of the queue moves an account's cash but rewrites only the key of its own market: the
    /// others keep the collateral of their last touch, until a trade, a deposit or a withdrawal.
    fn note_collateral(&mut self, events: &[Event]) {
        for kind in ["adl_fill", "adl_haircut"] {
            for record in receipts::of_kind(events, kind) {
                self.stale_collateral
                    .insert(record.number("account") as AccountId);
            }
        }
        let touches = [
            ("deposit", "account"),
            ("withdraw", "account"),
            ("trade", "maker"),
            ("trade", "taker"),
        ];
        for (kind, key) in touches {
            for record in receipts::of_kind(events, kind) {
                self.stale_collateral
                    .remove(&(record.number(key) as AccountId));
            }
        }
    }

    /// Whether an account's keys may be older than its cash.
    pub fn collateral_is_stale(&self, account: AccountId) -> bool {
        self.stale_collateral.contains(&account)
    }

    /// Sends a message to the market.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn market(&mut self, sender: &Addr, msg: ExecuteMsg) -> ChainResult<Vec<Event>> {
        let to = self.addresses.market.clone();
        self.send(sender, &to, &msg, &[])
    }

    /// Sends a message to the queue.
    ///
    /// # Errors
    /// As [`Chain::send`].
    pub fn queue(&mut self, sender: &Addr, msg: queue::ExecuteMsg) -> ChainResult<Vec<Event>> {
        let to = self.addresses.queue.clone();
        self.send(sender, &to, &msg, &[])
    }

    /// Asks a contract.
    ///
    /// # Errors
    /// What the contract answers.
    pub fn query<T: DeserializeOwned>(&self, of: &Addr, msg: &impl Serialize) -> ChainResult<T> {
        self.app
            .wrap()
            .query_wasm_smart(of, msg)
            .map_err(|e| ChainError(e.to_string()))
    }
}
