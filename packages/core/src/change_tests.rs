use super::*;

/// A cap that is tighter when smaller, a floor that is tighter when larger, a fee, and a choice. The cap
/// never falls below the floor, and a fee of 7 is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Toy {
    cap: i128,
    floor: i128,
    fee: i128,
    kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Refused;

macro_rules! toy_number {
    ($name:ident, $tighter:ident, $step:expr) => {
        Field {
            name: stringify!($name),
            tighter: Tighter::$tighter,
            access: Access::Numbers {
                len: |_| 1,
                get: |p, _| p.$name,
                set: |p, _, n| p.$name = n,
                step: $step,
            },
        }
    };
}

impl ParamSet for Toy {
    type Error = Refused;

    fn fields() -> &'static [Field<Self>] {
        const FIELDS: &[Field<Toy>] = &[
            toy_number!(
                cap,
                Down,
                Step::Percent {
                    percent: 50,
                    least: 10
                }
            ),
            toy_number!(floor, Up, Step::Whole),
            toy_number!(fee, Neither, Step::By(3)),
            Field {
                name: "kind",
                tighter: Tighter::Neither,
                access: Access::Whole {
                    text: |p| p.kind.clone(),
                    copy: |p, from| p.kind.clone_from(&from.kind),
                },
            },
        ];
        FIELDS
    }

    fn reconcile(&mut self) {
        self.floor = self.floor.min(self.cap);
    }

    fn validate(&self) -> Result<(), Refused> {
        if self.cap < self.floor || self.fee == 7 {
            return Err(Refused);
        }
        Ok(())
    }
}

fn toy() -> Toy {
    Toy {
        cap: 100,
        floor: 10,
        fee: 5,
        kind: "a".to_owned(),
    }
}

const CLOCK: Clock = Clock {
    now: 1_000,
    notice: 50,
    step: 7,
};

fn by_authority(current: &Toy, proposed: Toy) -> Plan<Toy> {
    propose(Caller::Authority, current, None, proposed, &CLOCK).expect("is within bounds")
}

#[test]
fn what_tightens_holds_at_once() {
    let tighter = Toy {
        cap: 60,
        floor: 20,
        ..toy()
    };
    let plan = by_authority(&toy(), tighter.clone());
    assert_eq!(plan.now, tighter);
    assert_eq!(plan.pending, None);
}

#[test]
fn the_rest_of_a_mixed_change_waits_for_its_notice() {
    let mixed = Toy {
        cap: 200,
        floor: 20,
        fee: 9,
        kind: "b".to_owned(),
    };
    let plan = by_authority(&toy(), mixed.clone());
    assert_eq!(plan.now, Toy { floor: 20, ..toy() });
    let pending = plan.pending.expect("waits");
    assert_eq!((pending.target.clone(), pending.due), (mixed, 1_050));
    let early = Clock {
        now: 1_049,
        ..CLOCK
    };
    assert_eq!(
        advance(&plan.now, pending, &early),
        Err(ChangeError::NotDue {
            due: 1_050,
            now: 1_049
        })
    );
}

#[test]
fn what_waited_moves_in_bounded_steps() {
    let goal = Toy {
        cap: 200,
        fee: 12,
        kind: "b".to_owned(),
        ..toy()
    };
    let Plan { mut now, pending } = by_authority(&toy(), goal.clone());
    let mut pending = pending.expect("waits");
    let mut seen = vec![];
    let mut time = 1_050;
    loop {
        let plan = advance(&now, pending, &Clock { now: time, ..CLOCK }).expect("is due");
        now = plan.now;
        seen.push((now.cap, now.fee, now.kind.clone()));
        let Some(next) = plan.pending else { break };
        assert_eq!(next.due, time + CLOCK.step);
        // Somebody comes late: the next step counts from then.
        time = next.due + 20;
        pending = next;
    }
    let b = || "b".to_owned();
    assert_eq!(seen, [(150, 8, b()), (200, 11, b()), (200, 12, b())]);
    assert_eq!(now, goal);
}

#[test]
fn bug_a_double_step_down_went_to_anything() {
    let step = Step::Percent {
        percent: 100,
        least: 10,
    };
    assert_eq!(step.move_towards(600, 10), 300);
    assert_eq!(step.move_towards(15, 1), 5, "the least step");
}

#[test]
fn a_step_down_is_bounded_too_and_one_from_zero_gets_away() {
    let step = Step::Percent {
        percent: 50,
        least: 10,
    };
    assert_eq!(step.move_towards(100, 20), 67, "half as much again is 100");
    assert_eq!(step.move_towards(0, 500), 10);
    assert_eq!(step.move_towards(-100, 500), -50);
    assert_eq!(Step::By(3).move_towards(5, -9), 2);
    assert_eq!(Step::By(3).move_towards(5, 7), 7);
    assert_eq!(Step::Whole.move_towards(5, 1 << 100), 1 << 100);
}

#[test]
fn a_tightening_part_that_breaks_a_rule_waits_with_the_rest() {
    // The floor alone would lie above the cap.
    let goal = Toy {
        cap: 140,
        floor: 120,
        ..toy()
    };
    let plan = by_authority(&toy(), goal.clone());
    assert_eq!(plan.now, toy());
    let plan = advance(
        &plan.now,
        plan.pending.expect("waits"),
        &Clock {
            now: 1_050,
            ..CLOCK
        },
    )
    .expect("is due");
    assert_eq!(plan.now, goal);
}

#[test]
fn what_tightens_but_had_to_wait_goes_the_whole_way_in_its_first_step() {
    let now = Toy { floor: 90, ..toy() };
    let goal = Toy {
        cap: 20,
        floor: 10,
        ..toy()
    };
    let plan = by_authority(&now, goal.clone());
    assert_eq!(plan.now, now, "the cap alone would lie below the floor");
    let clock = Clock {
        now: 1_050,
        ..CLOCK
    };
    let plan = advance(&plan.now, plan.pending.expect("waits"), &clock).expect("is due");
    assert_eq!((plan.now, plan.pending), (goal, None));
}

#[test]
fn a_change_whose_first_step_breaks_a_rule_is_refused_when_it_is_proposed() {
    let four = Toy { fee: 4, ..toy() };
    let goal = Toy { fee: 10, ..toy() };
    let refused = propose(Caller::Authority, &four, None, goal, &CLOCK);
    assert_eq!(refused, Err(ChangeError::Param(Refused)));
}

#[test]
fn without_notices_everything_holds_at_once() {
    let goal = Toy {
        fee: 10,
        cap: 900,
        ..toy()
    };
    let clock = Clock { notice: 0, ..CLOCK };
    let plan = propose(Caller::Authority, &toy(), None, goal.clone(), &clock).expect("is fine");
    assert_eq!((plan.now, plan.pending), (goal, None));
}

#[test]
fn a_new_decision_replaces_what_waits() {
    let first = by_authority(&toy(), Toy { cap: 200, ..toy() });
    let again =
        propose(Caller::Authority, &first.now, first.pending, toy(), &CLOCK).expect("is fine");
    assert_eq!((again.now, again.pending), (toy(), None));
}

fn by_guardian(
    current: &Toy,
    pending: Option<Pending<Toy>>,
    proposed: Toy,
) -> Result<Plan<Toy>, ChangeError<Refused>> {
    propose(Caller::Guardian, current, pending, proposed, &CLOCK)
}

#[test]
fn a_guardian_only_tightens() {
    let tighter = Toy { cap: 60, ..toy() };
    let plan = by_guardian(&toy(), None, tighter.clone()).expect("tightens");
    assert_eq!((plan.now, plan.pending), (tighter.clone(), None));
    for (field, wrong) in [
        ("cap", Toy { cap: 101, ..toy() }),
        (
            "floor",
            Toy {
                floor: 9,
                ..tighter.clone()
            },
        ),
        (
            "fee",
            Toy {
                fee: 4,
                ..tighter.clone()
            },
        ),
        ("fee", Toy { fee: 6, ..toy() }),
        (
            "kind",
            Toy {
                kind: "b".to_owned(),
                ..tighter
            },
        ),
    ] {
        assert_eq!(
            by_guardian(&toy(), None, wrong),
            Err(ChangeError::GuardianOnlyTightens { field })
        );
    }
    let broken = Toy {
        cap: 20,
        floor: 30,
        ..toy()
    };
    assert_eq!(
        by_guardian(&toy(), None, broken),
        Err(ChangeError::Param(Refused))
    );
    assert_eq!(
        by_guardian(&toy(), None, toy()),
        Err(ChangeError::NothingToChange)
    );
}

#[test]
fn what_waits_does_not_undo_what_a_guardian_tightened() {
    let waits = Pending {
        target: Toy {
            cap: 200,
            floor: 5,
            fee: 9,
            ..toy()
        },
        due: 1_020,
    };
    let tighter = Toy { cap: 60, ..toy() };
    let plan = by_guardian(&toy(), Some(waits), tighter.clone()).expect("tightens");
    assert_eq!(plan.now, tighter);
    // The cap's part is gone, the rest waits on.
    let pending = plan.pending.expect("the others wait");
    assert_eq!(pending.due, 1_020);
    assert_eq!(
        pending.target,
        Toy {
            floor: 5,
            fee: 9,
            ..tighter.clone()
        }
    );

    let only_the_cap = Pending {
        target: Toy { cap: 200, ..toy() },
        due: 1_020,
    };
    let plan = by_guardian(&toy(), Some(only_the_cap), tighter).expect("tightens");
    assert_eq!(plan.pending, None);
}

#[test]
fn bug_a_guardian_dropped_a_change_that_its_own_made_impossible() {
    // The floor waits to go up to the cap; the guardian lowers the cap below it.
    let waits = Pending {
        target: Toy {
            floor: 90,
            fee: 9,
            ..toy()
        },
        due: 1_020,
    };
    let tighter = Toy { cap: 60, ..toy() };
    let plan = by_guardian(&toy(), Some(waits), tighter.clone()).expect("tightens");
    let pending = plan.pending.expect("the fee waits on");
    assert_eq!(
        pending.target,
        Toy {
            floor: 60,
            fee: 9,
            ..tighter
        }
    );
}
