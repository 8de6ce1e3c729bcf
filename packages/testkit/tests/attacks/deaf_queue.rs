//! A queue that can be made to fail when the market tells it of changes, after it has written.

use std::cell::Cell;

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use cw_multi_test::ContractWrapper;
use deleverage_queue::{contract, ContractError};
use perp_interface::queue::ExecuteMsg;
use perp_testkit::{Chain, ContractSet};

thread_local! {
    static DEAF: Cell<bool> = const { Cell::new(false) };
}

/// What the failing call leaves behind if the chain does not take it back.
pub const TRACE: &[u8] = b"trace";

/// Whether the queue of this thread's chain fails from now on.
pub fn set_deaf(deaf: bool) {
    DEAF.with(|cell| cell.set(deaf));
}

/// A chain with this queue, checked after every message.
pub fn chain_with_deaf_queue() -> Chain {
    let queue = ContractWrapper::new(execute, contract::instantiate, contract::query);
    let contracts = ContractSet {
        queue: Box::new(queue.with_reply(contract::reply)),
        ..ContractSet::default()
    };
    set_deaf(false);
    Chain::builder().contracts(contracts).check_every(1).build()
}

fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    if DEAF.with(Cell::get) && matches!(msg, ExecuteMsg::Update(_)) {
        deps.storage.set(TRACE, b"1");
        return Err(ContractError::NotConnected);
    }
    contract::execute(deps, env, info, msg)
}
