//! Which code the market runs. A migration changes it, and with it who can draw.

use cosmwasm_std::{Addr, QuerierWrapper};

use crate::error::{ContractError, ContractResult};
use crate::state::Connections;

/// Refuses unless `market` runs the code `expected`.
///
/// # Errors
/// `CodeMismatch`, `Std` if there is no such contract.
pub fn require(querier: QuerierWrapper, market: &Addr, expected: u64) -> ContractResult<()> {
    let actual = querier.query_wasm_contract_info(market)?.code_id;
    if actual != expected {
        return Err(ContractError::CodeMismatch { expected, actual });
    }
    Ok(())
}

/// Whether the market runs the code that governance has approved.
///
/// # Errors
/// `Std` if there is no such contract.
pub fn is_approved(querier: QuerierWrapper, connections: &Connections) -> ContractResult<bool> {
    let info = querier.query_wasm_contract_info(&connections.market)?;
    Ok(info.code_id == connections.code_id)
}
