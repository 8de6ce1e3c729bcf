//! The five contracts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One contract of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// perp-market.
    Market,
    /// deleverage-queue.
    Queue,
    /// price-feed.
    Feed,
    /// insurance-fund.
    Fund,
    /// perp-lens.
    Lens,
}

impl Part {
    /// In the order in which they are created: the fund asks which code the market runs, the lens
    /// asks the market for the others, and nobody else asks anybody.
    pub const ALL: [Self; 5] = [
        Self::Market,
        Self::Queue,
        Self::Feed,
        Self::Fund,
        Self::Lens,
    ];

    /// Name of the contract, and its label unless the configuration has another.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Market => "perp-market",
            Self::Queue => "deleverage-queue",
            Self::Feed => "price-feed",
            Self::Fund => "insurance-fund",
            Self::Lens => "perp-lens",
        }
    }

    /// Name of its artifact.
    pub fn file(self) -> String {
        format!("{}.wasm", self.name().replace('-', "_"))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
