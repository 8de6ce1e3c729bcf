//! `Classes`: occupied classes with their totals.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_core::class::class_floor;
use perp_interface::queue::{ClassTotals, ClassesQuery, ClassesResponse};
use perp_interface::{Lots, PerLot};

use crate::error::ContractResult;
use crate::state::{RankingId, CLASS};

/// Ascending.
pub fn classes(deps: Deps, msg: &ClassesQuery) -> ContractResult<Binary> {
    let ranking = RankingId {
        market: msg.market,
        side: msg.side,
    };
    let classes = CLASS
        .of(deps.storage, ranking)
        .map(|row| {
            let (class, record) = row?;
            Ok(ClassTotals {
                class,
                collateral: PerLot(class_floor(class) as i128),
                positions: record.positions,
                lots: Lots(record.histogram.lots()),
            })
        })
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&ClassesResponse { classes })?)
}
