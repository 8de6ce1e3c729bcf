//! Stakers who come and go around losses, against a model of the fund that shares no code with it.
//!
//! The model (`model`, `money`) follows from the documented rules, with its own arithmetic on exact fractions
//! (`ratio`). After every action, done or refused, the two are compared: every layer, hole and sum, who may
//! leave, what was paid. And this holds of both:
//! - nobody leaves with more than the shares were worth at the request, or are worth at the claim, and with
//!   no less than the smaller of the two, rounded down (`staking::leave`);
//! - all shares together are worth no more than the stakers' money, and no share loses value but by a loss;
//! - every loss is paid at most once, within all caps, the seed first; what comes back goes to the stakers
//!   first (`losses`, `money`);
//! - nothing of one tranche changes another one, and a loss changes nobody's shares;
//! - the fund's coins are those of its layers, its purses and what it owes.
//!
//! `cargo test -p insurance-fund --test sequences -- --ignored` runs 50 000 sequences.

mod chain;
mod counts;
mod generator;
mod governance;
mod journal;
mod losses;
mod model;
mod money;
mod ratio;
mod records;
mod sequence;
mod staking;

use std::ops::Range;
use std::panic::{catch_unwind, resume_unwind};

use counts::Counts;
use sequence::Sequence;

const ACTIONS: u32 = 45;

/// Every sequence has a seed of its own: one that fails is played again with all its actions printed.
fn play(seeds: Range<u64>) -> Counts {
    let mut counts = Counts::default();
    for seed in seeds {
        let once = |verbose| {
            let mut sequence = Sequence::new(seed, verbose);
            sequence.play(ACTIONS);
            sequence.counts
        };
        match catch_unwind(|| once(false)) {
            Ok(found) => counts.add(&found),
            Err(panic) => {
                println!("sequence {seed}:");
                let _ = catch_unwind(|| once(true));
                resume_unwind(panic);
            }
        }
    }
    counts
}

fn check(seeds: Range<u64>) {
    let sequences = seeds.end - seeds.start;
    let middle = seeds.start + sequences / 2;
    let mut counts = Counts::default();
    std::thread::scope(|scope| {
        let halves = [seeds.start..middle, middle..seeds.end];
        let halves = halves.map(|half| scope.spawn(|| play(half)));
        for half in halves {
            match half.join() {
                Ok(found) => counts.add(&found),
                Err(panic) => resume_unwind(panic),
            }
        }
    });
    counts.print();
    counts.assert_all_met(sequences);
}

#[test]
fn two_thousand_sequences() {
    check(0..2_000);
}

#[test]
#[ignore = "minutes"]
fn fifty_thousand_sequences() {
    check(1_000_000..1_050_000);
}
