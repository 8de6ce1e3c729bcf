//! `propose impact`: who is hurt, before anybody votes.

use perp_interface::lens::{Impact, SampleLoss};
use perp_interface::{Lots, Side};
use perps_chain::propose::{Assessment, Assessor, Draft, Subject};

use super::world::{quote, sets, World};

/// Two accounts at 10 lots of 100 each: one with 11 % of it, one with plenty.
fn traded() -> World {
    let mut world = World::with_market();
    world.trade("long", Side::Long, 10, 110_000_000);
    world.trade("short", Side::Short, 10, 1_000_000_000);
    world
}

fn assess(world: &World, draft: Draft, loss: Option<SampleLoss>) -> Vec<Assessment> {
    let assessor = Assessor {
        record: &world.record,
        chain: &world.chain,
        at: world.now(),
        loss,
    };
    let file = world.file("title", draft);
    assessor.assess(&file).expect("is assessed")
}

fn text(assessments: &[Assessment]) -> String {
    let lines = assessments.iter().flat_map(Assessment::lines);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_account_that_becomes_liquidatable_is_named_with_the_date() {
    let world = traded();
    let harsh = sets(&[
        "tiers.0.initial_bps=2000",
        "tiers.0.maintenance_bps=1500",
        "tiers.1.maintenance_bps=1500",
    ]);
    let draft = world.writer().change(Subject::Market(1), &harsh);
    let assessments = assess(&world, draft.expect("is written"), None);
    let assessed = assessments[0].change.as_ref().expect("a change");
    assert_eq!(assessed.no_impact, None);
    let Impact::Market(impact) = &assessed.pages[0] else {
        panic!("{assessed:?}");
    };
    let hurt: Vec<_> = impact
        .accounts
        .iter()
        .filter_map(|account| Some((account.account, account.liquidatable_from?)))
        .collect();
    // From 5 % in steps of 0.5 %: 11 %, more than it has after fees, at the twelfth.
    let [(account, from)] = hurt[..] else {
        panic!("{hurt:?}");
    };
    assert_eq!(from, assessed.plan.steps[11].due);
    let shown = text(&assessments);
    let line = format!("account {account} (long 10 lots, equity ");
    assert!(shown.contains(&line), "{shown}");
    assert!(
        shown.contains("liquidatable: 0 now, 1 more by the change"),
        "{shown}"
    );
    assert!(
        shown.contains("at once: tiers.initial_bps 1000/2000 -> 2000/2000"),
        "{shown}"
    );
    // The sums of both: ten per cent of twice 1 000, then twenty.
    let row = shown
        .lines()
        .find(|line| line.trim_start().starts_with("initial "));
    let cells: Vec<&str> = row.expect("a row").split_whitespace().collect();
    assert_eq!(cells, ["initial", "200000000", "400000000", "400000000"]);
}

#[test]
fn another_policy_shows_whom_a_loss_would_reach() {
    let world = traded();
    let draft = world
        .writer()
        .change(Subject::Policy(1), &sets(&["breadth=5"]));
    let draft = draft.expect("is written");
    let without = text(&assess(&world, draft.clone(), None));
    assert!(without.contains("--loss"), "{without}");
    let loss = SampleLoss {
        market: 1,
        side: Side::Long,
        lots: Lots(4),
        need: Some(quote(0)),
        mark: None,
    };
    let shown = text(&assess(&world, draft, Some(loss)));
    assert!(shown.contains("4 -> 4 lots, charged 0 -> 0"), "{shown}");
}

#[test]
fn the_funds_headroom_and_what_has_no_effects() {
    let world = traded();
    let mut draft = Draft::default();
    for change in [
        world
            .writer()
            .change(Subject::Fund, &sets(&["per_loss_cap=7"])),
        world
            .writer()
            .change(Subject::Exchange, &sets(&["max_positions=1"])),
        world.writer().change(Subject::Feed, &sets(&["max_age=70"])),
        world.writer().pin(&[]),
    ] {
        draft.messages.extend(change.expect("is written").messages);
    }
    let assessments = assess(&world, draft, None);
    let shown = text(&assessments);
    let row = shown.lines().find(|line| line.contains("per loss "));
    let cells: Vec<&str> = row.expect("a row").split_whitespace().collect();
    assert_eq!(cells[3..], ["7", "7"], "{shown}");
    assert!(
        shown.contains("2 accounts looked at, 0 with too many positions"),
        "{shown}"
    );
    assert!(shown.contains("message 4: pins 5 codes"), "{shown}");
    assert!(assessments[2]
        .change
        .as_ref()
        .is_some_and(|c| c.pages.is_empty()));
    assert_eq!(assessments[3].change, None);
    serde_json::to_string(&assessments).expect("JSON");
}

#[test]
fn a_proposal_that_was_overtaken_is_shown_as_such() {
    let mut world = traded();
    let draft = world
        .writer()
        .change(Subject::Fund, &sets(&["per_loss_cap=7"]));
    let draft = draft.expect("is written");
    world.pass(&draft).expect("passes");
    let assessments = assess(&world, draft, None);
    assert_eq!(
        assessments[0].change.as_ref().and_then(|c| c.stale),
        Some(1)
    );
    assert!(text(&assessments).contains("it will be refused"));
}
