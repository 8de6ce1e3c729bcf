//! Which part of the fund.

use std::fmt;

use cosmwasm_schema::cw_serde;

use crate::MarketId;

/// A part of the fund with capital of its own: a loss of its markets never touches another one.
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum Tranche {
    /// Shared by all markets that have none of their own.
    Shared,
    /// Of one market alone.
    Market(MarketId),
}

impl Tranche {
    /// Its number in storage: 0 for the shared one, then the market's plus one.
    pub fn key(self) -> u32 {
        match self {
            Self::Shared => 0,
            Self::Market(market) => u32::from(market) + 1,
        }
    }

    /// The tranche of a number in storage.
    pub fn from_key(key: u32) -> Self {
        match key.checked_sub(1) {
            None => Self::Shared,
            Some(market) => Self::Market(market as MarketId),
        }
    }
}

impl fmt::Display for Tranche {
    /// `shared`, or `market-7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared => f.write_str("shared"),
            Self::Market(market) => write!(f, "market-{market}"),
        }
    }
}

/// Whose money it is.
#[cw_serde]
#[derive(Copy, Eq)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum Layer {
    /// The protocol's: the first to be lost.
    Seed,
    /// The stakers': lost when the seed is gone.
    Staked,
    /// Nobody's: paid to whoever executes fills of losses.
    Bounties,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seed => "seed",
            Self::Staked => "staked",
            Self::Bounties => "bounties",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_tranches_go_both_ways_and_keep_their_order() {
        let all = [0u16, 1, 7, u16::MAX].map(Tranche::Market);
        let all: Vec<_> = std::iter::once(Tranche::Shared).chain(all).collect();
        for tranche in &all {
            assert_eq!(Tranche::from_key(tranche.key()), *tranche);
        }
        assert!(all
            .windows(2)
            .all(|w| w[0].key() < w[1].key() && w[0] < w[1]));
    }

    #[test]
    fn on_the_wire_they_are_a_word_or_a_market() {
        let json = |tranche| cosmwasm_std::to_json_string(&tranche).expect("json");
        assert_eq!(json(Tranche::Shared), r#""shared""#);
        assert_eq!(json(Tranche::Market(7)), r#"{"market":7}"#);
        assert_eq!(Tranche::Market(7).to_string(), "market-7");
    }
}
