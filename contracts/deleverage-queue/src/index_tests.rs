use cosmwasm_std::testing::MockStorage;
use perp_core::class::class_floor;
use perp_interface::Side;

use super::*;

/// Where leverage ranks and only winners give, a crowd of losers is passed by a seek: at the head of
/// a pass, and behind a pause.
#[test]
fn bug_a_paused_leverage_walk_waded_through_the_losers() {
    let mut storage = MockStorage::new();
    let mut writer = IndexWriter::new(&mut storage);
    let key = |class, order| RankKey {
        side: Side::Short,
        class,
        order,
        lots: 1,
        standing: Standing::Current,
    };
    // Two winners in a low class, one in a high class behind 5 000 losers.
    let (low, high) = (150u16, 200u16);
    let loser = |i| class_floor(high) as i128 / 2 + i128::from(i);
    let winners = [(1, key(low, -5)), (2, key(low, -6)), (3, key(high, -5))];
    let losers = (0..5_000u64).map(|i| (10 + i, key(high, loser(i))));
    for (account, key) in winners.into_iter().chain(losers) {
        writer.put((account, 1), None, &key, 0).expect("puts");
    }
    writer.finish().expect("finishes");
    let policy = Policy {
        score: ScoreKind::Leverage,
        ..Policy::default()
    };
    let ranking = RankingId {
        market: 1,
        side: Side::Short,
    };
    let accounts = |origin| {
        let mut walk = walk(&storage, ranking, PerLot(0), origin).expect("walks");
        let mut found = vec![];
        while let Some(ranked) = walk.next_ranked().expect("reads") {
            found.push(ranked.entry.account);
        }
        found
    };
    assert_eq!(accounts(Origin::Pass(policy, Pass::Profit)), [1, 2, 3]);
    let cursor = Cursor {
        class: low,
        order: -5,
        account: 1,
    };
    let behind = |pass| accounts(Origin::Behind(policy, pass, cursor));
    assert_eq!(behind(Pass::Profit), [2, 3]);
    assert_eq!(behind(Pass::AtMark).len(), 5_002, "everybody takes part");
}
