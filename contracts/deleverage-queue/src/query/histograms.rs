//! `Histograms`: where in each class its lots lie.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::queue::{ClassHistogram, HistogramBucket, HistogramsQuery, HistogramsResponse};
use perp_interface::{Lots, PerLot};

use crate::error::ContractResult;
use crate::state::{class_key, from_class_key, ClassRecord, RankingId, CLASS};

const DEFAULT_LIMIT: u32 = 30;
const MAX_LIMIT: u32 = 100;

/// A page of them, ascending.
pub fn histograms(deps: Deps, msg: &HistogramsQuery) -> ContractResult<Binary> {
    let ranking = RankingId {
        market: msg.market,
        side: msg.side,
    };
    let last = class_key(ranking, 0x7fff);
    let first = match msg.start_after {
        Some(class) => class_key(ranking, class.min(0x7ffe)) + 1,
        None => class_key(ranking, 0),
    };
    let limit = msg.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    let classes = CLASS
        .range(deps.storage, first..=last)
        .take(limit as usize)
        .map(|row| row.map(|(key, record)| response(from_class_key(key).1, &record)))
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&HistogramsResponse { classes })?)
}

fn response(class: u16, record: &ClassRecord) -> ClassHistogram {
    let bucket = |bucket: perp_core::histogram::Bucket| HistogramBucket {
        low: PerLot(bucket.low),
        lots: Lots(bucket.lots),
    };
    ClassHistogram {
        class,
        shift: record.histogram.shift(),
        buckets: record.histogram.buckets().map(bucket).collect(),
    }
}
