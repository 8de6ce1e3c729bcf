//! Takes a resting order off the book.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::event::OrderRemoved;
use perp_interface::market::CancelOrder;

use super::deposit::account_of;
use crate::book;
use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{ACCOUNTS, MARKETS};

/// Works in every state of the market: it only takes away.
pub fn cancel_order(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    msg: CancelOrder,
) -> ContractResult<Response> {
    no_coins(info)?;
    let id = account_of(deps.storage, info, msg.subaccount)?;
    let order = book::find(deps.storage, id, msg.order_id)?.ok_or(ContractError::UnknownOrder {
        account: id,
        order_id: msg.order_id,
    })?;
    let mut account = ACCOUNTS.load(deps.storage, id)?;
    let mut market = MARKETS.load(deps.storage, order.market)?;
    account.orders = account.orders.saturating_sub(1);
    let count = &mut market.orders[usize::from(order.side.bit())];
    *count = count.saturating_sub(1);
    book::remove(deps.storage, &order);
    ACCOUNTS.save(deps.storage, id, &account)?;
    MARKETS.save(deps.storage, order.market, &market)?;
    Ok(Response::new().add_event(OrderRemoved {
        account: id,
        market: order.market,
        order_id: order.id,
        lots: order.lots,
        reason: "cancelled".to_owned(),
    }))
}
