//! Authority, guardian, notices and pauses, on the running suite.

use cosmwasm_std::Addr;
use perp_interface::governance::{
    ApplyPending, GovernMsg, GovernanceResponse, NoticeParams, PendingQuery, PendingResponse,
};
use perp_interface::market::{
    self, ConfigResponse, ExecuteMsg, MarketQuery, MarketResponse, QueryMsg, UpdateMarket,
    UpdateParams,
};
use perp_interface::params::{ExchangeParams, MarketParams, QueueParams};
use perp_interface::{queue, Lots, Policy, Side};
use perp_testkit::chain::{ChainResult, Order};
use perp_testkit::Chain;

use crate::situation::{crash, free_market, jobs, party, state, BOTTOM, ENTRY, USDC};

pub const NOTICE: NoticeParams = NoticeParams {
    notice_seconds: 20,
    step_seconds: 5,
};

pub fn chain() -> Chain {
    let mut chain = Chain::builder().notice(NOTICE).check_every(1).build();
    chain.list(1, ENTRY, free_market()).expect("lists");
    chain
}

pub fn guardian(chain: &Chain) -> Addr {
    chain.app.api().addr_make("guardian")
}

fn params(chain: &Chain) -> (u64, MarketParams) {
    let query = QueryMsg::Market(MarketQuery { market: 1 });
    let market: MarketResponse = chain
        .query(&chain.addresses.market, &query)
        .expect("answers");
    (market.version, market.params)
}

fn update(chain: &mut Chain, sender: &Addr, params: MarketParams) -> ChainResult<()> {
    let expected_version = self::params(chain).0;
    let msg = ExecuteMsg::UpdateMarket(UpdateMarket {
        market: 1,
        expected_version,
        params,
    });
    chain.market(sender, msg).map(|_| ())
}

fn apply(chain: &mut Chain, sender: &Addr) -> ChainResult<()> {
    let msg = ExecuteMsg::ApplyPending(ApplyPending { market: Some(1) });
    chain.market(sender, msg).map(|_| ())
}

fn waits(chain: &Chain) -> PendingResponse {
    let query = QueryMsg::PendingParams(PendingQuery { market: Some(1) });
    chain
        .query(&chain.addresses.market, &query)
        .expect("answers")
}

pub fn refused<T: std::fmt::Debug>(result: ChainResult<T>, code: &str) {
    let refusal = result.expect_err(code);
    assert!(refusal.has_code(code), "{code}: {refusal}");
}

#[test]
fn an_authority_loosens_after_its_notice_step_by_step_and_anybody_applies() {
    let mut chain = chain();
    let (authority, anybody) = (chain.governance.clone(), chain.user("anybody"));
    let goal = MarketParams {
        max_open_interest: Lots(4 << 40),
        liquidation_fee_bps: 40,
        ..free_market()
    };
    refused(update(&mut chain, &anybody, goal.clone()), "unauthorized");
    update(&mut chain, &authority, goal.clone()).expect("schedules");
    assert_eq!(params(&chain), (2, free_market()), "nothing moves yet");
    let shown = waits(&chain);
    let start = chain.app.block_info().time.seconds();
    assert_eq!(shown.due, Some(start + 20));
    let dues: Vec<u64> = shown.steps.iter().map(|step| step.due - start).collect();
    assert_eq!(dues, [20, 25]);
    let of = |i: usize| {
        let changes = shown.steps[i].changes.iter();
        let text = |c: &perp_interface::governance::FieldChange| {
            format!("{} {}>{}", c.field, c.from.join(","), c.to.join(","))
        };
        changes.map(text).collect::<Vec<_>>()
    };
    let (once, twice, four) = (1_u64 << 40, 2_u64 << 40, 4_u64 << 40);
    assert_eq!(
        of(0),
        [
            format!("max_open_interest {once}>{twice}"),
            "liquidation_fee_bps 50>40".to_owned()
        ]
    );
    assert_eq!(of(1), [format!("max_open_interest {twice}>{four}")]);
    chain.advance(19, 1);
    refused(apply(&mut chain, &anybody), "not_due");
    chain.advance(1, 1);
    apply(&mut chain, &anybody).expect("is due");
    let half = MarketParams {
        max_open_interest: Lots(twice),
        ..goal.clone()
    };
    assert_eq!(params(&chain), (2, half), "a step is no decision");
    refused(apply(&mut chain, &anybody), "not_due");
    chain.advance(5, 1);
    apply(&mut chain, &anybody).expect("is due");
    assert_eq!(params(&chain), (2, goal));
    assert_eq!(waits(&chain).due, None);
    refused(apply(&mut chain, &anybody), "nothing_pending");
}

#[test]
fn a_guardian_tightens_at_once_and_does_nothing_else() {
    let mut chain = chain();
    let guardian = guardian(&chain);
    let tighter = MarketParams {
        max_open_interest: Lots(1_000),
        ..free_market()
    };
    update(&mut chain, &guardian, tighter.clone()).expect("tightens");
    assert_eq!(params(&chain), (2, tighter.clone()));
    let mut higher = tighter.clone();
    higher.tiers[0].maintenance_bps += 1;
    for wrong in [
        free_market(),
        higher,
        MarketParams {
            funding_rate: perp_interface::PerLot(1),
            ..tighter.clone()
        },
    ] {
        let before = state(&chain);
        refused(
            update(&mut chain, &guardian, wrong),
            "guardian_only_tightens",
        );
        assert_eq!(state(&chain), before);
    }
    refused(update(&mut chain, &guardian, tighter), "nothing_to_change");
    // Of the rest of what the authority may, the guardian may nothing.
    let propose = GovernMsg::ProposeAuthority {
        candidate: Some(guardian.to_string()),
    };
    refused(
        chain.market(&guardian, ExecuteMsg::Govern(propose)),
        "unauthorized",
    );
    let own = GovernMsg::SetGuardian { guardian: None };
    refused(
        chain.market(&guardian, ExecuteMsg::Govern(own)),
        "unauthorized",
    );
    let policy = queue::SetPolicy {
        market: 1,
        expected_version: None,
        policy: Some(Policy::of_breadth(3)),
    };
    refused(
        chain.queue(&guardian, queue::ExecuteMsg::SetPolicy(policy)),
        "guardian_only_tightens",
    );
}

#[test]
fn maintenance_margin_moves_in_steps_and_liquidates_nobody_in_the_first() {
    let mut chain = chain();
    let (authority, anybody) = (chain.governance.clone(), chain.user("anybody"));
    let long = party(&mut chain, "long", 12 * USDC);
    let short = party(&mut chain, "short", 1_000 * USDC);
    let ask = Order::limit(1, Side::Short, 10, ENTRY);
    chain.place(&short.user, ask).expect("rests");
    // 100 USDC with 12: initial margin is 10, maintenance 5.
    chain
        .place(&long.user, Order::ioc(1, Side::Long, 10, ENTRY))
        .expect("takes");
    let mut goal = free_market();
    goal.tiers[0].maintenance_bps = 1_400;
    goal.tiers[0].initial_bps = 1_500;
    goal.tiers[1].maintenance_bps = 1_400;
    update(&mut chain, &authority, goal.clone()).expect("schedules");
    let rates = |chain: &Chain| {
        let tier = params(chain).1.tiers[0].clone();
        (tier.initial_bps, tier.maintenance_bps)
    };
    // The initial margin is up at once: nobody opens at the old one any more.
    assert_eq!(rates(&chain), (1_500, 500));
    chain.advance(20, 1);
    let mut steps = 0;
    while waits(&chain).due.is_some() {
        chain.set_price(1, ENTRY).expect("prices");
        let before = rates(&chain).1;
        refused(chain.liquidate(&anybody, long.id), "not_liquidatable");
        apply(&mut chain, &anybody).expect("is due");
        assert!(rates(&chain).1 <= before + 50);
        steps += 1;
        if rates(&chain).1 > 1_200 {
            break;
        }
        chain.advance(5, 1);
    }
    // Fourteen notices of half a per cent each before the account is below.
    assert_eq!((steps, rates(&chain).1), (15, 1_250));
    chain.set_price(1, ENTRY).expect("prices");
    let bid = Order::limit(1, Side::Long, 100, ENTRY);
    chain.place(&short.user, bid).expect("rests");
    chain.liquidate(&anybody, long.id).expect("is below now");
}

#[test]
fn a_proposal_against_older_parameters_is_refused_whoever_sends_it() {
    let mut chain = chain();
    let authority = chain.governance.clone();
    let tighter = MarketParams {
        max_open_interest: Lots(1_000),
        ..free_market()
    };
    let guardian = guardian(&chain);
    update(&mut chain, &guardian, tighter).expect("tightens");
    let stale = ExecuteMsg::UpdateMarket(UpdateMarket {
        market: 1,
        expected_version: 1,
        params: free_market(),
    });
    for sender in [authority, guardian] {
        refused(chain.market(&sender, stale.clone()), "version_mismatch");
    }
    refused(sudo(&mut chain, &stale_sudo()), "version_mismatch");
}

fn stale_sudo() -> market::SudoMsg {
    market::SudoMsg::UpdateMarket(UpdateMarket {
        market: 1,
        expected_version: 1,
        params: free_market(),
    })
}

fn sudo(chain: &mut Chain, msg: &market::SudoMsg) -> ChainResult<()> {
    let to = chain.addresses.market.clone();
    let done = chain.app.wasm_sudo(to, msg);
    let text = |e: cosmwasm_std::StdError| perp_testkit::chain::ChainError(e.to_string());
    done.map(|_| ()).map_err(text)
}

#[test]
fn the_chain_itself_governs_by_the_same_rules() {
    let mut chain = chain();
    let params = ExchangeParams {
        max_positions: 5,
        max_fills: 60,
        ..ExchangeParams::default()
    };
    let msg = market::SudoMsg::UpdateParams(UpdateParams {
        expected_version: 1,
        params: params.clone(),
    });
    sudo(&mut chain, &msg).expect("schedules");
    let config = |chain: &Chain| -> ConfigResponse {
        chain
            .query(&chain.addresses.market, &QueryMsg::Config {})
            .expect("answers")
    };
    let now = config(&chain);
    assert_eq!(
        (now.version, now.params.max_positions, now.params.max_fills),
        (2, 5, 50)
    );
    refused(sudo(&mut chain, &msg), "version_mismatch");
    chain.advance(20, 1);
    let anybody = chain.user("anybody");
    let apply = ExecuteMsg::ApplyPending(ApplyPending { market: None });
    chain.market(&anybody, apply).expect("is due");
    assert_eq!(config(&chain).params, params);
    // An authority that is lost can be replaced by the chain.
    let candidate = chain.user("the new one");
    let propose = GovernMsg::ProposeAuthority {
        candidate: Some(candidate.to_string()),
    };
    sudo(&mut chain, &market::SudoMsg::Govern(propose)).expect("names");
    let accept = ExecuteMsg::Govern(GovernMsg::AcceptAuthority {});
    chain.market(&candidate, accept).expect("accepts");
    assert_eq!(config(&chain).authority, candidate.to_string());
}

#[test]
fn an_authority_is_handed_over_in_two_steps() {
    let mut chain = chain();
    let (old, new, other) = (
        chain.governance.clone(),
        chain.user("new"),
        chain.user("other"),
    );
    let accept = || ExecuteMsg::Govern(GovernMsg::AcceptAuthority {});
    let name = |who: Option<&Addr>| {
        ExecuteMsg::Govern(GovernMsg::ProposeAuthority {
            candidate: who.map(Addr::to_string),
        })
    };
    refused(chain.market(&new, accept()), "no_candidate");
    refused(chain.market(&new, name(Some(&new))), "unauthorized");
    chain.market(&old, name(Some(&new))).expect("names");
    // Until then nothing changes, and the name can be taken back.
    refused(chain.market(&other, accept()), "unauthorized");
    refused(chain.market(&old, accept()), "unauthorized");
    chain.market(&old, name(None)).expect("takes it back");
    refused(chain.market(&new, accept()), "no_candidate");
    chain.market(&old, name(Some(&new))).expect("names again");
    chain.market(&new, accept()).expect("accepts");
    refused(chain.market(&old, name(Some(&old))), "unauthorized");
    chain
        .market(&new, name(Some(&old)))
        .expect("is the authority");
    let query = QueryMsg::Governance {};
    let governance: GovernanceResponse = chain
        .query(&chain.addresses.market, &query)
        .expect("answers");
    assert_eq!(governance.authority, new.to_string());
    assert_eq!(governance.candidate, Some(old.to_string()));
    assert_eq!(governance.notice, NOTICE);
}

/// Whoever would be deleveraged next could otherwise become a hedge between two steps.
#[test]
fn bug_what_waited_for_a_market_changed_a_job_between_two_steps() {
    let queue = QueueParams {
        step_limit: 1,
        ..QueueParams::default()
    };
    let builder = Chain::builder().notice(NOTICE).queue(queue);
    let mut chain = builder.check_every(1).build();
    let crash = crash(&mut chain);
    chain.list(2, ENTRY, free_market()).expect("lists");
    let authority = chain.governance.clone();
    let update = |chain: &mut Chain, market| {
        let params = MarketParams {
            hedge_group: 7,
            ..free_market()
        };
        let msg = ExecuteMsg::UpdateMarket(UpdateMarket {
            market,
            expected_version: 1,
            params,
        });
        chain.market(&authority, msg).expect("schedules");
    };
    update(&mut chain, 1);
    update(&mut chain, 2);
    chain.advance(20, 1);
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    assert_eq!(jobs(&chain).len(), 1, "under way");
    let apply = |chain: &mut Chain, market| {
        let msg = ExecuteMsg::ApplyPending(ApplyPending {
            market: Some(market),
        });
        chain.market(&crash.keeper, msg)
    };
    for market in [1, 2] {
        refused(apply(&mut chain, market), "losses_open");
    }
    while let Some(loss_id) = jobs(&chain).first().copied() {
        chain.step(&crash.keeper, loss_id).expect("goes on");
    }
    for market in [1, 2] {
        apply(&mut chain, market).expect("is due");
    }
}
