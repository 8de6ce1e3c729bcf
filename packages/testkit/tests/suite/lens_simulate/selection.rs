//! Changes of policies: whom the queue then takes from.

use std::collections::BTreeMap;

use cosmwasm_std::Event;
use perp_interface::governance::NoticeParams;
use perp_interface::lens::{
    Impact, PolicyChange, ProposedChange, QueueChange, SampleLoss, SelectionImpact, SimulateQuery,
};
use perp_interface::params::QueueParams;
use perp_interface::queue::{ExecuteMsg, SetPolicy, UpdateParams};
use perp_interface::{AccountId, Lots, Policy, Quote, ScoreKind, Side};
use perp_testkit::{receipts, Chain};
use proptest::prelude::*;

use super::{ask, make, question};
use crate::random::policy;
use crate::situation::{cross, market, party, Party, ENTRY, USDC};

const NOTICE: NoticeParams = NoticeParams {
    notice_seconds: 20,
    step_seconds: 5,
};

const FALL: u64 = 2_000_000;

/// What FALL leaves of a long of 100 lots with 150 USDC.
const DEFICIT: i128 = 50_000_000;

/// A bankrupt long of 100 lots against twelve shorts of 20 lots, of different leverage and entry; the last
/// four of them have lost.
fn situation(policy: Policy) -> (Chain, Party) {
    let queue = QueueParams {
        default_policy: policy,
        ..QueueParams::default()
    };
    let builder = Chain::builder().queue(queue).notice(NOTICE);
    let mut chain = builder.lens().check_every(1).build();
    market(&mut chain, 1);
    let long = party(&mut chain, "long", 150 * USDC);
    let whale = party(&mut chain, "whale", 1_000_000 * USDC);
    for i in 0..12u64 {
        let short = party(
            &mut chain,
            &format!("s{i}"),
            (50 + 7 * (u128::from(i) % 5)) * USDC,
        );
        let lower = if i < 8 {
            20_000 * i
        } else {
            FALL + 100_000 * i
        };
        let price = ENTRY - lower;
        chain.set_price(1, price).expect("prices");
        cross(&mut chain, 1, (&whale, &short), 20, price);
    }
    chain.set_price(1, ENTRY).expect("prices");
    cross(&mut chain, 1, (&long, &whale), 100, ENTRY);
    chain.set_price(1, ENTRY - FALL).expect("prices");
    (chain, long)
}

fn shown(chain: &Chain, change: ProposedChange, limit: u32) -> (u64, SelectionImpact) {
    let query = SimulateQuery {
        loss: Some(SampleLoss {
            market: 1,
            side: Side::Long,
            lots: Lots(100),
            need: Some(Quote(DEFICIT)),
            mark: None,
        }),
        limit: Some(limit),
        ..question(change)
    };
    let page = ask(chain, query).expect("answers");
    match page.impact {
        Impact::Selection(impact) => (page.version, impact),
        other => panic!("of another change: {other:?}"),
    }
}

/// Lots and money by account.
type Taken = BTreeMap<AccountId, (u64, i128)>;

fn taken(events: &[Event]) -> Taken {
    let mut all = Taken::new();
    for (kind, money, lots) in [
        ("adl_fill", "charge", true),
        ("adl_haircut", "amount", false),
    ] {
        for record in receipts::of_kind(events, kind) {
            let sum = all.entry(record.number("account") as u64).or_default();
            sum.0 += if lots {
                record.number("lots") as u64
            } else {
                0
            };
            sum.1 += record.number(money);
        }
    }
    all
}

fn said(impact: &SelectionImpact) -> (Taken, Taken) {
    let (mut now, mut target) = (Taken::new(), Taken::new());
    for c in &impact.counterparties {
        for (all, given) in [(&mut now, c.now), (&mut target, c.at_target)] {
            if given != perp_interface::lens::Given::default() {
                all.insert(c.account, (given.lots.0, given.charge.0));
            }
        }
    }
    (now, target)
}

fn deleverage(chain: &mut Chain, long: &Party) -> Taken {
    chain.set_price(1, ENTRY - FALL).expect("prices");
    let keeper = chain.user("keeper");
    let mut events = chain.liquidate(&keeper, long.id).expect("liquidates");
    events.extend(chain.finish_jobs(100).expect("finishes").1);
    taken(&events)
}

/// Passes a market's own policy, or the default of the queue.
fn pass(chain: &mut Chain, change: &ProposedChange) {
    let plan = ask(chain, question(change.clone())).expect("answers");
    assert_eq!(plan.impact, Impact::OnlyPlan {});
    let governance = chain.governance.clone();
    let (msg, market) = match change.clone() {
        ProposedChange::Policy(PolicyChange { market, policy }) => {
            let msg = SetPolicy {
                market,
                expected_version: Some(plan.version),
                policy,
            };
            (ExecuteMsg::SetPolicy(msg), Some(market))
        }
        ProposedChange::Queue(QueueChange { params }) => {
            let msg = UpdateParams {
                expected_version: plan.version,
                params,
            };
            (ExecuteMsg::UpdateParams(msg), None)
        }
        other => panic!("no policy: {other:?}"),
    };
    chain.queue(&governance, msg).expect("passes");
    let queue = chain.addresses.queue.clone();
    for step in &plan.plan.steps {
        make(chain, &queue, market, step);
    }
}

/// Asks under `from`, deleverages once without the change and once with it.
fn assert_comes_true(from: Policy, change: &ProposedChange) -> SelectionImpact {
    let (chain, _) = situation(from);
    let (_, whole) = shown(&chain, change.clone(), 100);
    assert!(whole.now.complete && whole.at_target.complete);
    let (now, at_target) = said(&whole);
    let (mut unchanged, long) = situation(from);
    assert_eq!(deleverage(&mut unchanged, &long), now);
    let (mut changed, long) = situation(from);
    pass(&mut changed, change);
    assert_eq!(deleverage(&mut changed, &long), at_target);
    // A look at too few is incomplete, never another selection.
    for limit in 1..13 {
        let (_, part) = shown(&chain, change.clone(), limit);
        let (part_now, part_target) = said(&part);
        assert!(!part.now.complete || part_now == now, "{limit}: {part:?}");
        assert!(
            !part.at_target.complete || part_target == at_target,
            "{limit}: {part:?}"
        );
    }
    whole
}

fn own(policy: Option<Policy>) -> ProposedChange {
    ProposedChange::Policy(PolicyChange { market: 1, policy })
}

#[test]
fn a_wider_policy_takes_less_from_more() {
    let wide = Policy::of_breadth(50);
    let shown = assert_comes_true(Policy::default(), &own(Some(wide)));
    assert_eq!(
        (shown.now.policy, shown.at_target.policy),
        (Policy::default(), wide)
    );
    assert!(shown.at_target.raised == shown.now.raised);
    let (now, at_target) = said(&shown);
    let most = |taken: &Taken| taken.values().map(|(_, money)| *money).max();
    assert!(most(&at_target) < most(&now), "{shown:?}");
}

/// Where the policies differ in whether losers take part, the ranking is not cut where one of them would.
#[test]
fn leverage_with_and_without_protection() {
    let leverage = |protect_principal| Policy {
        score: ScoreKind::Leverage,
        protect_principal,
        ..Policy::default()
    };
    let [open, kept] = [false, true].map(leverage);
    let taking = assert_comes_true(kept, &own(Some(open)));
    let sparing = assert_comes_true(open, &own(Some(kept)));
    assert_ne!(said(&taking).0, said(&taking).1);
    assert_eq!(said(&taking).0, said(&sparing).1);
}

#[test]
fn the_default_reaches_markets_without_a_policy_of_their_own() {
    let queue = |default_policy| {
        ProposedChange::Queue(QueueChange {
            params: QueueParams {
                default_policy,
                ..QueueParams::default()
            },
        })
    };
    let wide = Policy::of_breadth(20);
    let reached = assert_comes_true(Policy::default(), &queue(wide));
    assert_eq!(reached.at_target.policy, wide);
    let (mut chain, _) = situation(Policy::default());
    pass(&mut chain, &own(Some(Policy::of_breadth(3))));
    let (_, spared) = shown(&chain, queue(wide), 100);
    assert_eq!(spared.now, spared.at_target);
    assert_eq!(spared.now.policy.breadth, 3);
    let (version, back) = shown(&chain, own(None), 100);
    assert_eq!(back.at_target.policy, Policy::default());
    assert!(version > 0);
}

#[test]
fn a_loss_that_cannot_be_is_refused() {
    let (chain, _) = situation(Policy::default());
    let query = |lots, need, market| SimulateQuery {
        loss: Some(SampleLoss {
            market,
            side: Side::Long,
            lots: Lots(lots),
            need: Some(Quote(need)),
            mark: None,
        }),
        ..question(own(None))
    };
    for (code, query) in [
        ("lots_out_of_range", query(0, 0, 1)),
        ("exceeds_open_interest", query(100_000, 0, 1)),
        ("negative_need", query(1, -1, 1)),
        ("unknown_market", query(1, 0, 9)),
    ] {
        let error = ask(&chain, query).expect_err("is refused");
        assert!(error.has_code(code), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn comes_true(from in policy(), to in policy()) {
        assert_comes_true(from, &own(Some(to)));
    }
}
