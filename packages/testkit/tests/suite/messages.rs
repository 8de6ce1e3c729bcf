//! One valid message of every kind, by contract: for tests of senders and of wire formats.

use cosmwasm_std::Addr;
use perp_interface::governance::{self, GovernMsg, Operation};
use perp_interface::loss::LossTerms;
use perp_interface::params::{ExchangeParams, FeedParams, FundParams, MarketParams, QueueParams};
use perp_interface::{feed, fund, market, queue};
use perp_interface::{Lots, Pass, PerLot, Price, Quote, Side};
use perp_testkit::Chain;
use serde_json::Value;

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Anybody,
    Authority,
    Market,
    Fund,
    Queue,
}

/// A message, whether a coin belongs to it, and who may send it.
#[derive(Clone, Debug)]
pub struct Sample {
    pub to: Addr,
    pub sender: Sender,
    pub coin: bool,
    pub message: Value,
}

fn json(message: impl serde::Serialize) -> Value {
    serde_json::to_value(message).expect("serialises")
}

fn terms() -> LossTerms {
    LossTerms {
        loss_id: 1,
        market: 1,
        side: Side::Long,
        mark: Price(8_000_000),
        index: PerLot(0),
    }
}

fn market_messages(user: &str) -> Vec<(Sender, bool, Value)> {
    use market::*;
    use Sender::*;
    let address = user.to_owned();
    vec![
        (
            Authority,
            false,
            json(ExecuteMsg::Connect(Connect {
                fund: address.clone(),
                queue: address.clone(),
                feed: address,
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::ListMarket(ListMarket {
                market: 9,
                symbol: "X".to_owned(),
                params: MarketParams::default(),
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::UpdateMarket(UpdateMarket {
                market: 1,
                expected_version: 1,
                params: MarketParams::default(),
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::UpdateParams(UpdateParams {
                expected_version: 1,
                params: ExchangeParams::default(),
            })),
        ),
        (
            Anybody,
            true,
            json(ExecuteMsg::Deposit(Deposit { subaccount: 0 })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::Withdraw(Withdraw {
                subaccount: 0,
                amount: Quote(1),
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::PlaceOrder(PlaceOrder {
                subaccount: 0,
                market: 1,
                side: Side::Long,
                lots: Lots(1),
                price: Price(10_000_000),
                kind: OrderKind::Limit,
                reduce_only: false,
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::CancelOrder(CancelOrder {
                subaccount: 0,
                order_id: 1,
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::Liquidate(Liquidate { account: 1 })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::ResumeLoss(ResumeLoss { loss_id: 1 })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::ForceLoss(ForceLoss {
                loss_id: 1,
                accounts: vec![2],
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::Refresh(Refresh { accounts: vec![1] })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::CollectFees(CollectFees { market: 1 })),
        ),
        (Fund, true, json(ExecuteMsg::Cover(Cover { loss_id: 1 }))),
        (
            Queue,
            false,
            json(ExecuteMsg::Deleverage(Deleverage {
                loss_id: 1,
                pass: Pass::Profit,
                policy: perp_interface::Policy::default(),
                set: None,
                candidates: vec![],
                exhausted: true,
                limit: 1,
                keeper: None,
            })),
        ),
    ]
}

fn fund_messages(user: &str) -> Vec<(Sender, bool, Value)> {
    use fund::*;
    use Sender::*;
    let address = user.to_owned();
    let cover = CoverDeficit {
        terms: terms(),
        lots: Lots(1),
        need: Quote(1),
        slippage_allowance: Quote(0),
        same_owner_lots: Lots(0),
        defer: false,
    };
    let tranche = Tranche::Shared;
    let request = UnstakeRequest {
        tranche,
        request: 0,
    };
    vec![
        (
            Authority,
            false,
            json(ExecuteMsg::Connect(Connect {
                market: address.clone(),
                market_code_id: 1,
                queue: address.clone(),
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::ApproveCode(ApproveCode { code_id: 1 })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::RegisterMarket(RegisterMarket {
                market: 9,
                isolated: true,
                window_cap: Some(Quote(5)),
                paid_in_cap: None,
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::RemoveMarket(RemoveMarket { market: 1 })),
        ),
        (
            Anybody,
            true,
            json(ExecuteMsg::Contribute(Contribute {
                tranche,
                layer: Layer::Seed,
            })),
        ),
        (
            Anybody,
            true,
            json(ExecuteMsg::Stake(Stake {
                tranche,
                min_shares: None,
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::RequestUnstake(RequestUnstake {
                tranche,
                shares: perp_interface::Shares(1),
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::CancelUnstake(request.clone())),
        ),
        (Anybody, false, json(ExecuteMsg::ClaimUnstake(request))),
        (
            Anybody,
            false,
            json(ExecuteMsg::PayOwed(PayOwed {
                to: address.clone(),
            })),
        ),
        (
            Market,
            false,
            json(ExecuteMsg::BookBounty(BookBounty {
                loss_id: 1,
                market: 1,
                to: address.clone(),
                fills: 1,
                amount: Quote(1),
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::WithdrawCapital(WithdrawCapital {
                tranche,
                amount: Quote(1),
                to: address,
            })),
        ),
        (Market, false, json(ExecuteMsg::CoverDeficit(cover))),
        (
            Market,
            true,
            json(ExecuteMsg::ReturnCover(ReturnCover { loss_id: 1 })),
        ),
        (
            Market,
            false,
            json(ExecuteMsg::LossClosed(LossClosed { loss_id: 1 })),
        ),
        (
            Market,
            true,
            json(ExecuteMsg::Revenue(Revenue {
                market: 1,
                open_interest: None,
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::UpdateParams(UpdateParams {
                expected_version: 1,
                params: FundParams::default(),
            })),
        ),
    ]
}

fn queue_messages(user: &str) -> Vec<(Sender, bool, Value)> {
    use queue::*;
    use Sender::*;
    let address = user.to_owned();
    let change = RankChange {
        account: 1,
        market: 1,
        position: None,
    };
    vec![
        (
            Authority,
            false,
            json(ExecuteMsg::Connect(Connect {
                market: address.clone(),
                fund: address,
            })),
        ),
        (
            Market,
            false,
            json(ExecuteMsg::Update(Update {
                changes: vec![change],
                job: None,
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::Refresh(Refresh { accounts: vec![1] })),
        ),
        (
            Fund,
            false,
            json(ExecuteMsg::ReportShortfall(ReportShortfall {
                terms: terms(),
                lots: Lots(1),
                need: Quote(1),
                defer: false,
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::ContinueDeleverage(ContinueDeleverage {
                loss_id: 1,
                limit: None,
            })),
        ),
        (
            Anybody,
            false,
            json(ExecuteMsg::PublishLights(PublishLights {
                market: 1,
                side: Side::Short,
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::SetPolicy(SetPolicy {
                market: 1,
                expected_version: None,
                policy: Some(perp_interface::Policy::of_breadth(3)),
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::UpdateParams(UpdateParams {
                expected_version: 1,
                params: QueueParams::default(),
            })),
        ),
    ]
}

fn feed_messages(user: &str) -> Vec<(Sender, bool, Value)> {
    use feed::*;
    use Sender::*;
    let update = PriceUpdate {
        market: 1,
        price: Price(9_000_000),
        publish_time: 1_571_797_419,
    };
    vec![
        (
            Authority,
            false,
            json(ExecuteMsg::SetPrices(SetPrices {
                prices: vec![update],
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::SetFeeder(SetFeeder {
                feeder: user.to_owned(),
                allowed: true,
            })),
        ),
        (
            Authority,
            false,
            json(ExecuteMsg::UpdateParams(UpdateParams {
                expected_version: 1,
                params: FeedParams::default(),
            })),
        ),
    ]
}

/// What every contract takes; `pauses` whether it has something to stop.
fn of_governance(user: &str, pauses: Option<Operation>) -> Vec<(Sender, bool, Value)> {
    use market::ExecuteMsg::{ApplyPending, Govern, SetPause};
    use Sender::{Anybody, Authority};
    let somebody = Some(user.to_owned());
    let propose = GovernMsg::ProposeAuthority {
        candidate: somebody.clone(),
    };
    let guardian = GovernMsg::SetGuardian { guardian: somebody };
    let mut messages = vec![
        (Authority, false, json(Govern(propose))),
        (Authority, false, json(Govern(guardian))),
        (Anybody, false, json(Govern(GovernMsg::AcceptAuthority {}))),
        (
            Anybody,
            false,
            json(ApplyPending(governance::ApplyPending { market: None })),
        ),
    ];
    messages.extend(pauses.map(|operation| {
        let paused = true;
        let pause = governance::SetPause { operation, paused };
        (Authority, false, json(SetPause(pause)))
    }));
    messages
}

/// Every message of every contract.
pub fn all(chain: &mut Chain) -> Vec<Sample> {
    let user = chain.user("somebody").to_string();
    let a = chain.addresses.clone();
    let of = |to: Addr, messages: Vec<(Sender, bool, Value)>| {
        messages
            .into_iter()
            .map(move |(sender, coin, message)| Sample {
                to: to.clone(),
                sender,
                coin,
                message,
            })
    };
    let shared = |pauses| of_governance(&user, pauses);
    of(a.market.clone(), market_messages(&user))
        .chain(of(a.market, shared(Some(Operation::Opening))))
        .chain(of(a.fund.clone(), fund_messages(&user)))
        .chain(of(a.fund, shared(Some(Operation::Staking))))
        .chain(of(a.queue.clone(), queue_messages(&user)))
        .chain(of(a.queue, shared(None)))
        .chain(of(a.feed.clone(), feed_messages(&user)))
        .chain(of(a.feed, shared(None)))
        .collect()
}
