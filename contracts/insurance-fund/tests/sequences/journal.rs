//! Storage that remembers what a message has written, so that a refusal can be undone and every change seen.

use std::collections::BTreeMap;
use std::ops::Bound;

use cosmwasm_std::{Order, Record, Storage};

type Row = Option<Vec<u8>>;

#[derive(Default)]
pub struct Journal {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What a key held before its first write since [`Journal::forget`].
    before: BTreeMap<Vec<u8>, Row>,
}

impl Journal {
    /// From here on changes are counted.
    pub fn forget(&mut self) {
        self.before.clear();
    }

    /// Keys whose bytes differ from those at the last [`Journal::forget`].
    pub fn changed(&self) -> Vec<&[u8]> {
        let differs = |(key, row): &(&Vec<u8>, &Row)| self.rows.get(*key) != row.as_ref();
        let changed = self.before.iter().filter(differs);
        changed.map(|(key, _)| key.as_slice()).collect()
    }

    /// As the chain does with a message that fails.
    pub fn undo(&mut self) {
        for (key, row) in std::mem::take(&mut self.before) {
            match row {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }

    fn note(&mut self, key: &[u8]) {
        if !self.before.contains_key(key) {
            self.before
                .insert(key.to_vec(), self.rows.get(key).cloned());
        }
    }
}

impl Storage for Journal {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.rows.get(key).cloned()
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.note(key);
        self.rows.insert(key.to_vec(), value.to_vec());
    }

    fn remove(&mut self, key: &[u8]) {
        self.note(key);
        self.rows.remove(key);
    }

    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'a> {
        let start = start.map_or(Bound::Unbounded, |key| Bound::Included(key.to_vec()));
        let end = end.map_or(Bound::Unbounded, |key| Bound::Excluded(key.to_vec()));
        let rows = self.rows.range((start, end));
        let rows = rows.map(|(key, value)| (key.clone(), value.clone()));
        match order {
            Order::Ascending => Box::new(rows),
            Order::Descending => Box::new(rows.rev()),
        }
    }
}
