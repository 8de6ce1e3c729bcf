//! `Instantiate`: authority, denom, parameters. The other contracts are named by `Connect`.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_core::draw::Draws;
use perp_interface::fund::InstantiateMsg;

use crate::capital::Capital;
use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{Config, CAPITAL, CONFIG, DRAWS};

/// Stores the configuration at parameter version 1, and no capital.
pub fn instantiate(
    deps: DepsMut,
    info: &MessageInfo,
    msg: InstantiateMsg,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    msg.params.validate()?;
    if !is_denom(&msg.denom) {
        return Err(ContractError::InvalidDenom { denom: msg.denom });
    }
    let config = Config {
        authority: deps.api.addr_validate(&msg.authority)?,
        denom: msg.denom,
        connections: None,
        version: 1,
        params: msg.params,
    };

    cw2::set_contract_version(
        deps.storage,
        concat!("crate:", env!("CARGO_PKG_NAME")),
        env!("CARGO_PKG_VERSION"),
    )?;
    CONFIG.save(deps.storage, &config)?;
    CAPITAL.save(deps.storage, &Capital::default())?;
    DRAWS.save(deps.storage, &Draws::default())?;
    Ok(Response::new())
}

/// The rule of the Cosmos SDK: `[a-zA-Z][a-zA-Z0-9/:._-]{2,127}`. The denom can never be
/// changed, so a typing error would cost a new deployment.
fn is_denom(denom: &str) -> bool {
    let of_a_denom = |c: char| c.is_ascii_alphanumeric() || "/:._-".contains(c);
    (3..=128).contains(&denom.len())
        && denom.starts_with(|c: char| c.is_ascii_alphabetic())
        && denom.chars().all(of_a_denom)
}

#[cfg(test)]
mod tests {
    use super::is_denom;

    #[test]
    fn denoms_are_those_that_a_chain_can_have() {
        for denom in [
            "uusdc",
            "ibc/498A0751C798A0D9",
            "factory/osmo1x/u.s-d_c",
            "abc",
        ] {
            assert!(is_denom(denom), "{denom}");
        }
        assert!(is_denom(&"a".repeat(128)));
        for denom in ["", "ab", "1usdc", "uu sdc", "uüsdc", "/usdc"] {
            assert!(!is_denom(denom), "{denom}");
        }
        assert!(!is_denom(&"a".repeat(129)));
    }
}
