//! What authority, guardian and whoever applies their decisions send.

use perp_interface::governance::{ApplyPending, GovernMsg, NoticeParams, Operation, SetPause};
use perp_interface::market::{ExecuteMsg, UpdateMarket, UpdateParams};
use perp_interface::params::{ExchangeParams, MarketParams};
use perp_interface::queue::{self, SetPolicy};
use perp_interface::{Lots, Policy};

use super::list;
use crate::stage::{Code, Stage};

/// A change of which a part holds at once and the rest takes two steps, a policy, a pause, another authority.
pub fn governance(code: Code) -> Stage {
    let notice = NoticeParams {
        notice_seconds: 10,
        step_seconds: 5,
    };
    let mut stage = Stage::new(code, |builder| builder.notice(notice));
    list(&mut stage.chain, 1).expect("lists");
    let authority = stage.chain.governance.clone();
    let anybody = stage.chain.user("anybody");
    let params = MarketParams {
        max_open_interest: Lots(1 << 30),
        liquidation_fee_bps: 150,
        ..MarketParams::default()
    };
    let change = ExecuteMsg::UpdateMarket(UpdateMarket {
        market: 1,
        expected_version: 1,
        params,
    });
    stage.step("update_market", |chain| chain.market(&authority, change));
    let exchange = ExecuteMsg::UpdateParams(UpdateParams {
        expected_version: 1,
        params: ExchangeParams {
            max_fills: 60,
            ..ExchangeParams::default()
        },
    });
    stage.step("update_params", |chain| chain.market(&authority, exchange));
    let policy = queue::ExecuteMsg::SetPolicy(SetPolicy {
        market: 1,
        expected_version: Some(0),
        policy: Some(Policy::of_breadth(5)),
    });
    stage.step("set_policy", |chain| chain.queue(&authority, policy));
    stage.chain.advance(10, 2);
    for market in [Some(1), None] {
        let due = ExecuteMsg::ApplyPending(ApplyPending { market });
        stage.step("apply_pending", |chain| chain.market(&anybody, due));
    }
    let due = queue::ExecuteMsg::ApplyPending(ApplyPending { market: Some(1) });
    stage.step("apply_policy", |chain| chain.queue(&anybody, due));
    let pause = ExecuteMsg::SetPause(SetPause {
        operation: Operation::Market(1),
        paused: true,
    });
    stage.step("set_pause", |chain| chain.market(&authority, pause));
    let candidate = Some(anybody.to_string());
    let propose = ExecuteMsg::Govern(GovernMsg::ProposeAuthority { candidate });
    stage.step("govern", |chain| chain.market(&authority, propose));
    let accept = ExecuteMsg::Govern(GovernMsg::AcceptAuthority {});
    stage.step("govern", |chain| chain.market(&anybody, accept));
    stage
}
