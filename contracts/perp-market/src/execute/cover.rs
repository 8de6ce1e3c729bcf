//! The fund pays for a loss: lots go to the book inside the band, the rest reduces the need.

use cosmwasm_std::{to_json_binary, DepsMut, Env, MessageInfo, Response, WasmMsg};
use perp_interface::event::Covered;
use perp_interface::fund;
use perp_interface::loss::CoverResult;
use perp_interface::market::Cover;

use crate::bounty;
use crate::coins::{coin_of, one_coin};
use crate::desk::Desk;
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::loss::{close, open_part};
use crate::prices::Marks;
use crate::ranking;
use crate::state::{assert_is, links, open_loss, BANKRUPTCIES, CONFIG, LOSSES, PARAMS};

/// The coins are an escrow of the loss, never the account's cash: what no fill and no need draws
/// goes back at once.
pub fn cover(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: Cover,
) -> ContractResult<Response> {
    let links = links(deps.storage)?;
    assert_is(&info.sender, "insurance fund", &links.fund)?;
    let config = CONFIG.load(deps.storage)?;
    let paid = one_coin(info, &config.denom)?;
    let mut loss = open_loss(deps.storage, msg.loss_id)?;
    if loss.covered {
        return Err(ContractError::AlreadyCovered {
            loss_id: msg.loss_id,
        });
    }
    loss.covered = true;
    let before = loss.executed();
    let keeper = BANKRUPTCIES.load(deps.storage, loss.account)?.keeper;
    let (_, params) = PARAMS.load(deps.storage)?;
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_account(deps.storage, loss.account)?;
    ledger.load_market(deps.storage, loss.terms.market)?;
    let mut desk = Desk::new(ledger, params);
    let limit = loss.band_limit(&desk)?;
    let orders = loss.orders(deps.storage, &desk, limit)?;
    for order in &orders {
        desk.ledger.load_account(deps.storage, order.account)?;
    }
    desk.ledger.marks = Marks::query(deps.querier, &links.feed, &desk.ledger.market_ids(), now)?;
    desk.ledger.marks.freeze(loss.terms.market, loss.terms.mark);
    let left = loss.close_on_book(&mut desk, &orders, paid)?;
    // Fills above the bankruptcy price bring more than was paid; that was never the fund's.
    let returned = left.min(paid);
    let state = &mut desk.ledger.market_mut(loss.terms.market)?.state;
    state.fees = state.fees.plus(left.minus(returned)?)?;
    let (lots, need) = open_part(&loss);
    let mut response = Response::new();
    let covered = Covered {
        loss_id: msg.loss_id,
        paid,
        returned,
        lots_left: lots,
        need_left: need,
    };
    desk.events.push(covered.into());
    let per_fill = desk.bounty_per_fill(loss.terms.market)?;
    let bounty = bounty::book(&links, &mut loss, (before, per_fill), &keeper)?;
    let notice = if loss.is_done() {
        Some(close(deps.storage, &mut desk, &mut loss, &links)?)
    } else {
        None
    };
    LOSSES.save(deps.storage, msg.loss_id, &loss)?;
    desk.save(deps.storage)?;
    response = response.add_submessages(ranking::update(&desk.ledger, &links, None, false)?);
    if returned.0 > 0 {
        response = response.add_message(WasmMsg::Execute {
            contract_addr: links.fund.to_string(),
            msg: to_json_binary(&fund::ExecuteMsg::ReturnCover(fund::ReturnCover {
                loss_id: msg.loss_id,
            }))?,
            funds: vec![coin_of(returned, &config.denom)],
        });
    }
    Ok(response
        .add_submessages(bounty)
        .add_submessages(notice)
        .add_events(desk.events)
        .set_data(to_json_binary(&CoverResult {
            lots,
            need,
            returned,
        })?))
}
