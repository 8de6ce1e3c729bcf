//! Changes of the fund's and the exchange's parameters, and what every contract refuses.

use perp_interface::fund::{self, HeadroomQuery, HeadroomResponse};
use perp_interface::governance::NoticeParams;
use perp_interface::lens::{
    ExchangeChange, ExchangeImpact, FundChange, HeadroomImpact, Impact, PolicyChange,
    ProposedChange, QueueChange, SimulateCursor, SimulateQuery,
};
use perp_interface::market::{self, UpdateMarket};
use perp_interface::params::{ExchangeParams, FundParams, QueueParams, SurplusRule};
use perp_interface::{queue, MarketId, Policy, Quote};
use perp_testkit::chain::ChainError;
use perp_testkit::Chain;

use super::{ask, make, of_market, question, tiers, waits};
use crate::situation::{cross, market, party, BOTTOM, ENTRY, USDC};

const fn usdc(amount: i128) -> Quote {
    Quote(amount * USDC as i128)
}

fn limited() -> FundParams {
    FundParams {
        per_loss_cap: usdc(60),
        per_block_cap: usdc(100),
        window_cap: usdc(110),
        market_window_cap: usdc(90),
        window_seconds: 600,
        trip_bps: 3_000,
        resume_bps: 2_000,
        ..FundParams::without_limits()
    }
}

fn headroom(chain: &Chain, market: MarketId) -> HeadroomResponse {
    let query = fund::QueryMsg::Headroom(HeadroomQuery { market });
    chain.query(&chain.addresses.fund, &query).expect("answers")
}

/// A fund of 400 USDC that has just paid 60 of them for a loss of market 1.
fn drawn(notice: NoticeParams) -> Chain {
    let mut chain = Chain::builder()
        .fund(limited())
        .notice(notice)
        .lens()
        .build();
    for id in [1, 2, 3] {
        market(&mut chain, id);
    }
    chain.contribute(400 * USDC).expect("contributes");
    let short = party(&mut chain, "short", 100_000 * USDC);
    let long = party(&mut chain, "long", 120 * USDC);
    cross(&mut chain, 1, (&long, &short), 100, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    assert_eq!(headroom(&chain, 1).capital, usdc(340));
    chain
}

/// All pages put together.
fn rooms(chain: &Chain, params: &FundParams, limit: u32) -> Vec<HeadroomImpact> {
    let params = params.clone();
    let mut query = SimulateQuery {
        limit: Some(limit),
        ..question(ProposedChange::Fund(FundChange { params }))
    };
    let mut all = vec![];
    loop {
        let page = ask(chain, query.clone()).expect("answers");
        let Impact::Fund(found) = page.impact else {
            panic!("of another change: {page:?}");
        };
        assert!(found.markets.len() <= limit as usize);
        all.extend(found.markets);
        query.cursor = page.next;
        if page.next.is_none() {
            return all;
        }
    }
}

#[test]
fn the_fund_pays_what_was_shown_at_once_and_in_the_end() {
    let notice = NoticeParams {
        notice_seconds: 1,
        step_seconds: 1,
    };
    let mut chain = drawn(notice);
    let proposed = FundParams {
        per_loss_cap: usdc(30),
        window_cap: usdc(500),
        market_window_cap: usdc(70),
        trip_bps: 1_000,
        resume_bps: 900,
        staker_share_bps: 9_000,
        ..limited()
    };
    let shown = rooms(&chain, &proposed, 30);
    for limit in [1, 2] {
        assert_eq!(rooms(&chain, &proposed, limit), shown);
    }
    let markets: Vec<_> = shown.iter().map(|room| room.market).collect();
    assert_eq!(markets, [1, 2, 3], "each once");
    for room in &shown {
        assert_eq!(room.now, headroom(&chain, room.market));
        assert!(!room.now.tripped && room.at_once.tripped, "15 % below");
    }
    let change = ProposedChange::Fund(FundChange {
        params: proposed.clone(),
    });
    let plan = ask(&chain, question(change)).expect("answers");
    let governance = chain.governance.clone();
    let update = fund::UpdateParams {
        expected_version: plan.version,
        params: proposed,
    };
    chain
        .fund(&governance, fund::ExecuteMsg::UpdateParams(update))
        .expect("passes");
    for room in &shown {
        assert_eq!(room.at_once, headroom(&chain, room.market), "at once");
    }
    let of = chain.addresses.fund.clone();
    assert_eq!(waits(&chain, &of, None).steps, plan.plan.steps);
    assert_eq!(plan.plan.steps.len(), 4, "of the stakers' share");
    for step in &plan.plan.steps {
        let height = chain.app.block_info().height;
        make(&mut chain, &of, None, step);
        // In the same block, as far as its cap is concerned.
        chain.app.update_block(|block| block.height = height);
    }
    for room in &shown {
        assert_eq!(room.at_target, headroom(&chain, room.market), "in the end");
    }
    assert!(shown[0].at_target.window > shown[0].at_once.window);
}

fn exchange(chain: &Chain, params: ExchangeParams, limit: u32) -> (ExchangeImpact, bool) {
    let query = SimulateQuery {
        limit: Some(limit),
        ..question(ProposedChange::Exchange(ExchangeChange { params }))
    };
    let page = ask(chain, query).expect("answers");
    match page.impact {
        Impact::Exchange(impact) => (impact, page.next.is_none()),
        other => panic!("of another change: {other:?}"),
    }
}

#[test]
fn names_accounts_with_too_many_positions_and_prices_that_get_too_old() {
    let mut chain = Chain::builder().lens().build();
    for id in [1, 2] {
        market(&mut chain, id);
    }
    let [both, one] = ["both", "one"].map(|name| party(&mut chain, name, 1_000 * USDC));
    let short = party(&mut chain, "short", 1_000 * USDC);
    cross(&mut chain, 1, (&both, &short), 10, ENTRY);
    cross(&mut chain, 2, (&both, &short), 10, ENTRY);
    cross(&mut chain, 1, (&one, &short), 10, ENTRY);
    chain.advance(100, 20);
    chain.set_price(2, ENTRY).expect("prices");
    let params = ExchangeParams {
        max_positions: 1,
        strict_price_age: 120,
        loose_price_age: 300,
        ..ExchangeParams::default()
    };
    let (shown, whole) = exchange(&chain, params.clone(), 100);
    let found: Vec<_> = shown
        .above_max_positions
        .iter()
        .map(|a| a.account)
        .collect();
    assert_eq!((found, whole), (vec![both.id, short.id], true));
    let prices: Vec<_> = shown
        .prices
        .iter()
        .map(|p| {
            (
                p.market,
                p.age,
                p.opens,
                p.opens_at_target,
                p.reduces_at_target,
            )
        })
        .collect();
    assert_eq!(
        prices,
        [(1, 100, false, true, true), (2, 0, true, true, true)]
    );
    let (shown, whole) = exchange(&chain, params, 1);
    assert_eq!((shown.looked_at, whole), (1, false));
}

/// The code and the numbers of a refusal, wherever it was made.
fn refusal(error: &ChainError, code: &str) -> String {
    let start = error.0.find(&format!("{code}:"));
    let start = start.unwrap_or_else(|| panic!("{error} is no {code}"));
    let text = error.0[start..].lines().next().unwrap_or_default();
    text.split(": query wasm")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn refuses_with_the_words_of_the_contract() {
    let mut chain = Chain::builder().lens().build();
    market(&mut chain, 1);
    let governance = chain.governance.clone();
    let (falling, exchange) = (
        tiers(&[(0, 1_000, 500), (10, 900, 400)]),
        ExchangeParams {
            max_positions: 17,
            ..ExchangeParams::default()
        },
    );
    let fund_params = FundParams {
        resume_bps: 2_950,
        ..FundParams::default()
    };
    let surplus = FundParams {
        surplus: SurplusRule::Address {
            address: "Nobody".to_owned(),
        },
        ..FundParams::default()
    };
    let queue_params = QueueParams {
        step_limit: 0,
        ..QueueParams::default()
    };
    let mut refused = |code, change: ProposedChange| {
        let by_lens = ask(&chain, question(change.clone())).expect_err("the lens refuses");
        let expected_version = 1;
        let by_contract = match change {
            ProposedChange::Market(c) => chain.market(
                &governance,
                market::ExecuteMsg::UpdateMarket(UpdateMarket {
                    market: c.market,
                    expected_version,
                    params: c.params,
                }),
            ),
            ProposedChange::Exchange(c) => chain.market(
                &governance,
                market::ExecuteMsg::UpdateParams(market::UpdateParams {
                    expected_version,
                    params: c.params,
                }),
            ),
            ProposedChange::Fund(c) => chain.fund(
                &governance,
                fund::ExecuteMsg::UpdateParams(fund::UpdateParams {
                    expected_version,
                    params: c.params,
                }),
            ),
            ProposedChange::Queue(c) => chain.queue(
                &governance,
                queue::ExecuteMsg::UpdateParams(queue::UpdateParams {
                    expected_version,
                    params: c.params,
                }),
            ),
            ProposedChange::Policy(c) => chain.queue(
                &governance,
                queue::ExecuteMsg::SetPolicy(queue::SetPolicy {
                    market: c.market,
                    expected_version: None,
                    policy: c.policy,
                }),
            ),
        }
        .expect_err("the contract refuses");
        assert_eq!(refusal(&by_lens, code), refusal(&by_contract, code));
    };
    refused("param_tiers", of_market(&falling));
    refused(
        "param_out_of_bounds",
        ProposedChange::Exchange(ExchangeChange { params: exchange }),
    );
    refused(
        "param_out_of_bounds",
        ProposedChange::Fund(FundChange {
            params: fund_params,
        }),
    );
    refused("std", ProposedChange::Fund(FundChange { params: surplus }));
    refused(
        "param_out_of_bounds",
        ProposedChange::Queue(QueueChange {
            params: queue_params,
        }),
    );
    refused(
        "param_out_of_bounds",
        ProposedChange::Policy(PolicyChange {
            market: 1,
            policy: Some(Policy::of_breadth(0)),
        }),
    );
    let mut unknown = of_market(&tiers(&[(0, 1_000, 500)]));
    if let ProposedChange::Market(change) = &mut unknown {
        change.market = 9;
    }
    refused("unknown_market", unknown);
}

#[test]
fn the_fund_goes_by_markets() {
    let chain = Chain::builder().lens().build();
    let params = FundParams::default();
    let query = SimulateQuery {
        cursor: Some(SimulateCursor::Account(1)),
        ..question(ProposedChange::Fund(FundChange { params }))
    };
    let error = ask(&chain, query).expect_err("is refused");
    assert!(error.has_code("wrong_cursor"), "{error}");
}
