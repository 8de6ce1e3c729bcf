//! The chain and its accounts: who sends what, and what must be refused.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cosmwasm_std::Coin;
use perps_chain::client::{
    address, msg, Any, Client, ClientError, GasLimit, GasPrice, Keys, Sender, TxOutcome, HD_PATH,
};
use perps_chain::node::Node;
use serde_json::json;

use crate::error::{PlayError, PlayResult};
use crate::gas::{Ante, Gas};
use crate::home::Home;
use crate::rpc::Rpc;

/// Gas limit of every transaction: all pay the same fee, whose digits cost gas themselves.
pub const GAS: u64 = 10_000_000;

/// What an account sends in one transaction.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Name of the account.
    pub by: String,
    /// Under which name its gas is noted; none for a mixture.
    pub label: Option<String>,
    /// Its messages.
    pub msgs: Vec<Any>,
    /// Settlement coins that they carry.
    pub coins: u128,
}

impl Letter {
    /// Messages whose gas is not noted, without coins.
    pub fn plain(by: &str, msgs: Vec<Any>) -> Self {
        Self {
            by: by.to_owned(),
            label: None,
            msgs,
            coins: 0,
        }
    }

    /// The same with a name for its gas.
    #[must_use]
    pub fn labelled(self, label: &str) -> Self {
        Self {
            label: Some(label.to_owned()),
            ..self
        }
    }
}

/// The chain and its accounts.
#[derive(Debug)]
pub struct Net {
    /// Queries and transactions.
    pub client: Client,
    /// The folder of the chain.
    pub home: Home,
    /// Where state is exported from.
    pub rest: Node,
    /// Plain HTTP.
    pub rpc: Rpc,
    /// The account that executes proposals.
    pub gov: String,
    /// What messages cost.
    pub gas: Gas,
    senders: BTreeMap<String, Sender>,
    /// What each account has paid to contracts, less what it was paid.
    paid: Mutex<BTreeMap<String, i128>>,
}

impl Net {
    /// Connects, reads all keys, and lets every account send its first transaction, which costs more than
    /// those that follow.
    ///
    /// # Errors
    /// Whatever goes wrong.
    pub fn open(home: Home) -> PlayResult<Self> {
        let chain = &home.chain;
        let client = Client::connect(&chain.rpc, &chain.chain_id)?;
        let prefix = client.bech32_prefix()?;
        let price: GasPrice = format!("{}{}", chain.gas_price, chain.fee_denom).parse()?;
        let mut senders = BTreeMap::new();
        for name in home.addresses()?.into_keys() {
            let keys = Keys::from_mnemonic_file(&home.mnemonic(&name), HD_PATH, &prefix)?;
            senders.insert(name, Sender::new(client.clone(), keys, price.clone()));
        }
        let net = Self {
            rest: Node::new(&chain.rest, Duration::from_secs(10))?.attempts(5),
            rpc: Rpc::new(&chain.rpc),
            gov: address::of_module(&prefix, "gov")?.to_string(),
            gas: Gas::default(),
            client,
            senders,
            paid: Mutex::default(),
            home,
        };
        net.warm_up()?;
        Ok(net)
    }

    fn warm_up(&self) -> PlayResult<()> {
        let denom = &self.home.chain.fee_denom;
        let letters = self.senders.iter().map(|(name, sender)| {
            let send = msg::bank_send(sender.address(), &self.gov, 1, denom);
            Letter::plain(name, vec![send])
        });
        self.send_all(letters.collect())?;
        Ok(())
    }

    /// Names of all accounts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.senders.keys().map(String::as_str)
    }

    /// Who sends for an account.
    ///
    /// # Errors
    /// `Wrong` if there is no such account.
    pub fn sender(&self, name: &str) -> PlayResult<&Sender> {
        let sender = self.senders.get(name);
        sender.ok_or_else(|| PlayError::Wrong(format!("there is no account {name}")))
    }

    /// One more sender of an account, for a library that wants its own.
    ///
    /// # Errors
    /// `Client` if its key cannot be read.
    pub fn new_sender(&self, name: &str) -> PlayResult<Sender> {
        let known = self.sender(name)?;
        let prefix = known.keys().address().prefix();
        let keys = Keys::from_mnemonic_file(&self.home.mnemonic(name), HD_PATH, prefix)?;
        let price = known.gas_price.clone();
        Ok(Sender::new(self.client.clone(), keys, price))
    }

    /// Address of an account.
    ///
    /// # Errors
    /// `Wrong` if there is no such account.
    pub fn address(&self, name: &str) -> PlayResult<String> {
        Ok(self.sender(name)?.address().to_owned())
    }

    /// Coins that the suite settles in.
    pub fn coins(&self, amount: u128) -> Vec<Coin> {
        if amount == 0 {
            return vec![];
        }
        vec![Coin::new(amount, self.home.chain.margin_denom.clone())]
    }

    /// What an address has of them.
    ///
    /// # Errors
    /// Those of queries.
    pub fn balance(&self, address: &str) -> PlayResult<u128> {
        Ok(self
            .client
            .balance(address, &self.home.chain.margin_denom)?)
    }

    /// Sends one transaction; it must succeed.
    ///
    /// # Errors
    /// What the chain answers.
    pub fn send(&self, letter: Letter) -> PlayResult<TxOutcome> {
        let Letter {
            by,
            label,
            msgs,
            coins,
        } = letter;
        let limit = GasLimit::Fixed(GAS);
        let outcome = self.sender(&by)?.send_with_gas(msgs, "", limit)?;
        let got = received(
            &outcome,
            self.sender(&by)?.address(),
            &self.home.chain.margin_denom,
        );
        self.book(&by, signed(coins).saturating_sub(signed(got)));
        if let Some(label) = label {
            let bytes = self.rpc.tx_bytes(&outcome.hash)?;
            self.gas.note(&label, &outcome, bytes);
        }
        Ok(outcome)
    }

    /// What the messages of a transaction used, without the ante handler.
    ///
    /// # Errors
    /// `Wrong` before that was measured.
    pub fn net_gas(&self, outcome: &TxOutcome) -> PlayResult<u64> {
        let ante = self.gas.ante();
        let ante = ante.ok_or_else(|| PlayError::Wrong("the ante is not measured".to_owned()))?;
        Ok(ante.net(outcome.gas_used, self.rpc.tx_bytes(&outcome.hash)?))
    }

    /// Books what an account has paid to contracts; negative: was paid.
    pub fn book(&self, name: &str, amount: i128) {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        *paid.entry(name.to_owned()).or_default() += amount;
    }

    /// What an account has paid to contracts so far, less what it was paid.
    pub fn paid(&self, name: &str) -> i128 {
        let paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.get(name).copied().unwrap_or_default()
    }

    /// Sends transactions of different accounts at the same time; all must succeed.
    ///
    /// # Errors
    /// The first that fails.
    pub fn send_all(&self, letters: Vec<Letter>) -> PlayResult<Vec<TxOutcome>> {
        thread::scope(|scope| {
            let sent: Vec<_> = letters
                .into_iter()
                .map(|letter| scope.spawn(|| self.send(letter)))
                .collect();
            let joined = sent.into_iter().map(|handle| {
                let done = handle.join();
                done.unwrap_or_else(|_| Err(PlayError::Wrong("a sender panicked".to_owned())))
            });
            joined.collect()
        })
    }

    /// Sends one transaction that the chain must include and refuse, naming `code`.
    ///
    /// # Errors
    /// `NotRefused`, `RefusedOtherwise`.
    pub fn refused(&self, letter: Letter, code: &str) -> PlayResult<TxOutcome> {
        let what = letter.label.clone().unwrap_or_default();
        let limit = GasLimit::Fixed(GAS);
        let sent = self.sender(&letter.by)?;
        match sent.send_with_gas(letter.msgs, "", limit) {
            Err(ClientError::Failed(outcome)) if outcome.raw_log.contains(code) => Ok(*outcome),
            Ok(_) => Err(PlayError::NotRefused {
                what,
                code: code.to_owned(),
            }),
            Err(error) => Err(PlayError::RefusedOtherwise {
                what,
                code: code.to_owned(),
                said: error.to_string(),
            }),
        }
    }

    /// Measures what a transaction costs before its messages: by one whose message is refused at once,
    /// because only chain governance may send it.
    ///
    /// # Errors
    /// Whatever the chain says besides.
    pub fn calibrate(&self, contract: &str) -> PlayResult<Ante> {
        let me = self.address("alice")?;
        let sudo = msg::sudo(&me, contract, &json!({}))?;
        let letter = Letter::plain("alice", vec![sudo]).labelled("a sudo of alice");
        let outcome = self.refused(letter, "invalid authority")?;
        let ante = Ante::of(outcome.gas_used, self.rpc.tx_bytes(&outcome.hash)?);
        self.gas.calibrate(ante);
        Ok(ante)
    }

    /// Kills the node as a power cut would, and starts it again.
    ///
    /// # Errors
    /// `Script`.
    pub fn cut_the_power(&self) -> PlayResult<()> {
        self.home.script("stop")?;
        self.home.script("start")
    }
}

fn signed(amount: u128) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}

/// What an address got of a denom in a transaction.
fn received(outcome: &TxOutcome, address: &str, denom: &str) -> u128 {
    let mut sum = 0;
    for event in outcome.events.iter().filter(|e| e.ty == "coin_received") {
        let of = |key: &str| event.attributes.iter().find(|a| a.key == key);
        if of("receiver").is_none_or(|receiver| receiver.value != address) {
            continue;
        }
        let coins = of("amount").map_or("", |amount| amount.value.as_str());
        let amounts = coins.split(',').filter_map(|coin| coin.strip_suffix(denom));
        sum += amounts
            .filter_map(|amount| amount.parse::<u128>().ok())
            .sum::<u128>();
    }
    sum
}

/// Seconds of this machine's clock, which is also the chain's.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map(|d| d.as_secs()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::Event;

    use super::*;

    #[test]
    fn only_coins_of_this_address_and_denom_are_counted() {
        let got = |receiver: &str, amount: &str| {
            let event = Event::new("coin_received").add_attribute("receiver", receiver);
            event.add_attribute("amount", amount)
        };
        let outcome = TxOutcome {
            hash: String::new(),
            height: 1,
            gas_used: 0,
            gas_wanted: 0,
            events: vec![
                got("me", "7uusdc"),
                got("me", "1000ustake,5uusdc"),
                got("me", "1000ustake"),
                got("you", "9uusdc"),
                Event::new("coin_spent"),
            ],
            code: 0,
            codespace: String::new(),
            raw_log: String::new(),
        };
        assert_eq!(received(&outcome, "me", "uusdc"), 12);
        assert_eq!(received(&outcome, "you", "uusdc"), 9);
    }
}
