//! `Index`: the stored order, page by page, for audits.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order};
use cw_storage_plus::Bound;
use perp_core::class::CLASS_COUNT;
use perp_core::score::order_key;
use perp_interface::queue::{IndexEntry, IndexQuery, IndexResponse};
use perp_interface::{Lots, PerLot};

use crate::error::ContractResult;
use crate::state::{class_key, from_class_key, from_place_key, place_key, RankingId, RANKING};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// Ascending in class, key and account.
pub fn index(deps: Deps, msg: &IndexQuery) -> ContractResult<Binary> {
    let ranking = RankingId {
        market: msg.market,
        side: msg.side,
    };
    let first = match &msg.start_after {
        Some(last) => {
            // The least number has no opposite; it is out of range like its neighbour.
            let entry = PerLot(last.entry.0.max(-i128::MAX));
            let place = place_key(order_key(msg.side, entry), last.account)?;
            Bound::exclusive((class_key(ranking, last.class.min(CLASS_COUNT)), place))
        }
        None => Bound::inclusive((class_key(ranking, 0), [0; 18])),
    };
    let end = Bound::exclusive((class_key(ranking, CLASS_COUNT), [0; 18]));
    let limit = msg.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    let entries = RANKING
        .range(deps.storage, Some(first), Some(end), Order::Ascending)
        .take(limit as usize)
        .map(|row| {
            let ((key, place), record) = row?;
            let (_, class) = from_class_key(key);
            let (order, account) = from_place_key(&place);
            Ok(IndexEntry {
                class,
                // A sign is its own inverse.
                entry: PerLot(order_key(msg.side, PerLot(order))),
                account,
                lots: Lots(record.lots),
            })
        })
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&IndexResponse { entries })?)
}
