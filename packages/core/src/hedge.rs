//! Hedges: positions in markets of one group that offset each other.
//!
//! Margin is required per market and knows no offsets. A trader who is long in one market and short
//! in another of the same underlying is still hurt more by losing one leg than a trader without the
//! other: what was flat is now a bet. So the queue takes such a fill only after all others.

use crate::error::MathResult;
use crate::position::Position;
use crate::units::{Lots, Price, Quote};

/// What a candidate holds in the other markets of the loss's hedge group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hedge {
    /// Their signed notional at the marks, in quote units: long +, short −.
    pub others: Quote,
}

impl Hedge {
    /// Whether closing `lots` of `position` at `mark` raises what the account would have to
    /// hold if its group were margined as one position: `|others + own|`.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn is_broken_by(&self, position: &Position, lots: Lots, mark: Price) -> MathResult<bool> {
        let Some(side) = position.side() else {
            return Ok(false);
        };
        let signed = |size: Lots| -> MathResult<i128> {
            let own = Quote(side.sign() * mark.notional(size)?.0);
            Ok(self.others.plus(own)?.0)
        };
        let before = signed(position.size())?.unsigned_abs();
        let after = signed(position.size().minus(lots)?)?.unsigned_abs();
        Ok(after > before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(own: i64, lots: u64, others: i128) -> bool {
        let position = Position {
            lots: own,
            cost: Quote(0),
            index: Default::default(),
        };
        Hedge {
            others: Quote(others),
        }
        .is_broken_by(&position, Lots(lots), Price(10))
        .expect("in range")
    }

    #[test]
    fn a_leg_that_offsets_another_is_a_hedge() {
        // Long 10 lots of 10 against other positions of this notional.
        for (others, lots, is_broken) in [
            (0, 1, false),
            (0, 10, false),
            (-100, 1, true),
            (-100, 10, true),
            (100, 10, false),
            // Half hedged: net 60 before. Up to twice the unhedged part leaves no larger net.
            (-40, 6, false),
            (-40, 10, false),
            (-50, 10, false),
            (-51, 9, false),
            (-51, 10, true),
            (-200, 1, true),
        ] {
            assert_eq!(broken(10, lots, others), is_broken, "{others} {lots}");
            assert_eq!(
                broken(-10, lots, -others),
                is_broken,
                "short {others} {lots}"
            );
        }
        assert!(!broken(0, 0, 5));
    }

    #[test]
    fn more_than_is_held_and_overflow_are_errors() {
        let position = Position {
            lots: 1,
            cost: Quote(0),
            index: Default::default(),
        };
        let hedge = Hedge {
            others: Quote(i128::MAX),
        };
        assert!(hedge.is_broken_by(&position, Lots(1), Price(10)).is_err());
        assert!(Hedge::default()
            .is_broken_by(&position, Lots(2), Price(10))
            .is_err());
    }
}
