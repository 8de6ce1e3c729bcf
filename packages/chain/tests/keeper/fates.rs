//! Failures: whose fault they are, and what follows.

use perp_testkit::Chain;
use perps_chain::keeper::plan::Config;
use perps_chain::keeper::run::KeeperError;
use perps_chain::keeper::work::{Kind, Work};

use crate::situation::{crash, cross, market, party, Crash, Party, BOTTOM, ENTRY, USDC};
use crate::world::{exactly, never, rounds, Net, Way};

fn crashed() -> (Net, Crash) {
    let mut chain = Chain::builder().build();
    let situation = crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("sets");
    (Net::new(chain, &situation.keeper), situation)
}

#[test]
fn somebody_faster_is_no_trouble() {
    let (net, _) = crashed();
    net.ways(&[Way::Beaten]);
    let mut keeper = net.keeper(Config::default());
    exactly(&mut keeper, 20);
    assert_eq!(net.sent(Kind::Liquidate), 1);
    let text = keeper.metrics().text();
    let line = "perps_keeper_work_failed_total{kind=\"liquidate\",reason=\"not_now\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(net.with(|chain| crate::situation::loss(chain, 1).closed));
}

/// Nine longs of 100 lots at 10 USDC with 120 to 128 USDC each; nobody buys. At 9.2 USDC 80 are lost and 46 are
/// required: six of them are below.
fn many() -> (Net, Vec<Party>) {
    let mut chain = Chain::builder().build();
    market(&mut chain, 1);
    let short = party(&mut chain, "short", 100_000 * USDC);
    let longs: Vec<_> = (0..9)
        .map(|i| {
            let long = party(&mut chain, &format!("long{i}"), (120 + i) * USDC);
            cross(&mut chain, 1, (&long, &short), 100, ENTRY);
            long
        })
        .collect();
    let me = chain.user("keeper");
    (Net::new(chain, &me), longs)
}

#[test]
fn bug_accounts_that_nobody_buys_hid_the_others() {
    let (net, longs) = many();
    let mut keeper = net.narrow(2);
    exactly(&mut keeper, 6);
    net.with(|chain| chain.set_price(1, 9_200_000).expect("sets"));
    keeper.round(&never()).expect("reads");
    let text = keeper.metrics().text();
    let line = "perps_keeper_liquidatable_accounts 6\n";
    assert!(text.contains(line), "{text}");
    exactly(&mut keeper, 4);
    let sent = net.0.borrow().sent.clone();
    for long in &longs[..6] {
        assert!(sent.contains(&Work::Liquidate(long.id)), "{sent:?}");
    }
}

#[test]
fn nothing_else_is_sent_while_something_is_under_way() {
    let (net, _) = many();
    let mut keeper = net.keeper(Config::default());
    rounds(&mut keeper, 9);
    net.with(|chain| chain.set_price(1, 9_200_000).expect("sets"));
    net.ways(&[Way::Lost]);
    // The network panics if another transaction comes meanwhile.
    exactly(&mut keeper, 1);
    assert_eq!(net.sent(Kind::Liquidate), 1, "the round ends there");
    exactly(&mut keeper, 10);
    assert!(net.sent(Kind::Liquidate) >= 6, "and goes on afterwards");
}

#[test]
fn many_accounts_are_found_in_small_pages_and_the_worst_comes_first() {
    let (net, longs) = many();
    let somebody = net.with(|chain| party(chain, "somebody", USDC));
    let mut keeper = net.keeper(Config::default());
    assert_eq!(
        rounds(&mut keeper, 9).last().map(|round| round.sent),
        Some(0)
    );
    let text = keeper.metrics().text();
    assert!(text.contains("perps_keeper_accounts 10\n"), "{text}");
    net.with(|chain| chain.set_price(1, 9_200_000).expect("sets"));
    let round = keeper.round(&never()).expect("reads");
    let below = longs
        .iter()
        .filter(|long| net.with(|c| long.equity(c)) < 46_000_000);
    assert_eq!(round.sent, 6);
    assert_eq!(below.count(), 6, "nobody buys");
    let sent = net.0.borrow().sent.clone();
    let first = Work::Liquidate(longs[0].id);
    assert_eq!(sent[0], first);
    assert!(!sent.contains(&Work::Liquidate(somebody.id)));
    exactly(&mut keeper, 30);
    let tries = net.sent(Kind::Liquidate);
    assert!(
        (12..=36).contains(&tries),
        "in vain, so ever more rarely: {tries}"
    );
}

#[test]
fn a_node_that_goes_away_is_waited_for() {
    let (net, _) = crashed();
    let mut keeper = net.keeper(Config::default());
    net.0.borrow_mut().is_down = true;
    let error = keeper.round(&never()).expect_err("down");
    assert!(matches!(error, KeeperError::Read(_)), "{error}");
    assert!(keeper
        .metrics()
        .text()
        .contains("perps_keeper_connected 0\n"));
    net.0.borrow_mut().is_down = false;
    net.ways(&[Way::Gone]);
    let round = keeper.round(&never()).expect("reads");
    assert!(round.unreachable);
    let round = keeper.round(&never()).expect("reads");
    assert_eq!(
        round.done, 1,
        "nothing was sent before, so it is sent at once"
    );
    assert!(keeper
        .metrics()
        .text()
        .contains("perps_keeper_connected 1\n"));
}

#[test]
fn a_node_that_is_behind_is_not_believed() {
    let (net, _) = crashed();
    let mut keeper = net.keeper(Config::default());
    keeper.round(&never()).expect("liquidates");
    net.with(|chain| chain.app.update_block(|block| block.height -= 1));
    let error = keeper.round(&never()).expect_err("behind");
    assert!(matches!(error, KeeperError::Behind { .. }), "{error}");
}
