//! Following a place: what is told, once, and what is survived.

use std::io::Write;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use perp_interface::AccountId;
use perp_testkit::Chain;
use perps_chain::account::Contracts;
use perps_chain::node::Node;
use perps_chain::notify::{Format, Notifier};
use perps_chain::place::Level;
use perps_chain::source::{OnChain, SourceError};
use perps_chain::stop::{self, Stopper};
use perps_chain::watch::{watch, Watch};
use perps_chain::webhook::{Delivery, Webhook};

use crate::site::{receiver, Mood, Site};
use crate::situation::{crash, cross, party, Crash, BOTTOM, ENTRY, USDC};

/// A line's end of a channel.
struct Lines(Sender<String>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.0.send(text).map_err(std::io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A watch on a thread of its own.
struct Follower {
    lines: Receiver<String>,
    complaints: Receiver<String>,
    stopper: Stopper,
    thread: JoinHandle<Result<(), SourceError>>,
}

fn delivery() -> Delivery {
    Delivery {
        timeout: Duration::from_secs(2),
        attempts: 3,
        pause: Duration::from_millis(5),
    }
}

fn follow(site: &Site, account: AccountId, webhook: Option<String>, once: bool) -> Follower {
    let node = Node::new(&site.url(), Duration::from_secs(5)).expect("a node");
    let contracts = Contracts {
        market: site.chain.addresses.market.to_string(),
        queue: site.chain.addresses.queue.to_string(),
    };
    let source = OnChain { node, contracts };
    let config = Watch {
        account,
        level: Level::Lots,
        interval: Duration::from_millis(10),
        pause: Duration::from_millis(5),
        most_pause: Duration::from_millis(20),
        once,
    };
    let (out, lines) = channel();
    let (err, complaints) = channel();
    let (stopper, stop) = stop::channel();
    let thread = std::thread::spawn(move || {
        let complain = err.clone();
        let webhook = webhook.map(|url| {
            Webhook::start(url, delivery(), move |what| {
                let _ = complain.send(what);
            })
        });
        let mut notifier = Notifier {
            out: Lines(out),
            err: Lines(err),
            format: Format::Line,
            webhook,
        };
        watch(&source, &config, &mut notifier, &stop)
    });
    Follower {
        lines,
        complaints,
        stopper,
        thread,
    }
}

impl Follower {
    /// Serves until a line has come, and returns it.
    fn line(&self, site: &mut Site) -> String {
        let mut text = String::new();
        site.serve_until(|_| {
            text.extend(self.lines.try_iter());
            text.ends_with('\n')
        });
        text
    }

    fn complaint(&self, site: &mut Site) -> String {
        let mut text = String::new();
        site.serve_until(|_| {
            text.extend(self.complaints.try_iter());
            text.ends_with('\n')
        });
        text
    }

    /// Serves some more rounds, in which nothing may be told.
    fn assert_quiet(&self, site: &mut Site) {
        site.serve_more(12);
        let told: Vec<_> = self
            .lines
            .try_iter()
            .chain(self.complaints.try_iter())
            .collect();
        assert_eq!(told, Vec::<String>::new());
    }

    fn end(self, site: &mut Site) {
        self.stopper.stop();
        site.serve_until(|_| self.thread.is_finished());
        self.thread.join().expect("no panic").expect("ends well");
    }
}

/// The crash before its crash: the best ranked short has hardly a profit.
fn before_the_crash() -> (Site, Crash) {
    let mut chain = Chain::builder().build();
    let crash = crash(&mut chain);
    (Site::new(chain), crash)
}

#[test]
fn a_crash_is_told_once_and_posted_once() {
    let (mut site, crash) = before_the_crash();
    let (url, posts) = receiver(0);
    let follower = follow(&site, crash.shorts[0].id, Some(url), false);
    let first = follower.line(&mut site);
    assert!(
        first.contains(&format!("account {}, market 1: light ", crash.shorts[0].id)),
        "{first}"
    );
    follower.assert_quiet(&mut site);

    // Somebody with more leverage was before it; at the bottom it is the first.
    site.chain.set_price(1, ENTRY + 1_000_000).expect("prices");
    let up = follower.line(&mut site);
    assert!(up.contains("-> 0"), "without a profit: {up}");
    follower.assert_quiet(&mut site);
    site.chain.set_price(1, BOTTOM).expect("prices");
    let down = follower.line(&mut site);
    assert!(down.contains("light 0 -> 5"), "{down}");
    follower.assert_quiet(&mut site);
    follower.end(&mut site);

    let posted: Vec<_> = posts.try_iter().collect();
    assert_eq!(posted.len(), 2, "the start is not posted: {posted:?}");
    let crashed = &posted[1];
    assert_eq!(crashed["account"], crash.shorts[0].id);
    assert_eq!(crashed["market"], 1);
    assert_eq!(crashed["before"]["light"], 0);
    assert_eq!(crashed["after"]["light"], 5);
    assert_eq!(crashed["after"]["lots"], "40");
    assert_ne!(posted[0], posted[1]);
}

#[test]
fn positions_that_come_and_go_are_told() {
    let (mut site, crash) = before_the_crash();
    let late = party(&mut site.chain, "late", 500 * USDC);
    let follower = follow(&site, late.id, None, false);
    site.serve_more(6);
    cross(&mut site.chain, 1, (&crash.whale, &late), 10, ENTRY);
    let opened = follower.line(&mut site);
    assert!(opened.contains("short 10 lots"), "{opened}");
    cross(&mut site.chain, 1, (&late, &crash.whale), 10, ENTRY);
    let closed = follower.line(&mut site);
    assert!(closed.contains("no position"), "{closed}");
    follower.end(&mut site);
}

#[test]
fn a_node_that_is_down_for_a_while() {
    let (mut site, crash) = before_the_crash();
    let follower = follow(&site, crash.shorts[0].id, None, false);
    follower.line(&mut site);
    for mood in [Mood::Down, Mood::Busy] {
        site.mood = mood;
        let complaint = follower.complaint(&mut site);
        assert!(complaint.starts_with("perps-chain: http://"), "{complaint}");
        site.serve_more(8);
        let more: Vec<_> = follower.complaints.try_iter().collect();
        // A connection that is closed is told in one of a few ways.
        assert!(more.len() <= 6, "one reason is told once: {more:?}");
        site.mood = Mood::Well;
        let mut text = String::new();
        site.serve_until(|_| {
            text.extend(follower.complaints.try_iter());
            text.ends_with("answers again\n")
        });
    }
    site.chain.set_price(1, ENTRY + 1_000_000).expect("prices");
    assert!(follower.line(&mut site).contains("-> 0"));
    follower.end(&mut site);
}

#[test]
fn a_node_that_falls_behind_is_not_believed() {
    let (mut site, crash) = before_the_crash();
    let follower = follow(&site, crash.shorts[0].id, None, false);
    follower.line(&mut site);
    site.behind = 5;
    site.chain.set_price(1, ENTRY + 1_000_000).expect("prices");
    let complaint = follower.complaint(&mut site);
    assert!(complaint.contains("the node is behind"), "{complaint}");
    assert_eq!(follower.lines.try_iter().count(), 0);
    site.behind = 0;
    follower.line(&mut site);
    follower.end(&mut site);
}

#[test]
fn garbage_is_a_clear_error_and_no_panic() {
    for (mood, what) in [
        (Mood::Garbage(""), "no JSON"),
        (Mood::Garbage("<html>"), "no JSON"),
        (Mood::Garbage("{}"), "no block with a height and a time"),
        (
            Mood::Garbage(r#"{"block":{"header":{"height":"-1","time":"x"}}}"#),
            "no block",
        ),
        (
            Mood::Garbage(r#"{"block":{"header":{"height":"99999999999999999999","time":"x"}}}"#),
            "no block",
        ),
        (Mood::Data("null"), "in another shape"),
        (Mood::Data("[1,2]"), "in another shape"),
        (Mood::OtherHeight, "state of height"),
    ] {
        let (mut site, crash) = before_the_crash();
        site.mood = mood;
        let follower = follow(&site, crash.shorts[0].id, None, true);
        site.serve_until(|_| follower.thread.is_finished());
        let error = follower.thread.join().expect("no panic");
        let error = error.expect_err("an error").to_string();
        assert!(error.contains(what), "{mood:?}: {error}");
    }
}

#[test]
fn an_unknown_account_is_what_the_contract_says() {
    let (mut site, _) = before_the_crash();
    let follower = follow(&site, 9_999, None, true);
    site.serve_until(|_| follower.thread.is_finished());
    let error = follower.thread.join().expect("no panic");
    let error = error.expect_err("an error").to_string();
    assert!(
        error.contains("HTTP 500") && error.contains("unknown_account"),
        "{error}"
    );
}

#[test]
fn a_webhook_that_fails_is_tried_again_and_stops_nothing() {
    let (mut site, crash) = before_the_crash();
    let (url, posts) = receiver(2);
    let follower = follow(&site, crash.shorts[0].id, Some(url), false);
    follower.line(&mut site);
    site.chain.set_price(1, ENTRY + 1_000_000).expect("prices");
    follower.line(&mut site);
    // Two refusals, then it is taken.
    let mut got = Vec::new();
    site.serve_until(|_| {
        got.extend(posts.try_iter());
        !got.is_empty()
    });
    follower.assert_quiet(&mut site);
    follower.end(&mut site);
    assert_eq!(got.len() + posts.try_iter().count(), 1);

    // One that takes nothing: the watch goes on, and says so.
    let (mut site, crash) = before_the_crash();
    let (url, _posts) = receiver(usize::MAX);
    let follower = follow(&site, crash.shorts[0].id, Some(url), false);
    follower.line(&mut site);
    site.chain.set_price(1, ENTRY + 1_000_000).expect("prices");
    follower.line(&mut site);
    let mut text = String::new();
    site.serve_until(|_| {
        text.extend(follower.complaints.try_iter());
        text.contains("took no message in 3 attempts: HTTP 500")
    });
    site.chain.set_price(1, BOTTOM).expect("prices");
    assert!(follower.line(&mut site).contains("-> 5"));
    follower.end(&mut site);
}
