//! Random amounts and parameters.

use perp_interface::params::{FundParams, PaidInCap, SurplusRule, TargetRule};
use perp_interface::Quote;
use rand::seq::SliceRandom;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::sequence::cast;

/// At least 1, of any size below two to the power of `bits`, dust as often as fortunes.
pub fn amount(rng: &mut ChaCha8Rng, bits: u32) -> i128 {
    let least = if rng.gen_bool(0.2) { 0 } else { bits / 2 };
    let size = rng.gen_range(least..bits);
    rng.gen_range(1i128 << size..2i128 << size)
}

/// Mostly no cap; else one that binds.
fn cap(rng: &mut ChaCha8Rng, bits: u32) -> Quote {
    match rng.gen_range(0..10) {
        0 if rng.gen_bool(0.2) => Quote::ZERO,
        0..=2 => Quote(amount(rng, bits)),
        _ => Quote(1 << 100),
    }
}

fn target(rng: &mut ChaCha8Rng) -> TargetRule {
    if rng.gen_bool(0.5) {
        return TargetRule::OpenInterest {
            bps: rng.gen_range(1..=10_000),
        };
    }
    TargetRule::ValueAtRisk {
        losses: rng.gen_range(1..=6),
        quantile_bps: rng.gen_range(1..=10_000),
        multiple_bps: rng.gen_range(10_000..=50_000),
    }
}

fn surplus(rng: &mut ChaCha8Rng) -> SurplusRule {
    if rng.gen_bool(0.5) {
        return SurplusRule::Stakers {};
    }
    SurplusRule::Address {
        address: cast().receivers[1].to_string(),
    }
}

pub fn params(rng: &mut ChaCha8Rng, bits: u32) -> FundParams {
    let trip_bps = match rng.gen_range(0..4) {
        0 => rng.gen_range(100..10_000),
        1 => 3_000,
        _ => 10_000,
    };
    let (cooldown_seconds, claim_seconds) = *[
        (86_400, 86_400),
        (604_800, 86_400),
        (604_800, 259_200),
        (2_592_000, 2_592_000),
    ]
    .choose(rng)
    .expect("some");
    let few = |rng: &mut ChaCha8Rng| Quote(amount(rng, bits.min(59)));
    FundParams {
        per_loss_cap: cap(rng, bits),
        per_block_cap: cap(rng, bits),
        window_cap: cap(rng, bits),
        market_window_cap: cap(rng, bits),
        window_seconds: *[60, 3_600, 3_601, 86_400].choose(rng).expect("some"),
        trip_bps,
        resume_bps: rng.gen_range(0..=trip_bps - FundParams::LEAST_GAP_BPS),
        report_gas_limit: 50_000_000,
        cooldown_seconds,
        claim_seconds,
        emergency_seconds: rng.gen_range(3_600..=claim_seconds / 2),
        max_requests: rng.gen_range(1..=4),
        min_stake: *[Quote(1), Quote(1), Quote(100)].choose(rng).expect("some"),
        bounty_per_loss_cap: few(rng),
        bounty_reserve: few(rng),
        target: target(rng),
        target_floor: Quote(amount(rng, bits + 2)),
        staker_share_bps: rng.gen_range(0..=10_000),
        surplus: surplus(rng),
    }
}

/// Terms of a market: its own caps.
pub fn terms(rng: &mut ChaCha8Rng, bits: u32) -> (Option<Quote>, Option<PaidInCap>) {
    let window_cap = rng.gen_bool(0.3).then(|| Quote(amount(rng, bits)));
    let paid_in_cap = rng.gen_bool(0.3).then(|| PaidInCap {
        base: Quote(amount(rng, bits)),
        bps: rng.gen_range(0..=10_000),
    });
    (window_cap, paid_in_cap)
}
