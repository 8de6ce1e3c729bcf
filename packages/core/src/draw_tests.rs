use super::*;
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    per_loss: Quote(100),
    per_block: Quote(150),
    window: Quote(200),
    market_window: Quote(120),
    window_seconds: 60,
    trip_bps: 3_000,
    resume_bps: 2_000,
};

const OPEN: Headroom = Headroom {
    capital: Quote(60),
    per_loss: Quote(60),
    block: Quote(60),
    window: Quote(60),
    market: Quote(60),
    paid_in: Quote(60),
    drawdown: Quote(60),
    tripped: false,
};

const fn at(height: u64, time: u64) -> Moment {
    Moment { height, time }
}

#[test]
fn every_limit_binds_alone() {
    let five = Quote(5);
    let table = [
        (OPEN, 60),
        (
            Headroom {
                capital: five,
                ..OPEN
            },
            5,
        ),
        (
            Headroom {
                per_loss: five,
                ..OPEN
            },
            5,
        ),
        (
            Headroom {
                block: five,
                ..OPEN
            },
            5,
        ),
        (
            Headroom {
                window: five,
                ..OPEN
            },
            5,
        ),
        (
            Headroom {
                market: five,
                ..OPEN
            },
            5,
        ),
        (
            Headroom {
                paid_in: five,
                ..OPEN
            },
            5,
        ),
        (
            Headroom {
                drawdown: five,
                ..OPEN
            },
            5,
        ),
        (
            Headroom {
                tripped: true,
                ..OPEN
            },
            0,
        ),
    ];
    for (headroom, pays) in table {
        assert_eq!(headroom.payment(Quote(1_000)), Quote(pays), "{headroom:?}");
        assert_eq!(headroom.payment(Quote(3)), Quote(pays.min(3)));
    }
    let left = OPEN.less(Quote(20)).expect("in range");
    assert_eq!(left.payment(Quote(1_000)), Quote(40));
    assert_eq!(left.per_loss, Quote(60), "another loss has its own");
}

#[test]
fn a_draw_counts_until_its_bucket_has_left_the_window() {
    let mut window = Window::default();
    window.draw(7, 60, Quote(10)).expect("in range");
    // Its bucket is 5..=9.
    for (now, counted) in [(7, 10), (67, 10), (69, 10), (70, 0)] {
        assert_eq!(window.drawn(now, 60), Ok(Quote(counted)), "at {now}");
    }
}

#[test]
fn what_comes_back_frees_its_own_bucket_only_and_only_while_that_counts() {
    let mut window = Window::default();
    window.draw(0, 60, Quote(10)).expect("in range");
    window.draw(30, 60, Quote(7)).expect("in range");
    window.give_back(30, Quote(4)).expect("in range");
    assert_eq!(window.drawn(30, 60), Ok(Quote(13)));
    window.draw(80, 60, Quote(1)).expect("in range");
    window.give_back(0, Quote(10)).expect("in range");
    assert_eq!(window.drawn(80, 60), Ok(Quote(4)), "the first had left");
}

#[test]
fn limits_of_block_window_and_market_are_counted_apart() {
    let (mut draws, mut market) = (Draws::default(), Window::default());
    let capital = Quote(1_000);
    draws.drawdown.observe(0, capital);
    draws
        .draw(&mut market, Quote(90), at(1, 0), &LIMITS)
        .expect("in range");
    let room = |draws: &Draws, market: &Window, now| {
        let room = draws
            .headroom(market, Quote(910), now, &LIMITS)
            .expect("in range");
        (room.block.0, room.window.0, room.market.0, room.drawdown.0)
    };
    assert_eq!(room(&draws, &market, at(1, 0)), (60, 110, 30, 210));
    assert_eq!(room(&draws, &market, at(2, 5)), (150, 110, 30, 210));
    assert_eq!(
        room(&draws, &Window::default(), at(2, 5)),
        (150, 110, 120, 210)
    );
    draws
        .give_back(&mut market, Quote(40), at(1, 0))
        .expect("in range");
    assert_eq!(room(&draws, &market, at(1, 0)), (100, 150, 70, 210));
    assert_eq!(room(&draws, &market, at(9, 65)), (150, 200, 120, 210));
}

#[test]
fn it_stops_at_one_line_and_resumes_at_another() {
    let mut drawdown = Drawdown::default();
    drawdown.observe(0, Quote(1_000));
    let table = [
        (1, 1_000, false),
        (2, 701, false),
        (3, 700, true),
        (4, 750, true),
        (5, 799, true),
        (6, 800, false),
        (7, 750, false),
        (8, 699, true),
    ];
    for (now, capital, stopped) in table {
        let before = drawdown.tripped();
        let changed = drawdown
            .evaluate(now, Quote(capital), &LIMITS)
            .expect("in range");
        assert_eq!(drawdown.tripped(), stopped, "{capital} at {now}");
        assert_eq!(changed, before != stopped);
    }
    let day = 86_400;
    assert!(drawdown
        .evaluate(day, Quote(699), &LIMITS)
        .expect("in range"));
    assert!(!drawdown.tripped(), "the peak is history");
}

#[test]
fn ten_thousand_basis_points_switch_the_stop_off() {
    let limits = Limits {
        trip_bps: 10_000,
        ..LIMITS
    };
    let mut drawdown = Drawdown::default();
    drawdown.observe(0, Quote(1_000));
    assert_eq!(drawdown.evaluate(1, Quote(0), &limits), Ok(false));
    assert!(!drawdown.tripped());
}

#[test]
fn a_withdrawal_is_no_drawdown() {
    let mut drawdown = Drawdown::default();
    drawdown.observe(0, Quote(1_000));
    drawdown.observe(0, Quote(800));
    drawdown
        .scale_floor(Quote(800), Quote(400))
        .expect("in range");
    assert_eq!(
        drawdown.peak(1, Quote(400)),
        Quote(500),
        "20 % below, as before"
    );
    assert!(drawdown.scale_floor(Quote(0), Quote(0)).is_err(), "typed");
}

#[test]
fn state_is_bounded_whatever_becomes_of_the_window() {
    let mut window = Window::default();
    for i in 0..2_000u64 {
        let seconds = [60, 86_400, 604_800][(i % 3) as usize];
        window.draw(i * 50, seconds, Quote(1)).expect("in range");
        assert!(window.0.len() <= MOST_ENTRIES);
    }
    let mut drawdown = Drawdown::default();
    for i in 0..2_000u64 {
        drawdown.observe(i * 60, Quote(1_000_000 - i128::from(i)));
        assert!(drawdown.0.len() <= 18, "{}", drawdown.0.len());
    }
}

#[test]
fn overflow_is_an_error() {
    let mut window = Window::default();
    window.draw(u64::MAX, 60, Quote(i128::MAX)).expect("fits");
    assert!(window.draw(u64::MAX, 60, Quote(1)).is_err());
    let (mut draws, mut market) = (Draws::default(), Window::default());
    let most = Quote(i128::MAX);
    draws
        .draw(&mut market, most, at(1, 1), &LIMITS)
        .expect("fits");
    assert!(draws
        .draw(&mut market, Quote(1), at(1, 1), &LIMITS)
        .is_err());
    assert_eq!(LIMITS.trip_line_ceil(Quote(0)), Ok(Quote(0)));
    assert!(LIMITS.trip_line_ceil(most).is_ok(), "in 256 bits");
}

#[test]
fn stored_short_and_read_back_the_same() {
    let (mut draws, mut market) = (Draws::default(), Window::default());
    draws.drawdown.observe(0, Quote(5));
    draws
        .draw(&mut market, Quote(2), at(3, 4), &LIMITS)
        .expect("in range");
    let text = cosmwasm_std::to_json_string(&draws).expect("json");
    assert_eq!(
        text,
        r#"{"h":3,"b":"2","w":[[4,4,"2"]],"d":[[[1799,"5"]],false]}"#
    );
    assert_eq!(cosmwasm_std::from_json::<Draws>(text).expect("back"), draws);
}

/// Seconds and blocks that pass, what is asked, the market, and how many percent come back how many
/// draws later.
type Step = (u64, u64, i128, usize, i128);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0u64..40, 0u64..3, 0i128..150, 0usize..2, 0i128..=100);
    prop::collection::vec(step, 1..120)
}

/// What was drawn and kept: when, of which market, how much.
struct Kept(Moment, usize, i128);

fn run(steps: &[Step], limits: &Limits, mut each: impl FnMut(&[Kept], i128, i128)) {
    let (mut draws, mut markets) = (Draws::default(), [Window::default(), Window::default()]);
    let (mut now, mut capital) = (at(1, 1_000), Quote(1_500));
    let mut kept: Vec<Kept> = vec![];
    let mut history = vec![];
    for (seconds, blocks, asked, market, back) in steps {
        now = at(now.height + blocks, now.time + seconds);
        let window = &mut markets[*market];
        history.push((now.time, capital.0));
        draws.drawdown.observe(now.time, capital);
        draws
            .drawdown
            .evaluate(now.time, capital, limits)
            .expect("in range");
        let room = draws
            .headroom(window, capital, now, limits)
            .expect("in range");
        let paid = room.payment(Quote(*asked));
        draws.draw(window, paid, now, limits).expect("in range");
        let returned = Quote(paid.0 * back / 100);
        draws.give_back(window, returned, now).expect("in range");
        capital = Quote(capital.0 - paid.0 + returned.0);
        kept.push(Kept(now, *market, paid.0 - returned.0));
        let recent = history
            .iter()
            .filter(|(time, _)| time + PEAK_SECONDS >= now.time);
        let peak = recent.map(|(_, c)| *c).max().expect("now");
        each(&kept, capital.0, peak);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_true_window_block_or_market_ever_pays_above_its_cap(
        steps in steps(),
        seconds in 1u64..400,
        window in 0i128..400,
        market_window in 0i128..300,
    ) {
        let limits = Limits {
            window: Quote(window),
            market_window: Quote(market_window),
            window_seconds: seconds,
            trip_bps: 10_000,
            ..LIMITS
        };
        run(&steps, &limits, |kept, _, _| {
            let now = kept.last().expect("one").0;
            let sum = |which: &dyn Fn(&Kept) -> bool| -> i128 {
                kept.iter().filter(|k| which(k)).map(|k| k.2).sum()
            };
            assert!(sum(&|k| k.0.time + seconds >= now.time) <= window);
            for market in 0..2 {
                let of = |k: &Kept| k.1 == market && k.0.time + seconds >= now.time;
                assert!(sum(&of) <= market_window);
            }
            assert!(sum(&|k| k.0.height == now.height) <= LIMITS.per_block.0);
        });
    }

    #[test]
    fn draws_never_take_capital_below_the_line_of_its_true_peak(
        steps in steps(),
        trip_bps in 100u32..10_000,
    ) {
        let limits = Limits {
            per_block: Quote(1 << 60),
            window: Quote(1 << 60),
            market_window: Quote(1 << 60),
            trip_bps,
            resume_bps: trip_bps / 2,
            ..LIMITS
        };
        run(&steps, &limits, |_, capital, peak| {
            assert!(Quote(capital) >= limits.trip_line_ceil(Quote(peak)).expect("in range"));
        });
    }

    #[test]
    fn the_peak_is_at_least_the_true_one_and_none_older_than_a_bucket_more(
        path in prop::collection::vec((0u64..4_000, 0i128..1_000), 1..80),
    ) {
        let mut drawdown = Drawdown::default();
        let (mut now, mut history) = (0, vec![]);
        for (seconds, capital) in path {
            now += seconds;
            drawdown.observe(now, Quote(capital));
            history.push((now, capital));
            let within = |age: u64| {
                let recent = history.iter().filter(|(time, _)| time + age >= now);
                recent.map(|(_, c)| *c).max().expect("now")
            };
            let peak = drawdown.peak(now, Quote(capital)).0;
            assert!(within(PEAK_SECONDS) <= peak && peak <= within(PEAK_SECONDS + 1_800));
        }
    }

    #[test]
    fn more_is_paid_for_more_asked_and_for_more_headroom(
        parts in prop::array::uniform7(0i128..1_000),
        asked in 0i128..1_000,
        more in 0i128..100,
    ) {
        let of = |add: i128| {
            let [capital, per_loss, block, window, market, paid_in, drawdown] = parts.map(|p| Quote(p + add));
            Headroom { capital, per_loss, block, window, market, paid_in, drawdown, tripped: false }
        };
        let paid = of(0).payment(Quote(asked));
        assert!(Quote::ZERO <= paid && paid <= Quote(asked));
        assert!(paid <= of(0).payment(Quote(asked + more)));
        assert!(paid <= of(more).payment(Quote(asked)));
        assert!(of(0).less(paid).expect("in range").payment(Quote(asked)) <= paid);
    }
}

#[test]
fn a_market_draws_its_base_and_a_part_of_what_it_has_paid_in() {
    let cap = PaidInCap {
        base: Quote(100),
        bps: 5_000,
    };
    let left = |paid_in, drawn| cap.left_floor(Quote(paid_in), Quote(drawn)).map(|q| q.0);
    assert_eq!(left(0, 0), Ok(100));
    assert_eq!(left(401, 0), Ok(300), "rounded down");
    assert_eq!(left(400, 250), Ok(50));
    assert_eq!(left(0, 101), Ok(0), "never below zero");
    assert!(left(i128::MAX, 0).is_ok());
}
