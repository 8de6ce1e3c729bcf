//! `perps-chain propose`: writes, checks, explains and submits proposals about the contracts.
//!
//! A proposal names whole sets of parameters and the version that they were written against, so that
//! whoever votes knows what will hold. Writing that by hand goes wrong; here only the fields that change
//! are named, the rest is read from the chain, every bound is checked with the contracts' own code, and
//! what holds at once and what waits is shown with dates.
//!
//! ```
//! use perps_chain::deploy::{deploy, Config, Embedded, RecordFile, Target};
//! use perps_chain::propose::{Subject, Wish, Writer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut chain = Embedded::default();
//! let config = Config::parse(r#"{"denom": "uusdc", "gas_price": "0.1ustake"}"#)?;
//! # let folder = std::env::temp_dir().join(format!("propose-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let mut file = RecordFile(folder.join("addresses.json"));
//! let artifacts = Embedded::artifacts();
//! let record = deploy(&mut chain, &mut file, &config, &artifacts, &mut |_| ())?;
//! # std::fs::remove_dir_all(&folder)?;
//! let writer = Writer { record: &record, chain: Some(&chain), sudo: false, at: 1_800_000_000 };
//! let wish = Wish { sets: vec!["trip_bps=2500".to_owned()], ..Wish::default() };
//! let draft = writer.change(Subject::Fund, &wish)?;
//! assert_eq!(draft.messages.len(), 1);
//! for line in draft.notes {
//!     println!("{line}");
//! }
//! # Ok(())
//! # }
//! ```

mod args;
mod change;
pub mod cli;
mod error;
mod impact;
mod set;
mod show;
mod writer;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub use change::{Change, Current, Params, Subject};
pub use error::{ProposeError, ProposeResult};
pub use impact::{Assessment, Assessor};
pub use set::{assign, known_keys};
pub use show::{date, plan_lines};
pub use writer::{Draft, Listing, Migration, Wish, Writer};

use crate::client::Client;
use crate::deploy::{Embedded, Target};

/// Whom contracts are asked through.
pub trait Chain {
    /// Asks a contract.
    ///
    /// # Errors
    /// The contract's error; `Client`, `Deploy`.
    fn query(&self, contract: &str, msg: &Value) -> ProposeResult<Value>;
}

impl Chain for Client {
    fn query(&self, contract: &str, msg: &Value) -> ProposeResult<Value> {
        Ok(self.query_smart(contract, msg)?)
    }
}

impl Chain for Embedded {
    fn query(&self, contract: &str, msg: &Value) -> ProposeResult<Value> {
        Ok(Target::query(self, contract, msg)?)
    }
}

/// Asks for an answer of a type.
///
/// # Errors
/// Those of [`Chain::query`], `BadAnswer`.
pub(crate) fn ask<T: DeserializeOwned>(
    chain: &dyn Chain,
    contract: &str,
    msg: &Value,
) -> ProposeResult<T> {
    let answer = chain.query(contract, msg)?;
    serde_json::from_value(answer).map_err(|e| ProposeError::BadAnswer {
        contract: contract.to_owned(),
        what: e.to_string(),
    })
}
