//! The lens's `SimulateParams` shows what a proposal then does: as it happens, step by step.

mod others;
mod selection;

use cosmwasm_std::Addr;
use perp_interface::governance::{
    ApplyPending, NoticeParams, PendingQuery, PendingResponse, PendingStep,
};
use perp_interface::lens::{
    AccountImpact, Impact, MarketChange, MarketImpact, MarketTotals, ProposedChange, QueryMsg,
    Requirements, SimulateCursor, SimulateQuery, SimulateResponse,
};
use perp_interface::market::{self, UpdateMarket};
use perp_interface::params::{MarketParams, TierParams};
use perp_interface::{AccountId, Quote};
use perp_testkit::chain::ChainResult;
use perp_testkit::Chain;
use proptest::prelude::*;

use crate::situation::{cross, free_market, market_of, party, ENTRY, USDC};

/// Two days, then a step a day.
const NOTICE: NoticeParams = NoticeParams {
    notice_seconds: 172_800,
    step_seconds: 86_400,
};

fn ask(chain: &Chain, query: SimulateQuery) -> ChainResult<SimulateResponse> {
    let lens = chain.addresses.lens.clone().expect("is deployed");
    chain.query(&lens, &QueryMsg::SimulateParams(query))
}

fn question(change: ProposedChange) -> SimulateQuery {
    SimulateQuery {
        change: Box::new(change),
        at: None,
        loss: None,
        cursor: None,
        limit: None,
    }
}

fn of_market(params: &MarketParams) -> ProposedChange {
    ProposedChange::Market(MarketChange {
        market: 1,
        params: params.clone(),
    })
}

fn impact(response: &SimulateResponse) -> MarketImpact {
    match &response.impact {
        Impact::Market(impact) => impact.clone(),
        other => panic!("of another change: {other:?}"),
    }
}

/// The first answer, and the accounts and sums of all pages.
fn pages(
    chain: &Chain,
    params: &MarketParams,
    limit: u32,
) -> (SimulateResponse, Vec<AccountImpact>, MarketTotals) {
    let mut query = SimulateQuery {
        limit: Some(limit),
        ..question(of_market(params))
    };
    let (mut first, mut accounts, mut sums) = (None, vec![], MarketTotals::default());
    loop {
        let page = ask(chain, query.clone()).expect("answers");
        let shown = impact(&page);
        assert!(shown.totals.accounts <= u64::from(limit));
        add(&mut sums, &shown.totals);
        accounts.extend(shown.accounts);
        query.cursor = page.next;
        let end = page.next.is_none();
        let first = first.get_or_insert(page);
        if end {
            return (first.clone(), accounts, sums);
        }
    }
}

fn add(sums: &mut MarketTotals, page: &MarketTotals) {
    for (sum, more) in [
        (&mut sums.accounts, page.accounts),
        (&mut sums.locked, page.locked),
        (&mut sums.positions, page.positions),
        (&mut sums.liquidatable, page.liquidatable),
        (&mut sums.becomes_liquidatable, page.becomes_liquidatable),
        (&mut sums.below_initial, page.below_initial),
        (&mut sums.becomes_below_initial, page.becomes_below_initial),
    ] {
        *sum += more;
    }
    for (sum, more) in [
        (&mut sums.now, page.now),
        (&mut sums.at_once, page.at_once),
        (&mut sums.at_target, page.at_target),
    ] {
        sum.initial.0 += more.initial.0;
        sum.maintenance.0 += more.maintenance.0;
    }
}

/// Longs of 100 lots with these deposits in USDC, against one short; the second of them is long in another
/// market too. Then the price falls by this much.
fn longs(chain: &mut Chain, deposits: &[u128], fall: u64) -> Vec<AccountId> {
    for id in [1, 2] {
        chain.list(id, ENTRY, free_market()).expect("lists");
    }
    let short = party(chain, "short", 1_000_000 * USDC);
    let mut all = vec![short.id];
    for (i, deposit) in deposits.iter().enumerate() {
        let long = party(chain, &format!("l{i}"), deposit * USDC);
        cross(chain, 1, (&long, &short), 100, ENTRY);
        if i == 1 {
            cross(chain, 2, (&long, &short), 5, ENTRY);
        }
        all.push(long.id);
    }
    party(chain, "nobody", USDC);
    chain.set_price(1, ENTRY - fall).expect("prices");
    all
}

fn tiers(rates: &[(i128, u32, u32)]) -> MarketParams {
    let tier = |(from, initial_bps, maintenance_bps): &(i128, u32, u32)| TierParams {
        from: Quote(*from),
        initial_bps: *initial_bps,
        maintenance_bps: *maintenance_bps,
    };
    MarketParams {
        tiers: rates.iter().map(tier).collect(),
        ..free_market()
    }
}

fn pass(chain: &mut Chain, expected_version: u64, params: &MarketParams) {
    let governance = chain.governance.clone();
    let update = UpdateMarket {
        market: 1,
        expected_version,
        params: params.clone(),
    };
    chain
        .market(&governance, market::ExecuteMsg::UpdateMarket(update))
        .expect("passes");
}

fn waits(chain: &Chain, of: &Addr, market: Option<u16>) -> PendingResponse {
    let query = market::QueryMsg::PendingParams(PendingQuery { market });
    chain.query(of, &query).expect("answers")
}

/// Waits until a step is due and makes it.
fn make(chain: &mut Chain, of: &Addr, market: Option<u16>, step: &PendingStep) {
    let now = chain.app.block_info().time.seconds();
    chain.advance(step.due - now, 10);
    let anybody = chain.user("anybody");
    let msg = market::ExecuteMsg::ApplyPending(ApplyPending { market });
    chain.send(&anybody, of, &msg, &[]).expect("is due");
}

/// What every account has to have, and whether it is liquidated when somebody tries.
fn assert_state(chain: &mut Chain, shown: &[AccountImpact], at: u64, required: Moment) {
    let keeper = chain.user("keeper");
    for account in shown {
        let health = chain.health(account.account).expect("is there");
        assert_eq!(health.equity, account.equity);
        let real = Requirements {
            initial: health.initial,
            maintenance: health.maintenance,
        };
        match required {
            Moment::Now => assert_eq!(real, account.now),
            Moment::AtOnce => assert_eq!(real, account.at_once),
            Moment::Between => {}
            Moment::AtTarget => assert_eq!(real, account.at_target),
        }
        // A change that raises one tier and lowers another may also free an account again.
        let since = account.liquidatable_from.is_some_and(|from| from <= at);
        if health.liquidatable {
            assert!(account.liquidatable || since, "{at}: {account:?}");
        }
        if account.liquidatable_from == Some(at) {
            assert!(health.liquidatable, "{at}: {account:?}");
        }
        match chain.liquidate(&keeper, account.account) {
            Ok(_) => assert!(health.liquidatable),
            Err(error) => {
                assert!(error.has_code("not_liquidatable"), "{error}");
                assert!(!health.liquidatable);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    Now,
    AtOnce,
    Between,
    AtTarget,
}

/// Asks, passes the proposal, makes every step when it is due, and compares.
fn assert_comes_true(
    deposits: &[u128],
    fall: u64,
    proposed: &MarketParams,
) -> (SimulateResponse, Vec<AccountImpact>) {
    let mut chain = Chain::builder().notice(NOTICE).lens().build();
    let mark = ENTRY - fall;
    let ids = longs(&mut chain, deposits, fall);
    let (first, shown, sums) = pages(&chain, proposed, 100);
    for limit in [1, 3] {
        let (_, accounts, others) = pages(&chain, proposed, limit);
        assert_eq!(
            (accounts, others),
            (shown.clone(), sums),
            "pages of {limit}"
        );
    }
    let found: Vec<_> = shown.iter().map(|a| a.account).collect();
    assert_eq!(found, ids, "each once");
    assert_eq!(sums.accounts, ids.len() as u64 + 1);
    let at = chain.app.block_info().time.seconds();
    assert_state(&mut chain, &shown, at - 1, Moment::Now);
    assert_eq!(first.plan.at, at);
    pass(&mut chain, first.version, proposed);
    let market = chain.addresses.market.clone();
    let pending = waits(&chain, &market, Some(1));
    assert_eq!(pending.steps, first.plan.steps);
    assert_state(&mut chain, &shown, at, Moment::AtOnce);
    for (i, step) in first.plan.steps.iter().enumerate() {
        make(&mut chain, &market, Some(1), step);
        for id in [1, 2] {
            let price = if id == 1 { mark } else { ENTRY };
            chain.set_price(id, price).expect("prices");
        }
        let last = i + 1 == first.plan.steps.len();
        let moment = if last {
            Moment::AtTarget
        } else {
            Moment::Between
        };
        assert_state(&mut chain, &shown, step.due, moment);
    }
    assert_eq!(market_of(&chain, 1).params, *proposed);
    (first, shown)
}

/// The numbers of one case by hand: at 9.40 a position of 100 lots is worth 940 and has lost 60.
#[test]
fn names_who_becomes_liquidatable_and_when() {
    let proposed = tiers(&[(0, 2_000, 800), (1_000_000_000_000, 2_000, 1_000)]);
    let deposits = [100, 120, 110, 115, 140, 160, 300];
    let (first, shown) = assert_comes_true(&deposits, 600_000, &proposed);
    let step = |n: u64| Some(first.plan.at + NOTICE.notice_seconds + n * NOTICE.step_seconds);
    let found: Vec<_> = shown
        .iter()
        .map(|a| (a.liquidatable, a.liquidatable_from, a.below_initial_from))
        .collect();
    let at_once = Some(first.plan.at);
    assert_eq!(
        found,
        [
            (false, None, None),
            (true, None, None),     // 40 of 47
            (false, step(2), None), // 60 of 49.5 with the other market; 6.5 % and 2.5 are 63.6
            (false, step(0), None), // 50 of 47, then 5.5 % are 51.7
            (false, step(1), None), // 55, 6 % are 56.4
            (false, None, None),    // 80, below 94 already
            (false, None, at_once), // 100, at once 188
            (false, None, None),    // 240
        ]
    );
    assert_eq!(first.plan.steps.len(), 6, "from 5 % to 8 %");
    let at_once: Vec<_> = first.plan.at_once.iter().map(|c| &c.field[..]).collect();
    assert_eq!(at_once, ["tiers.initial_bps"]);
    let totals = impact(&first).totals;
    assert_eq!((totals.becomes_liquidatable, totals.liquidatable), (3, 1));
    assert_eq!((totals.becomes_below_initial, totals.positions), (1, 8));
    assert_eq!(impact(&first).open_interest.0, 700);
}

/// While a low tier rises and a high one falls, an account is worst off in between.
#[test]
fn a_step_in_between_may_be_the_worst() {
    let start = tiers(&[(0, 1_000, 500), (500_000_000, 2_000, 1_500)]);
    let proposed = tiers(&[(0, 1_100, 600), (500_000_000, 1_200, 700)]);
    let mut chain = Chain::builder().notice(NOTICE).lens().build();
    chain.list(1, ENTRY, start).expect("lists");
    let short = party(&mut chain, "short", 10_000 * USDC);
    let long = party(&mut chain, "long", 158 * USDC);
    cross(&mut chain, 1, (&long, &short), 100, ENTRY);
    let mark = ENTRY - 680_000;
    chain.set_price(1, mark).expect("prices");
    // 90 left; 5 % of 500 and 15 % of 432 are 89.8, 5.5 % and 14.5 % are 90.14, 6 % and 7 % are 60.24.
    let (first, shown, _) = pages(&chain, &proposed, 100);
    let account = &shown[1];
    assert_eq!((account.account, account.equity.0), (long.id, 90_000_000));
    assert_eq!(account.now.maintenance.0, 89_800_000);
    assert_eq!(account.at_target.maintenance.0, 60_240_000);
    let step = &first.plan.steps[0];
    assert!(!account.liquidatable);
    assert_eq!(account.liquidatable_from, Some(step.due));
    let keeper = chain.user("keeper");
    pass(&mut chain, first.version, &proposed);
    let market = chain.addresses.market.clone();
    chain.advance(60, 10);
    chain.set_price(1, mark).expect("prices");
    let early = chain.liquidate(&keeper, long.id).expect_err("is refused");
    assert!(early.has_code("not_liquidatable"), "{early}");
    make(&mut chain, &market, Some(1), step);
    chain.set_price(1, mark).expect("prices");
    assert_eq!(
        chain.health(long.id).expect("is there").maintenance.0,
        90_140_000
    );
    chain.liquidate(&keeper, long.id).expect("is liquidated");
}

/// A change that waits is named: the new one takes its place.
#[test]
fn names_what_it_would_replace_and_when_it_would_pass() {
    let mut chain = Chain::builder().notice(NOTICE).lens().build();
    longs(&mut chain, &[200], 0);
    let proposed = tiers(&[(0, 1_500, 800)]);
    let now = chain.app.block_info().time.seconds();
    let later = SimulateQuery {
        at: Some(now + 1_000),
        ..question(of_market(&proposed))
    };
    let page = ask(&chain, later.clone()).expect("answers");
    assert_eq!(page.plan.replaces, None);
    assert_eq!(page.plan.at, now + 1_000);
    assert_eq!(page.plan.steps[0].due, now + 1_000 + NOTICE.notice_seconds);
    pass(&mut chain, page.version, &proposed);
    let page = ask(&chain, later).expect("answers");
    assert_eq!(page.plan.replaces, Some(now + NOTICE.notice_seconds));
    assert_eq!(page.version, market_of(&chain, 1).version);
    assert!(page.plan.complete);
}

#[test]
fn a_cursor_of_another_change_and_a_page_of_none_are_refused() {
    let mut chain = Chain::builder().lens().build();
    longs(&mut chain, &[200], 0);
    let with = |cursor, limit| SimulateQuery {
        cursor,
        limit,
        ..question(of_market(&free_market()))
    };
    ask(&chain, with(Some(SimulateCursor::Account(2)), Some(300))).expect("answers");
    for (code, query) in [
        ("wrong_cursor", with(Some(SimulateCursor::Market(1)), None)),
        ("limit_out_of_range", with(None, Some(0))),
        ("limit_out_of_range", with(None, Some(301))),
    ] {
        let error = ask(&chain, query).expect_err("is refused");
        assert!(error.has_code(code), "{error}");
    }
}

fn rates() -> impl Strategy<Value = (u32, u32)> {
    (10u32..1_000).prop_flat_map(|low| (low + 1..2_500, Just(low)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn comes_true(
        deposits in prop::collection::vec(101u128..200, 2..6), fall in 0u64..900_000,
        one in rates(), two in rates(), from in 1i128..2_000,
    ) {
        let high = (from * USDC as i128, one.0.max(two.0), one.1.max(two.1));
        let proposed = tiers(&[(0, one.0, one.1), high]);
        prop_assume!(proposed.validate().is_ok());
        // The second holds 5 lots of another market.
        let deposits: Vec<_> = deposits.iter().map(|d| d + 5).collect();
        assert_comes_true(&deposits, fall, &proposed);
    }
}
