//! Sends accounts to the queue again.

use std::collections::BTreeSet;

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_interface::market::Refresh;
use perp_interface::AccountId;

use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::ranking;
use crate::state::{links, DIRTY};

/// Most accounts of one message.
pub const MOST_ACCOUNTS: usize = 50;

/// Absolute state, so it repairs whatever message was lost. Fails if the queue does.
pub fn refresh(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: Refresh,
) -> ContractResult<Response> {
    no_coins(info)?;
    assert_list(&msg.accounts, MOST_ACCOUNTS)?;
    let links = links(deps.storage)?;
    let mut ledger = Ledger::new(env.block.time.seconds());
    for id in &msg.accounts {
        ledger.load_account(deps.storage, *id)?;
        let open = ledger
            .account(*id)?
            .positions
            .iter()
            .map(|(market, _)| *market)
            .collect::<Vec<_>>();
        let missed = DIRTY.may_load(deps.storage, *id)?.unwrap_or_default();
        for market in open.into_iter().chain(missed) {
            ledger.touch(*id, market);
        }
        DIRTY.remove(deps.storage, *id);
    }
    let update = ranking::update(&ledger, &links, None, true)?;
    Ok(Response::new().add_submessages(update))
}

/// A list of accounts: not empty, not too long, nobody twice.
pub fn assert_list(accounts: &[AccountId], most: usize) -> ContractResult<()> {
    let different: BTreeSet<_> = accounts.iter().collect();
    if accounts.is_empty() || accounts.len() > most || different.len() != accounts.len() {
        return Err(ContractError::BadList {
            length: accounts.len(),
            most,
        });
    }
    Ok(())
}
