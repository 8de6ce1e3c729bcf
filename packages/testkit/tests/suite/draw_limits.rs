//! A cascade against a fund whose limits bite one after the other, down to the stop and out of it.

use cosmwasm_std::Event;
use perp_interface::fund::{HeadroomQuery, HeadroomResponse, QueryMsg};
use perp_interface::params::FundParams;
use perp_interface::Quote;
use perp_testkit::{receipts, Chain};

use crate::situation::{capital, cross, loss, market, party, Party, BOTTOM, ENTRY, USDC};

const fn usdc(amount: i128) -> Quote {
    Quote(amount * USDC as i128)
}

fn limited() -> FundParams {
    FundParams {
        per_loss_cap: usdc(60),
        per_block_cap: usdc(100),
        window_cap: usdc(110),
        market_window_cap: usdc(110),
        window_seconds: 600,
        trip_bps: 3_000,
        resume_bps: 2_000,
        report_gas_limit: 50_000_000,
        ..FundParams::without_limits()
    }
}

/// Longs with a deficit of 80 USDC each at [`BOTTOM`], against one short that can bear all of it.
fn cascade(params: FundParams, longs: usize) -> (Chain, Vec<Party>) {
    let mut chain = Chain::builder().fund(params).check_every(1).build();
    market(&mut chain, 1);
    chain.contribute(400 * USDC).expect("contributes");
    let short = party(&mut chain, "short", 100_000 * USDC);
    let longs = (0..longs)
        .map(|i| {
            let long = party(&mut chain, &format!("long{i}"), 120 * USDC);
            cross(&mut chain, 1, (&long, &short), 100, ENTRY);
            long
        })
        .collect();
    chain.set_price(1, BOTTOM).expect("prices");
    (chain, longs)
}

/// Liquidates; whole USDC from the fund and from the queue, and the events.
fn liquidate(chain: &mut Chain, long: &Party, loss_id: u64) -> (i128, i128, Vec<Event>) {
    let keeper = chain.user("keeper");
    let events = chain.liquidate(&keeper, long.id).expect("liquidates");
    let loss = loss(chain, loss_id);
    assert!(loss.closed, "{loss:?}");
    assert_eq!(loss.bad_debt.0, 0);
    let whole = |amount: Quote| amount.0 / USDC as i128;
    (whole(loss.fund_used), whole(loss.adl_taken), events)
}

fn headroom(chain: &Chain) -> HeadroomResponse {
    let query = QueryMsg::Headroom(HeadroomQuery { market: 1 });
    chain.query(&chain.addresses.fund, &query).expect("answers")
}

/// `true` and `false` of each event of the stop.
fn triggers(events: &[Event]) -> Vec<String> {
    let found = receipts::of_kind(events, "fund_trigger");
    found.iter().map(|e| e.text("tripped").to_owned()).collect()
}

#[test]
fn every_limit_bites_in_turn_and_the_queue_takes_the_rest() {
    let (mut chain, longs) = cascade(limited(), 6);
    let paid = |chain: &mut Chain, i: usize| {
        let (fund, queue, events) = liquidate(chain, &longs[i], i as u64 + 1);
        (fund, queue, triggers(&events))
    };
    assert_eq!(paid(&mut chain, 0), (60, 20, vec![]), "the cap of a loss");
    assert_eq!(paid(&mut chain, 1), (40, 40, vec![]), "of the block");
    chain.advance(5, 1);
    assert_eq!(paid(&mut chain, 2), (10, 70, vec![]), "of the window");
    chain.advance(700, 100);
    chain.set_price(1, BOTTOM).expect("prices");
    assert_eq!(headroom(&chain).window, usdc(110));
    let stops = vec!["true".to_owned()];
    assert_eq!(
        paid(&mut chain, 3),
        (10, 70, stops.clone()),
        "of the drawdown"
    );
    assert!(headroom(&chain).tripped);
    assert_eq!(
        paid(&mut chain, 4),
        (0, 80, vec![]),
        "nothing while it has stopped"
    );
    assert_eq!(capital(&chain).capital, usdc(280));
    assert_eq!(
        triggers(&chain.contribute(39 * USDC).expect("contributes")),
        Vec::<String>::new()
    );
    assert_eq!(headroom(&chain).payable, Quote(0), "between the two lines");
    assert_eq!(
        triggers(&chain.contribute(USDC).expect("contributes")),
        ["false"]
    );
    assert_eq!(headroom(&chain).payable, usdc(40));
    assert_eq!(
        paid(&mut chain, 5),
        (40, 40, stops),
        "down to the line again"
    );
}

#[test]
fn a_stop_ends_by_itself_when_the_peak_is_eight_hours_old() {
    let free = FundParams::without_limits();
    let params = FundParams {
        trip_bps: 2_000,
        resume_bps: 1_000,
        ..free
    };
    let (mut chain, longs) = cascade(params, 3);
    let (fund, queue, events) = liquidate(&mut chain, &longs[0], 1);
    assert_eq!(
        (fund, queue, triggers(&events)),
        (80, 0, vec!["true".to_owned()])
    );
    let (fund, queue, _) = liquidate(&mut chain, &longs[1], 2);
    assert_eq!((fund, queue), (0, 80));
    chain.advance(8 * 3_600 + 1_801, 5_000);
    chain.set_price(1, BOTTOM).expect("prices");
    let (fund, queue, events) = liquidate(&mut chain, &longs[2], 3);
    assert_eq!((fund, queue), (64, 16), "20 % of the 320 that are left");
    assert_eq!(triggers(&events), ["false", "true"]);
}
