//! The occupied classes of one ranking, packed to a bitmap.

use std::collections::BTreeSet;

use cosmwasm_std::Binary;
use serde::{Deserialize, Serialize};

/// Classes that hold at least one position, ascending.
///
/// Stored as the first byte that is not empty and the bytes up to the last one: the classes in
/// use lie close together, a few octaves of collateral around the market's price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u16, Binary)", into = "(u16, Binary)")]
pub struct Occupied(pub BTreeSet<u16>);

impl From<(u16, Binary)> for Occupied {
    fn from((first, bytes): (u16, Binary)) -> Self {
        let bits = (first.saturating_mul(8)..).zip(
            bytes
                .iter()
                .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1)),
        );
        Self(
            bits.filter_map(|(class, set)| set.then_some(class))
                .collect(),
        )
    }
}

impl From<Occupied> for (u16, Binary) {
    fn from(Occupied(classes): Occupied) -> Self {
        let first = classes.first().map_or(0, |class| class / 8);
        let count = classes.last().map_or(0, |class| class / 8 - first + 1);
        let mut bytes = vec![0u8; usize::from(count)];
        for class in classes {
            if let Some(byte) = bytes.get_mut(usize::from(class / 8 - first)) {
                *byte |= 1 << (class % 8);
            }
        }
        (first, bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{from_json, to_json_string};
    use perp_core::class::CLASS_COUNT;
    use proptest::prelude::*;

    #[test]
    fn only_the_bytes_in_use_are_stored() {
        let json = |classes: &[u16]| {
            to_json_string(&Occupied(classes.iter().copied().collect())).expect("json")
        };
        assert_eq!(json(&[]), r#"[0,""]"#);
        assert_eq!(json(&[0]), r#"[0,"AQ=="]"#);
        assert_eq!(json(&[344, 351]), r#"[43,"gQ=="]"#);
        assert_eq!(json(&[CLASS_COUNT - 1]), r#"[96,"AQ=="]"#);
    }

    proptest! {
        #[test]
        fn what_is_stored_is_what_was_meant(classes in prop::collection::btree_set(0..CLASS_COUNT, 0..80)) {
            let occupied = Occupied(classes);
            let json = to_json_string(&occupied).expect("json");
            prop_assert_eq!(from_json::<Occupied>(json).expect("parses"), occupied);
        }
    }
}
