//! `Instantiate`: whom to ask.

use cosmwasm_std::{Coin, DepsMut, MessageInfo, Response};
use perp_interface::lens::InstantiateMsg;

use crate::error::{ContractError, ContractResult};
use crate::migrate::CODE;
use crate::state::{Contracts, CONTRACTS};
use crate::suite::Suite;

/// Stores the addresses. The market must name the same three: a lens on two suites at once would
/// answer with numbers that belong to neither.
pub fn instantiate(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &InstantiateMsg,
) -> ContractResult<Response> {
    if !info.funds.is_empty() {
        let coins: Vec<_> = info.funds.iter().map(Coin::to_string).collect();
        return Err(ContractError::NoFundsExpected {
            coins: coins.join(","),
        });
    }
    let contracts = Contracts {
        market: deps.api.addr_validate(&msg.market)?,
        fund: deps.api.addr_validate(&msg.fund)?,
        queue: deps.api.addr_validate(&msg.queue)?,
        feed: deps.api.addr_validate(&msg.feed)?,
    };
    let named = Suite::of(deps.querier, contracts.clone()).market_config()?;
    let pairs = [
        ("fund", &contracts.fund, named.fund),
        ("queue", &contracts.queue, named.queue),
        ("feed", &contracts.feed, named.feed),
    ];
    for (role, given, named) in pairs {
        if named.as_deref() != Some(given.as_str()) {
            return Err(ContractError::OtherSuite {
                role,
                given: given.to_string(),
                named: named.unwrap_or_else(|| "nobody".to_owned()),
            });
        }
    }
    cw2::set_contract_version(deps.storage, CODE.name, CODE.version)?;
    CONTRACTS.save(deps.storage, &contracts)?;
    Ok(Response::new())
}
