//! Questions to the node's RPC, and what is believed of its answers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cosmwasm_std::Decimal;
use perps_chain::client::{address, msg, Client, GasLimit};
use perps_chain::deploy::{OnChain, Target};
use perps_chain::proposal::ProposalFile;
use perps_chain::propose::cli::{submit, would_pass_at};

use super::node::{Node, CHAIN};
use super::{pay, sender, PATIENCE};

#[test]
fn a_simulation_goes_on_where_the_mempool_is() {
    let node = Node::start();
    let sender = sender(&node, "simulates");
    node.with(|chain| chain.hidden = 2);
    let me = sender.address();
    let used = sender.simulate(&[msg::bank_send(me, me, 1, "uusdc")]);
    assert_eq!(used.expect("simulated"), 50_000);
}

#[test]
fn a_simulation_beyond_belief_is_not_paid_for() {
    let node = Node::start();
    let mut sender = sender(&node, "dear");
    sender.gas = GasLimit::Simulated(Decimal::percent(130));
    for gas in [76_923_077, u64::MAX] {
        node.with(|chain| chain.gas = gas);
        let error = pay(&sender).expect_err("too much");
        assert_eq!(error.code(), "gas_too_high", "{error}");
    }
    node.with(|chain| {
        assert_eq!(chain.broadcast_hashes().len(), 0);
        chain.gas = 76_923_076;
    });
    pay(&sender).expect("just below 100 million");
    node.with(|chain| assert_eq!(chain.executed[0].fee, 10_000_000));
}

#[test]
fn only_a_hash_that_is_not_found_is_no_transaction() {
    let node = Node::start();
    let client = sender(&node, "no-tx").client;
    let hash = "A".repeat(64);
    assert_eq!(client.tx(&hash).expect("asked"), None);
    for what in [
        "Method not found",
        "transaction indexing is disabled: index not found",
        "tx (BB) not found",
    ] {
        node.with(|chain| chain.no_tx = Some(what));
        let error = client.tx(&hash).expect_err(what);
        assert_eq!(error.code(), "node_refused", "{error}");
        let error = client.settle(&hash, 1, Duration::ZERO).expect_err(what);
        assert_ne!(error.code(), "tx_expired", "{error}");
    }
}

#[test]
fn errors_do_not_show_what_only_the_operator_may_know() {
    let secret = "http://me:PASSWORD@127.0.0.1:9/v1/APIKEY?token=TOKEN";
    let error = Client::connect_with(secret, CHAIN, PATIENCE).expect_err("nobody is there");
    let text = format!("{error} {error:?}");
    assert!(text.contains("http://127.0.0.1:9"), "{text}");
    for word in ["PASSWORD", "APIKEY", "TOKEN"] {
        assert!(!text.contains(word), "{text}");
    }
    let secret = "gopher://me:PASSWORD@127.0.0.1:9/APIKEY";
    let error = Client::connect_with(secret, CHAIN, PATIENCE).expect_err("no URL of a node");
    assert_eq!(
        error.to_string(),
        "node_url: 'gopher://127.0.0.1:9' is no node's RPC address"
    );
}

#[test]
fn the_gov_account_is_where_the_chain_says_too() {
    let node = Node::start();
    let target = OnChain::new(sender(&node, "gov"));
    let expected = address::of_module("wasm", "gov").expect("an address");
    let error = target.governance().expect_err("there is none").to_string();
    assert!(error.starts_with("gov_account:"), "{error}");
    assert!(error.contains("nowhere"), "{error}");
    node.with(|chain| chain.gov = Some("wasm1other".to_owned()));
    let error = target.governance().expect_err("another").to_string();
    assert!(error.starts_with("gov_account:"), "{error}");
    node.with(|chain| chain.gov = Some(expected.to_string()));
    assert_eq!(target.governance().expect("the same"), expected.as_ref());
}

#[test]
fn an_expedited_vote_is_over_earlier() {
    let node = Node::start();
    let client = sender(&node, "votes").client;
    let days = |is_expedited| {
        let at = would_pass_at(Some(&client), is_expedited).expect("asked");
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = at - now.expect("after 1970").as_secs();
        // A second may have passed in between.
        (seconds + 60) / 86_400
    };
    assert_eq!((days(false), days(true)), (2, 1));
}

#[test]
fn a_proposals_hash_is_said_before_it_is_submitted() {
    let node = Node::start();
    let sender = sender(&node, "submits");
    let file = ProposalFile {
        messages: Vec::new(),
        metadata: String::new(),
        deposit: "5ustake".to_owned(),
        title: "A title".to_owned(),
        summary: "A summary".to_owned(),
        expedited: false,
    };
    let mut said = Vec::new();
    let mut say = |line: &str| {
        let sent = node.with(|chain| chain.broadcast_hashes().len());
        said.push((sent, line.to_owned()));
    };
    assert_eq!(submit(&sender, &file, &mut say).expect("submitted"), 12);
    let executed = node.with(|chain| chain.executed[0].clone());
    let before = format!(
        "submits in {}, valid until height {}",
        executed.hash, executed.timeout_height
    );
    assert_eq!(said[0], (0, before));
    assert_eq!(said.len(), 2);
}
