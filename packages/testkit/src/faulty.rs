//! A contract that misbehaves on demand: the real one behind a switch.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use cosmwasm_std::{
    from_json, Binary, Deps, DepsMut, Empty, Env, MessageInfo, Reply, Response, StdError, StdResult,
};
use cw_multi_test::Contract;
use serde::de::IgnoredAny;

use crate::chain::{BoxedContract, ContractSet};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused.
    Fail,
    /// It is accepted, and nothing is done.
    Swallow,
}

#[derive(Debug, Default)]
struct Wiring {
    faults: BTreeMap<String, (Fault, u32)>,
    calls: BTreeMap<String, u32>,
}

/// Turns faults on and off. It lives outside of the chain, so that a refused transaction does not
/// turn it back.
#[derive(Clone, Debug, Default)]
pub struct Switch(Rc<RefCell<Wiring>>);

impl Switch {
    /// From now on, all messages of this name.
    pub fn set(&self, message: &str, fault: Fault) {
        self.set_after(message, 0, fault);
    }

    /// As [`Switch::set`], but lets the next `passes` messages of this name through.
    pub fn set_after(&self, message: &str, passes: u32, fault: Fault) {
        let mut wiring = self.0.borrow_mut();
        wiring.faults.insert(message.to_owned(), (fault, passes));
    }

    /// Everything passes again.
    pub fn repair(&self) {
        self.0.borrow_mut().faults.clear();
    }

    /// How many messages of this name came since the beginning, refused ones included.
    pub fn calls(&self, message: &str) -> u32 {
        let wiring = self.0.borrow();
        wiring.calls.get(message).copied().unwrap_or_default()
    }

    fn meet(&self, message: &str) -> Option<Fault> {
        let mut wiring = self.0.borrow_mut();
        *wiring.calls.entry(message.to_owned()).or_default() += 1;
        let (fault, passes) = wiring.faults.get_mut(message)?;
        if *passes > 0 {
            *passes -= 1;
            return None;
        }
        Some(*fault)
    }
}

/// A contract behind a [`Switch`].
pub struct Faulty {
    inner: BoxedContract,
    switch: Switch,
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Faulty").field(&self.switch).finish()
    }
}

impl Faulty {
    /// The contract and the switch that it obeys.
    pub fn wrap(inner: BoxedContract) -> (BoxedContract, Switch) {
        let switch = Switch::default();
        let faulty = Self {
            inner,
            switch: switch.clone(),
        };
        (Box::new(faulty), switch)
    }
}

/// The switches of [`contracts`].
#[derive(Clone, Debug)]
pub struct Switches {
    /// Of perp-market.
    pub market: Switch,
    /// Of insurance-fund.
    pub fund: Switch,
    /// Of deleverage-queue.
    pub queue: Switch,
}

/// The contracts of this workspace, each behind a switch.
pub fn contracts() -> (ContractSet, Switches) {
    let ContractSet {
        market,
        fund,
        queue,
        feed,
    } = ContractSet::default();
    let (market, market_switch) = Faulty::wrap(market);
    let (fund, fund_switch) = Faulty::wrap(fund);
    let (queue, queue_switch) = Faulty::wrap(queue);
    let set = ContractSet {
        market,
        fund,
        queue,
        feed,
    };
    let switches = Switches {
        market: market_switch,
        fund: fund_switch,
        queue: queue_switch,
    };
    (set, switches)
}

/// The name of a message: the one key of its JSON object.
fn name(msg: &[u8]) -> String {
    from_json::<BTreeMap<String, IgnoredAny>>(msg)
        .ok()
        .and_then(|object| object.into_keys().next())
        .unwrap_or_default()
}

impl Contract<Empty> for Faulty {
    fn instantiate(
        &self,
        deps: DepsMut<'_>,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> StdResult<Response> {
        self.inner.instantiate(deps, env, info, msg)
    }

    fn execute(
        &self,
        deps: DepsMut<'_>,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> StdResult<Response> {
        let name = name(&msg);
        match self.switch.meet(&name) {
            Some(Fault::Fail) => Err(StdError::msg(format!("injected: {name}"))),
            Some(Fault::Swallow) => Ok(Response::new()),
            None => self.inner.execute(deps, env, info, msg),
        }
    }

    fn query(&self, deps: Deps<'_>, env: Env, msg: Vec<u8>) -> StdResult<Binary> {
        self.inner.query(deps, env, msg)
    }

    fn reply(&self, deps: DepsMut<'_>, env: Env, msg: Reply) -> StdResult<Response> {
        self.inner.reply(deps, env, msg)
    }

    fn sudo(&self, deps: DepsMut<'_>, env: Env, msg: Vec<u8>) -> StdResult<Response> {
        self.inner.sudo(deps, env, msg)
    }

    fn migrate(&self, deps: DepsMut<'_>, env: Env, msg: Vec<u8>) -> StdResult<Response> {
        self.inner.migrate(deps, env, msg)
    }
}
