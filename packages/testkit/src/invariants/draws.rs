//! 5: what the fund paid, against its limits, summed from the history of losses alone.

use std::collections::BTreeMap;

use perp_interface::fund::{
    ConfigResponse, HeadroomQuery, HeadroomResponse, LossRecord, LossesQuery, LossesResponse,
    QueryMsg, RegistrationResponse, Tranche,
};
use perp_interface::params::FundParams;
use perp_interface::{MarketId, Quote};

use super::Findings;
use crate::chain::{Chain, ChainResult};

/// How each market draws.
pub type Registrations = BTreeMap<MarketId, RegistrationResponse>;

/// Every limit holds for what was paid and did not come back: per loss, and per tranche for a block, a
/// window and a market. What the fund says that it would pay is never more than what they leave.
///
/// A market's cap by what it has paid in is not checked here: what it had paid in when a loss was paid is
/// not in the history.
pub fn limits(
    chain: &Chain,
    losses: &[LossRecord],
    registered: &Registrations,
    found: &mut Findings,
) -> ChainResult<()> {
    let config: ConfigResponse = chain.query(&chain.addresses.fund, &QueryMsg::Config {})?;
    let params = config.params;
    for record in losses {
        let used = record.paid.0 - record.returned.0;
        let borne = record.from_seed.0 >= 0 && record.from_staked.0 >= 0;
        let within = record.insurable <= record.asked
            && record.paid <= record.insurable
            && record.paid <= params.per_loss_cap
            && record.bounties <= params.bounty_per_loss_cap
            && used == record.from_seed.0 + record.from_staked.0
            && borne;
        found.check(5, within, || {
            format!("{record:?} against a cap of {}", params.per_loss_cap)
        });
    }
    for tranche in drawn_from(losses) {
        let own = losses.iter().filter(|loss| loss.tranche == Some(tranche));
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|record| (record.time, record.height));
        blocks(&own, &params, found);
        let name = format!("tranche {tranche}");
        window(&own, (params.window_cap, &params), &name, found);
    }
    let mut markets: BTreeMap<MarketId, Vec<&LossRecord>> = BTreeMap::new();
    for record in losses.iter().filter(|loss| loss.tranche.is_some()) {
        markets.entry(record.market).or_default().push(record);
    }
    for (market, mut records) in markets {
        records.sort_by_key(|record| (record.time, record.height));
        let Some(terms) = registered.get(&market) else {
            continue;
        };
        let cap = terms.window_cap.unwrap_or(params.market_window_cap);
        let name = format!("market {market}");
        let drawn = window(&records, (cap, &params), &name, found);
        let used: i128 = records.iter().map(|l| l.paid.0 - l.returned.0).sum();
        found.check(5, used == terms.drawn.0, || {
            format!("{terms:?} but its losses used {used}")
        });
        headroom(chain, (market, cap, drawn), found)?;
    }
    Ok(())
}

/// All losses that the fund was asked about.
pub fn history(chain: &Chain) -> ChainResult<Vec<LossRecord>> {
    let mut all: Vec<LossRecord> = vec![];
    loop {
        let query = QueryMsg::Losses(LossesQuery {
            start_after: all.last().map(|record| record.loss_id),
            limit: Some(100),
        });
        let page: LossesResponse = chain.query(&chain.addresses.fund, &query)?;
        if page.losses.is_empty() {
            return Ok(all);
        }
        all.extend(page.losses);
    }
}

fn blocks(losses: &[&LossRecord], params: &FundParams, found: &mut Findings) {
    let mut blocks: BTreeMap<u64, i128> = BTreeMap::new();
    for record in losses {
        *blocks.entry(record.height).or_default() += record.paid.0 - record.returned.0;
    }
    for (height, used) in blocks {
        found.check(5, used <= params.per_block_cap.0, || {
            format!("block {height} drew {used} of {}", params.per_block_cap)
        });
    }
}

/// The sum of every true window that ends with a loss. Returns the last one.
fn window(
    losses: &[&LossRecord],
    (cap, params): (Quote, &FundParams),
    name: &str,
    found: &mut Findings,
) -> (u64, i128) {
    let used = |record: &LossRecord| record.paid.0 - record.returned.0;
    let (mut first, mut sum, mut now) = (0, 0, 0);
    for record in losses {
        (sum, now) = (sum + used(record), record.time);
        while losses[first].time + params.window_seconds < now {
            sum -= used(losses[first]);
            first += 1;
        }
        found.check(5, sum <= cap.0, || {
            format!("{name}: {sum} of {cap} in the window that ends at {now}")
        });
    }
    (now, sum)
}

fn headroom(
    chain: &Chain,
    (market, cap, (last, drawn)): (MarketId, Quote, (u64, i128)),
    found: &mut Findings,
) -> ChainResult<()> {
    let query = QueryMsg::Headroom(HeadroomQuery { market });
    let room: HeadroomResponse = chain.query(&chain.addresses.fund, &query)?;
    let least = room.capital.min(room.per_loss).min(room.block);
    let least = least.min(room.window).min(room.market);
    let least = least.min(room.paid_in).min(room.drawdown);
    let payable = if room.tripped { Quote::ZERO } else { least };
    found.check(5, room.payable == payable && payable.0 >= 0, || {
        format!("market {market}: {room:?} but the least is {payable}")
    });
    if chain.app.block_info().time.seconds() == last {
        let left = (cap.0 - drawn).max(0);
        found.check(5, room.market.0 <= left, || {
            format!("market {market}: {room:?} but {drawn} were drawn")
        });
    }
    Ok(())
}

/// The tranches that losses have drawn from.
fn drawn_from(losses: &[LossRecord]) -> Vec<Tranche> {
    let mut tranches: Vec<_> = losses.iter().filter_map(|loss| loss.tranche).collect();
    tranches.sort_unstable();
    tranches.dedup();
    tranches
}
