//! Transactions over a node's RPC that loses requests and answers: none is executed twice.

mod node;
mod questions;

use std::time::Duration;

use perps_chain::client::{msg, Client, ClientError, GasLimit, Keys, Patience, Sender, HD_PATH};

use node::{Fault, Node, CHAIN};

/// A public test mnemonic.
const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                     abandon abandon about";

const PATIENCE: Patience = Patience {
    timeout: Duration::from_secs(5),
    attempts: 3,
};

fn keys(name: &str) -> Keys {
    let path = std::env::temp_dir().join(format!("perps-rpc-{name}-{}", std::process::id()));
    std::fs::write(&path, WORDS).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, mode).expect("set");
    }
    let keys = Keys::from_mnemonic_file(&path, HD_PATH, "wasm").expect("a key");
    std::fs::remove_file(&path).expect("removed");
    keys
}

fn sender(node: &Node, name: &str) -> Sender {
    let client = Client::connect_with(&node.url(), CHAIN, PATIENCE).expect("connects");
    let price = "0.1ustake".parse().expect("a price");
    let mut sender = Sender::new(client, keys(name), price);
    sender.gas = GasLimit::Fixed(100_000);
    sender.valid_blocks = 6;
    sender
}

fn pay(sender: &Sender) -> Result<perps_chain::client::TxOutcome, ClientError> {
    let me = sender.address().to_owned();
    sender.send(vec![msg::bank_send(&me, &me, 1, "uusdc")], "")
}

#[test]
fn a_node_of_another_chain_is_refused() {
    let node = Node::start();
    let error = Client::connect_with(&node.url(), "other-1", PATIENCE).expect_err("refused");
    assert_eq!(error.code(), "wrong_chain");
    let error = Client::connect_with("no url", CHAIN, PATIENCE).expect_err("refused");
    assert_eq!(error.code(), "node_url");
}

#[test]
fn a_node_that_is_not_there_is_told_after_some_attempts() {
    let error = Client::connect_with("http://127.0.0.1:9", CHAIN, PATIENCE);
    let error = error.expect_err("nobody is there");
    assert_eq!(error.code(), "node_unreachable");
    assert!(
        error.may_pass() && error.to_string().contains("refused"),
        "{error}"
    );
}

#[test]
fn a_transaction_is_signed_for_its_place_and_comes_back_with_its_block() {
    let node = Node::start();
    let done = pay(&sender(&node, "plain")).expect("sent");
    assert_eq!((done.gas_wanted, done.code), (100_000, 0));
    assert_eq!(done.attribute("transfer", "amount"), Some("1uusdc"));
    node.with(|chain| {
        assert_eq!(chain.executed.len(), 1);
        let tx = &chain.executed[0];
        assert_eq!((tx.sequence, tx.fee), (7, 10_000));
        assert!(tx.timeout_height >= 6, "{tx:?}");
    });
}

#[test]
fn whatever_is_lost_on_the_way_it_is_executed_once() {
    let faults: [&[Fault]; 6] = [
        &[Fault::LoseRequest],
        &[Fault::LoseAnswer],
        &[Fault::LoseRequest, Fault::LoseAnswer, Fault::LoseRequest],
        &[Fault::LoseAnswer, Fault::LoseAnswer],
        &[Fault::MempoolFull, Fault::LoseAnswer],
        // What it was to do is done, so the same bytes are refused now.
        &[Fault::LoseAnswer, Fault::Refuse(5, "insufficient funds")],
    ];
    for (index, faults) in faults.iter().enumerate() {
        let node = Node::start();
        let sender = sender(&node, &format!("lost-{index}"));
        node.with(|chain| chain.faults = faults.to_vec());
        let done = pay(&sender).expect("sent");
        node.with(|chain| {
            assert_eq!(chain.executed.len(), 1, "{faults:?}");
            assert_eq!(chain.executed[0].hash, done.hash);
            assert_eq!(chain.broadcast_hashes().len(), 1, "always the same bytes");
            assert!(chain.faults.is_empty(), "all faults happened");
        });
    }
}

#[test]
fn another_sequence_is_signed_again() {
    let node = Node::start();
    let sender = sender(&node, "sequence");
    // Two of the account's transactions are in the mempool, which a query of the account does not show.
    node.with(|chain| chain.hidden = 2);
    pay(&sender).expect("sent");
    node.with(|chain| {
        let sequences: Vec<_> = chain.executed.iter().map(|tx| tx.sequence).collect();
        assert_eq!(sequences, [9]);
    });
}

#[test]
fn what_check_tx_refuses_is_no_transaction() {
    let node = Node::start();
    let sender = sender(&node, "check");
    node.with(|chain| chain.faults = vec![Fault::Refuse(13, "insufficient fee")]);
    let error = pay(&sender).expect_err("refused");
    assert!(
        matches!(&error, ClientError::Check { code: 13, .. }),
        "{error}"
    );
    node.with(|chain| assert_eq!(chain.executed.len(), 0));
}

/// A refusal after a try that nobody answered says nothing about that one.
#[test]
fn a_refusal_after_a_lost_try_is_not_taken_for_its_fate() {
    let node = Node::start();
    let sender = sender(&node, "lost-refused");
    let faults = vec![Fault::LoseRequest, Fault::Refuse(13, "insufficient fee")];
    node.with(|chain| chain.faults = faults);
    let error = pay(&sender).expect_err("never comes");
    assert_eq!(error.code(), "tx_expired", "{error}");
    node.with(|chain| assert_eq!(chain.executed.len(), 0));
}

#[test]
fn what_fails_in_its_block_is_told_with_its_gas() {
    let node = Node::start();
    let sender = sender(&node, "fails");
    node.with(|chain| chain.faults = vec![Fault::Fail(5, "execute wasm contract failed")]);
    let error = pay(&sender).expect_err("failed");
    let ClientError::Failed(outcome) = &error else {
        panic!("{error}")
    };
    assert_eq!((outcome.code, outcome.gas_used), (5, 50_000));
    assert_eq!(error.code(), "tx_failed");
}

#[test]
fn a_transaction_that_the_mempool_forgets_ends_at_its_height() {
    let node = Node::start();
    let sender = sender(&node, "forgets");
    node.with(|chain| chain.faults = vec![Fault::Forget]);
    let error = pay(&sender).expect_err("never comes");
    assert_eq!(error.code(), "tx_expired", "{error}");
    node.with(|chain| assert_eq!(chain.executed.len(), 0));
    pay(&sender).expect("the same work may be sent again");
    node.with(|chain| assert_eq!(chain.executed.len(), 1));
}

#[test]
fn the_hash_is_told_before_anything_is_sent() {
    let node = Node::start();
    let sender = sender(&node, "announced");
    let me = sender.address().to_owned();
    let pay = || vec![msg::bank_send(&me, &me, 1, "uusdc")];
    let stop = |_: &perps_chain::client::Announced| Err(ClientError::BadInput("stop".to_owned()));
    let error = sender.send_announced(pay(), "", sender.gas, &mut { stop });
    assert_eq!(error.expect_err("stopped").code(), "bad_input");
    node.with(|chain| assert_eq!(chain.broadcast_hashes().len(), 0));

    let mut told = None;
    let mut note = |announced: &perps_chain::client::Announced| {
        told = Some(announced.clone());
        Ok(())
    };
    let gas = GasLimit::Fixed(90_000);
    let done = sender.send_announced(pay(), "", gas, &mut note);
    let done = done.expect("sent");
    node.with(|chain| {
        assert_eq!(
            chain.executed[0].fee, 9_000,
            "of the limit that was asked for"
        )
    });
    let told = told.expect("told");
    assert_eq!(told.hash, done.hash);
    let settled = sender
        .client
        .settle(&told.hash, told.until_height, PATIENCE.timeout);
    assert_eq!(settled.expect("settled"), Some(done));
    let nothing = sender.client.settle(&"1".repeat(64), 1, PATIENCE.timeout);
    assert_eq!(nothing.expect("settled"), None);
}
