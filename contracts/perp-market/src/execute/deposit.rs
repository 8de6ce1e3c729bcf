//! Adds collateral.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Order, Response, Storage};
use perp_interface::event::Deposited;
use perp_interface::market::Deposit;
use perp_interface::{AccountId, Side};

use crate::coins::one_coin;
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::ranking;
use crate::state::{links, Account, ACCOUNTS, ACCOUNT_OF, CONFIG, NEXT, OWNER_OF, PARAMS};

/// Credits the coins; opens the account if it is new. Needs no price.
pub fn deposit(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: Deposit,
) -> ContractResult<Response> {
    let config = CONFIG.load(deps.storage)?;
    let amount = one_coin(info, &config.denom)?;
    let links = links(deps.storage)?;
    let id = match ACCOUNT_OF.may_load(deps.storage, (&info.sender, msg.subaccount))? {
        Some(id) => id,
        None => open_account(deps.storage, info, msg.subaccount)?,
    };
    let mut ledger = Ledger::new(env.block.time.seconds());
    ledger.load_account(deps.storage, id)?;
    if ledger.account(id)?.locked {
        return Err(ContractError::AccountLocked { account: id });
    }
    // Incoming cash makes no debt, so market and side name nothing here.
    ledger.move_cash(id, 0, Side::Long, amount)?;
    ledger.save(deps.storage)?;
    let event = Deposited {
        account: id,
        owner: info.sender.to_string(),
        amount,
        cash: ledger.account(id)?.cash,
    };
    let update = ranking::update(&ledger, &links, None, false)?;
    Ok(Response::new().add_submessages(update).add_event(event))
}

fn open_account(
    storage: &mut dyn Storage,
    info: &MessageInfo,
    subaccount: u32,
) -> ContractResult<AccountId> {
    let max = PARAMS.load(storage)?.1.max_subaccounts;
    let held = ACCOUNT_OF
        .prefix(&info.sender)
        .keys(storage, None, None, Order::Ascending)
        .take(max as usize)
        .count();
    if held >= max as usize {
        return Err(ContractError::TooManyAccounts { max });
    }
    let (id, order, loss) = NEXT.load(storage)?;
    NEXT.save(storage, &(id + 1, order, loss))?;
    ACCOUNT_OF.save(storage, (&info.sender, subaccount), &id)?;
    OWNER_OF.save(storage, id, &(info.sender.clone(), subaccount))?;
    ACCOUNTS.save(storage, id, &Account::default())?;
    Ok(id)
}

/// The number of one of the sender's accounts.
pub fn account_of(
    storage: &dyn Storage,
    info: &MessageInfo,
    subaccount: u32,
) -> ContractResult<AccountId> {
    ACCOUNT_OF
        .may_load(storage, (&info.sender, subaccount))?
        .ok_or_else(|| ContractError::UnknownAccount {
            account: format!("{}/{subaccount}", info.sender),
        })
}
