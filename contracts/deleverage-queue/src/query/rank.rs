//! `Rank`: how close a position is to being deleveraged.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_core::lights::{Point, Standing};
use perp_core::merge::Cursor;
use perp_core::score::order_key;
use perp_interface::market::MarkResponse;
use perp_interface::queue::{RankQuery, RankResponse};
use perp_interface::{Lots, PerLot};

use crate::error::ContractResult;
use crate::state::{position_key, RankKey, RankingId, Standing as KeyStanding, KEY_OF};
use crate::view::{histograms, moment, view};

/// Reads one record of each occupied class, whatever the number of positions.
pub fn rank(deps: Deps, msg: &RankQuery) -> ContractResult<Binary> {
    let found = KEY_OF.may_load(deps.storage, position_key(msg.account, msg.market))?;
    let answer = found.map(|key| response(deps, msg, &key)).transpose()?;
    Ok(to_json_binary(&answer)?)
}

fn response(deps: Deps, msg: &RankQuery, key: &RankKey) -> ContractResult<RankResponse> {
    let ranking = RankingId {
        market: msg.market,
        side: key.side,
    };
    let moment = moment(deps, ranking, (msg.mark, msg.index))?;
    let view = view(deps.storage, ranking, &moment)?;
    let place = Cursor {
        class: key.class,
        order: key.order,
        account: msg.account,
    };
    let classes = histograms(deps.storage, ranking);
    let standing = Standing::of(view, (place, key.lots), classes)?;
    let point = Point {
        class: key.class,
        order: key.order,
    };
    let score = view.score(point);
    let MarkResponse { mark, index } = moment;
    Ok(RankResponse {
        side: key.side,
        lots: Lots(key.lots),
        // A sign is its own inverse.
        entry: PerLot(order_key(key.side, PerLot(key.order))),
        class: key.class,
        collateral: PerLot(score.collateral as i128),
        mark,
        index,
        profit_per_lot: PerLot(score.profit),
        score: score.kind,
        score_ppm: score.ppm_floor(mark),
        lots_ahead_min: Lots(standing.ahead.min),
        lots_ahead_max: Lots(standing.ahead.max),
        lots_total: Lots(standing.total),
        percentile_min_ppm: standing.percentile_floor(),
        percentile_max_ppm: standing.percentile_ceil(),
        light: view.light(point, standing.fifth()),
        dirty: key.standing != KeyStanding::Current,
    })
}
