//! Export and receipts over HTTP, and the programs themselves.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use perp_testkit::Chain;
use perps_chain::node::{Node, NodeError};
use perps_cli::verify::{export, verify, Pair, State, Transaction};

use crate::site::{stamp, transaction, Mood, Site};
use crate::situation::{crash, cross, market, BOTTOM, ENTRY, USDC};

const HASH: &str = "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff";

/// Runs something on a thread while the site serves.
fn while_serving<T: Send + 'static>(
    site: &mut Site,
    act: impl FnOnce() -> T + Send + 'static,
) -> T {
    let thread = std::thread::spawn(act);
    site.serve_until(|_| thread.is_finished());
    thread.join().expect("no panic")
}

fn node(site: &Site) -> Node {
    Node::new(&site.url(), Duration::from_secs(5)).expect("a node")
}

fn busy_chain() -> (Site, u64) {
    let mut chain = Chain::builder().build();
    market(&mut chain, 2);
    let crash = crash(&mut chain);
    cross(&mut chain, 2, (&crash.whale, &crash.shorts[2]), 3, ENTRY);
    chain.contribute(10 * USDC).expect("contributes");
    chain.set_price(1, BOTTOM).expect("prices");
    (Site::new(chain), crash.long.id)
}

#[test]
fn over_http_it_is_the_export_in_process() {
    let (mut site, _) = busy_chain();
    let market = site.chain.addresses.market.to_string();
    let direct = export(&site.chain, &market).expect("exports");
    let node = node(&site);
    let over_http = while_serving(&mut site, move || {
        let block = node.latest().expect("a block");
        export(&node.at(block), &market).expect("exports")
    });
    assert_eq!(over_http, direct);
    assert!(direct.accounts.len() > 4 && direct.markets.len() == 2);
}

#[test]
fn a_busy_node_is_asked_again_and_a_wrong_address_is_not() {
    let (mut site, _) = busy_chain();
    site.mood = Mood::Busy;
    let node = node(&site).attempts(3);
    let thread = std::thread::spawn(move || node.latest());
    site.serve_more(1);
    site.mood = Mood::Well;
    site.serve_until(|_| thread.is_finished());
    thread.join().expect("no panic").expect("answered at last");

    let node = self::node(&site).attempts(3);
    let served = site.served;
    let error = while_serving(&mut site, move || {
        let block = node.latest().expect("a block");
        export(&node.at(block), "nobody").expect_err("no contract")
    });
    assert!(error.to_string().contains("HTTP 500"), "{error}");
    assert_eq!(site.served - served, 2, "a refusal is final");
}

#[test]
fn transactions_that_are_none() {
    let (mut site, _) = busy_chain();
    let hash = HASH.to_ascii_uppercase();
    let node = node(&site);
    let error = while_serving(&mut site, move || node.transaction(HASH).expect_err("none"));
    assert!(
        matches!(error, NodeError::Status { status: 404, .. }),
        "{error}"
    );
    let mut failed = transaction(&hash, 5, "2020-01-01T00:00:00Z", &[]);
    failed["tx_response"]["code"] = 11.into();
    site.transactions.push((hash, failed));
    let node = self::node(&site);
    let error = while_serving(&mut site, move || {
        node.transaction(HASH).expect_err("failed")
    });
    assert!(
        matches!(error, NodeError::Failed { code: 11, .. }),
        "{error}"
    );
}

fn dir(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&dir).expect("is made");
    dir
}

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_perps-chain"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts")
}

fn run(site: &mut Site, arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = start(arguments);
    site.serve_until(|_| child.try_wait().expect("runs").is_some());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("ended");
    let text = [stdout, stderr].concat();
    (status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn state_and_receipt_of_a_live_chain_verify() {
    let (mut site, bankrupt) = busy_chain();
    let (url, dir) = (site.url(), dir("live"));
    let market = site.chain.addresses.market.to_string();
    let addresses = dir.join("addresses.json");
    let text = serde_json::json!({"market": market, "queue": "whatever"}).to_string();
    std::fs::write(&addresses, text).expect("writes");
    let name = |file: &str| dir.join(file).display().to_string();
    let height = site.chain.app.block_info().height.to_string();

    let (state, events) = (name("state.json"), name("events.json"));
    let at = name("addresses.json");
    let arguments = [
        "export",
        "--node",
        &url,
        "--addresses",
        &at,
        "--height",
        &height,
        "--out",
        &state,
    ];
    let (code, said) = run(&mut site, &arguments);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(&format!("0 open losses at height {height}")),
        "{said}"
    );

    let keeper = site.chain.user("keeper");
    let happened = site.chain.liquidate(&keeper, bankrupt).expect("liquidates");
    let time = site.chain.app.block_info().time.seconds();
    let hash = HASH.to_ascii_uppercase();
    // The block of the embedded chain is the same one: so is its time.
    let answer = transaction(&hash, 12_346, &stamp(time), &happened);
    site.transactions.push((hash, answer));
    let arguments = ["receipt", "--node", &url, "--tx", HASH, "--out", &events];
    let (code, said) = run(&mut site, &arguments);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("--height 12345"), "{said}");

    let read = |path: &str| std::fs::read_to_string(path).expect("was written");
    let before: State = serde_json::from_str(&read(&state)).expect("a state");
    let transaction = Transaction::parse(&read(&events)).expect("events");
    assert_eq!(transaction.time, Some(time));
    let report = verify([Pair {
        before,
        transaction,
    }])
    .expect("verifies");
    assert!(report.is_clean() && report.receipts == 3, "{report:?}");
}

#[test]
fn watch_once_and_its_errors() {
    let (mut site, bankrupt) = busy_chain();
    let (url, account) = (site.url(), bankrupt.to_string());
    let market = site.chain.addresses.market.to_string();
    let arguments = [
        "watch",
        &account,
        "--node",
        &url,
        "--market-contract",
        &market,
        "--once",
    ];
    let (code, said) = run(&mut site, &arguments);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(&format!("account {account}, market 1: light ")),
        "{said}"
    );

    let json = [arguments.as_slice(), &["--json"]].concat();
    let (code, said) = run(&mut site, &json);
    assert_eq!(code, Some(0), "{said}");
    let change: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(change["after"]["lots"], "100");
    assert_eq!(change["before"], serde_json::Value::Null);

    let owner = site.chain.user("long").to_string();
    let by_owner = [
        "watch",
        &owner,
        "--node",
        &url,
        "--market-contract",
        &market,
        "--once",
    ];
    let (code, said) = run(&mut site, &by_owner);
    assert_eq!(code, Some(0), "{said}");

    let nobody = [
        "watch",
        "7",
        "--node",
        "ftp://x",
        "--market-contract",
        &market,
        "--once",
    ];
    let (code, said) = run(&mut site, &nobody);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("error: 'ftp://x' is no node"), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_cleanly() {
    let (mut site, bankrupt) = busy_chain();
    let (url, account) = (site.url(), bankrupt.to_string());
    let market = site.chain.addresses.market.to_string();
    let arguments = [
        "watch",
        &account,
        "--node",
        &url,
        "--market-contract",
        &market,
        "--interval",
        "86400",
    ];
    let mut child = start(&arguments);
    // Block and config, then block, account and one rank: it waits for a day now.
    site.serve_more(5);
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().expect("runs").is_none());
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("runs").success());
    let output = child.wait_with_output().expect("ended");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
