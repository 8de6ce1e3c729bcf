//! The built contracts in the real CosmWasm virtual machine, with their gas.
//!
//! [`VmContract`] runs `artifacts/<name>.wasm` behind `cw_multi_test::Contract`, so that a scenario
//! written for the native contracts runs unchanged on what a chain would run. A [`Meter`] notes the
//! gas of every call; `docs/wasm.md` says what is counted and what is left out.

mod artifact;
mod bridge;
pub mod figures;
pub mod gas;
mod host;
mod measure;
mod message;
pub mod scenario;
mod stage;
pub mod target;
mod vm_contract;

pub use artifact::{artifact_path, read_artifact, Facts, CONTRACTS};
pub use gas::{Call, EntryPoint, Meter, StorageUse, Transaction};
pub use stage::{Code, Stage, Step};
pub use vm_contract::VmContract;
