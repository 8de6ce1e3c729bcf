//! What a call costs on a chain, in SDK gas.
//!
//! Four parts, never counted twice: the virtual machine's own gas; storage, by the prices of the
//! SDK's gas-metered store; the response (its events, and the chain's reading of it); and the price of
//! loading an instance, kept apart because it depends on pinning. `docs/wasm.md` lists what is left out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use cosmwasm_std::{Attribute, ContractInfo, Event, SubMsgResult};

use crate::message::Message;

/// CosmWasm gas in one unit of SDK gas (wasmd's `DefaultGasMultiplier`).
pub const GAS_MULTIPLIER: u64 = 140_000;

/// SDK gas of one address conversion (wasmd, `x/wasm/keeper/api.go`). Part of the virtual machine's gas.
pub const HUMANIZE_COST: u64 = 5;
/// See [`HUMANIZE_COST`].
pub const CANONICALIZE_COST: u64 = 4;
/// See [`HUMANIZE_COST`].
pub const VALIDATE_COST: u64 = HUMANIZE_COST + CANONICALIZE_COST;

/// Loading a contract's code the first time in a transaction, when it is not pinned.
pub const INSTANCE_COST: u64 = 60_000;
/// Loading it again, or when pinned, or for a reply.
pub const INSTANCE_COST_DISCOUNTED: u64 = 2_000;

/// One byte before the contract's address, and the address itself.
const KEY_PREFIX: u64 = 33;
const READ_FLAT: u64 = 1_000;
const READ_PER_BYTE: u64 = 3;
const WRITE_FLAT: u64 = 2_000;
const WRITE_PER_BYTE: u64 = 30;
const DELETE: u64 = 1_000;
const ITERATOR_FLAT: u64 = 30;

/// Per byte of what a contract returns, for the chain's reading of it.
pub(crate) const ANSWER_PER_BYTE: u64 = 1;
const EVENT: u64 = 20;
const ATTRIBUTE: u64 = 10;
const EVENT_PER_BYTE: u64 = 1;
const EVENT_FREE_BYTES: u64 = 100;

/// A contract's entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryPoint {
    /// `instantiate`
    Instantiate,
    /// `execute`
    Execute,
    /// `query`, by another contract or from outside
    Query,
    /// `reply`
    Reply,
    /// `sudo`
    Sudo,
    /// `migrate`
    Migrate,
}

impl fmt::Display for EntryPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            EntryPoint::Instantiate => "instantiate",
            EntryPoint::Execute => "execute",
            EntryPoint::Query => "query",
            EntryPoint::Reply => "reply",
            EntryPoint::Sudo => "sudo",
            EntryPoint::Migrate => "migrate",
        })
    }
}

/// The storage operations of one call and their SDK gas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StorageUse {
    /// Single reads, those by a raw query of another contract included.
    pub reads: u64,
    /// Writes.
    pub writes: u64,
    /// Deletions.
    pub deletes: u64,
    /// Rows handed out by iterators.
    pub steps: u64,
    /// SDK gas of all of them.
    pub gas: u64,
}

impl StorageUse {
    pub(crate) fn read(&mut self, key: usize, value: usize) {
        self.reads += 1;
        self.gas += READ_FLAT + READ_PER_BYTE * bytes(key, value);
    }

    pub(crate) fn write(&mut self, key: usize, value: usize) {
        self.writes += 1;
        self.gas += WRITE_FLAT + WRITE_PER_BYTE * bytes(key, value);
    }

    pub(crate) fn delete(&mut self) {
        self.deletes += 1;
        self.gas += DELETE;
    }

    /// Opening an iterator charges for its first row already; that row is charged again when it is
    /// taken, because the SDK charges the row that a step leaves.
    pub(crate) fn seek(&mut self, first: Option<(usize, usize)>) {
        self.gas += ITERATOR_FLAT;
        if let Some((key, value)) = first {
            self.gas += READ_PER_BYTE * bytes(key, value);
        }
    }

    pub(crate) fn step(&mut self, key: usize, value: usize) {
        self.steps += 1;
        self.gas += ITERATOR_FLAT + READ_PER_BYTE * bytes(key, value);
    }

    fn add(&mut self, other: &StorageUse) {
        self.reads += other.reads;
        self.writes += other.writes;
        self.deletes += other.deletes;
        self.steps += other.steps;
        self.gas += other.gas;
    }
}

fn bytes(key: usize, value: usize) -> u64 {
    KEY_PREFIX + key as u64 + value as u64
}

/// SDK gas of a response's own attributes and events.
pub(crate) fn event_cost(attributes: &[Attribute], events: &[Event]) -> u64 {
    let mut free = EVENT_FREE_BYTES;
    let mut gas = attribute_cost(attributes, &mut free);
    for event in events {
        gas += EVENT + EVENT_PER_BYTE * event.ty.len() as u64;
        gas += attribute_cost(&event.attributes, &mut free);
    }
    gas
}

/// SDK gas of handing a submessage's events to `reply`: they are paid for a second time.
pub(crate) fn reply_cost(result: &SubMsgResult) -> u64 {
    let SubMsgResult::Ok(response) = result else {
        return 0;
    };
    let mut free = EVENT_FREE_BYTES;
    let attributes: Vec<Attribute> = response
        .events
        .iter()
        .flat_map(|event| event.attributes.iter().cloned())
        .collect();
    let names: usize = response.events.iter().map(|event| event.ty.len()).sum();
    EVENT_PER_BYTE * names as u64 + attribute_cost(&attributes, &mut free)
}

fn attribute_cost(attributes: &[Attribute], free: &mut u64) -> u64 {
    let lengths = attributes.iter().map(|a| a.key.len() + a.value.len());
    let bytes = lengths.sum::<usize>() as u64;
    let covered = bytes.min(*free);
    *free -= covered;
    ATTRIBUTE * attributes.len() as u64 + EVENT_PER_BYTE * (bytes - covered)
}

/// One call of one contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Name given to [`crate::VmContract::load`].
    pub contract: String,
    /// Address of the instance.
    pub address: String,
    /// The entry point called.
    pub entry: EntryPoint,
    /// First key of the message, `deposit` for `{"deposit":{…}}`; the id for a reply.
    pub message: String,
    /// How deep in nested queries: 0 for everything but a query by a contract.
    pub depth: u32,
    /// Gas of the virtual machine, in CosmWasm gas.
    pub vm_gas: u64,
    /// Storage operations.
    pub storage: StorageUse,
    /// SDK gas of the response: events, events seen by `reply`, one per byte of the answer.
    pub response_gas: u64,
    /// Whether the contract returned without an error.
    pub ok: bool,
}

impl Call {
    /// `execute/deposit`
    pub fn label(&self) -> String {
        format!("{}/{}", self.entry, self.message)
    }

    /// SDK gas of this call alone, without loading the instance and without the calls it causes.
    pub fn gas(&self) -> u64 {
        self.vm_gas / GAS_MULTIPLIER + self.storage.gas + self.response_gas
    }
}

/// Whether the chain keeps the contracts' code in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinning {
    /// Every call costs [`INSTANCE_COST_DISCOUNTED`].
    Pinned,
    /// The first call of a code costs [`INSTANCE_COST`].
    Unpinned,
}

/// The calls of one top-level message, in the order in which they began. Prints as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The calls.
    pub calls: Vec<Call>,
}

impl Transaction {
    /// SDK gas of all calls, without loading the instances.
    pub fn gas(&self) -> u64 {
        self.calls.iter().map(Call::gas).sum()
    }

    /// SDK gas with the loading of instances, as if this were a transaction of its own. Contracts of
    /// the same name share a code.
    pub fn gas_with_instances(&self, pinning: Pinning) -> u64 {
        let mut seen = vec![];
        let mut gas = self.gas();
        for call in &self.calls {
            let first = pinning == Pinning::Unpinned && !seen.contains(&&call.contract);
            gas += if first {
                seen.push(&call.contract);
                INSTANCE_COST
            } else {
                INSTANCE_COST_DISCOUNTED
            };
        }
        gas
    }

    /// SDK gas per contract, without loading the instances.
    pub fn gas_by_contract(&self) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for call in &self.calls {
            *sums.entry(call.contract.clone()).or_default() += call.gas();
        }
        sums
    }

    /// All storage operations together.
    pub fn storage(&self) -> StorageUse {
        let mut sum = StorageUse::default();
        for call in &self.calls {
            sum.add(&call.storage);
        }
        sum
    }
}

impl fmt::Display for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<18} {:<28} {:>9} {:>9} {:>8} {:>6} {:>6} {:>7} {:>6}",
            "contract", "call", "vm", "storage", "response", "reads", "writes", "deletes", "steps"
        )?;
        for call in &self.calls {
            writeln!(
                f,
                "{:<18} {:<28} {:>9} {:>9} {:>8} {:>6} {:>6} {:>7} {:>6}{}",
                call.contract,
                format!("{}{}", "  ".repeat(call.depth as usize), call.label()),
                call.vm_gas / GAS_MULTIPLIER,
                call.storage.gas,
                call.response_gas,
                call.storage.reads,
                call.storage.writes,
                call.storage.deletes,
                call.storage.steps,
                if call.ok { "" } else { "  failed" }
            )?;
        }
        write!(
            f,
            "{} SDK gas in {} calls; with instances {} unpinned, {} pinned",
            self.gas(),
            self.calls.len(),
            self.gas_with_instances(Pinning::Unpinned),
            self.gas_with_instances(Pinning::Pinned)
        )
    }
}

/// Notes the calls of every [`crate::VmContract`] that was given a clone of it.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    calls: Rc<RefCell<Vec<Call>>>,
    depth: Rc<Cell<u32>>,
}

impl Meter {
    /// A meter that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The calls since the last `take`. One call before a message and one after it give the
    /// transaction; [`Meter::measure`] does both.
    pub fn take(&self) -> Transaction {
        Transaction {
            calls: self.calls.take(),
        }
    }

    /// Runs something that makes calls, and returns its result with their gas. Earlier calls are
    /// forgotten.
    pub fn measure<T>(&self, run: impl FnOnce() -> T) -> (T, Transaction) {
        self.take();
        let result = run();
        (result, self.take())
    }

    /// Notes a call that begins, so that it stands before the queries it makes.
    pub(crate) fn begin(&self, name: &str, instance: &ContractInfo, message: &Message) -> Open {
        let mut calls = self.calls.borrow_mut();
        calls.push(Call {
            contract: name.to_owned(),
            address: instance.address.to_string(),
            entry: message.entry,
            message: message.label.clone(),
            depth: self.depth.replace(self.depth.get() + 1),
            vm_gas: 0,
            storage: StorageUse::default(),
            response_gas: 0,
            ok: false,
        });
        Open {
            meter: self.clone(),
            index: calls.len() - 1,
        }
    }
}

/// A call in progress. Dropped when it ends, by a panic too, so that the depth stays right.
pub(crate) struct Open {
    meter: Meter,
    index: usize,
}

impl Open {
    pub fn finish(self, note: impl FnOnce(&mut Call)) {
        note(&mut self.meter.calls.borrow_mut()[self.index]);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.meter.depth.set(self.meter.depth.get() - 1);
    }
}
