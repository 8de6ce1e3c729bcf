//! 5: what the fund paid, against its limits, summed from the history of losses alone.

use std::collections::BTreeMap;

use perp_interface::fund::{
    ConfigResponse, HeadroomQuery, HeadroomResponse, LossRecord, LossesQuery, LossesResponse,
    QueryMsg,
};
use perp_interface::params::FundParams;
use perp_interface::{MarketId, Quote};

use super::Findings;
use crate::chain::{Chain, ChainResult};

/// Every limit holds for what was paid and did not come back: per loss, block, window and market.
/// What the fund says that it would pay is never more than what they leave.
pub fn limits(chain: &Chain, found: &mut Findings) -> ChainResult<()> {
    let config: ConfigResponse = chain.query(&chain.addresses.fund, &QueryMsg::Config {})?;
    let params = config.params;
    let mut losses = history(chain)?;
    for record in &losses {
        let used = record.paid.0 - record.returned.0;
        let within = record.paid <= record.asked && record.paid <= params.per_loss_cap && used >= 0;
        found.check(5, within, || {
            format!("{record:?} against a cap of {}", params.per_loss_cap)
        });
    }
    losses.sort_by_key(|record| (record.time, record.height));
    blocks(&losses, &params, found);
    let all: Vec<_> = losses.iter().collect();
    window(&all, (params.window_cap, &params), "all markets", found);
    let mut markets: BTreeMap<MarketId, Vec<&LossRecord>> = BTreeMap::new();
    for record in &losses {
        markets.entry(record.market).or_default().push(record);
    }
    for (market, records) in markets {
        let name = format!("market {market}");
        let drawn = window(&records, (params.market_window_cap, &params), &name, found);
        headroom(chain, (market, drawn), &params, found)?;
    }
    Ok(())
}

fn history(chain: &Chain) -> ChainResult<Vec<LossRecord>> {
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

fn blocks(losses: &[LossRecord], params: &FundParams, found: &mut Findings) {
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
    (market, (last, drawn)): (MarketId, (u64, i128)),
    params: &FundParams,
    found: &mut Findings,
) -> ChainResult<()> {
    let query = QueryMsg::Headroom(HeadroomQuery { market });
    let room: HeadroomResponse = chain.query(&chain.addresses.fund, &query)?;
    let least = room.capital.min(room.per_loss).min(room.block);
    let least = least.min(room.window).min(room.market).min(room.drawdown);
    let payable = if room.tripped { Quote::ZERO } else { least };
    found.check(5, room.payable == payable && payable.0 >= 0, || {
        format!("market {market}: {room:?} but the least is {payable}")
    });
    if chain.app.block_info().time.seconds() == last {
        let left = (params.market_window_cap.0 - drawn).max(0);
        found.check(5, room.market.0 <= left, || {
            format!("market {market}: {room:?} but {drawn} were drawn")
        });
    }
    Ok(())
}
