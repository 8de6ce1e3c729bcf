//! A built contract as a `cw_multi_test::Contract`.

use std::collections::HashMap;
use std::fmt;
use std::panic::resume_unwind;
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;

use cosmwasm_std::{
    from_json, to_json_vec, Binary, Checksum, ContractResult, Deps, DepsMut, Empty, Env,
    MessageInfo, Reply, Response, StdError, StdResult,
};
use cosmwasm_vm::internals::{compile_module, instance_from_module};
use cosmwasm_vm::{Size, VmResult};
use cw_multi_test::Contract;
use serde::de::DeserializeOwned;
use wasmer::{Engine, Module, Store};

use crate::artifact::read_artifact;
use crate::bridge::{Bridge, Instance};
use crate::gas::{event_cost, EntryPoint, Meter, ANSWER_PER_BYTE, GAS_MULTIPLIER};
use crate::host::Host;
use crate::message::Message;

/// SDK gas that one call may use, well over a block of 100 M.
const DEFAULT_GAS_LIMIT: u64 = 300_000_000;
/// The memory that wasmd gives an instance.
const MEMORY_LIMIT: Size = Size::mebi(32);

/// Compiled contracts by checksum, shared by all tests of a process: compiling one takes longer than
/// most tests.
static COMPILED: LazyLock<Mutex<HashMap<Checksum, Arc<Code>>>> = LazyLock::new(Mutex::default);

/// Creating two instances at once is what `cosmwasm_vm::Cache` guards against with a lock of its own.
static INSTANTIATION: Mutex<()> = Mutex::new(());

struct Code {
    module: Module,
    engine: Engine,
}

impl Code {
    fn compiled(checksum: Checksum, wasm: &[u8]) -> VmResult<Arc<Code>> {
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = compiled.get(&checksum) {
            return Ok(code.clone());
        }
        let (module, engine) = compile_module(wasm, Some(MEMORY_LIMIT))?;
        let code = Arc::new(Code { module, engine });
        compiled.insert(checksum, code.clone());
        Ok(code)
    }

    fn instance(&self, bridge: Bridge, gas_limit: u64) -> VmResult<Instance> {
        let _one_at_a_time = INSTANTIATION.lock().unwrap_or_else(PoisonError::into_inner);
        instance_from_module(
            Store::new(self.engine.clone()),
            &self.module,
            bridge.into_backend(),
            gas_limit,
            None,
        )
    }

    fn run(&self, bridge: Bridge, gas_limit: u64, message: &Message, env: &[u8]) -> Ran {
        match self.instance(bridge, gas_limit) {
            Ok(mut instance) => Ran {
                returned: message.enter(&mut instance, env),
                vm_gas: instance.create_gas_report().used_internally,
            },
            Err(error) => Ran {
                returned: Err(error),
                vm_gas: 0,
            },
        }
    }
}

/// What a thread brings home.
struct Ran {
    returned: VmResult<Vec<u8>>,
    vm_gas: u64,
}

/// Runs a built contract in the CosmWasm virtual machine, behind the interface by which
/// `cw_multi_test` runs native ones. A new instance serves each call, as on a chain.
///
/// ```no_run
/// use cosmwasm_std::Empty;
/// use cw_multi_test::{App, Contract};
/// use wasm_tests::{Meter, VmContract};
///
/// let meter = Meter::new();
/// let market: Box<dyn Contract<Empty>> = Box::new(VmContract::load("perp-market", &meter));
/// let code_id = App::default().store_code(market);
/// ```
#[derive(Clone)]
pub struct VmContract {
    name: String,
    checksum: Checksum,
    code: Arc<Code>,
    meter: Meter,
    gas_limit: u64,
}

impl fmt::Debug for VmContract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VmContract")
            .field("name", &self.name)
            .field("checksum", &self.checksum)
            .finish_non_exhaustive()
    }
}

impl VmContract {
    /// The built file of a contract of this repository.
    ///
    /// # Panics
    ///
    /// When it has not been built, or does not compile.
    pub fn load(name: &str, meter: &Meter) -> Self {
        Self::from_wasm(name, &read_artifact(name), meter)
            .unwrap_or_else(|error| panic!("{name} does not compile: {error}"))
    }

    /// Any wasm file. `name` is how the meter calls it.
    ///
    /// # Errors
    ///
    /// When the virtual machine cannot compile it.
    pub fn from_wasm(name: &str, wasm: &[u8], meter: &Meter) -> VmResult<Self> {
        let checksum = Checksum::generate(wasm);
        Ok(VmContract {
            name: name.to_owned(),
            checksum,
            code: Code::compiled(checksum, wasm)?,
            meter: meter.clone(),
            gas_limit: DEFAULT_GAS_LIMIT,
        })
    }

    /// Limits the gas of the virtual machine in each call, in SDK gas; storage is not part of it.
    pub fn with_gas_limit(mut self, sdk_gas: u64) -> Self {
        self.gas_limit = sdk_gas;
        self
    }

    /// Makes one call: the instance on a thread of its own, its requests answered from here.
    fn call<T: DeserializeOwned>(
        &self,
        host: Host<'_>,
        message: Message,
        env: &Env,
        events: impl FnOnce(&T) -> u64,
    ) -> StdResult<T> {
        let env_json = to_json_vec(env)?;
        let open = self.meter.begin(&self.name, &env.contract, &message);
        let code = &*self.code;
        let limit = self.gas_limit * GAS_MULTIPLIER;
        let (requests, served) = channel();
        let (storage, ran) = thread::scope(|scope| {
            let thread =
                scope.spawn(|| code.run(Bridge::new(requests), limit, &message, &env_json));
            let storage = host.serve(served);
            (storage, thread.join().unwrap_or_else(|p| resume_unwind(p)))
        });
        let length = ran.returned.as_ref().map_or(0, |json| json.len() as u64);
        let result = ran
            .returned
            .map_err(|error| StdError::msg(format!("{} {}: {error}", self.name, message.entry)))
            .and_then(|json| accepted::<T>(&json));
        open.finish(|call| {
            call.vm_gas = ran.vm_gas;
            call.storage = storage;
            call.response_gas =
                length * ANSWER_PER_BYTE + message.events_seen + result.as_ref().map_or(0, events);
            call.ok = result.is_ok();
        });
        result
    }

    fn respond(&self, deps: DepsMut, message: Message, env: &Env) -> StdResult<Response> {
        self.call(deps.into(), message, env, |response: &Response| {
            event_cost(&response.attributes, &response.events)
        })
    }
}

fn accepted<T: DeserializeOwned>(json: &[u8]) -> StdResult<T> {
    from_json::<ContractResult<T>>(json)?
        .into_result()
        .map_err(StdError::msg)
}

impl Contract<Empty> for VmContract {
    fn instantiate(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> StdResult<Response> {
        let message = Message::new(EntryPoint::Instantiate, msg).with_info(&info)?;
        self.respond(deps, message, &env)
    }

    fn execute(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> StdResult<Response> {
        let message = Message::new(EntryPoint::Execute, msg).with_info(&info)?;
        self.respond(deps, message, &env)
    }

    fn query(&self, deps: Deps, env: Env, msg: Vec<u8>) -> StdResult<Binary> {
        let message = Message::new(EntryPoint::Query, msg);
        self.call(deps.into(), message, &env, |_| 0)
    }

    fn reply(&self, deps: DepsMut, env: Env, msg: Reply) -> StdResult<Response> {
        self.respond(deps, Message::reply(&msg)?, &env)
    }

    fn sudo(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> StdResult<Response> {
        self.respond(deps, Message::new(EntryPoint::Sudo, msg), &env)
    }

    fn migrate(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> StdResult<Response> {
        self.respond(deps, Message::new(EntryPoint::Migrate, msg), &env)
    }

    fn checksum(&self) -> Option<Checksum> {
        Some(self.checksum)
    }
}
