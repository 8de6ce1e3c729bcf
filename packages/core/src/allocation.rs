//! The breadth rule: how many lots each ranked candidate gives.
//!
//! A first walk takes ranked positions into a *set*, up to `breadth` times the lots of the loss;
//! the set then shares the lots. `breadth = 1` is the classic queue, everyone in the set is closed
//! whole. With more,
//!
//! * profit and profit × leverage share by profit, capped by size (the fair rule of arXiv
//!   2512.01112): `q = ⌈Q·u/U⌉`;
//! * leverage levels the most levered down to a common level (the water-filling of arXiv
//!   2603.15963): what everybody *keeps* is in proportion to its equity,
//!   `lots − q = ⌊(L − Q)·E/ΣE⌋`, and the set ends where the next position is not above the level.

use crate::error::{overflow, MathError, MathResult};
use crate::policy::Policy;
use crate::score::{Score, ScoreKind};
use crate::units::Lots;
use crate::wide::{cmp_products, mul_div_ceil, mul_div_floor};

/// The candidates that share a loss: their lots and the sum of their weights, what of both is
/// still to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharingSet {
    /// Lots of the set's candidates not yet visited.
    pub lots: u128,
    /// Their profit (or equity, where leverage is levelled) at the fixed-point scale.
    pub weight: u128,
}

/// One candidate's part of a [`SharingSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Lots by which the candidate is in the set (the last one may be cut).
    pub lots: Lots,
    /// `d·lots`, or `(d + m̂)·lots`.
    pub weight: u128,
}

/// The first, summing walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetWalk {
    /// Lots still wanted for the set.
    pub wanted: u128,
    /// What is in it.
    pub set: SharingSet,
}

/// What becomes of a position that is offered to the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It is in the set.
    Inside(Share),
    /// It has nothing to share by; who comes behind it may.
    Outside,
    /// The set is complete without it.
    Full,
}

impl SetWalk {
    /// A walk for `lots` to be closed over `breadth` times as many.
    pub fn new(lots: Lots, breadth: u32) -> Self {
        Self {
            wanted: u128::from(lots.0) * u128::from(breadth),
            set: SharingSet::default(),
        }
    }

    /// Whether the set is complete before a position with this score: it has all the lots, or,
    /// where leverage is levelled, it comes down to this position's leverage by giving `lots`.
    ///
    /// With `L` lots and `E` equity in the set and `e` equity per lot here, that level leaves the
    /// set `E/e` lots: it is reached if `(L − lots)·e ≥ E`.
    fn is_full(&self, policy: &Policy, lots: Lots, next: &Score) -> bool {
        if self.wanted == 0 {
            return true;
        }
        if policy.score != ScoreKind::Leverage {
            return false;
        }
        let Some(left) = self.set.lots.checked_sub(u128::from(lots.0)) else {
            return false;
        };
        cmp_products(left, policy.weight_per_lot(next), self.set.weight, 1).is_ge()
    }

    /// Offers the next ranked position that takes part in a loss of `quantity` lots.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn offer(
        &mut self,
        policy: &Policy,
        quantity: Lots,
        (lots, score): (Lots, &Score),
    ) -> MathResult<Offer> {
        if self.is_full(policy, quantity, score) {
            return Ok(Offer::Full);
        }
        match policy.weight_per_lot(score) {
            // Leverage has those without equity first; profit has those without profit last.
            0 if policy.score == ScoreKind::Leverage => Ok(Offer::Outside),
            0 => Ok(Offer::Full),
            weight => Ok(Offer::Inside(self.add(lots, weight)?)),
        }
    }

    /// Adds a position, cut to what is still wanted.
    ///
    /// # Errors
    /// `Overflow`.
    fn add(&mut self, lots: Lots, weight_per_lot: u128) -> MathResult<Share> {
        let share = cut_share(lots, weight_per_lot, self.wanted)?;
        self.wanted -= u128::from(share.lots.0);
        self.set.lots += u128::from(share.lots.0);
        self.set.weight = self
            .set
            .weight
            .checked_add(share.weight)
            .ok_or(overflow("set weight"))?;
        Ok(share)
    }
}

/// The share of a position of which at most `left` lots are inside the set.
///
/// # Errors
/// `Overflow`.
pub fn cut_share(lots: Lots, weight_per_lot: u128, left: u128) -> MathResult<Share> {
    let inside = u128::from(lots.0).min(left);
    let weight = weight_per_lot
        .checked_mul(inside)
        .ok_or(overflow("weight"))?;
    Ok(Share {
        lots: Lots(inside as u64),
        weight,
    })
}

/// Lots that the next candidate of the set gives while `left` lots of the loss are open.
///
/// Never so few that the rest of the set could not take what is left (at breadth 1 that makes
/// everyone give all), and never fewer than the policy's least fill, if there are as many.
///
/// # Errors
/// `Overflow` when a share is not part of the set.
pub fn lots_of_share(
    policy: &Policy,
    left: Lots,
    set: SharingSet,
    share: Share,
) -> MathResult<(Lots, SharingSet)> {
    let rest = SharingSet {
        lots: set
            .lots
            .checked_sub(u128::from(share.lots.0))
            .ok_or(overflow("share outside of its set"))?,
        weight: set
            .weight
            .checked_sub(share.weight)
            .ok_or(overflow("share outside of its set"))?,
    };
    let fair = match policy.score {
        ScoreKind::Leverage => levelled_ceil(left, set, share),
        ScoreKind::ProfitLeverage | ScoreKind::Profit => by_profit_ceil(left, set, share),
    };
    let fair = match fair {
        Ok(fair) => fair,
        // A set without weight has nothing to share by: whole positions in rank order.
        Err(MathError::DivisionByZero { .. }) => u128::from(left.0),
        Err(e) => return Err(e),
    };
    let least = u128::from(left.0).saturating_sub(rest.lots);
    let fill = match fair.max(least) {
        0 => 0,
        some => some.max(u128::from(policy.min_fill.0)),
    };
    let lots = fill.min(u128::from(share.lots.0)).min(u128::from(left.0));
    Ok((Lots(lots as u64), rest))
}

/// `⌈left·u/U⌉`.
fn by_profit_ceil(left: Lots, set: SharingSet, share: Share) -> MathResult<u128> {
    mul_div_ceil(u128::from(left.0), share.weight, set.weight)
}

/// `lots − ⌊(L − left)·E/ΣE⌋`.
fn levelled_ceil(left: Lots, set: SharingSet, share: Share) -> MathResult<u128> {
    let kept = set.lots.saturating_sub(u128::from(left.0));
    let keeps = mul_div_floor(kept, share.weight, set.weight)?;
    Ok(u128::from(share.lots.0).saturating_sub(keeps))
}

#[cfg(test)]
#[path = "allocation_tests.rs"]
mod tests;
