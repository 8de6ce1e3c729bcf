//! The calling thread's side of a call: answers the requests of the virtual machine from `deps`, and
//! counts the storage they use.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender};

use cosmwasm_std::{
    from_json, Api, Binary, ContractResult, Deps, DepsMut, Empty, Order, QuerierWrapper,
    QueryRequest, Record, StdResult, Storage, SystemResult, WasmQuery,
};

use crate::bridge::{Bounds, Converted, Request};
use crate::gas::StorageUse;

/// Rows fetched at first for an iterator; doubles with every further fetch up to the second figure.
const FIRST_BATCH: usize = 2;
const LARGEST_BATCH: usize = 256;

/// The storage of a call. A query has it read-only.
enum Rows<'a> {
    ReadWrite(&'a mut dyn Storage),
    ReadOnly(&'a dyn Storage),
}

impl Rows<'_> {
    fn read(&self) -> &dyn Storage {
        match self {
            Rows::ReadWrite(storage) => &**storage,
            Rows::ReadOnly(storage) => *storage,
        }
    }

    fn write(&mut self) -> &mut dyn Storage {
        match self {
            Rows::ReadWrite(storage) => &mut **storage,
            // The virtual machine traps a write in a query before it reaches the backend.
            Rows::ReadOnly(_) => unreachable!("a query wrote to storage"),
        }
    }
}

/// Serves one call.
pub(crate) struct Host<'a> {
    rows: Rows<'a>,
    api: &'a dyn Api,
    querier: QuerierWrapper<'a>,
    scans: Vec<Scan>,
    used: StorageUse,
}

impl<'a> From<DepsMut<'a>> for Host<'a> {
    fn from(deps: DepsMut<'a>) -> Self {
        Host::new(Rows::ReadWrite(deps.storage), deps.api, deps.querier)
    }
}

impl<'a> From<Deps<'a>> for Host<'a> {
    fn from(deps: Deps<'a>) -> Self {
        Host::new(Rows::ReadOnly(deps.storage), deps.api, deps.querier)
    }
}

impl<'a> Host<'a> {
    fn new(rows: Rows<'a>, api: &'a dyn Api, querier: QuerierWrapper<'a>) -> Self {
        Host {
            rows,
            api,
            querier,
            scans: vec![],
            used: StorageUse::default(),
        }
    }

    /// Answers until the instance is gone, then says what was used.
    pub fn serve(mut self, requests: Receiver<Request>) -> StorageUse {
        for request in requests {
            match request {
                Request::Get(key, asker) => answer(asker, self.get(&key)),
                Request::Set(key, value, asker) => {
                    self.set(&key, &value);
                    answer(asker, ());
                }
                Request::Remove(key, asker) => {
                    self.remove(&key);
                    answer(asker, ());
                }
                Request::Scan(bounds, asker) => answer(asker, self.scan(bounds)),
                Request::Next(id, asker) => answer(asker, self.next(id)),
                Request::Query(query, asker) => answer(asker, self.query(&query)),
                Request::Validate(human, asker) => {
                    answer(asker, converted(self.api.addr_validate(&human).map(drop)));
                }
                Request::Canonicalize(human, asker) => {
                    let canonical = self.api.addr_canonicalize(&human);
                    answer(asker, converted(canonical.map(|bytes| bytes.to_vec())));
                }
                Request::Humanize(canonical, asker) => {
                    let human = self.api.addr_humanize(&canonical.into());
                    answer(asker, converted(human.map(String::from)));
                }
            }
        }
        self.used
    }

    fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        let value = self.rows.read().get(key);
        self.used
            .read(key.len(), value.as_ref().map_or(0, Vec::len));
        value
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.used.write(key.len(), value.len());
        self.rows.write().set(key, value);
    }

    fn remove(&mut self, key: &[u8]) {
        self.used.delete();
        self.rows.write().remove(key);
    }

    fn scan(&mut self, bounds: Bounds) -> u32 {
        let mut scan = Scan::new(bounds);
        let first = scan.peek(self.rows.read());
        self.used.seek(first.map(lengths));
        self.scans.push(scan);
        self.scans.len() as u32
    }

    /// The virtual machine hands out the ids that [`Host::scan`] returned, from 1 on.
    fn next(&mut self, id: u32) -> Option<Record> {
        let index = id.checked_sub(1).expect("ids start at 1") as usize;
        let scan = self.scans.get_mut(index).expect("an id that scan returned");
        let record = scan.next(self.rows.read())?;
        let (key, value) = lengths(&record);
        self.used.step(key, value);
        Some(record)
    }

    fn query(&mut self, query: &[u8]) -> SystemResult<ContractResult<Binary>> {
        let answer = self.querier.raw_query(query);
        // The one query that is answered from a contract's storage without running the contract.
        if let Ok(QueryRequest::<Empty>::Wasm(WasmQuery::Raw { key, .. })) = from_json(query) {
            let value = match &answer {
                SystemResult::Ok(ContractResult::Ok(value)) => value.len(),
                _ => 0,
            };
            self.used.read(key.len(), value);
        }
        answer
    }
}

/// A send fails when the instance has stopped waiting; its thread reports why.
fn answer<T>(asker: Sender<T>, value: T) {
    let _gone = asker.send(value);
}

fn converted<T>(result: StdResult<T>) -> Converted<T> {
    result.map_err(|error| error.to_string())
}

fn lengths(record: &Record) -> (usize, usize) {
    (record.0.len(), record.1.len())
}

/// An open iterator, fetched in batches: its storage cannot stay borrowed between requests. Nothing
/// is lost by that, because a contract's own borrow of storage keeps it from writing meanwhile.
struct Scan {
    rest: Bounds,
    fetched: VecDeque<Record>,
    batch: usize,
    exhausted: bool,
}

impl Scan {
    fn new(bounds: Bounds) -> Self {
        Scan {
            rest: bounds,
            fetched: VecDeque::new(),
            batch: FIRST_BATCH,
            exhausted: false,
        }
    }

    fn peek(&mut self, storage: &dyn Storage) -> Option<&Record> {
        if self.fetched.is_empty() && !self.exhausted {
            self.fetch(storage);
        }
        self.fetched.front()
    }

    fn next(&mut self, storage: &dyn Storage) -> Option<Record> {
        self.peek(storage)?;
        self.fetched.pop_front()
    }

    fn fetch(&mut self, storage: &dyn Storage) {
        let Bounds { start, end, order } = &self.rest;
        let range = storage.range(start.as_deref(), end.as_deref(), *order);
        self.fetched = range.take(self.batch).collect();
        self.exhausted = self.fetched.len() < self.batch;
        self.batch = LARGEST_BATCH.min(2 * self.batch);
        if let Some((last, _)) = self.fetched.back() {
            match order {
                // The next possible key after `last`.
                Order::Ascending => self.rest.start = Some([last.as_slice(), &[0]].concat()),
                Order::Descending => self.rest.end = Some(last.clone()),
            }
        }
    }
}
