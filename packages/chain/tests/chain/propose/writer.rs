//! What is refused before anything is written, and that the plan is what the contract then does.

use perp_interface::governance::{Operation, PendingResponse};
use perp_interface::params::FundParams;
use perps_chain::deploy::Part;
use perps_chain::propose::{Change, Current, ProposeError, ProposeResult, Subject, Wish, Writer};
use serde_json::{json, Value};

use super::world::{sets, World};

fn code(result: ProposeResult<impl std::fmt::Debug>) -> String {
    let text = result.expect_err("refused").to_string();
    text.split(':').next().unwrap_or_default().to_owned()
}

/// The dates and values that are shown are those that the contract answers once the proposal has passed.
#[test]
fn the_plan_is_what_the_contract_does() {
    for (subject, assignments) in [
        (
            Subject::Market(1),
            &[
                "tiers.0.initial_bps=1200",
                "tiers.0.maintenance_bps=620",
                "taker_fee_bps=30",
            ][..],
        ),
        (Subject::Exchange, &["max_orders=60", "max_positions=4"][..]),
        (
            Subject::Fund,
            &["trip_bps=2500", "claim_seconds=500000"][..],
        ),
        (Subject::Queue, &["default_policy.breadth=7"][..]),
        (Subject::Policy(1), &["breadth=7", "score=leverage"][..]),
        (Subject::Feed, &["max_age=600"][..]),
    ] {
        let mut world = World::with_market();
        let contract = world.at(subject.part()).to_owned();
        let before = current(&world, subject);
        let draft = world.writer().change(subject, &sets(assignments));
        let draft = draft.unwrap_or_else(|e| panic!("{subject}: {e}"));
        let msg = match &draft.messages[..] {
            [perps_chain::proposal::ProposalMessage::ExecuteContract(call)] => &call.msg,
            other => panic!("{other:?}"),
        };
        let change = Change::read(subject.part(), msg).expect("is read");
        let plan = change.expect("a change").params.plan(&before, world.now());
        let plan = plan.expect("a plan");
        assert!(!plan.steps.is_empty(), "{subject}");

        world
            .pass(&draft)
            .unwrap_or_else(|e| panic!("{subject}: {e}"));
        let market = match subject {
            Subject::Market(market) | Subject::Policy(market) => Some(market),
            _ => None,
        };
        let question = json!({"pending_params": {"market": market}});
        let answer = world.query(subject.part(), &question);
        let pending: PendingResponse = serde_json::from_value(answer).expect("an answer");
        assert_eq!(pending.steps, plan.steps, "{subject} at {contract}");
        assert_eq!(pending.version, before.version + 1);
        // Somebody else's proposal, written before: it is refused in time.
        let again = Wish {
            expected_version: Some(before.version + 5),
            ..sets(assignments)
        };
        assert_eq!(
            code(world.writer().change(subject, &again)),
            "version_mismatch"
        );
    }
}

fn current(world: &World, subject: Subject) -> Current {
    let contract = world.at(subject.part());
    subject.current(&world.chain, contract).expect("an answer")
}

#[test]
fn bounds_are_checked_with_the_parameters_own_codes() {
    let world = World::with_market();
    let refused = |subject, set: &str| code(world.writer().change(subject, &sets(&[set])));
    assert_eq!(refused(Subject::Feed, "max_age=0"), "param_out_of_bounds");
    assert_eq!(
        refused(Subject::Policy(1), "breadth=0"),
        "param_out_of_bounds"
    );
    assert_eq!(refused(Subject::Market(1), "tiers.0.from=5"), "param_tiers");
    assert_eq!(
        refused(Subject::Market(1), "bounty_per_fill=100000000"),
        "param_bounty"
    );
    assert_eq!(refused(Subject::Fund, "trip_pbs=1"), "unknown_key");
}

#[test]
fn without_a_node_everything_must_be_named() {
    let world = World::new();
    let writer = Writer {
        chain: None,
        ..world.writer()
    };
    assert_eq!(
        code(writer.change(Subject::Fund, &sets(&["trip_bps=1"]))),
        "needs_node"
    );
    let mut whole = Wish {
        params: Some(serde_json::to_value(FundParams::default()).expect("JSON")),
        ..sets(&["trip_bps=2500"])
    };
    assert_eq!(code(writer.change(Subject::Fund, &whole)), "needs_node");
    whole.expected_version = Some(1);
    let blind = writer.change(Subject::Fund, &whole).expect("is written");
    let seeing = world
        .writer()
        .change(Subject::Fund, &sets(&["trip_bps=2500"]));
    assert_eq!(blind.messages, seeing.expect("is written").messages);
    assert!(blind.notes.is_empty());
    let half = Wish {
        params: Some(json!({"trip_bps": 2500})),
        ..whole
    };
    assert_eq!(code(writer.change(Subject::Fund, &half)), "bad_params");
}

#[test]
fn a_market_is_listed_once_and_needs_a_price() {
    let world = World::with_market();
    let listing = |market| perps_chain::propose::Listing {
        market,
        symbol: "X".to_owned(),
        isolated: false,
        window_cap: None,
    };
    let list = |market| world.writer().list(&listing(market), &Wish::default());
    assert!(matches!(list(1), Err(ProposeError::MarketExists(1))));
    let without_price = list(0).expect("is written");
    assert_eq!(without_price.notes.len(), 1, "{without_price:?}");
}

#[test]
fn where_a_dao_is_the_authority_only_sudo_is_left() {
    let mut world = World::new();
    world.record.authority = "cosmwasm1dao".to_owned();
    let pause = |sudo| {
        let writer = Writer {
            sudo,
            ..world.writer()
        };
        writer.pause(Operation::Staking, true)
    };
    assert_eq!(code(pause(false)), "other_authority");
    let draft = pause(true).expect("is written");
    assert_eq!(draft.messages[0].sender(), world.record.admin);
    world.pass(&draft).expect("is executed");
    let governance = world.query(Part::Fund, &json!({"governance": {}}));
    assert_eq!(governance["paused"], json!(["staking"]));
}

#[test]
fn a_change_that_waits_is_replaced_only_if_that_is_meant() {
    for (subject, first, second) in [
        (
            Subject::Fund,
            &["trip_bps=2500", "claim_seconds=500000"][..],
            "per_loss_cap=7",
        ),
        (
            Subject::Market(1),
            &[
                "tiers.0.initial_bps=1200",
                "tiers.0.maintenance_bps=620",
                "taker_fee_bps=30",
            ],
            "taker_fee_bps=20",
        ),
        (
            Subject::Policy(1),
            &["breadth=7", "score=leverage"],
            "breadth=5",
        ),
    ] {
        let mut world = World::with_market();
        let draft = world.writer().change(subject, &sets(first));
        world.pass(&draft.expect("is written")).expect("passes");
        let due = current(&world, subject).pending.expect("it waits");
        let error = world.writer().change(subject, &sets(&[second]));
        let error = error.expect_err("refused");
        assert!(
            matches!(&error, ProposeError::ChangeWaits { due: at, .. } if *at == due),
            "{error}"
        );
        let text = error.to_string();
        let start = format!("change_waits: another change of the {subject} waits until ");
        assert!(
            text.starts_with(&start) && text.contains("--replace"),
            "{text}"
        );
        let meant = Wish {
            replace: true,
            ..sets(&[second])
        };
        let draft = world.writer().change(subject, &meant).expect("is written");
        let notes = draft.notes.join("\n");
        assert!(notes.contains("it replaces a change that waits"), "{notes}");
        world.pass(&draft).expect("passes");
    }
    // What waits for one is in nobody else's way.
    let mut world = World::with_market();
    let draft = world
        .writer()
        .change(Subject::Exchange, &sets(&["max_positions=4"]));
    world.pass(&draft.expect("is written")).expect("passes");
    let market = world
        .writer()
        .change(Subject::Market(1), &sets(&["taker_fee_bps=30"]));
    market.expect("is written");
}

#[test]
fn a_policy_goes_back_to_the_default() {
    let mut world = World::with_market();
    let own = world
        .writer()
        .change(Subject::Policy(1), &sets(&["breadth=5"]));
    world.pass(&own.expect("is written")).expect("passes");
    let again = |replace| {
        let wish = Wish {
            replace,
            ..Wish::default()
        };
        world.writer().default_again(1, &wish)
    };
    assert_eq!(code(again(false)), "change_waits");
    let draft = again(true).expect("is written");
    let shown = serde_json::to_value(&draft.messages[0]).expect("JSON");
    assert_eq!(shown["msg"]["set_policy"]["policy"], Value::Null);
    world.pass(&draft).expect("passes");
}
