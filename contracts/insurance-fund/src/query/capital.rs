//! `Capital`: capital and sums of all tranches.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order};
use perp_interface::fund::CapitalResponse;

use crate::error::ContractResult;
use crate::state::TRANCHES;

/// Adds up all tranches; there are no more of them than markets.
pub fn capital(deps: Deps) -> ContractResult<Binary> {
    let mut all = CapitalResponse::default();
    for row in TRANCHES.range(deps.storage, None, None, Order::Ascending) {
        let (_, tranche) = row?;
        let sums = tranche.sums;
        for (sum, part) in [
            (&mut all.capital, tranche.capital()?),
            (&mut all.bounties, tranche.layers.bounties),
            (&mut all.contributed, sums.contributed),
            (&mut all.staked, sums.staked_in),
            (&mut all.withdrawn, sums.withdrawn),
            (&mut all.unstaked, sums.unstaked),
            (&mut all.revenue, sums.revenue),
            (&mut all.paid, sums.paid),
            (&mut all.returned, sums.returned),
            (&mut all.bounties_paid, sums.bounties_paid),
            (&mut all.surplus, sums.surplus),
        ] {
            *sum = sum.plus(part)?;
        }
        all.open_losses += tranche.open_losses;
    }
    Ok(to_json_binary(&all)?)
}
