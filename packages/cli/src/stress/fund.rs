//! The fund as a run sees it: what it says before a loss, what its events say after it.

use cosmwasm_std::Event;
use perp_core::draw::Headroom;
use perp_interface::fund::{
    HeadroomQuery, HeadroomResponse, QueryMsg, Tranche, TrancheQuery, TrancheResponse,
};
use perp_interface::{MarketId, Quote};
use perp_testkit::receipts::{of_kind, Record};
use perp_testkit::{Chain, ChainError};

use super::result::{After, Limit, LossOutcome, TriggerMoment};
use crate::amount::{Amount, Count};

/// What a loss of a market would find now.
pub fn headroom(chain: &Chain, market: MarketId) -> Result<HeadroomResponse, ChainError> {
    let query = QueryMsg::Headroom(HeadroomQuery { market });
    chain.query(&chain.addresses.fund, &query)
}

/// The shared tranche.
pub fn shared(chain: &Chain) -> Result<TrancheResponse, ChainError> {
    let tranche = Tranche::Shared;
    let query = QueryMsg::Tranche(TrancheQuery { tranche });
    chain.query(&chain.addresses.fund, &query)
}

/// The fund now, as a market finds it.
pub fn after(chain: &Chain, market: MarketId) -> Result<After, ChainError> {
    let (room, tranche) = (headroom(chain, market)?, shared(chain)?);
    Ok(After {
        seed: Amount(tranche.seed.0),
        staked: Amount(tranche.staked.0),
        share_price_ppm: Count(tranche.share_price_ppm.u128()),
        tripped: room.tripped,
        peak: Amount(room.peak.0),
        trip_line: Amount(room.trip_line.0),
        block_left: Amount(room.block.0),
        window_left: Amount(room.window.0),
    })
}

/// Adds to a loss what the fund's events say of it. Answers whether that is what `room` promised.
pub fn book(loss: &mut LossOutcome, events: &[Event], room: &HeadroomResponse) -> bool {
    let mut insurable = 0;
    for paid in of_kind(events, "fund_paid") {
        insurable += paid.number("insurable");
        loss.asked.0 += paid.number("asked");
        loss.paid.0 += paid.number("paid");
        loss.from_seed.0 += paid.number("from_seed");
        loss.from_staked.0 += paid.number("from_staked");
    }
    for back in of_kind(events, "fund_returned") {
        loss.returned.0 += back.number("amount");
        loss.from_seed.0 -= back.number("to_seed");
        loss.from_staked.0 -= back.number("to_staked");
    }
    if loss.paid.0 < insurable {
        loss.cut_by = binding(room, loss.paid);
    }
    Headroom::from(room).payment(Quote(insurable)).0 == loss.paid.0
}

/// The limit that left just so much; the narrowest subject first where two did.
fn binding(room: &HeadroomResponse, paid: Amount) -> Option<Limit> {
    if room.tripped {
        return Some(Limit::Tripped);
    }
    [
        (Limit::PerLossCap, room.per_loss),
        (Limit::MarketWindowCap, room.market),
        (Limit::PerBlockCap, room.block),
        (Limit::WindowCap, room.window),
        // Before the line: without capital, or without a stop, the two are equal.
        (Limit::Capital, room.capital),
        (Limit::TripLine, room.drawdown),
    ]
    .into_iter()
    .find_map(|(limit, left)| (left.0 == paid.0).then_some(limit))
}

/// Stops and resumptions among the events of a wave.
pub fn triggers(events: &[Event], wave: u32, seconds: u64) -> Vec<TriggerMoment> {
    let amount = |record: &Record, key| Amount(record.number(key));
    let moments = of_kind(events, "fund_trigger");
    let moments = moments.iter().map(|record| TriggerMoment {
        wave: Some(wave),
        seconds,
        tripped: record.text("tripped") == "true",
        capital: amount(record, "capital"),
        peak: amount(record, "peak"),
        line: amount(record, "line"),
    });
    moments.collect()
}
