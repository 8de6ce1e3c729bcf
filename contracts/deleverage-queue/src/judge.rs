//! What one reported position does to the index.

use perp_core::class::class_of;
use perp_core::error::MathResult;
use perp_core::score::order_key;
use perp_interface::loss::JobMark;
use perp_interface::queue::RankInputs;
use perp_interface::{LossId, Lots, Pass};

use crate::state::{RankKey, Standing};

/// How a report relates to the open job of its market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gate {
    /// No job is open there.
    Open,
    /// That job made the change.
    Inside(JobMark),
    /// A job is open there, and something else made the change.
    Outside(LossId),
}

impl Gate {
    /// The gate of a market with this open job for a report that carries this mark.
    pub fn new(open: Option<LossId>, mark: Option<JobMark>) -> Self {
        match (open, mark) {
            (None, _) => Self::Open,
            (Some(loss_id), Some(mark)) if mark.loss_id == loss_id => Self::Inside(mark),
            (Some(loss_id), _) => Self::Outside(loss_id),
        }
    }
}

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Keep,
    /// Key and record, in the place of what is stored.
    Put(RankKey, u64),
    /// Both go.
    Remove,
    /// Only whether the key still tells of its position.
    Mark(Standing),
}

/// The key of a position.
///
/// # Errors
/// `LotsOutOfRange` for no lots, or for more than a position can have.
pub fn key_of(inputs: &RankInputs) -> MathResult<RankKey> {
    Ok(RankKey {
        side: inputs.side,
        class: class_of(inputs.collateral.0),
        order: order_key(inputs.side, inputs.entry),
        lots: Lots::new(inputs.lots.0)?.0,
        standing: Standing::Current,
    })
}

/// Compares what is stored of a position with how it stands now.
///
/// An open job walks an order that must not move under it: what others change waits for a
/// refresh. Only a position that has no key at all is inserted, because the third pass must find
/// every position.
pub fn judge(stored: Option<&RankKey>, now: Option<RankKey>, gate: Gate) -> Verdict {
    match (gate, stored, now) {
        (_, None, None) => Verdict::Keep,
        (Gate::Outside(loss_id), None, Some(now)) => Verdict::Put(now, newcomer(loss_id)),
        (Gate::Outside(_), Some(stored), now) => defer(stored, now),
        (_, Some(_), None) => Verdict::Remove,
        (_, Some(stored), Some(now)) if stored.same_record(&now) => {
            if stored.standing == Standing::Current {
                Verdict::Keep
            } else {
                Verdict::Mark(Standing::Current)
            }
        }
        (Gate::Open, _, Some(now)) => Verdict::Put(now, 0),
        (Gate::Inside(mark), _, Some(now)) => Verdict::Put(now, mark.stamp()),
    }
}

/// The first pass must not see who comes while a job is open: the summing walk may have been past
/// its place, and a share that was not summed would not fit into the set.
const fn newcomer(loss_id: LossId) -> u64 {
    let pass = Pass::Profit;
    JobMark { loss_id, pass }.stamp()
}

fn defer(stored: &RankKey, now: Option<RankKey>) -> Verdict {
    let standing = match now {
        None => Standing::Closed,
        Some(now) if stored.same_record(&now) => Standing::Current,
        Some(_) => Standing::Changed,
    };
    if standing == stored.standing {
        Verdict::Keep
    } else {
        Verdict::Mark(standing)
    }
}
