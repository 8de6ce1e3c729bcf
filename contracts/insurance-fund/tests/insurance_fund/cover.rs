//! `CoverDeficit` with its two submessages.

use cosmwasm_std::Event;
use perp_interface::fund::{ExecuteMsg, LossRecord, Tranche};
use perp_interface::loss::CoverResult;
use perp_interface::params::FundParams;
use perp_interface::{Lots, Quote};

use crate::mocks::Paid;
use crate::suite::{cover, deficit, loss_closed, params, report, terms, update_params, Suite};

#[test]
fn the_need_and_the_allowance_are_paid_while_cap_and_capital_last() {
    // need, allowance, capital, paid; the cap is 1 000
    let table = [
        (300, 0, 5_000, 300),
        (300, 20, 5_000, 320),
        (0, 20, 5_000, 20),
        (990, 20, 5_000, 1_000),
        (5_000, 0, 5_000, 1_000),
        (300, 20, 310, 310),
        (300, 20, 1, 1),
    ];
    for (need, allowance, capital, paid) in table {
        let mut suite = Suite::with_capital(capital);
        suite.market_leaves(0, 0, 0);
        let before = suite.balance(&suite.market);
        let response = suite.by_market(&cover(1, 5, need, allowance), &[]);
        response.assert_event(
            &Event::new("wasm-fund_paid")
                .add_attribute("loss_id", "1")
                .add_attribute("market", "3")
                .add_attribute("tranche", "shared")
                .add_attribute("asked", (need + allowance).to_string())
                .add_attribute("insurable", (need + allowance).to_string())
                .add_attribute("paid", paid.to_string())
                .add_attribute("from_seed", paid.to_string())
                .add_attribute("from_staked", "0")
                .add_attribute("capital", (capital - paid).to_string()),
        );
        assert_eq!(suite.balance(&suite.market), before + paid);
        assert_eq!(suite.capital().capital, Quote((capital - paid) as i128));
        assert_eq!(suite.capital().open_losses, 1);
        let record = LossRecord {
            loss_id: 1,
            market: 3,
            tranche: Some(Tranche::Shared),
            asked: Quote(need + allowance),
            insurable: Quote(need + allowance),
            paid: Quote(paid as i128),
            returned: Quote(0),
            from_seed: Quote(paid as i128),
            from_staked: Quote(0),
            bounties: Quote(0),
            closed: false,
            height: suite.now().height,
            time: suite.now().time.seconds(),
        };
        assert_eq!(suite.loss(1).expect("known"), record);
        assert!(suite.reports().is_empty(), "nothing was left");
    }
}

#[test]
fn what_the_market_leaves_is_reported_to_the_queue() {
    for (lots, need) in [(4, 50), (4, 0), (0, 50)] {
        let mut suite = Suite::with_capital(100);
        suite.market_leaves(lots, need, 0);
        suite.by_market(&cover(7, 5, 150, 0), &[]);
        assert_eq!(suite.reports(), [report(7, lots, need)]);
    }
}

#[test]
fn the_wish_to_defer_and_the_terms_travel_to_the_queue_unchanged() {
    // Once through the payload of the payment, once directly.
    for capital in [100, 0] {
        let mut suite = match capital {
            0 => Suite::new(),
            _ => Suite::with_capital(capital),
        };
        suite.market_leaves(5, 50, 0);
        let mut msg = deficit(7, 5, 50, 0);
        msg.defer = true;
        suite.by_market(&ExecuteMsg::CoverDeficit(msg), &[]);
        let mut expected = report(7, 5, 50);
        expected.defer = true;
        assert_eq!(suite.reports(), [expected]);
    }
}

#[test]
fn without_capital_nothing_is_paid_and_everything_reported() {
    let mut suite = Suite::new();
    suite.when_paid(Paid::Fails);
    let before = suite.balance(&suite.market);
    let response = suite.by_market(&cover(7, 5, 150, 10), &[]);
    response.assert_event(
        &Event::new("wasm-fund_paid")
            .add_attribute("asked", "160")
            .add_attribute("paid", "0"),
    );
    assert_eq!(suite.reports(), [report(7, 5, 150)]);
    assert_eq!(suite.balance(&suite.market), before);
    let record = suite.loss(7).expect("known");
    assert_eq!((record.asked, record.paid), (Quote(160), Quote(0)));
    assert_eq!(suite.capital().open_losses, 1);
}

#[test]
fn with_a_cap_of_zero_nothing_is_paid_and_everything_reported() {
    let mut suite = Suite::with_capital(1_000);
    let authority = suite.authority.clone();
    let params = FundParams {
        per_loss_cap: Quote(0),
        ..params()
    };
    suite
        .send(&authority, &update_params(1, params), &[])
        .expect("updates");
    suite.when_paid(Paid::Fails);
    suite.by_market(&cover(7, 5, 150, 10), &[]);
    assert_eq!(suite.reports(), [report(7, 5, 150)]);
    assert_eq!(suite.capital().capital, Quote(1_000));
}

#[test]
fn lots_without_need_or_allowance_are_reported_without_a_payment() {
    let mut suite = Suite::with_capital(1_000);
    suite.when_paid(Paid::Fails);
    suite.by_market(&cover(7, 5, 0, 0), &[]);
    assert_eq!(suite.reports(), [report(7, 5, 0)]);
    assert_eq!(suite.loss(7).expect("known").asked, Quote(0));
}

#[test]
fn the_same_loss_is_paid_once_and_then_only_reported() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(4, 50, 0);
    suite.by_market(&cover(7, 5, 150, 0), &[]);
    let (capital, record) = (suite.capital(), suite.loss(7).expect("known"));

    suite.when_paid(Paid::Fails);
    for _ in 0..2 {
        let response = suite.by_market(&cover(7, 3, 40, 10), &[]);
        assert!(!response.events.iter().any(|e| e.ty == "wasm-fund_paid"));
    }
    assert_eq!(suite.capital(), capital);
    assert_eq!(suite.loss(7).expect("known"), record);
    assert_eq!(
        suite.reports(),
        [report(7, 4, 50), report(7, 3, 40), report(7, 3, 40)]
    );
}

#[test]
fn every_loss_has_its_own_cap() {
    let mut suite = Suite::with_capital(2_500);
    suite.market_leaves(0, 0, 0);
    for loss_id in [1, 2, 3] {
        suite.by_market(&cover(loss_id, 0, 5_000, 0), &[]);
    }
    let paid: Vec<_> = suite.losses(None, None).iter().map(|l| l.paid.0).collect();
    assert_eq!(paid, [1_000, 1_000, 500]);
    assert_eq!(suite.capital().open_losses, 3);
}

#[test]
fn a_report_that_fails_leaves_the_payment_and_can_be_repeated() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(4, 50, 30);
    suite.queue_fails(true);
    let before = suite.balance(&suite.market);
    let response = suite.by_market(&cover(7, 5, 150, 0), &[]);
    response.assert_event(
        &Event::new("wasm-submessage_failed")
            .add_attribute("kind", "report")
            .add_attribute("subject", "7"),
    );
    assert_eq!(suite.balance(&suite.market), before + 120);
    let record = suite.loss(7).expect("known");
    assert_eq!((record.paid, record.returned), (Quote(150), Quote(30)));
    assert!(suite.reports().is_empty());

    suite.queue_fails(false);
    suite.by_market(&cover(7, 4, 50, 0), &[]);
    assert_eq!(suite.reports(), [report(7, 4, 50)]);
    assert_eq!(suite.balance(&suite.market), before + 120);
}

#[test]
fn a_report_without_payment_that_fails_leaves_the_record() {
    let mut suite = Suite::new();
    suite.queue_fails(true);
    let response = suite.by_market(&cover(7, 5, 150, 0), &[]);
    response.assert_event(
        &Event::new("wasm-submessage_failed")
            .add_attribute("kind", "report")
            .add_attribute("subject", "7"),
    );
    assert_eq!(suite.capital().open_losses, 1);
}

#[test]
fn a_market_that_fails_to_take_the_payment_undoes_everything() {
    let mut suite = Suite::with_capital(1_000);
    suite.when_paid(Paid::Fails);
    let before = suite.everything();
    let market = suite.market.clone();
    let error = suite
        .send(&market, &cover(7, 5, 150, 0), &[])
        .expect_err("propagates");
    assert!(error.to_string().contains("mock_market_failed"), "{error}");
    assert_eq!(suite.everything(), before);

    // The market's own reply sees it and goes on; the next attempt is a first call again.
    let response = suite.ask(cover(7, 5, 150, 0));
    let caught = |e: &Event| e.attributes.iter().any(|a| a.key == "caught");
    assert!(response.events.iter().any(caught));
    assert_eq!(suite.everything(), before);
    suite.market_leaves(0, 0, 0);
    suite.by_market(&cover(7, 5, 150, 0), &[]);
    assert_eq!(suite.loss(7).expect("known").paid, Quote(150));
}

#[test]
fn an_answer_that_is_no_result_undoes_everything() {
    let negative = Paid::Answers {
        result: CoverResult {
            lots: Lots(0),
            need: Quote(-1),
            returned: Quote(0),
        },
        closes: false,
    };
    for (paid, code) in [
        (Paid::Silent, "cover_result"),
        (Paid::Garbage, "cover_result"),
        (negative, "negative_amount"),
    ] {
        let mut suite = Suite::with_capital(1_000);
        suite.when_paid(paid);
        suite.refused_to_market(&cover(7, 5, 150, 0), &[], code);
    }
}

#[test]
fn a_loss_may_return_money_and_close_inside_of_its_payment() {
    let mut suite = Suite::with_capital(1_000);
    suite.when_paid(Paid::Answers {
        result: CoverResult {
            lots: Lots(0),
            need: Quote(0),
            returned: Quote(30),
        },
        closes: true,
    });
    let response = suite.by_market(&cover(7, 5, 100, 50), &[]);
    response.assert_event(
        &Event::new("wasm-fund_returned")
            .add_attribute("loss_id", "7")
            .add_attribute("tranche", "shared")
            .add_attribute("amount", "30")
            .add_attribute("to_seed", "30")
            .add_attribute("to_staked", "0")
            .add_attribute("capital", "880"),
    );
    let record = LossRecord {
        loss_id: 7,
        market: 3,
        tranche: Some(Tranche::Shared),
        asked: Quote(150),
        insurable: Quote(150),
        paid: Quote(150),
        returned: Quote(30),
        from_seed: Quote(120),
        from_staked: Quote(0),
        bounties: Quote(0),
        closed: true,
        height: suite.now().height,
        time: suite.now().time.seconds(),
    };
    assert_eq!(suite.loss(7).expect("known"), record);
    assert_eq!(suite.capital().open_losses, 0);
    assert!(suite.reports().is_empty());
}

#[test]
fn nobody_but_the_market_draws() {
    let mut suite = Suite::with_capital(1_000);
    for sender in [
        suite.stranger.clone(),
        suite.authority.clone(),
        suite.queue.clone(),
    ] {
        suite.refused(&sender, &cover(7, 5, 150, 0), &[], "unauthorized");
    }
    let mut suite = Suite::unconnected();
    suite.refused_to_market(&cover(7, 5, 150, 0), &[], "not_connected");
}

#[test]
fn amounts_below_zero_and_calls_for_nothing_are_refused() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(0, 0, 0);
    suite.refused_to_market(&cover(7, 5, -1, 10), &[], "negative_amount");
    suite.refused_to_market(&cover(7, 5, 10, -1), &[], "negative_amount");
    suite.refused_to_market(&cover(7, 0, 0, 0), &[], "nothing_to_cover");
    suite.refused_to_market(&cover(7, 0, 0, 10), &[], "nothing_to_cover");
    suite.refused_to_market(&cover(7, 1, i128::MAX, 1), &[], "overflow");
}

#[test]
fn a_closed_loss_is_refused() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(0, 0, 0);
    suite.by_market(&cover(7, 5, 150, 0), &[]);
    suite.by_market(&loss_closed(7), &[]);
    suite.refused_to_market(&cover(7, 5, 150, 0), &[], "loss_closed");
}

#[test]
fn a_loss_number_under_another_market_is_refused() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(1, 0, 0);
    suite.by_market(&cover(7, 5, 150, 0), &[]);
    let mut msg = deficit(7, 5, 150, 0);
    msg.terms = terms(7, 4);
    let msg = ExecuteMsg::CoverDeficit(msg);
    suite.refused_to_market(&msg, &[], "loss_market_mismatch");
    suite.by_market(&loss_closed(7), &[]);
    suite.refused_to_market(&msg, &[], "loss_market_mismatch");
}
