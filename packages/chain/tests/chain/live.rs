//! The client against a real chain: `scripts/localnet.sh up`, then
//! `LOCALNET_HOME=... cargo test -p perps-chain --test chain -- --ignored live`.

use std::path::PathBuf;
use std::time::Duration;

use cosmwasm_std::Coin;
use perps_chain::client::gov::{self, Proposal, ProposalStatus, VoteOption};
use perps_chain::client::{address, msg, Client, ClientError, GasLimit, Keys, Sender, HD_PATH};
use serde_json::{json, Value};

const NO_CHAIN: &str = "a local chain: scripts/localnet.sh up, and LOCALNET_HOME";

/// What the local chain writes about itself.
struct Local {
    facts: Value,
}

impl Local {
    fn new() -> Self {
        let home = PathBuf::from(std::env::var("LOCALNET_HOME").expect(NO_CHAIN));
        let text = std::fs::read_to_string(home.join("chain.json")).expect(NO_CHAIN);
        let facts = serde_json::from_str(&text).expect("JSON");
        Self { facts }
    }

    fn text(&self, key: &str) -> &str {
        self.facts[key].as_str().expect(key)
    }

    fn client(&self) -> Client {
        Client::connect(self.text("rpc"), self.text("chain_id")).expect("connects")
    }

    fn sender(&self, name: &str) -> Sender {
        let client = self.client();
        let prefix = client.bech32_prefix().expect("a prefix");
        let file = PathBuf::from(self.text("keys")).join(format!("{name}.mnemonic"));
        let keys = Keys::from_mnemonic_file(&file, HD_PATH, &prefix).expect("a key");
        let price = format!("{}{}", self.text("gas_price"), self.text("fee_denom"));
        Sender::new(client, keys, price.parse().expect("a price"))
    }
}

#[test]
#[ignore = "needs a local chain"]
fn live_another_chain_is_refused() {
    let local = Local::new();
    let error = Client::connect(local.text("rpc"), "another-1").expect_err("refused");
    assert_eq!(error.code(), "wrong_chain");
}

#[test]
#[ignore = "needs a local chain"]
fn live_coins_are_sent_and_what_is_refused_is_told() {
    let local = Local::new();
    let sender = local.sender("trader18");
    let (client, me) = (&sender.client, sender.address().to_owned());
    let denom = local.text("margin_denom");
    let to = address::of_module(&client.bech32_prefix().expect("a prefix"), "nobody-18");
    let to = to.expect("an address").to_string();

    let before = client.balance(&to, denom).expect("a balance");
    let done = sender.send(vec![msg::bank_send(&me, &to, 5, denom)], "a memo");
    let done = done.expect("sent");
    assert!(
        done.gas_used > 0 && done.gas_used <= done.gas_wanted,
        "{done:?}"
    );
    // The first transfer is the fee's.
    let mut attributes = done.events.iter().flat_map(|event| &event.attributes);
    assert!(attributes.any(|a| a.key == "recipient" && a.value == to));
    assert_eq!(client.balance(&to, denom).expect("a balance"), before + 5);
    assert_eq!(
        client
            .at(done.height - 1)
            .balance(&to, denom)
            .expect("a balance"),
        before
    );
    assert_eq!(client.tx(&done.hash).expect("asked"), Some(done));
    assert_eq!(client.tx(&"0".repeat(64)).expect("asked"), None);

    let too_much = || vec![msg::bank_send(&me, &to, u128::from(u64::MAX), denom)];
    let error = sender.send(too_much(), "").expect_err("simulated");
    assert!(matches!(&error, ClientError::Check { .. }), "{error}");
    let fixed = GasLimit::Fixed(200_000);
    let error = sender
        .send_with_gas(too_much(), "", fixed)
        .expect_err("fails");
    let ClientError::Failed(outcome) = &error else {
        panic!("{error}")
    };
    assert!(outcome.gas_used > 0 && error.to_string().contains("insufficient funds"));
    let dear = GasLimit::Fixed(u64::MAX / 4);
    let error = sender.send_with_gas(vec![msg::bank_send(&me, &to, 5, denom)], "", dear);
    let error = error.expect_err("too dear");
    assert!(matches!(&error, ClientError::Check { .. }), "{error}");
}

#[test]
#[ignore = "needs a local chain"]
fn live_two_senders_of_one_account_do_not_lose_a_transaction() {
    let local = Local::new();
    let to = local.sender("trader19").address().to_owned();
    let denom = local.text("margin_denom");
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (sender, to) = (local.sender("trader20"), to.clone());
            let denom = denom.to_owned();
            std::thread::spawn(move || {
                let me = sender.address().to_owned();
                for _ in 0..3 {
                    let sent = sender.send(vec![msg::bank_send(&me, &to, 1, &denom)], "");
                    sent.expect("sent");
                }
            })
        })
        .collect();
    let client = local.client();
    let from = local.sender("trader20").address().to_owned();
    let before = client.account(&from).expect("an account").sequence;
    for thread in threads {
        thread.join().expect("no panic");
    }
    let after = client.account(&from).expect("an account").sequence;
    assert!(after <= before + 9 && after > before, "{before} {after}");
}

#[test]
#[ignore = "needs a local chain"]
fn live_codes_and_contracts_are_found_or_not() {
    let client = Local::new().client();
    assert_eq!(client.code_info(999_999).expect("asked"), None);
    let prefix = client.bech32_prefix().expect("a prefix");
    let nobody = address::of_module(&prefix, "gov").expect("an address");
    assert_eq!(client.contract_info(nobody.as_ref()).expect("asked"), None);
    let error = client.query_smart::<Value>(nobody.as_ref(), &json!({"config": {}}));
    let error = error.expect_err("no contract");
    assert!(matches!(error, ClientError::Query { .. }), "{error}");
    assert!(!client.gov_params().expect("asked").min_deposit.is_empty());
}

#[test]
#[ignore = "needs a local chain"]
fn live_a_proposal_passes_a_vote_and_fails() {
    let local = Local::new();
    let proposer = local.sender("trader17");
    let validator = local.sender("validator");
    let client = proposer.client.clone();
    let prefix = client.bech32_prefix().expect("a prefix");
    let gov = address::of_module(&prefix, "gov")
        .expect("an address")
        .to_string();
    let params = client.gov_params().expect("asked");
    let (amount, denom) = params.min_deposit[0].clone();
    let deposit = vec![Coin::new(amount, denom)];
    let proposal = Proposal {
        messages: vec![msg::pin(&gov, &[999_999])],
        title: "Pin a code".to_owned(),
        summary: "There is no such code".to_owned(),
        metadata: String::new(),
        deposit,
        expedited: false,
    };
    let submitted = proposer.send(vec![gov::submit(proposer.address(), &proposal)], "");
    let id = submitted
        .expect("submitted")
        .number("submit_proposal", "proposal_id");
    let id = id.expect("a number");
    let vote = gov::vote(validator.address(), id, VoteOption::Yes);
    validator.send(vec![vote], "").expect("voted");
    let most = params.voting_period + Duration::from_secs(30);
    let state = client.wait_for_proposal(id, most).expect("over");
    // Unpinning what is not pinned does nothing; pinning a code that is not there fails.
    assert!(
        matches!(
            state.status,
            ProposalStatus::Passed | ProposalStatus::Failed
        ),
        "{state:?}"
    );
}
