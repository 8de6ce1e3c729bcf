//! The virtual machine's side of a call: a backend that passes every storage operation, query and
//! address conversion to the thread that made the call.
//!
//! A backend must be `'static`, while the `deps` of a call are borrowed. Channels are the way from the
//! one to the other without `unsafe`; each request carries the sender for its own answer, so answers
//! are typed and cannot be mixed up.

use std::sync::mpsc::{channel, Sender};

use cosmwasm_std::{Binary, ContractResult, Order, Record, SystemResult};
use cosmwasm_vm::{Backend, BackendApi, BackendError, BackendResult, GasInfo, Querier, Storage};

use crate::gas::{CANONICALIZE_COST, GAS_MULTIPLIER, HUMANIZE_COST, VALIDATE_COST};

/// An address conversion's result: the error text goes back to the contract.
pub(crate) type Converted<T> = Result<T, String>;

/// One operation asked of the calling thread.
pub(crate) enum Request {
    Get(Vec<u8>, Sender<Option<Vec<u8>>>),
    Set(Vec<u8>, Vec<u8>, Sender<()>),
    Remove(Vec<u8>, Sender<()>),
    Scan(Bounds, Sender<u32>),
    Next(u32, Sender<Option<Record>>),
    Query(Vec<u8>, Sender<SystemResult<ContractResult<Binary>>>),
    Validate(String, Sender<Converted<()>>),
    Canonicalize(String, Sender<Converted<Vec<u8>>>),
    Humanize(Vec<u8>, Sender<Converted<String>>),
}

/// The range of an iterator: `start` inclusive, `end` exclusive.
#[derive(Clone)]
pub(crate) struct Bounds {
    pub start: Option<Vec<u8>>,
    pub end: Option<Vec<u8>>,
    pub order: Order,
}

/// Storage, querier and address conversion in one.
#[derive(Clone)]
pub(crate) struct Bridge {
    requests: Sender<Request>,
}

impl Bridge {
    pub fn new(requests: Sender<Request>) -> Self {
        Bridge { requests }
    }

    pub fn into_backend(self) -> Backend<Bridge, Bridge, Bridge> {
        Backend {
            api: self.clone(),
            storage: self.clone(),
            querier: self,
        }
    }

    /// Storage and queries cost nothing *inside* the virtual machine: the meter counts them on the
    /// calling thread, so that the machine's own gas stays free of them.
    fn ask<T>(&self, request: impl FnOnce(Sender<T>) -> Request) -> BackendResult<T> {
        let (answer, answered) = channel();
        let result = self
            .requests
            .send(request(answer))
            .ok()
            .and_then(|()| answered.recv().ok())
            .ok_or_else(|| BackendError::unknown("the calling thread has given up"));
        (result, GasInfo::free())
    }

    fn convert<T>(
        &self,
        sdk_gas: u64,
        request: impl FnOnce(Sender<Converted<T>>) -> Request,
    ) -> BackendResult<T> {
        let (answer, _) = self.ask(request);
        let result = answer.and_then(|converted| converted.map_err(BackendError::user_err));
        (result, GasInfo::with_cost(sdk_gas * GAS_MULTIPLIER))
    }
}

impl Storage for Bridge {
    fn get(&self, key: &[u8]) -> BackendResult<Option<Vec<u8>>> {
        self.ask(|answer| Request::Get(key.to_vec(), answer))
    }

    fn scan(
        &mut self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> BackendResult<u32> {
        let bounds = Bounds {
            start: start.map(<[u8]>::to_vec),
            end: end.map(<[u8]>::to_vec),
            order,
        };
        self.ask(|answer| Request::Scan(bounds, answer))
    }

    fn next(&mut self, iterator_id: u32) -> BackendResult<Option<Record>> {
        self.ask(|answer| Request::Next(iterator_id, answer))
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> BackendResult<()> {
        self.ask(|answer| Request::Set(key.to_vec(), value.to_vec(), answer))
    }

    fn remove(&mut self, key: &[u8]) -> BackendResult<()> {
        self.ask(|answer| Request::Remove(key.to_vec(), answer))
    }
}

impl Querier for Bridge {
    fn query_raw(
        &self,
        request: &[u8],
        _gas_limit: u64,
    ) -> BackendResult<SystemResult<ContractResult<Binary>>> {
        self.ask(|answer| Request::Query(request.to_vec(), answer))
    }
}

impl BackendApi for Bridge {
    fn addr_validate(&self, input: &str) -> BackendResult<()> {
        self.convert(VALIDATE_COST, |answer| {
            Request::Validate(input.to_owned(), answer)
        })
    }

    fn addr_canonicalize(&self, human: &str) -> BackendResult<Vec<u8>> {
        self.convert(CANONICALIZE_COST, |answer| {
            Request::Canonicalize(human.to_owned(), answer)
        })
    }

    fn addr_humanize(&self, canonical: &[u8]) -> BackendResult<String> {
        self.convert(HUMANIZE_COST, |answer| {
            Request::Humanize(canonical.to_vec(), answer)
        })
    }
}

/// An instance of a contract over a bridge.
pub(crate) type Instance = cosmwasm_vm::Instance<Bridge, Bridge, Bridge>;
