//! What one reported position does to the index.

use perp_core::class::class_of;
use perp_core::error::MathResult;
use perp_core::score::order_key;
use perp_interface::loss::JobMark;
use perp_interface::queue::RankInputs;
use perp_interface::{LossId, Lots, Pass, Side};

use crate::state::{RankKey, Standing};

/// How a report relates to the open job of its market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gate {
    /// No job is open there.
    Open,
    /// That job made the change.
    Inside(JobMark),
    /// A job is open there, and something else made the change.
    Outside {
        /// Its loss.
        loss_id: LossId,
        /// The side that it walks.
        walks: Side,
    },
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
/// refresh. Only a position that has no key on the side that is walked is inserted, because the
/// third pass must find every position.
pub fn judge(stored: Option<&RankKey>, now: Option<RankKey>, gate: Gate) -> Verdict {
    match (gate, stored, now) {
        (_, None, None) => Verdict::Keep,
        (Gate::Outside { loss_id, .. }, None, Some(now)) => Verdict::Put(now, newcomer(loss_id)),
        // Flipped while the queue was not told: the old key is on the side that nobody walks.
        (Gate::Outside { loss_id, walks }, Some(stored), Some(now))
            if now.side == walks && stored.side != walks =>
        {
            Verdict::Put(now, newcomer(loss_id))
        }
        (Gate::Outside { .. }, Some(stored), now) => defer(stored, now),
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

/// The pass that shares must not see who comes while it is under way: the summing walk may have been
/// past its place, and a share that was not summed would not fit into the set.
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

#[cfg(test)]
mod tests {
    use super::*;
    use perp_interface::PerLot;

    const LOSS: LossId = 9;
    const OUTSIDE: Gate = Gate::Outside {
        loss_id: LOSS,
        walks: Side::Long,
    };
    const MARK: JobMark = JobMark {
        loss_id: LOSS,
        pass: Pass::Equity,
    };

    fn key(order: i128, lots: u64, standing: Standing) -> RankKey {
        RankKey {
            side: Side::Long,
            class: 5,
            order,
            lots,
            standing,
        }
    }

    #[test]
    fn verdicts() {
        use Standing::{Changed, Closed, Current};
        let (open, inside, outside) = (Gate::Open, Gate::Inside(MARK), OUTSIDE);
        let now = key(10, 3, Current);
        let moved = key(11, 3, Current);
        let smaller = key(10, 2, Current);
        let short = RankKey {
            side: Side::Short,
            ..now
        };
        let first_pass = LOSS * 8 + 1;
        let table = [
            // Without a job, and by the job itself: the index follows.
            (open, None, Some(now), Verdict::Put(now, 0)),
            (open, Some(now), Some(now), Verdict::Keep),
            (open, Some(now), Some(moved), Verdict::Put(moved, 0)),
            (open, Some(now), Some(smaller), Verdict::Put(smaller, 0)),
            (open, Some(now), None, Verdict::Remove),
            (open, None, None, Verdict::Keep),
            (inside, None, Some(now), Verdict::Put(now, MARK.stamp())),
            (inside, Some(now), Some(now), Verdict::Keep),
            (
                inside,
                Some(now),
                Some(moved),
                Verdict::Put(moved, MARK.stamp()),
            ),
            (inside, Some(now), None, Verdict::Remove),
            // Anybody else, while a job is open: the order stays, the key is known to be old.
            (outside, None, Some(now), Verdict::Put(now, first_pass)),
            (outside, None, None, Verdict::Keep),
            (outside, Some(now), Some(now), Verdict::Keep),
            (outside, Some(now), Some(moved), Verdict::Mark(Changed)),
            (outside, Some(now), Some(smaller), Verdict::Mark(Changed)),
            (outside, Some(now), None, Verdict::Mark(Closed)),
            // Whoever has flipped stands where the job must find it, and leaves no gap there.
            (
                outside,
                Some(short),
                Some(now),
                Verdict::Put(now, first_pass),
            ),
            (outside, Some(now), Some(short), Verdict::Mark(Changed)),
        ];
        for (gate, stored, now, verdict) in table {
            assert_eq!(
                judge(stored.as_ref(), now, gate),
                verdict,
                "{gate:?} {stored:?} {now:?}"
            );
        }
    }

    #[test]
    fn a_key_known_to_be_old_is_known_to_be_good_again() {
        use Standing::{Changed, Closed, Current};
        let now = key(10, 3, Current);
        let moved = key(11, 3, Current);
        for old in [Changed, Closed] {
            let stored = key(10, 3, old);
            for gate in [Gate::Open, Gate::Inside(MARK), OUTSIDE] {
                assert_eq!(
                    judge(Some(&stored), Some(now), gate),
                    Verdict::Mark(Current)
                );
            }
            assert_eq!(
                judge(Some(&stored), Some(moved), Gate::Open),
                Verdict::Put(moved, 0)
            );
            assert_eq!(judge(Some(&stored), None, Gate::Open), Verdict::Remove);
        }
        // What is marked already is not written again.
        let outside = OUTSIDE;
        let (changed, closed) = (key(10, 3, Changed), key(10, 3, Closed));
        assert_eq!(judge(Some(&changed), Some(moved), outside), Verdict::Keep);
        assert_eq!(judge(Some(&closed), None, outside), Verdict::Keep);
        assert_eq!(
            judge(Some(&closed), Some(moved), outside),
            Verdict::Mark(Changed)
        );
    }

    #[test]
    fn a_key_is_class_and_signed_entry() {
        let inputs = RankInputs {
            side: Side::Short,
            lots: Lots(4),
            entry: PerLot(-70),
            collateral: PerLot(9),
        };
        let key = key_of(&inputs).expect("a key");
        assert_eq!((key.class, key.order, key.lots), (26, 70, 4));
        for lots in [0, 1 << 48] {
            let lots = Lots(lots);
            assert!(key_of(&RankInputs { lots, ..inputs }).is_err());
        }
    }
}
