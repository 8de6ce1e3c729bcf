//! A chain of the test kit whose contracts run natively or built, and a log of what was done on it.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use cosmwasm_std::{
    Binary, Deps, DepsMut, Empty, Env, Event, MessageInfo, Reply, Response, StdError, StdResult,
    SubMsgResult,
};
use cw_multi_test::Contract;
use perp_testkit::chain::{BoxedContract, ChainResult};
use perp_testkit::{Chain, ChainBuilder, ContractSet};

use crate::gas::{Meter, Transaction};
use crate::vm_contract::VmContract;

/// What answers the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The Rust code of the workspace, linked in: for setting a situation up fast.
    Native,
    /// The built file in the virtual machine.
    Built,
}

/// What a chain tells a contract of an error, because texts differ between machines. The embedded
/// chain would tell it of the machine's own paths, as far as backtraces are on.
const REDACTED: &str = "codespace: wasm, code: 5";

/// One contract in both forms, over the same storage.
struct Switch {
    native: BoxedContract,
    built: VmContract,
    code: Rc<Cell<Code>>,
    refuses: Rc<Cell<bool>>,
}

impl Switch {
    fn active(&self) -> &dyn Contract<Empty> {
        match self.code.get() {
            Code::Native => &*self.native,
            Code::Built => &self.built,
        }
    }
}

impl Contract<Empty> for Switch {
    fn instantiate(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> StdResult<Response> {
        self.active().instantiate(deps, env, info, msg)
    }

    fn execute(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> StdResult<Response> {
        if self.refuses.get() {
            return Err(StdError::msg("told to refuse"));
        }
        self.active().execute(deps, env, info, msg)
    }

    fn query(&self, deps: Deps, env: Env, msg: Vec<u8>) -> StdResult<Binary> {
        self.active().query(deps, env, msg)
    }

    fn reply(&self, deps: DepsMut, env: Env, mut msg: Reply) -> StdResult<Response> {
        if let SubMsgResult::Err(error) = &mut msg.result {
            *error = REDACTED.to_owned();
        }
        self.active().reply(deps, env, msg)
    }

    fn sudo(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> StdResult<Response> {
        self.active().sudo(deps, env, msg)
    }

    fn migrate(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> StdResult<Response> {
        self.active().migrate(deps, env, msg)
    }
}

/// One logged message.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it shows, `deposit` for example.
    pub name: &'static str,
    /// Its events.
    pub events: Vec<Event>,
    /// Its calls, none if the native code answered.
    pub transaction: Transaction,
}

/// The chain and its log.
pub struct Stage {
    /// The chain.
    pub chain: Chain,
    /// The logged messages.
    pub log: Vec<Step>,
    meter: Meter,
    code: Rc<Cell<Code>>,
    fund_refuses: Rc<Cell<bool>>,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("chain", &self.chain)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl Stage {
    /// Deploys the suite. `shape` sets parameters.
    pub fn new(code: Code, shape: impl FnOnce(ChainBuilder) -> ChainBuilder) -> Self {
        let meter = Meter::new();
        let code = Rc::new(Cell::new(code));
        let fund_refuses = Rc::new(Cell::new(false));
        let switch = |native, name: &str, refuses: &Rc<Cell<bool>>| -> BoxedContract {
            Box::new(Switch {
                native,
                built: VmContract::load(name, &meter),
                code: code.clone(),
                refuses: refuses.clone(),
            })
        };
        let (native, never) = (ContractSet::default(), Rc::default());
        let contracts = ContractSet {
            market: switch(native.market, "perp-market", &never),
            fund: switch(native.fund, "insurance-fund", &fund_refuses),
            queue: switch(native.queue, "deleverage-queue", &never),
            feed: switch(native.feed, "price-feed", &never),
        };
        let (chain, transaction) =
            meter.measure(|| shape(Chain::builder().contracts(contracts)).build());
        let deployed = Step {
            name: "deploy",
            events: vec![],
            transaction,
        };
        Stage {
            chain,
            log: vec![deployed],
            meter,
            code,
            fund_refuses,
        }
    }

    /// Sends one message and logs it.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub fn step(
        &mut self,
        name: &'static str,
        send: impl FnOnce(&mut Chain) -> ChainResult<Vec<Event>>,
    ) -> &Step {
        let (events, transaction) = self.measure(send);
        let events = events.unwrap_or_else(|error| panic!("{name}: {error}"));
        self.log.push(Step {
            name,
            events,
            transaction,
        });
        self.log.last().expect("just pushed")
    }

    /// Does something, and returns the calls that it made.
    pub fn measure<T>(&mut self, act: impl FnOnce(&mut Chain) -> T) -> (T, Transaction) {
        let chain = &mut self.chain;
        self.meter.measure(|| act(chain))
    }

    /// Does something with the native contracts.
    pub fn natively<T>(&mut self, act: impl FnOnce(&mut Chain) -> T) -> T {
        let before = self.code.replace(Code::Native);
        let result = act(&mut self.chain);
        self.code.set(before);
        result
    }

    /// Lets the fund refuse every message, or answer again.
    pub fn fund_refuses(&mut self, refuses: bool) {
        self.fund_refuses.set(refuses);
    }
}
