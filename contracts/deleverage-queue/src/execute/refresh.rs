//! `Refresh`: anybody has the market send accounts again whose keys are out of date.

use std::collections::BTreeSet;

use cosmwasm_std::{to_json_binary, DepsMut, Response, WasmMsg};
use perp_interface::market::{self, ExecuteMsg};
use perp_interface::queue::Refresh;
use perp_interface::AccountId;

use crate::error::{ContractError, ContractResult};
use crate::index::IndexWriter;
use crate::state::{keys_of, links, Standing, JOB_OF};

/// Most accounts of one message.
pub const MAX_ACCOUNTS: usize = 50;

/// Asks the market, which answers with an ordinary `Update` of what is open.
///
/// It cannot tell of a position that it no longer has. One that was closed while a job held the
/// order still has its key here, and this is where that goes.
pub fn refresh(deps: DepsMut, msg: Refresh) -> ContractResult<Response> {
    let links = links(deps.storage)?;
    require_distinct(&msg.accounts)?;
    let mut closed = Vec::new();
    for account in &msg.accounts {
        for (market, key) in keys_of(deps.storage, *account)? {
            if key.standing == Standing::Closed && !JOB_OF.has(deps.storage, market) {
                closed.push((*account, market, key));
            }
        }
    }

    let mut index = IndexWriter::new(deps.storage);
    for (account, market, key) in &closed {
        index.remove(*account, *market, key)?;
    }
    index.finish()?;
    let accounts = msg.accounts;
    Ok(Response::new().add_message(WasmMsg::Execute {
        contract_addr: links.market.into_string(),
        msg: to_json_binary(&ExecuteMsg::Refresh(market::Refresh { accounts }))?,
        funds: vec![],
    }))
}

fn require_distinct(accounts: &[AccountId]) -> ContractResult<()> {
    if accounts.is_empty() {
        return Err(ContractError::NoAccounts);
    }
    if accounts.len() > MAX_ACCOUNTS {
        return Err(ContractError::TooManyAccounts {
            count: accounts.len(),
            max: MAX_ACCOUNTS,
        });
    }
    let mut seen = BTreeSet::new();
    match accounts.iter().find(|account| !seen.insert(**account)) {
        Some(account) => Err(ContractError::DuplicateAccount { account: *account }),
        None => Ok(()),
    }
}
