//! The history of losses.

use cw_multi_test::Executor;

use crate::suite::{cover, Suite};

#[test]
fn losses_come_ascending_in_pages() {
    let mut suite = Suite::new();
    for loss_id in (1..=40).rev() {
        suite.by_market(&cover(loss_id * 1_000, 1, 0, 0), &[]);
    }
    let ids = |start_after, limit| -> Vec<_> {
        let losses = suite.losses(start_after, limit);
        losses.iter().map(|loss| loss.loss_id / 1_000).collect()
    };
    assert_eq!(ids(None, None), (1..=30).collect::<Vec<_>>());
    assert_eq!(ids(Some(30_000), None), (31..=40).collect::<Vec<_>>());
    assert_eq!(ids(Some(1_000), Some(2)), [2, 3]);
    assert_eq!(ids(Some(1_500), Some(1)), [2]);
    assert_eq!(ids(None, Some(u32::MAX)).len(), 40);
    assert!(ids(Some(40_000), None).is_empty());
    assert!(ids(None, Some(0)).is_empty());
}

#[test]
fn a_page_has_at_most_a_hundred_losses() {
    let mut suite = Suite::new();
    for loss_id in 1..=100 {
        suite.by_market(&cover(loss_id, 1, 0, 0), &[]);
    }
    // Not through `by_market`: its check of the books reads one page.
    let (market, fund) = (suite.market.clone(), suite.fund.clone());
    let msg = cover(101, 1, 0, 0);
    suite
        .app
        .execute_contract(market, fund, &msg, &[])
        .expect("passes");
    assert_eq!(suite.losses(None, Some(101)).len(), 100);
    assert_eq!(suite.losses(Some(100), Some(101)).len(), 1);
}

#[test]
fn an_unknown_loss_is_refused_with_its_number() {
    let error = Suite::new().loss(7).expect_err("is refused").to_string();
    assert!(error.contains("unknown_loss: loss 7"), "{error}");
}
