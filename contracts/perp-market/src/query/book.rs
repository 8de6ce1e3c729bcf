//! Resting orders.

use cosmwasm_std::Deps;
use perp_interface::market::{BookQuery, BookResponse, OrderResponse, OrdersResponse};
use perp_interface::{AccountId, Lots};

use super::page;
use crate::book::{best, of_account, Resting};
use crate::error::ContractResult;

/// The best orders of a side.
pub fn book(deps: Deps<'_>, query: &BookQuery) -> ContractResult<BookResponse> {
    let most = page(query.limit, 50, 500) as u32;
    let orders = best(
        deps.storage,
        (query.market, query.side),
        None,
        None,
        (Lots(u64::MAX), most),
    )?;
    Ok(BookResponse {
        orders: orders.into_iter().map(response).collect(),
    })
}

/// The orders of an account.
pub fn orders(deps: Deps<'_>, account: AccountId) -> ContractResult<OrdersResponse> {
    let orders = of_account(deps.storage, account)?;
    Ok(OrdersResponse {
        orders: orders.into_iter().map(response).collect(),
    })
}

fn response(order: Resting) -> OrderResponse {
    OrderResponse {
        order_id: order.id,
        account: order.account,
        market: order.market,
        side: order.side,
        price: order.price,
        lots: order.lots,
        reduce_only: order.reduce_only,
    }
}
