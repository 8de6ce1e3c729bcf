//! The shell around the decisions: dry run, journal, metrics page, shutdown.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use perp_testkit::Chain;
use perps_chain::keeper::endpoint::Endpoint;
use perps_chain::keeper::journal::Owner;
use perps_chain::keeper::on_chain::DryRun;
use perps_chain::keeper::plan::Config;
use perps_chain::keeper::run::{Keeper, KeeperError, Pace};
use perps_chain::keeper::work::Kind;
use perps_chain::stop;

use crate::situation::{crash, state, BOTTOM};
use crate::world::{exactly, never, Lines, Net, Way};

fn owner() -> Owner {
    Owner {
        chain_id: "embedded".to_owned(),
        market: "market".to_owned(),
        sender: "keeper".to_owned(),
    }
}

fn crashed() -> Net {
    let mut chain = Chain::builder().build();
    let situation = crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("sets");
    Net::new(chain, &situation.keeper)
}

#[test]
fn a_dry_run_sends_nothing_and_tells_what_it_would() {
    let net = crashed();
    let before = net.with(|chain| state(chain));
    let lines = Lines::default();
    let keeper = Keeper::new((net.clone(), DryRun(None)), net.reader(), Config::default());
    let mut keeper = keeper.out(Box::new(lines.clone()));
    for _ in 0..5 {
        keeper.round(&never()).expect("reads");
    }
    assert_eq!(net.with(|chain| state(chain)), before);
    assert_eq!(net.kinds(), []);
    let text = lines.text();
    assert_eq!(text.lines().count(), 1, "told once:\n{text}");
    assert!(
        text.contains("liquidate (account 1): would be sent"),
        "{text}"
    );
}

#[test]
fn a_killed_keeper_sends_nothing_again() {
    let name = format!("perps-keeper-killed-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    let net = crashed();
    net.ways(&[Way::Late]);
    let keeper = net.keeper(Config::default());
    let mut keeper = keeper.journal(&path, owner()).expect("a new journal");
    exactly(&mut keeper, 1);
    drop(keeper);
    // The network panics if the liquidation comes a second time.
    let keeper = net.keeper(Config::default());
    let mut keeper = keeper.journal(&path, owner()).expect("the same journal");
    assert_eq!(keeper.memory().in_flight().len(), 1);
    exactly(&mut keeper, 20);
    assert_eq!(net.sent(Kind::Liquidate), 1);
    assert!(net.with(|chain| crate::situation::loss(chain, 1).closed));
    let journal = std::fs::read_to_string(&path).expect("is there");
    std::fs::remove_file(&path).expect("removes");
    assert!(journal.ends_with("\"works\":[]}"), "{journal}");
}

#[test]
fn without_its_journal_it_sends_nothing() {
    let net = crashed();
    let nowhere = std::env::temp_dir().join("perps-keeper-no-such-folder/journal.json");
    let keeper = net.keeper(Config::default());
    let mut keeper = keeper.journal(&nowhere, owner()).expect("none yet");
    let error = keeper.run(&Pace::default(), &never()).expect_err("refuses");
    assert!(matches!(error, KeeperError::Journal(_)), "{error}");
    assert_eq!(net.kinds(), []);
}

#[test]
fn it_stops_after_the_work_that_is_under_way() {
    let net = crashed();
    let (stopper, stop) = stop::channel();
    net.0.borrow_mut().stopper = Some(stopper);
    let mut keeper = net.keeper(Config {
        step_limit: Some(1),
        ..Config::default()
    });
    let start = Instant::now();
    keeper.run(&Pace::default(), &stop).expect("stops");
    assert_eq!(net.kinds(), [Kind::Liquidate]);
    assert!(keeper.memory().in_flight().is_empty(), "nothing half-way");
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn it_goes_on_by_itself_until_it_is_stopped() {
    let net = crashed();
    let (stopper, stop) = stop::channel();
    let mut keeper = net.keeper(Config::default());
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(3));
        stopper.stop();
    });
    let pace = Pace {
        interval: Duration::from_millis(10),
        retry: Duration::from_millis(10),
        most_retry: Duration::from_millis(50),
    };
    net.ways(&[Way::Gone, Way::Gone]);
    keeper.run(&pace, &stop).expect("stops");
    assert!(net.with(|chain| crate::situation::loss(chain, 1).closed));
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: keeper\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answers");
    answer
}

#[test]
fn the_page_shows_what_was_counted() {
    let net = crashed();
    let mut keeper = net.keeper(Config::default());
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let endpoint = Endpoint::start(loopback, keeper.metrics()).expect("listens");
    let address = endpoint.address();
    let line = "perps_keeper_work_succeeded_total{kind=\"liquidate\"}";
    assert!(get(address, "/metrics").contains(&format!("{line} 0\n")));
    exactly(&mut keeper, 10);
    let answer = get(address, "/metrics");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("application/openmetrics-text"), "{answer}");
    for line in [
        format!("{line} 1\n"),
        "perps_keeper_rounds_total 10\n".to_owned(),
        "perps_keeper_gas_used_total{kind=\"liquidate\"} 1000\n".to_owned(),
        "perps_keeper_price_age_seconds{market=\"1\"} ".to_owned(),
        "# EOF".to_owned(),
    ] {
        assert!(answer.contains(&line), "{line} in\n{answer}");
    }
    assert!(get(address, "/").starts_with("HTTP/1.1 404 "));
    drop(endpoint);
    // The system closes it when the thread behind it has ended.
    let closed = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        TcpStream::connect(address).is_err()
    });
    assert!(closed, "closed with the keeper");
}

/// A server of ours aborted on the first and never ended after the second.
#[test]
fn bug_a_request_with_a_body_stopped_the_keeper() {
    let net = crashed();
    let keeper = net.keeper(Config::default());
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let endpoint = Endpoint::start(loopback, keeper.metrics()).expect("listens");
    let address = endpoint.address();
    let mut open = Vec::new();
    for length in ["9000000000000000000", "5000"] {
        let mut stream = TcpStream::connect(address).expect("listens");
        let head = format!("GET /metrics HTTP/1.1\r\nHost: k\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("writes");
        open.push(stream);
    }
    // One that never ends its head.
    let mut silent = TcpStream::connect(address).expect("listens");
    silent
        .write_all(b"GET /metrics HTTP/1.1\r\n")
        .expect("writes");
    assert!(get(address, "/metrics").starts_with("HTTP/1.1 200 OK"));
    let start = Instant::now();
    drop(endpoint);
    assert!(start.elapsed() < Duration::from_secs(2), "waits for nobody");
}
