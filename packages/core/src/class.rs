//! Margin classes: collateral per lot in steps of an eighth of an octave.
//!
//! The ranking sees collateral only through its class, so that one class is one sorted run of
//! entries and the exact order is a merge of a few dozen runs.

/// Collateral per lot saturates here (2^96 − 1 at the fixed-point scale, i.e. 2^64 quote units).
pub const COLLATERAL_MAX: u128 = (1 << 96) - 1;

/// One more than the largest class.
pub const CLASS_COUNT: u16 = 1 + 8 * 96;

/// The class of a fixed-point collateral per lot.
///
/// `class(m) = 1 + 8k + ((8m >> k) & 7)` with `k = ⌊log₂ m⌋`; `m ≤ 0` is class 0.
pub fn class_of(collateral: i128) -> u16 {
    if collateral <= 0 {
        return 0;
    }
    let m = collateral.unsigned_abs().min(COLLATERAL_MAX);
    let octave = m.ilog2();
    let eighth = ((m << 3) >> octave) & 7;
    1 + 8 * octave as u16 + eighth as u16
}

/// `m̂`: the lower bound of a class, which is the collateral that the score sees. Class 0 has one
/// stored unit, so that a score is always defined. Classes at and above [`CLASS_COUNT`] answer as
/// the last one.
///
/// Below one octave of eight stored units several classes share a lower bound and all but the
/// first are empty.
pub const fn class_floor(class: u16) -> u128 {
    if class == 0 {
        return 1;
    }
    let class = if class >= CLASS_COUNT {
        CLASS_COUNT - 1
    } else {
        class
    };
    let (octave, eighth) = ((class - 1) / 8, (class - 1) % 8);
    // ⌈(8 + eighth)·2^octave / 8⌉: the smallest m of this class.
    (((8 + eighth) as u128) << octave).div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edges() {
        assert_eq!(class_of(i128::MIN), 0);
        assert_eq!(class_of(0), 0);
        assert_eq!(class_of(1), 1);
        assert_eq!(class_of(8), 25);
        assert_eq!(class_of(9), 26);
        assert_eq!(class_of(15), 32);
        assert_eq!(class_of(16), 33);
        assert_eq!(class_of(i128::MAX), CLASS_COUNT - 1);
        assert_eq!(class_floor(0), 1);
        assert_eq!(class_floor(1), 1);
        assert_eq!(class_floor(u16::MAX), class_floor(CLASS_COUNT - 1));
    }

    #[test]
    fn every_class_floor_lies_in_its_class() {
        for class in 1..CLASS_COUNT {
            let lowest = class_floor(class) as i128;
            // Below 16 stored units some classes hold no integer of their own.
            if lowest >= 16 {
                assert_eq!(class_of(lowest), class);
                assert_eq!(class_of(lowest - 1), (class - 1).max(class_of(15)));
            }
        }
    }

    proptest! {
        #[test]
        fn floor_is_within_an_eighth(m in 1i128..(COLLATERAL_MAX as i128)) {
            let floor = class_floor(class_of(m)) as i128;
            prop_assert!(floor <= m);
            prop_assert!(m * 8 < floor * 9 + 8);
        }

        #[test]
        fn monotone(a in any::<i128>(), b in any::<i128>()) {
            prop_assert_eq!(a.cmp(&b) as i8 * (class_of(a).cmp(&class_of(b)) as i8) >= 0, true);
        }
    }
}
