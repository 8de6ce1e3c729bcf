//! `Instantiate`: who governs, denom, parameters, and the other contracts if they are known.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_core::draw::Draws;
use perp_governance::establish;
use perp_interface::fund::{self, InstantiateMsg};
use perp_interface::governance::Governors;
use perp_interface::Quote;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::execute::{connections, validated};
use crate::migrate::CODE;
use crate::state::{Config, CONFIG, DRAWS, OWED_TOTAL, TRANCHES};
use crate::tranche::Tranche;

/// Stores the configuration at parameter version 1, and the shared tranche without capital.
pub fn instantiate(
    deps: DepsMut,
    info: &MessageInfo,
    msg: InstantiateMsg,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    validated(deps.api, &msg.params)?;
    if !is_denom(&msg.denom) {
        return Err(ContractError::InvalidDenom { denom: msg.denom });
    }
    let links = msg.links.as_ref();
    let config = Config {
        denom: msg.denom,
        connections: links.map(|m| connections(deps.as_ref(), m)).transpose()?,
        version: 1,
        params: msg.params,
    };

    let governors = Governors {
        authority: msg.authority,
        guardian: msg.guardian,
        notice: msg.notice,
    };
    cw2::set_contract_version(deps.storage, CODE.name, CODE.version)?;
    establish(deps.storage, deps.api, &governors)?;
    CONFIG.save(deps.storage, &config)?;
    let shared = fund::Tranche::Shared.key();
    TRANCHES.save(deps.storage, shared, &Tranche::default())?;
    DRAWS.save(deps.storage, shared, &Draws::default())?;
    OWED_TOTAL.save(deps.storage, &Quote::ZERO)?;
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
