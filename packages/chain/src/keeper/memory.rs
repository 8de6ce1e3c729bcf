//! What a keeper remembers between two looks at the chain: what is under way, what waits after a
//! failure, and how large a step may be.

use std::collections::{BTreeMap, BTreeSet};

use perp_interface::market::LossResponse;
use perp_interface::LossId;

use super::fate::{Fate, Reason, Ticket};
use super::work::{Key, Kind};

/// Blocks that a work waits after it failed.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// After the first failure, and whenever there was nothing to do.
    pub first: u64,
    /// At most; every further failure doubles the wait.
    pub most: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: 3,
            most: 600,
        }
    }
}

impl Retry {
    fn after(self, failures: u32) -> u64 {
        let doubled = self.first.saturating_mul(1 << failures.min(32));
        doubled.min(self.most)
    }
}

/// A work that waits.
#[derive(Clone, Debug)]
struct Held {
    failures: u32,
    until: u64,
    /// It succeeded from here; as long as this is the same, it has changed nothing.
    from: Option<String>,
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct Memory {
    retry: Retry,
    in_flight: BTreeMap<Key, Ticket>,
    held: BTreeMap<Key, Held>,
    sizes: BTreeMap<Kind, u32>,
    still: Option<Still>,
}

/// A loss that does not move.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Still {
    loss_id: LossId,
    standing: String,
    since: u64,
}

/// Blocks after which a wait that is over is forgotten.
const FORGET: u64 = 10_000;

impl Memory {
    /// Remembers nothing yet, but that these works may be under way.
    pub fn new(retry: Retry, in_flight: impl IntoIterator<Item = (Key, Ticket)>) -> Self {
        Self {
            retry,
            in_flight: in_flight.into_iter().collect(),
            ..Self::default()
        }
    }

    /// What is under way.
    pub const fn in_flight(&self) -> &BTreeMap<Key, Ticket> {
        &self.in_flight
    }

    /// Whether a work may be sent now. `from` is what it would change: after a success it is tried
    /// again at once if that has changed, and after a wait if not.
    pub fn admits(&self, key: Key, from: &str, height: u64) -> bool {
        if self.in_flight.contains_key(&key) {
            return false;
        }
        match self.held.get(&key) {
            Some(held) if held.from.as_deref().is_some_and(|was| was != from) => true,
            Some(held) => height >= held.until,
            None => true,
        }
    }

    /// A work is being sent: from here on it is under way.
    pub fn sending(&mut self, key: Key, ticket: Ticket) {
        self.in_flight.insert(key, ticket);
    }

    /// What works of a kind that wait after a try are about.
    pub fn held(&self, kind: Kind, height: u64) -> BTreeSet<u64> {
        let held = self.held.iter();
        let held = held.filter(|(key, held)| key.kind == kind && held.until > height);
        held.map(|(key, _)| key.of).collect()
    }

    /// What became of a work that was under way. `from` as in [`Memory::admits`], none if it was
    /// sent by an earlier run.
    pub fn settle(&mut self, key: Key, from: Option<&str>, fate: &Fate, height: u64) {
        if let Fate::Unknown(ticket, _) = fate {
            self.in_flight.insert(key, ticket.clone());
            return;
        }
        self.in_flight.remove(&key);
        match fate {
            Fate::Done(_) => self.succeeded(key, from, height),
            Fate::Failed { reason, .. } => self.failed(key, *reason, height),
            // Never included: it may be sent again at once.
            Fate::Expired | Fate::Unknown(..) => {}
            Fate::Unsent { .. } => self.hold(key, 0, None, height),
        }
    }

    fn succeeded(&mut self, key: Key, from: Option<&str>, height: u64) {
        let before = self.held.remove(&key);
        let Some(from) = from else {
            return;
        };
        // An error inside of a contract may be swallowed by its caller: the transaction succeeds,
        // and nothing has moved. Again and again, that would cost a fee each time.
        let in_vain = before.filter(|held| held.from.as_deref() == Some(from));
        if in_vain.is_some() {
            self.halve(key.kind);
        } else {
            self.grow(key.kind);
        }
        let failures = in_vain.map_or(0, |held| held.failures + 1);
        self.hold(key, failures, Some(from.to_owned()), height);
    }

    fn failed(&mut self, key: Key, reason: Reason, height: u64) {
        let before = self.held.get(&key).map_or(0, |held| held.failures);
        match reason {
            Reason::NotNow => self.hold(key, 0, None, height),
            // The whole node backs off; the work is as urgent as before.
            Reason::Unreachable => {}
            Reason::OutOfGas => {
                let smaller = self.halve(key.kind);
                let failures = if smaller { 0 } else { before + 1 };
                self.hold(key, failures, None, height);
            }
            Reason::Refused => self.hold(key, before + 1, None, height),
        }
    }

    fn hold(&mut self, key: Key, failures: u32, from: Option<String>, height: u64) {
        let until = height + self.retry.after(failures);
        let held = Held {
            failures,
            until,
            from,
        };
        self.held.insert(key, held);
    }

    /// The size that works of a kind may have, at most `most`.
    pub fn size(&self, kind: Kind, most: u32) -> u32 {
        self.sizes.get(&kind).map_or(most, |size| most.min(*size))
    }

    /// Names the most that works of a kind may have, so that it can be halved.
    pub fn at_most(&mut self, kind: Kind, most: u32) {
        let size = self.sizes.entry(kind).or_insert(most);
        *size = most.min(*size);
    }

    /// True if it is smaller now.
    fn halve(&mut self, kind: Kind) -> bool {
        let Some(size) = self.sizes.get_mut(&kind) else {
            return false;
        };
        let before = *size;
        *size = (before / 2).max(1);
        *size < before
    }

    fn grow(&mut self, kind: Kind) {
        if let Some(size) = self.sizes.get_mut(&kind) {
            // A quarter, so that it is not halved at every other step.
            *size = size.saturating_add((*size / 4).max(1));
        }
    }

    /// Looks how the first open loss stands, and forgets waits that are long over.
    pub fn note(&mut self, first: Option<&LossResponse>, height: u64) {
        let standing = |loss: &LossResponse| {
            let (lots, need) = (loss.lots_left, loss.need_left);
            format!("{}/{lots}/{need}", loss.steps)
        };
        let now = first.map(|loss| (loss.terms.loss_id, standing(loss)));
        let same = match (&now, &self.still) {
            (Some((id, now)), Some(still)) => *id == still.loss_id && *now == still.standing,
            _ => false,
        };
        if !same {
            self.still = now.map(|(loss_id, standing)| Still {
                loss_id,
                standing,
                since: height,
            });
        }
        self.held.retain(|_, held| held.until + FORGET > height);
    }

    /// For how many blocks this keeper has seen a loss not move.
    pub fn still_for(&self, loss_id: LossId, height: u64) -> u64 {
        let still = self.still.as_ref().filter(|s| s.loss_id == loss_id);
        still.map_or(0, |still| height.saturating_sub(still.since))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fate::Included;
    use super::*;

    const KEY: Key = Key {
        kind: Kind::ContinueDeleverage,
        of: 7,
    };

    fn memory() -> Memory {
        let retry = Retry {
            first: 4,
            most: 100,
        };
        Memory::new(retry, [])
    }

    fn done() -> Fate {
        Fate::Done(Included {
            height: 10,
            gas_used: 1,
        })
    }

    fn failed(reason: Reason) -> Fate {
        Fate::Failed {
            reason,
            what: String::new(),
            included: None,
        }
    }

    /// Blocks until a work that stands as `from` is admitted again after height 100.
    fn wait(memory: &Memory, from: &str) -> u64 {
        let admitted = |blocks: &u64| memory.admits(KEY, from, 100 + blocks);
        (0..10_000).find(admitted).expect("one day")
    }

    #[test]
    fn nothing_is_admitted_while_it_is_under_way() {
        let mut memory = memory();
        memory.sending(KEY, Ticket::default());
        assert!(!memory.admits(KEY, "a", u64::MAX));
        let ticket = Ticket {
            hash: Some("h".to_owned()),
            until: Some(5),
        };
        let unknown = Fate::Unknown(ticket.clone(), String::new());
        memory.settle(KEY, Some("a"), &unknown, 100);
        assert!(!memory.admits(KEY, "b", u64::MAX), "height settles nothing");
        assert_eq!(memory.in_flight().get(&KEY), Some(&ticket));
        memory.settle(KEY, None, &Fate::Expired, 100);
        assert_eq!(wait(&memory, "a"), 0);
    }

    #[test]
    fn a_success_that_changed_nothing_waits_longer_and_longer() {
        let mut memory = memory();
        memory.at_most(KEY.kind, 100);
        for expected in [4, 8, 16, 32, 64, 100, 100] {
            memory.settle(KEY, Some("a"), &done(), 100);
            assert_eq!(wait(&memory, "a"), expected);
            assert_eq!(wait(&memory, "b"), 0, "it has moved");
        }
        assert_eq!(
            memory.size(KEY.kind, 500),
            1,
            "swallowed: the step is too large"
        );
        memory.settle(KEY, Some("b"), &done(), 100);
        assert_eq!(wait(&memory, "b"), 4);
        assert_eq!(memory.size(KEY.kind, 500), 2);
    }

    #[test]
    fn failures_wait_by_their_reasons() {
        let mut memory = memory();
        for expected in [8, 16, 32, 64, 100, 100] {
            memory.settle(KEY, Some("a"), &failed(Reason::Refused), 100);
            assert_eq!(wait(&memory, "a"), expected);
        }
        memory.settle(KEY, Some("a"), &failed(Reason::NotNow), 100);
        assert_eq!(wait(&memory, "a"), 4, "nobody's fault");
        memory.settle(KEY, Some("a"), &failed(Reason::NotNow), 100);
        assert_eq!(wait(&memory, "a"), 4);
        memory.settle(KEY, Some("a"), &done(), 100);
        memory.settle(KEY, Some("b"), &failed(Reason::Unreachable), 100);
        assert_eq!(wait(&memory, "b"), 0);
    }

    #[test]
    fn without_gas_the_step_is_halved_until_it_cannot_be() {
        let mut memory = memory();
        memory.at_most(KEY.kind, 8);
        let out_of_gas = failed(Reason::OutOfGas);
        for expected in [4, 2, 1] {
            memory.settle(KEY, Some("a"), &out_of_gas, 100);
            assert_eq!(memory.size(KEY.kind, 500), expected);
            assert_eq!(wait(&memory, "a"), 4);
        }
        memory.settle(KEY, Some("a"), &out_of_gas, 100);
        assert_eq!(wait(&memory, "a"), 8, "it is not the size");
        memory.settle(KEY, Some("b"), &out_of_gas, 100);
        assert_eq!(wait(&memory, "b"), 16);
    }
}
