//! Ranks and lights of accounts that trade, against the sort of all positions.

use perp_interface::market::{
    MarkResponse, MarketQuery, QueryMsg, RankInputsQuery, RankInputsResponse,
};
use perp_interface::params::MarketParams;
use perp_interface::queue::{self, KeyQuery, KeyResponse, PublishLights, RankQuery, RankResponse};
use perp_interface::{AccountId, Lots, PerLot, ScoreKind, Side};
use perp_testkit::chain::{ChainError, Order};
use perp_testkit::order::brute_force;
use perp_testkit::receipts::of_kind;
use perp_testkit::scan::Scan;
use perp_testkit::Chain;

use crate::situation::{cross, free_market, party, Party, ENTRY, USDC};

const DOWN: u64 = ENTRY * 8 / 10;

/// Ten longs and ten shorts of growing size and leverage, and a price that has fallen by a fifth.
fn crowd(chain: &mut Chain) -> Vec<Party> {
    let params = MarketParams {
        funding_rate: PerLot(1 << 32),
        ..free_market()
    };
    chain.list(1, ENTRY, params).expect("lists");
    let pairs: Vec<_> = (1..=10u64)
        .map(|i| {
            let deposit = |side: &str| (format!("{side} {i}"), u128::from(200 - 10 * i) * USDC);
            let (long, short) = (deposit("long"), deposit("short"));
            let long = party(chain, &long.0, long.1);
            let short = party(chain, &short.0, short.1);
            cross(chain, 1, (&long, &short), 5 * i, ENTRY - 100_000 * i);
            [long, short]
        })
        .collect();
    chain.set_price(1, DOWN).expect("sets");
    pairs.into_iter().flatten().collect()
}

fn rank(chain: &Chain, account: AccountId) -> RankResponse {
    let query = queue::QueryMsg::Rank(RankQuery {
        account,
        market: 1,
        mark: None,
        index: None,
    });
    let answer: Option<RankResponse> = chain
        .query(&chain.addresses.queue, &query)
        .expect("the queue answers");
    answer.expect("is ranked")
}

fn mark(chain: &Chain, market: u16) -> Result<MarkResponse, ChainError> {
    let query = QueryMsg::Mark(MarketQuery { market });
    chain.query(&chain.addresses.market, &query)
}

fn check_ranks(chain: &Chain) {
    let scan = Scan::take(chain).expect("scans");
    let now = mark(chain, 1).expect("a mark");
    for side in [Side::Long, Side::Short] {
        let order = brute_force(
            ScoreKind::ProfitLeverage,
            &scan,
            (1, side),
            (now.mark, now.index),
        );
        let total: u64 = order.iter().map(|standing| standing.lots).sum();
        let mut ahead = 0;
        for standing in &order {
            let answer = rank(chain, standing.account);
            assert_eq!((answer.mark, answer.index), (now.mark, now.index));
            assert_eq!((answer.side, answer.class), (side, standing.class));
            assert_eq!(
                (answer.lots.0, answer.lots_total),
                (standing.lots, Lots(total))
            );
            let profit = standing.profit(side, now.mark, now.index);
            assert_eq!(answer.profit_per_lot.0, profit);
            assert!(answer.lots_ahead_min.0 <= ahead && ahead <= answer.lots_ahead_max.0);
            let light = if profit < 0 {
                0
            } else {
                5 - (5 * ahead / total) as u8
            };
            assert!(answer.light >= light && (answer.light == 0) == (light == 0));
            ahead += standing.lots;
        }
        assert_eq!(ahead, total);
    }
}

#[test]
fn ranks_are_those_of_a_sort_of_all_positions() {
    let mut chain = Chain::builder().check_every(1).build();
    crowd(&mut chain);
    check_ranks(&chain);
    // Funding moves everybody, and nothing is written.
    chain.app.update_block(|block| {
        block.time = block.time.plus_seconds(86_400);
    });
    assert_ne!(mark(&chain, 1).expect("a mark").index.0, 0);
    check_ranks(&chain);
}

#[test]
fn a_withdrawal_that_leads_to_a_higher_light_is_told() {
    let mut chain = Chain::builder().check_every(1).build();
    let parties = crowd(&mut chain);
    let shorts: Vec<_> = parties.iter().skip(1).step_by(2).collect();
    let publish = queue::ExecuteMsg::PublishLights(PublishLights {
        market: 1,
        side: Side::Short,
    });
    let keeper = chain.user("keeper");
    let events = chain.queue(&keeper, publish).expect("publishes");
    let record = &of_kind(&events, "lights_published")[0];
    assert_eq!(record.number("lots"), 5 * 55);
    assert_eq!(record.number("mark"), i128::from(DOWN));
    let scores = ["score_5", "score_4", "score_3", "score_2"].map(|key| record.number(key));
    assert!(
        scores.is_sorted_by(|a, b| a >= b) && scores[3] > 0,
        "{scores:?}"
    );

    // The first short has the fewest lots and the most collateral for each.
    let first = shorts[0];
    let before = rank(&chain, first.id);
    assert_eq!(before.light, 1);
    let events = chain.withdraw(&first.user, 180_000_000).expect("withdraws");
    let after = rank(&chain, first.id);
    assert!(after.light > 1, "{after:?}");
    let told = &of_kind(&events, "light_changed")[0];
    assert_eq!(told.number("account"), i128::from(first.id));
    let lights = (told.number("from"), told.number("to"));
    assert_eq!(lights, (1, i128::from(after.light)));
    // Another order of its own changes nothing of that.
    let order = Order::limit(1, Side::Short, 2, DOWN + 1);
    let events = chain.place(&shorts[1].user, order).expect("rests");
    assert_eq!(of_kind(&events, "light_changed"), []);
}

#[test]
fn what_the_market_would_send_is_what_the_queue_has() {
    let mut chain = Chain::builder().check_every(1).build();
    let parties = crowd(&mut chain);
    let idle = party(&mut chain, "idle", USDC);
    let page = |start_after, limit| {
        let query = QueryMsg::RankInputs(RankInputsQuery {
            market: 1,
            start_after,
            limit,
        });
        let answer: RankInputsResponse = chain
            .query(&chain.addresses.market, &query)
            .expect("answers");
        answer.accounts
    };
    let all = page(None, None);
    assert_eq!(all.len(), parties.len() + 1);
    assert_eq!(page(None, Some(3)), all[..3]);
    assert_eq!(page(Some(all[2].account), Some(9_999)), all[3..]);
    for row in &all {
        let query = queue::QueryMsg::Key(KeyQuery {
            account: row.account,
            market: 1,
        });
        let key: Option<KeyResponse> = chain
            .query(&chain.addresses.queue, &query)
            .expect("answers");
        let expected = row.position.map(|p| KeyResponse {
            side: p.side,
            class: perp_core::class::class_of(p.collateral.0),
            entry: p.entry,
            lots: p.lots,
        });
        assert_eq!(key, expected);
        assert_eq!(row.position.is_none(), row.account == idle.id);
        assert!(!row.dirty);
    }
}

#[test]
fn an_unknown_market_has_no_mark() {
    let mut chain = Chain::builder().build();
    crowd(&mut chain);
    let refused = mark(&chain, 9).expect_err("is not listed");
    assert!(refused.has_code("unknown_market"), "{refused}");
    let query = QueryMsg::RankInputs(RankInputsQuery {
        market: 9,
        start_after: None,
        limit: None,
    });
    let refused = chain
        .query::<RankInputsResponse>(&chain.addresses.market, &query)
        .expect_err("is not listed");
    assert!(refused.has_code("unknown_market"), "{refused}");
}
