//! `Tranche`, `Tranches`: layers, share price, sums, target.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order};
use cw_storage_plus::Bound;
use perp_interface::fund::{self, TrancheQuery, TrancheResponse, TranchesQuery, TranchesResponse};

use super::page;
use crate::error::ContractResult;
use crate::rules;
use crate::state::{load_tranche, CONFIG, TRANCHES};
use crate::tranche::Tranche;

/// One of them.
pub fn tranche(deps: Deps, msg: &TrancheQuery) -> ContractResult<Binary> {
    let (key, stored) = load_tranche(deps.storage, msg.tranche)?;
    Ok(to_json_binary(&response(deps, key, &stored)?)?)
}

/// A page.
pub fn tranches(deps: Deps, msg: &TranchesQuery) -> ContractResult<Binary> {
    let start = msg
        .start_after
        .map(|tranche| Bound::exclusive(tranche.key()));
    let tranches = TRANCHES
        .range(deps.storage, start, None, Order::Ascending)
        .take(page::limit(msg.limit))
        .map(|row| {
            let (key, stored) = row?;
            response(deps, key, &stored)
        })
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&TranchesResponse { tranches })?)
}

fn response(deps: Deps, key: u32, stored: &Tranche) -> ContractResult<TrancheResponse> {
    let params = CONFIG.load(deps.storage)?.params;
    let layers = &stored.layers;
    let pool = &layers.staked;
    Ok(TrancheResponse {
        tranche: fund::Tranche::from_key(key),
        seed: layers.seed,
        staked: pool.assets,
        shares: pool.shares,
        share_price_ppm: pool.price_floor()?.into(),
        requested: stored.requested,
        wiped: pool.is_wiped()?,
        seed_hole: layers.seed_hole,
        staked_hole: layers.staked_hole,
        bounties: layers.bounties,
        target: rules::target_ceil(deps.storage, &params, (key, stored))?,
        sums: stored.sums,
        open_losses: stored.open_losses,
        open_since: (stored.open_losses > 0).then_some(stored.open_since),
    })
}
