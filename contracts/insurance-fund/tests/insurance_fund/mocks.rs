//! A market and a queue whose answers a test sets beforehand.

use cosmwasm_std::{
    to_json_binary, Binary, Coin, Deps, DepsMut, Empty, Env, MessageInfo, Reply, Response,
    StdError, StdResult, SubMsg, WasmMsg,
};
use cw_multi_test::{Contract, ContractWrapper};
use cw_storage_plus::Item;
use perp_interface::fund::{self, LossClosed, ReturnCover};
use perp_interface::loss::CoverResult;
use perp_interface::market::{Cover, GatesResponse, MarkResponse, MarketResponse, QueryMsg};
use perp_interface::params::MarketParams;
use perp_interface::queue::ReportShortfall;
use perp_interface::{Lots, MarketId, PerLot, Price, Quote};
use serde::{Deserialize, Serialize};

/// What the market does when it is paid.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub enum Paid {
    /// Returns `result.returned`, closes the loss if told so, and answers.
    Answers { result: CoverResult, closes: bool },
    /// Succeeds without data.
    Silent,
    /// Succeeds with data that is not a result.
    Garbage,
    /// Fails.
    Fails,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "snake_case")]
pub enum MarketMsg {
    WhenPaid(Paid),
    /// Markets that open losses gate; none: no answer.
    Gated(Option<Vec<MarketId>>),
    /// Open interest and mark of every market.
    Trades {
        lots: Lots,
        mark: Price,
    },
    /// Sends a message to the fund and survives its failure, as `Liquidate` does.
    Ask {
        fund: String,
        msg: fund::ExecuteMsg,
    },
    Cover(Cover),
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "snake_case")]
pub enum QueueMsg {
    WhenTold { fails: bool },
    ReportShortfall(ReportShortfall),
}

const WHEN_PAID: Item<Paid> = Item::new("when_paid");
const GATES: Item<Option<Vec<MarketId>>> = Item::new("gates");
const TRADES: Item<(Lots, Price)> = Item::new("trades");
const FAILS: Item<bool> = Item::new("fails");
const REPORTS: Item<Vec<ReportShortfall>> = Item::new("reports");

pub fn market() -> Box<dyn Contract<Empty>> {
    let market = ContractWrapper::new(market_execute, nothing, market_query);
    Box::new(market.with_reply(market_reply).with_migrate(migrates))
}

pub fn queue() -> Box<dyn Contract<Empty>> {
    Box::new(ContractWrapper::new(queue_execute, nothing, queue_reports))
}

fn nothing(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    Ok(Response::new())
}

fn migrates(_: DepsMut, _: Env, _: Empty) -> StdResult<Response> {
    Ok(Response::new())
}

/// By a loss that no test tells the fund of.
fn gated(markets: Vec<MarketId>) -> GatesResponse {
    let losses = markets.iter().map(|_| 9_999).take(1).collect();
    GatesResponse { markets, losses }
}

/// What a test has the market say of open losses and of trading, or its failure.
fn market_query(deps: Deps, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    let gates = GATES.may_load(deps.storage)?.unwrap_or(Some(vec![]));
    let (open_interest, mark) = TRADES
        .may_load(deps.storage)?
        .unwrap_or((Lots(0), Price(1)));
    match (msg, gates) {
        (QueryMsg::Gates {}, Some(markets)) => to_json_binary(&gated(markets)),
        (QueryMsg::Market(of), Some(_)) => to_json_binary(&MarketResponse {
            market: of.market,
            symbol: "M".to_string(),
            version: 1,
            params: MarketParams::default(),
            open_interest,
            index: PerLot(0),
            funding_pool: Quote(0),
            fees: Quote(0),
            bad_debt: Quote(0),
            deleveraging: None,
        }),
        (QueryMsg::Mark(_), Some(_)) => to_json_binary(&MarkResponse {
            mark,
            index: PerLot(0),
        }),
        _ => Err(StdError::msg("mock_market_is_silent")),
    }
}

fn market_execute(deps: DepsMut, _: Env, info: MessageInfo, msg: MarketMsg) -> StdResult<Response> {
    match msg {
        MarketMsg::WhenPaid(paid) => {
            WHEN_PAID.save(deps.storage, &paid)?;
            Ok(Response::new())
        }
        MarketMsg::Gated(markets) => {
            GATES.save(deps.storage, &markets)?;
            Ok(Response::new())
        }
        MarketMsg::Trades { lots, mark } => {
            TRADES.save(deps.storage, &(lots, mark))?;
            Ok(Response::new())
        }
        MarketMsg::Ask { fund, msg } => {
            let call = to_fund(fund, &msg, vec![])?;
            Ok(Response::new().add_submessage(SubMsg::reply_on_error(call, 1)))
        }
        MarketMsg::Cover(Cover { loss_id }) => match WHEN_PAID.load(deps.storage)? {
            Paid::Answers { result, closes } => answer(&info, loss_id, &result, closes),
            Paid::Silent => Ok(Response::new()),
            Paid::Garbage => Ok(Response::new().set_data(b"[1]")),
            Paid::Fails => Err(StdError::msg("mock_market_failed")),
        },
    }
}

fn answer(
    info: &MessageInfo,
    loss_id: u64,
    result: &CoverResult,
    closes: bool,
) -> StdResult<Response> {
    let mut response = Response::new().set_data(to_json_binary(result)?);
    let fund = info.sender.to_string();
    if result.returned > Quote::ZERO {
        let back = Coin::new(result.returned.to_unsigned(), &info.funds[0].denom);
        let msg = fund::ExecuteMsg::ReturnCover(ReturnCover { loss_id });
        response = response.add_message(to_fund(fund.clone(), &msg, vec![back])?);
    }
    if closes {
        let msg = fund::ExecuteMsg::LossClosed(LossClosed { loss_id });
        response = response.add_message(to_fund(fund, &msg, vec![])?);
    }
    Ok(response)
}

fn to_fund(fund: String, msg: &fund::ExecuteMsg, funds: Vec<Coin>) -> StdResult<WasmMsg> {
    Ok(WasmMsg::Execute {
        contract_addr: fund,
        msg: to_json_binary(msg)?,
        funds,
    })
}

fn market_reply(_: DepsMut, _: Env, reply: Reply) -> StdResult<Response> {
    Ok(Response::new().add_attribute("caught", reply.result.unwrap_err()))
}

fn queue_execute(deps: DepsMut, _: Env, _: MessageInfo, msg: QueueMsg) -> StdResult<Response> {
    match msg {
        QueueMsg::WhenTold { fails } => FAILS.save(deps.storage, &fails)?,
        QueueMsg::ReportShortfall(report) => {
            let mut reports = REPORTS.may_load(deps.storage)?.unwrap_or_default();
            reports.push(report);
            REPORTS.save(deps.storage, &reports)?;
            if FAILS.may_load(deps.storage)?.unwrap_or(false) {
                return Err(StdError::msg("mock_queue_failed"));
            }
        }
    }
    Ok(Response::new())
}

fn queue_reports(deps: Deps, _: Env, _: Empty) -> StdResult<Binary> {
    to_json_binary(&REPORTS.may_load(deps.storage)?.unwrap_or_default())
}
