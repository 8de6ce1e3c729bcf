//! The folder of the local chain, and the script that stops and starts its node.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::de::DeserializeOwned;
use serde::Deserialize;

use crate::error::{PlayError, PlayResult};

/// What `scripts/localnet.sh` writes of a chain; more stands in the file than is read here.
#[derive(Clone, Debug, Deserialize)]
pub struct ChainFile {
    /// Its id.
    pub chain_id: String,
    /// Where transactions and queries go.
    pub rpc: String,
    /// Where state is exported from.
    pub rest: String,
    /// What fees are paid in.
    pub fee_denom: String,
    /// What the suite settles in.
    pub margin_denom: String,
    /// Price of one unit of gas, without the denom.
    pub gas_price: String,
    /// The folder of the keys.
    pub keys: PathBuf,
}

/// Where addresses files go.
const RECORDS: &str = "records";

/// The folder of a local chain.
#[derive(Clone, Debug)]
pub struct Home {
    /// Where it is.
    pub folder: PathBuf,
    /// What is written there.
    pub chain: ChainFile,
}

impl Home {
    /// Reads the folder.
    ///
    /// # Errors
    /// `File`.
    pub fn open(folder: &Path) -> PlayResult<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            chain: read_json(&folder.join("chain.json"))?,
        })
    }

    /// Accounts by name.
    ///
    /// # Errors
    /// `File`.
    pub fn addresses(&self) -> PlayResult<BTreeMap<String, String>> {
        read_json(&self.chain.keys.join("addresses.json"))
    }

    /// The file with an account's mnemonic.
    pub fn mnemonic(&self, name: &str) -> PathBuf {
        self.chain.keys.join(format!("{name}.mnemonic"))
    }

    /// Makes the folder of the addresses files. Those of an earlier chain are of no use, and its id is the
    /// same.
    ///
    /// # Errors
    /// `File`.
    pub fn clear_records(&self) -> PlayResult<()> {
        let folder = self.folder.join(RECORDS);
        let failed = |e: std::io::Error| PlayError::File {
            path: folder.clone(),
            what: e.to_string(),
        };
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        fs::create_dir(&folder).map_err(failed)
    }

    /// The addresses file of a deployment.
    pub fn record(&self, salt: &str) -> PathBuf {
        self.folder.join(RECORDS).join(format!("{salt}.json"))
    }

    /// Runs a command of `scripts/localnet.sh`; ports and the rest come from the environment, as they did
    /// when the chain was started.
    ///
    /// # Errors
    /// `Script`.
    pub fn script(&self, command: &str) -> PlayResult<()> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/localnet.sh");
        let failed = |what: String| PlayError::Script(format!("localnet.sh {command}: {what}"));
        let done = Command::new(script)
            .arg(command)
            .env("LOCALNET_HOME", &self.folder)
            .output()
            .map_err(|e| failed(e.to_string()))?;
        if done.status.success() {
            return Ok(());
        }
        Err(failed(String::from_utf8_lossy(&done.stderr).into_owned()))
    }
}

/// Reads a file of JSON.
///
/// # Errors
/// `File`.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> PlayResult<T> {
    let failed = |what: String| PlayError::File {
        path: path.to_owned(),
        what,
    };
    let text = fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| failed(e.to_string()))
}

/// Writes a file.
///
/// # Errors
/// `File`.
pub fn write(path: &Path, text: &str) -> PlayResult<()> {
    fs::write(path, text).map_err(|e| PlayError::File {
        path: path.to_owned(),
        what: e.to_string(),
    })
}
