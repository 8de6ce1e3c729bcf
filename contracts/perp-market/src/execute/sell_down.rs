//! A solvent account under maintenance: sold on the book, only as far as needed.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_core::liquidation::{fee_ceil, fillable_limit, Selling};
use perp_core::margin::Requirement;
use perp_core::wide::mul_div_floor;
use perp_interface::event::Liquidated;
use perp_interface::{AccountId, Lots, MarketId, Price, Quote, Side};

use crate::book::Resting;
use crate::desk::{Desk, Maker};
use crate::error::ContractResult;
use crate::ledger::Health;
use crate::loss::send;
use crate::ranking;
use crate::state::{Links, CONFIG};

/// Markets in a fixed order, the largest maintenance requirement first; stops as soon as the
/// account is back over its initial requirement. Without liquidity it leaves the rest.
pub fn sell_down(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    mut desk: Desk,
    (id, links): (AccountId, &Links),
    orders: &[Resting],
) -> ContractResult<Response> {
    let mut liquidator_fee = Quote::ZERO;
    for (market, side) in markets_by_risk(&desk, id)? {
        let orders = orders.iter().filter(|order| order.market == market);
        for order in orders {
            let health = desk.ledger.health(id)?;
            if health.equity >= health.initial
                || !sells_at(&desk, health, market, side, order.price)?
            {
                break;
            }
            let lots = lots_to_sell(&mut desk, id, side, order)?;
            if lots.is_zero() || desk.fill(order, lots)? == Maker::Passed {
                continue;
            }
            let share = book_sale(&mut desk, id, side, order, lots)?;
            liquidator_fee = liquidator_fee.plus(share)?;
        }
    }
    desk.save(deps.storage)?;
    let update = ranking::update(&desk.ledger, links, None, false)?;
    let mut response = Response::new()
        .add_submessages(update)
        .add_events(desk.events);
    if liquidator_fee.0 > 0 {
        let denom = CONFIG.load(deps.storage)?.denom;
        response = response.add_message(send(info.sender.clone(), liquidator_fee, &denom));
    }
    Ok(response)
}

fn markets_by_risk(desk: &Desk, id: AccountId) -> ContractResult<Vec<(MarketId, Side)>> {
    let positions = &desk.ledger.account(id)?.positions;
    let legs = desk.ledger.legs(id)?;
    let mut markets = Vec::with_capacity(legs.len());
    for ((market, position), leg) in positions.iter().zip(&legs) {
        if let Some(side) = position.side() {
            markets.push((
                Quote(-leg.requirement_ceil(Requirement::Maintenance)?.0),
                *market,
                side,
            ));
        }
    }
    markets.sort();
    Ok(markets
        .into_iter()
        .map(|(_, market, side)| (market, side))
        .collect())
}

fn sells_at(
    desk: &Desk,
    health: Health,
    market: MarketId,
    side: Side,
    price: Price,
) -> ContractResult<bool> {
    let mark = desk.ledger.marks.of_any_age(market)?;
    let spread = desk
        .ledger
        .market(market)?
        .listing
        .params
        .liquidation_spread_bps;
    let limit = fillable_limit(side, mark, health.equity, health.maintenance, spread)?;
    Ok(match side {
        Side::Long => price >= limit,
        Side::Short => price <= limit,
    })
}

fn lots_to_sell(
    desk: &mut Desk,
    id: AccountId,
    side: Side,
    order: &Resting,
) -> ContractResult<Lots> {
    let available = desk.available(order)?;
    let health = desk.ledger.health(id)?;
    let market = desk.ledger.market(order.market)?;
    let position = desk.ledger.position(id, order.market)?;
    let mark = desk.ledger.marks.of_any_age(order.market)?;
    let own = perp_core::margin::requirement_ceil(
        &market.tiers,
        position.notional(mark)?,
        Requirement::Initial,
    )?;
    let selling = Selling {
        side,
        lots: position.size(),
        mark,
        equity: health.equity,
        other_initial: health.initial.minus(own)?,
        tiers: &market.tiers,
        fee_bps: market.listing.params.liquidation_fee_bps,
    };
    Ok(selling.lots_to_sell(order.price, available)?)
}

/// Books the account's side of a sale; returns the liquidator's part of the fee.
fn book_sale(
    desk: &mut Desk,
    id: AccountId,
    side: Side,
    order: &Resting,
    lots: Lots,
) -> ContractResult<Quote> {
    let market = order.market;
    let fee_bps = desk
        .ledger
        .market(market)?
        .listing
        .params
        .liquidation_fee_bps;
    desk.ledger
        .trade(id, market, side.opposite(), lots, order.price)?;
    let fee = fee_ceil(order.price, lots, fee_bps)?;
    desk.ledger.charge_fee(id, market, side.opposite(), fee)?;
    let share_bps = u128::from(desk.params.liquidator_share_bps);
    let liquidator_fee =
        Quote::from_unsigned(mul_div_floor(fee.to_unsigned(), share_bps, 10_000)?)?;
    let state = &mut desk.ledger.market_mut(market)?.state;
    state.fees = state.fees.minus(liquidator_fee)?;
    let equity = desk.ledger.health(id)?.equity;
    desk.events.push(
        Liquidated {
            account: id,
            market,
            lots,
            fee,
            liquidator_fee,
            equity,
        }
        .into(),
    );
    Ok(liquidator_fee)
}
