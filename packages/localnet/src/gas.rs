//! What messages cost on the chain, without what every transaction costs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use perps_chain::client::TxOutcome;
use serde::Serialize;

/// Gas of each byte of a transaction.
const PER_BYTE: u64 = 10;

/// What a transaction costs before its messages: signature, fee, sequence, and each byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ante {
    /// Gas of a transaction without its bytes.
    pub base: u64,
    /// Gas of each byte.
    pub per_byte: u64,
}

impl Ante {
    /// From a transaction whose message used no gas.
    pub const fn of(gas_used: u64, bytes: u64) -> Self {
        Self {
            base: gas_used.saturating_sub(PER_BYTE * bytes),
            per_byte: PER_BYTE,
        }
    }

    /// What the messages of a transaction used.
    pub const fn net(&self, gas_used: u64, bytes: u64) -> u64 {
        gas_used.saturating_sub(self.base + self.per_byte * bytes)
    }
}

/// One message type on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Transactions that were looked at.
    pub count: u64,
    /// The cheapest, in gas.
    pub min: u64,
    /// The dearest, in gas.
    pub max: u64,
    /// Whether all codes were pinned.
    pub pinned: bool,
}

#[derive(Debug, Default)]
struct Noted {
    ante: Option<Ante>,
    pinned: bool,
    costs: BTreeMap<String, Cost>,
}

/// Costs by message type, without the ante handler.
#[derive(Debug, Default)]
pub struct Gas(Mutex<Noted>);

impl Gas {
    fn lock(&self) -> std::sync::MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on transactions can be noted.
    pub fn calibrate(&self, ante: Ante) {
        self.lock().ante = Some(ante);
    }

    /// What every transaction costs; none before it was measured.
    pub fn ante(&self) -> Option<Ante> {
        self.lock().ante
    }

    /// From now on all codes are pinned, or none.
    pub fn set_pinned(&self, pinned: bool) {
        self.lock().pinned = pinned;
    }

    /// Notes a transaction of one message; tells what the message used.
    pub fn note(&self, label: &str, outcome: &TxOutcome, bytes: u64) -> Option<u64> {
        let mut noted = self.lock();
        let net = noted.ante?.net(outcome.gas_used, bytes);
        let pinned = noted.pinned;
        let key = match pinned {
            true => label.to_owned(),
            false => format!("{label} (unpinned)"),
        };
        let cost = noted.costs.entry(key).or_insert(Cost {
            count: 0,
            min: net,
            max: net,
            pinned,
        });
        cost.count += 1;
        cost.min = cost.min.min(net);
        cost.max = cost.max.max(net);
        Some(net)
    }

    /// Everything that was noted.
    pub fn costs(&self) -> BTreeMap<String, Cost> {
        self.lock().costs.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(gas_used: u64) -> TxOutcome {
        TxOutcome {
            hash: String::new(),
            height: 1,
            gas_used,
            gas_wanted: gas_used,
            events: vec![],
            code: 0,
            codespace: String::new(),
            raw_log: String::new(),
        }
    }

    #[test]
    fn the_ante_handler_is_left_out() {
        let gas = Gas::default();
        assert_eq!(gas.note("a", &outcome(1), 1), None);
        // As in docs/localnet.md: 406 bytes cost 51 429, a price of 409 bytes 123 333.
        gas.calibrate(Ante::of(51_429, 406));
        assert_eq!(gas.note("set_prices", &outcome(123_333), 409), Some(71_874));
        gas.set_pinned(true);
        assert_eq!(gas.note("set_prices", &outcome(65_383), 409), Some(13_924));
        assert_eq!(gas.note("set_prices", &outcome(65_483), 409), Some(14_024));
        let costs = gas.costs();
        let pinned = &costs["set_prices"];
        assert_eq!((pinned.count, pinned.min, pinned.max), (2, 13_924, 14_024));
        assert!(!costs["set_prices (unpinned)"].pinned);
    }
}
