//! Where the built contracts are, and what can be read off them without running them.

use std::path::{Path, PathBuf};

use wasmer::wasmparser::{BinaryReaderError, Parser, Payload};

/// The packages that `scripts/build-wasm.sh` builds.
pub const CONTRACTS: [&str; 5] = [
    "deleverage-queue",
    "insurance-fund",
    "perp-lens",
    "perp-market",
    "price-feed",
];

/// The built file of a contract: `artifacts/perp_market.wasm` for `perp-market`.
pub fn artifact_path(contract: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../artifacts")
        .join(contract.replace('-', "_"))
        .with_extension("wasm")
}

/// The bytes of a built contract.
///
/// # Panics
///
/// When it has not been built yet.
pub fn read_artifact(contract: &str) -> Vec<u8> {
    let path = artifact_path(contract);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{contract} is not built ({}: {error}); run scripts/build-wasm.sh first",
            path.display()
        )
    })
}

/// What a chain limits in an uploaded file. Counted as the virtual machine counts it: the parameters
/// of a function are not among its locals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Size of the file.
    pub bytes: usize,
    /// Functions with a body.
    pub functions: usize,
    /// Locals of the function that has the most.
    pub max_locals: usize,
    /// Locals of all functions together.
    pub total_locals: usize,
}

impl Facts {
    /// Reads them off a wasm file.
    ///
    /// # Errors
    ///
    /// When the bytes are not a wasm module.
    pub fn of(wasm: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut facts = Facts {
            bytes: wasm.len(),
            ..Facts::default()
        };
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CodeSectionEntry(body) = payload? {
                let mut locals = 0;
                for group in body.get_locals_reader()? {
                    let (count, _) = group?;
                    locals += count as usize;
                }
                facts.functions += 1;
                facts.max_locals = facts.max_locals.max(locals);
                facts.total_locals += locals;
            }
        }
        Ok(facts)
    }
}
