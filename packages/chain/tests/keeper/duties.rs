//! What nobody waits for, and prices.

use perp_interface::feed::PriceUpdate;
use perp_interface::fund::{Layer, Tranche};
use perp_interface::governance::NoticeParams;
use perp_interface::market::{ConfigResponse, ExecuteMsg, QueryMsg, UpdateParams};
use perp_interface::params::{ExchangeParams, MarketParams};
use perp_interface::{Price, Quote};
use perp_testkit::faulty::{self, Fault};
use perp_testkit::Chain;
use perps_chain::keeper::plan::Config;
use perps_chain::keeper::prices::{FilePrices, Mode};
use perps_chain::keeper::work::{Kind, Work};

use crate::situation::{crash, cross, loss, market_of, party, BOTTOM, ENTRY, USDC};
use crate::world::{exactly, rounds, Net};

fn eager() -> Config {
    Config {
        lights_blocks: Some(50),
        fees_from: Quote(1),
        owed_from: Quote(1),
        ..Config::default()
    }
}

#[test]
fn fees_are_collected_and_lights_published_once() {
    let mut chain = Chain::builder().build();
    chain
        .list(1, ENTRY, MarketParams::default())
        .expect("lists");
    let long = party(&mut chain, "long", 1_000 * USDC);
    let short = party(&mut chain, "short", 1_000 * USDC);
    cross(&mut chain, 1, (&long, &short), 100, ENTRY);
    let me = chain.user("keeper");
    let net = Net::new(chain, &me);
    let mut keeper = net.keeper(eager());
    exactly(&mut keeper, 20);
    let expected = [Kind::CollectFees, Kind::PublishLights, Kind::PublishLights];
    assert_eq!(net.kinds(), expected);
    assert_eq!(net.with(|chain| market_of(chain, 1).fees), Quote(0));
    exactly(&mut keeper, 50);
    assert_eq!(net.sent(Kind::PublishLights), 4, "they grow old");
    let skipping = Config {
        skip: [Kind::PublishLights].into(),
        ..eager()
    };
    net.with(|chain| chain.advance(1, 100));
    exactly(&mut net.keeper(skipping), 5);
    assert_eq!(net.sent(Kind::PublishLights), 4);
}

#[test]
fn bounties_are_earned_and_taken() {
    let mut chain = Chain::builder().build();
    chain
        .list(1, ENTRY, MarketParams::default())
        .expect("lists");
    chain
        .contribute_to(Tranche::Shared, Layer::Bounties, USDC)
        .expect("fills the purse");
    let long = party(&mut chain, "long", 120 * USDC);
    let short = party(&mut chain, "short", 1_000 * USDC);
    cross(&mut chain, 1, (&long, &short), 100, ENTRY);
    chain.set_price(1, BOTTOM).expect("falls");
    let me = chain.user("keeper");
    let net = Net::new(chain, &me);
    exactly(&mut net.keeper(eager()), 20);
    assert_eq!(net.sent(Kind::PayOwed), 1);
    let fills = net.with(|chain| loss(chain, 1).fills);
    let paid = net.with(|chain| chain.balance(&me));
    assert_eq!(paid, u128::from(fills) * 2_000);
    assert!(fills > 0);
}

#[test]
fn the_queue_is_told_what_it_did_not_hear() {
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).build();
    let situation = crash(&mut chain);
    switches.queue.set("update", Fault::Fail);
    let (long, whale) = (&situation.shorts[0], &situation.whale);
    cross(&mut chain, 1, (long, whale), 1, ENTRY);
    let net = Net::new(chain, &situation.keeper);
    let mut keeper = net.keeper(Config::default());
    exactly(&mut keeper, 20);
    let tries = net.sent(Kind::Refresh);
    assert!((2..=4).contains(&tries), "{tries} in 20 blocks");
    switches.queue.repair();
    exactly(&mut keeper, 40);
    let after = net.sent(Kind::Refresh);
    exactly(&mut keeper, 40);
    assert_eq!(net.sent(Kind::Refresh), after, "nothing is left to tell");
    net.with(|chain| perp_testkit::invariants::assert_all(chain));
}

#[test]
fn a_change_is_applied_when_it_is_due() {
    let notice = NoticeParams {
        notice_seconds: 100,
        step_seconds: 50,
    };
    let mut chain = Chain::builder().notice(notice).build();
    crash(&mut chain);
    let config = |chain: &Chain| -> ConfigResponse {
        let market = &chain.addresses.market;
        chain.query(market, &QueryMsg::Config {}).expect("answers")
    };
    let now = config(&chain);
    // The guard against a stuck queue comes later: that is no tightening.
    let params = ExchangeParams {
        force_after_blocks: now.params.force_after_blocks + 1,
        ..now.params
    };
    let msg = UpdateParams {
        expected_version: now.version,
        params: params.clone(),
    };
    let authority = chain.governance.clone();
    let decided = chain.market(&authority, ExecuteMsg::UpdateParams(msg));
    decided.expect("decides");
    let me = chain.user("keeper");
    let net = Net::new(chain, &me);
    let mut keeper = net.keeper(Config::default());
    exactly(&mut keeper, 10);
    assert_eq!(net.sent(Kind::ApplyPending), 0, "not due");
    net.with(|chain| chain.advance(200, 20));
    exactly(&mut keeper, 10);
    assert_eq!(net.sent(Kind::ApplyPending), 1);
    assert_eq!(net.with(|chain| config(chain).params), params);
}

#[test]
fn prices_from_a_file_make_the_keeper_do_the_rest() {
    let mut chain = Chain::builder().check_every(1).build();
    crash(&mut chain);
    let feeder = chain.governance.clone();
    let now = chain.app.block_info().time.seconds();
    let name = format!("perps-keeper-prices-{}.jsonl", std::process::id());
    let file = std::env::temp_dir().join(name);
    let line =
        |price, time| format!("{{\"market\":1,\"price\":\"{price}\",\"publish_time\":{time}}}\n");
    // The second one comes in order, the third one late; the last one is not due for a while.
    let text = [
        line(ENTRY, now + 1),
        line(BOTTOM, now + 2),
        line(ENTRY, now + 1),
        line(ENTRY, now + 1_000),
    ];
    std::fs::write(&file, text.concat()).expect("writes");
    let net = Net::new(chain, &feeder);
    let source = FilePrices::new(&file, Mode::Follow);
    let mut keeper = net.keeper(Config::default()).prices(Box::new(source));
    rounds(&mut keeper, 50);
    std::fs::remove_file(&file).expect("removes");
    let sent = net.0.borrow().sent.clone();
    let Some(Work::SetPrices(prices)) = sent.first() else {
        panic!("{sent:?}");
    };
    assert_eq!(
        (prices[0].price.0, prices[0].publish_time),
        (BOTTOM, now + 2)
    );
    assert_eq!(net.sent(Kind::SetPrices), 1);
    assert!(net.with(|chain| loss(chain, 1).closed));
}

/// A market needs a price before it can be listed, so that its price comes first.
#[test]
fn a_price_of_a_market_that_is_not_listed_yet_is_sent_once() {
    let chain = Chain::builder().check_every(1).build();
    let feeder = chain.governance.clone();
    let now = chain.app.block_info().time.seconds();
    let name = format!("perps-keeper-unlisted-{}.csv", std::process::id());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, format!("7,1000,{}\n", now + 1)).expect("writes");
    let net = Net::new(chain, &feeder);
    let source = FilePrices::new(&file, Mode::Follow);
    let mut keeper = net.keeper(Config::default()).prices(Box::new(source));
    exactly(&mut keeper, 10);
    std::fs::remove_file(&file).expect("removes");
    let sent: Vec<Work> = net.0.borrow().sent.clone();
    let price = PriceUpdate {
        market: 7,
        price: Price(1_000),
        publish_time: now + 1,
    };
    assert_eq!(sent, [Work::SetPrices(vec![price])]);
}
