//! What to deploy. `scripts/deploy/localnet.json` is an example with every field.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use perp_interface::governance::NoticeParams;
use perp_interface::params::{ExchangeParams, FeedParams, FundParams, QueueParams};
use serde::Deserialize;

use super::error::{DeployError, DeployResult};
use super::part::Part;

/// A deployment. Everything but the denom and the gas price has a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The one settlement denom, such as `uusdc`. It can never be changed.
    pub denom: String,
    /// Price of one unit of gas, such as `0.025ustake`.
    pub gas_price: String,
    /// 1 to 64 bytes of text. The same deployer, artifacts and salt give the same addresses.
    #[serde(default = "default_salt")]
    pub salt: String,
    /// Who may change parameters and list markets; without it the chain's gov module account.
    #[serde(default)]
    pub authority: Option<String>,
    /// Who may tighten and pause, such as a multisig; without it nobody.
    #[serde(default)]
    pub guardian: Option<String>,
    /// How long loosening waits, for all contracts.
    #[serde(default)]
    pub notice: NoticeParams,
    /// First accounts that may set prices.
    #[serde(default)]
    pub feeders: Vec<String>,
    /// Labels that are not the contract's name.
    #[serde(default)]
    pub labels: BTreeMap<Part, String>,
    /// Parameters of the whole exchange.
    #[serde(default)]
    pub market: ExchangeParams,
    /// Parameters of the fund.
    #[serde(default)]
    pub fund: FundParams,
    /// Parameters of the queue.
    #[serde(default)]
    pub queue: QueueParams,
    /// Parameters of the feed.
    #[serde(default)]
    pub feed: FeedParams,
}

fn default_salt() -> String {
    "perps-1".to_owned()
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// `File`, `Config`.
    pub fn read(path: &Path) -> DeployResult<Self> {
        let text = fs::read_to_string(path).map_err(|e| DeployError::File {
            path: path.to_owned(),
            what: e.to_string(),
        })?;
        Self::parse(&text)
    }

    /// From JSON.
    ///
    /// # Errors
    /// `Config`.
    pub fn parse(text: &str) -> DeployResult<Self> {
        let config: Self =
            serde_json::from_str(text).map_err(|e| DeployError::Config(e.to_string()))?;
        // The contracts check the rest; a salt is the chain's business, and its error says less.
        if !(1..=64).contains(&config.salt.len()) {
            return Err(DeployError::Config("a salt has 1 to 64 bytes".to_owned()));
        }
        Ok(config)
    }

    /// What wallets show.
    pub fn label(&self, part: Part) -> &str {
        self.labels.get(&part).map_or(part.name(), String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fields_are_enough_and_unknown_ones_are_refused() {
        let config = Config::parse(r#"{"denom": "uusdc", "gas_price": "0.1ustake"}"#);
        let config = config.expect("a configuration");
        assert_eq!(config.label(Part::Market), "perp-market");
        assert_eq!(config.market, ExchangeParams::default());
        for bad in [
            r#"{"denom": "uusdc"}"#,
            r#"{"denom": "uusdc", "gas_price": "0.1ustake", "feeder": []}"#,
            r#"{"denom": "uusdc", "gas_price": "0.1ustake", "salt": ""}"#,
            r#"{"denom": "uusdc", "gas_price": "0.1ustake", "labels": {"markt": "x"}}"#,
        ] {
            let error = Config::parse(bad).expect_err(bad);
            assert!(error.to_string().starts_with("bad_config:"), "{error}");
        }
    }

    #[test]
    fn the_example_is_one() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../scripts/deploy/localnet.json"
        );
        let config = Config::read(Path::new(path)).expect("a configuration");
        config.market.validate().expect("valid");
        config.fund.validate().expect("valid");
        config.queue.validate().expect("valid");
        config.feed.validate().expect("valid");
    }
}
