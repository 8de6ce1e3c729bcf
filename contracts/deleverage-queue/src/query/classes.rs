//! `Classes`: occupied classes with their totals.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_core::class::class_floor;
use perp_interface::queue::{ClassTotals, ClassesQuery, ClassesResponse};
use perp_interface::{Lots, PerLot};

use crate::error::ContractResult;
use crate::index::occupied;
use crate::state::{class_key, RankingId, Totals, CLASS};

/// Ascending.
pub fn classes(deps: Deps, msg: &ClassesQuery) -> ContractResult<Binary> {
    let ranking = RankingId {
        market: msg.market,
        side: msg.side,
    };
    let totals = |class: u16| -> ContractResult<ClassTotals> {
        let Totals(positions, lots) = CLASS.load(deps.storage, class_key(ranking, class))?;
        Ok(ClassTotals {
            class,
            collateral: PerLot(class_floor(class) as i128),
            positions,
            lots: Lots(lots),
        })
    };
    let classes = occupied(deps.storage, ranking)?
        .0
        .into_iter()
        .map(totals)
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&ClassesResponse { classes })?)
}
