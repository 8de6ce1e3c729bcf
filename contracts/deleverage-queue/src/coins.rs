//! Coins that come with a message.

use cosmwasm_std::{Coin, MessageInfo};

use crate::error::{ContractError, ContractResult};

/// Refuses coins: nobody could ever get them out of the queue again.
///
/// # Errors
/// `NoFundsExpected` with what was attached.
pub fn refuse(info: &MessageInfo) -> ContractResult<()> {
    if info.funds.is_empty() {
        return Ok(());
    }
    let coins: Vec<_> = info.funds.iter().map(Coin::to_string).collect();
    Err(ContractError::NoFundsExpected {
        coins: coins.join(","),
    })
}
