//! `Lights`: what was published last.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_core::score::order_key;
use perp_interface::market::MarkResponse;
use perp_interface::queue::{LightThreshold, LightsQuery, LightsResponse};
use perp_interface::{Lots, PerLot};

use crate::error::ContractResult;
use crate::state::{Published, RankingId, LIGHTS};

/// The record of the market and side, or nothing.
pub fn lights(deps: Deps, msg: &LightsQuery) -> ContractResult<Binary> {
    let ranking = RankingId {
        market: msg.market,
        side: msg.side,
    };
    let found = LIGHTS.may_load(deps.storage, ranking.number())?;
    let answer = found.map(|found| response(ranking, &found)).transpose()?;
    Ok(to_json_binary(&answer)?)
}

fn response(ranking: RankingId, published: &Published) -> ContractResult<LightsResponse> {
    let MarkResponse { mark, index } = published.moment;
    let view = published.view(ranking.side)?;
    let places = (1..5).rev().zip(published.thresholds.points);
    let thresholds = places.map(|(light, place)| {
        let score = view.score(place);
        LightThreshold {
            light,
            class: place.class,
            // A sign is its own inverse.
            entry: PerLot(order_key(ranking.side, PerLot(place.order))),
            profit_per_lot: PerLot(score.profit),
            score_ppm: score.ppm_floor(mark),
        }
    });
    Ok(LightsResponse {
        height: published.height,
        score: published.policy.score,
        mark,
        index,
        lots: Lots(published.thresholds.total),
        thresholds: thresholds.collect(),
    })
}
