//! `PublishLights`: anybody has the lights of a ranking worked out at this moment.

use cosmwasm_std::{DepsMut, Env, Event, Response};
use perp_core::lights::Thresholds;
use perp_interface::event::LightsPublished;
use perp_interface::queue::PublishLights;
use perp_interface::Lots;

use crate::error::{ContractError, ContractResult};
use crate::state::{Published, RankingId, LIGHTS};
use crate::view::{histograms, moment, view};

/// One record of each occupied class is read, and one is written. From then on an `Update` compares
/// with it: reading every class at every trade would cost more than the trade.
pub fn publish_lights(deps: DepsMut, env: &Env, msg: &PublishLights) -> ContractResult<Response> {
    let ranking = RankingId {
        market: msg.market,
        side: msg.side,
    };
    let moment = moment(deps.as_ref(), ranking, (None, None))?;
    let view = view(deps.storage, ranking, &moment)?;
    let found = Thresholds::of(view, histograms(deps.storage, ranking))?;
    let thresholds = found.ok_or(ContractError::NothingRanked {
        market: msg.market,
        side: msg.side,
    })?;
    let ppm = |place| view.score(place).ppm_floor(moment.mark);
    let [score_5, score_4, score_3, score_2] = thresholds.points.map(ppm);
    let event = LightsPublished {
        market: msg.market,
        side: msg.side,
        score: view.policy.score,
        mark: moment.mark,
        index: moment.index,
        lots: Lots(thresholds.total),
        score_5,
        score_4,
        score_3,
        score_2,
    };

    let published = Published {
        height: env.block.height,
        policy: view.policy,
        moment,
        thresholds,
    };
    LIGHTS.save(deps.storage, ranking.number(), &published)?;
    Ok(Response::new().add_event(Event::from(event)))
}
