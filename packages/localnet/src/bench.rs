//! Suites that replay the situations of the gas figures, so that the chain can be compared with the model.

use cosmwasm_std::Event;
use perps_chain::client::{msg, Any, TxOutcome};
use perps_chain::deploy::{Artifacts, Part, RecordFile};
use serde::Serialize;
use serde_json::json;

use crate::error::PlayResult;
use crate::net::{Letter, Net};
use crate::steps::deploy;
use crate::suite::Suite;

/// Authority, feeder and keeper of these suites: a key, so that every message is a transaction of its own.
pub const KEEPER: &str = "deployer";

/// One measured transaction.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Name of the figure, without `tx/`.
    pub figure: &'static str,
    /// Gas without the ante handler.
    pub net: u64,
    /// Calls of contracts that events show: messages and replies.
    pub calls: u64,
    /// Transfers of settlement coins.
    pub transfers: u64,
}

/// A suite on the chain with what was measured on it.
#[derive(Debug)]
pub struct Bench<'a> {
    /// The chain.
    pub net: &'a Net,
    /// The suite.
    pub suite: Suite,
    /// What was measured.
    pub readings: Vec<Reading>,
}

impl<'a> Bench<'a> {
    /// Deploys a suite as the test kit builds it: default parameters, no notice. Its codes are known to the
    /// chain already, and pinned.
    ///
    /// # Errors
    /// Whatever goes wrong.
    pub fn deploy(net: &'a Net, artifacts: &Artifacts, salt: &str) -> PlayResult<Self> {
        let keeper = net.address(KEEPER)?;
        let config = json!({
            "denom": net.home.chain.margin_denom,
            "gas_price": format!("{}{}", net.home.chain.gas_price, net.home.chain.fee_denom),
            "salt": salt,
            "authority": keeper,
            "guardian": net.address("guardian")?,
            "notice": {"notice_seconds": 0, "step_seconds": 0},
            "feeders": [keeper],
        });
        let file = RecordFile(net.home.record(salt));
        let record = deploy::run(net, &config, artifacts, file)?;
        Ok(Self {
            net,
            suite: Suite { record },
            readings: vec![],
        })
    }

    /// A message of the account `by`.
    ///
    /// # Errors
    /// As [`Suite::any`].
    pub fn any(&self, who: (&str, Part), body: &impl Serialize, coins: u128) -> PlayResult<Any> {
        let address = self.net.address(who.0)?;
        self.suite.any(self.net, (&address, who.1), body, coins)
    }

    /// Sends messages in one transaction and measures it.
    ///
    /// # Errors
    /// What the chain answers.
    pub fn measure(
        &mut self,
        figure: &'static str,
        by: &str,
        msgs: Vec<Any>,
        coins: u128,
    ) -> PlayResult<TxOutcome> {
        let letter = Letter {
            coins,
            ..Letter::plain(by, msgs)
        };
        let outcome = self.net.send(letter)?;
        let net = self.net.net_gas(&outcome)?;
        self.readings.push(Reading {
            figure,
            net,
            calls: calls(&outcome.events),
            transfers: transfers(&outcome.events, &self.net.home.chain.margin_denom),
        });
        Ok(outcome)
    }

    /// One message, measured.
    ///
    /// # Errors
    /// What the chain answers.
    pub fn step(
        &mut self,
        figure: &'static str,
        who: (&str, Part),
        body: &impl Serialize,
        coins: u128,
    ) -> PlayResult<TxOutcome> {
        let message = self.any(who, body, coins)?;
        self.measure(figure, who.0, vec![message], coins)
    }
}

/// What moving settlement coins costs by itself: a bank send between two accounts that have some.
///
/// # Errors
/// What the chain answers.
pub fn bank_transfer(net: &Net) -> PlayResult<u64> {
    let denom = &net.home.chain.margin_denom;
    let (from, to) = (net.address("trader19")?, net.address("trader20")?);
    let send = msg::bank_send(&from, &to, 1_000_000, denom);
    let outcome = net.send(Letter {
        coins: 1_000_000,
        ..Letter::plain("trader19", vec![send])
    })?;
    net.book("trader20", -1_000_000);
    net.net_gas(&outcome)
}

/// Messages and replies of contracts: the chain names each in an event. Queries leave none.
fn calls(events: &[Event]) -> u64 {
    let of_call = |event: &&Event| matches!(event.ty.as_str(), "execute" | "reply" | "sudo");
    events.iter().filter(of_call).count() as u64
}

/// Moves of settlement coins, those of fees not counted.
fn transfers(events: &[Event], denom: &str) -> u64 {
    let moves = |event: &&Event| {
        let mut attributes = event.attributes.iter();
        event.ty == "transfer" && attributes.any(|a| a.key == "amount" && a.value.ends_with(denom))
    };
    events.iter().filter(moves).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_transfers_are_counted_by_events() {
        let moved = |amount: &str| Event::new("transfer").add_attribute("amount", amount);
        let events = [
            moved("1000ustake"),
            moved("5uusdc"),
            Event::new("execute"),
            Event::new("wasm-order_rested"),
            Event::new("reply"),
            Event::new("execute"),
        ];
        assert_eq!(calls(&events), 3);
        assert_eq!(transfers(&events, "uusdc"), 1);
    }
}
