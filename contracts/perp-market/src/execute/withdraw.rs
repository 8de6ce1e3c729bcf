//! Takes free collateral out: the one path by which value leaves an account.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_interface::event::Withdrawn;
use perp_interface::market::Withdraw;
use perp_interface::{AccountId, Quote, Side};

use super::deposit::account_of;
use crate::coins::{checked_amount, no_coins};
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::loss::send;
use crate::prices::Marks;
use crate::ranking;
use crate::state::{links, CONFIG, PARAMS};

/// Pays at most `withdrawable`, at strict prices, and nothing while a market of the account is
/// being deleveraged.
pub fn withdraw(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: Withdraw,
) -> ContractResult<Response> {
    no_coins(info)?;
    let amount = checked_amount(msg.amount)?;
    let id = account_of(deps.storage, info, msg.subaccount)?;
    let (config, links) = (CONFIG.load(deps.storage)?, links(deps.storage)?);
    let (_, params) = PARAMS.load(deps.storage)?;
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_account(deps.storage, id)?;
    assert_not_gated(&ledger, id)?;
    ledger.marks = Marks::query(deps.querier, &links.feed, &ledger.market_ids(), now)?;
    ledger.assert_fresh(id, params.strict_price_age)?;
    let withdrawable = ledger.health(id)?.withdrawable;
    if amount > withdrawable {
        return Err(ContractError::ExceedsWithdrawable {
            amount,
            withdrawable,
        });
    }
    ledger.move_cash(id, 0, Side::Long, Quote(-amount.0))?;
    ledger.save(deps.storage)?;
    let cash = ledger.account(id)?.cash;
    let update = ranking::update(&ledger, &links, None, false)?;
    Ok(Response::new()
        .add_submessages(update)
        .add_message(send(info.sender.clone(), amount, &config.denom))
        .add_event(Withdrawn {
            account: id,
            amount,
            cash,
        }))
}

/// Refuses a locked account, and one with a position in a market that is being deleveraged.
pub fn assert_not_gated(ledger: &Ledger, id: AccountId) -> ContractResult<()> {
    let account = ledger.account(id)?;
    if account.locked {
        return Err(ContractError::AccountLocked { account: id });
    }
    for (market, _) in &account.positions {
        if let Some(by) = ledger.market(*market)?.state.gate {
            return Err(ContractError::MarketDeleveraging {
                market: *market,
                by,
            });
        }
    }
    Ok(())
}
