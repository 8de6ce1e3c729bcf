//! A change of parameters, and what a contract says of those in force.

use perp_core::change::{Clock, ParamSet};
use perp_interface::governance::{GovernanceResponse, NoticeParams, PendingQuery, PendingResponse};
use perp_interface::lens::{self, ChangePlan, ProposedChange};
use perp_interface::params::{
    ExchangeParams, FeedParams, FundParams, MarketParams, OwnPolicy, QueueParams,
};
use perp_interface::{feed, fund, market, queue, MarketId, Policy};
use perp_lens::plan::outline;
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{json, Value};

use super::error::{ProposeError, ProposeResult};
use super::{ask, Chain};
use crate::deploy::Part;

/// Whose parameters are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The whole exchange: `UpdateParams` of the market contract.
    Exchange,
    /// The fund.
    Fund,
    /// The queue.
    Queue,
    /// The feed.
    Feed,
    /// One market: `UpdateMarket`.
    Market(MarketId),
    /// The selection policy of one market: `SetPolicy` of the queue.
    Policy(MarketId),
}

/// All parameters as they would be.
#[derive(Clone, Debug, PartialEq)]
pub enum Params {
    /// Of the exchange.
    Exchange(ExchangeParams),
    /// Of the fund.
    Fund(Box<FundParams>),
    /// Of the queue.
    Queue(QueueParams),
    /// Of the feed.
    Feed(FeedParams),
    /// Of a market.
    Market(MarketId, MarketParams),
    /// A market's own policy; none: back to the default.
    Policy(MarketId, Option<Policy>),
}

/// A change as it stands in a proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The version that it was written against; none: whatever is in force (policies only).
    pub expected_version: Option<u64>,
    /// What it sets.
    pub params: Params,
}

/// What is in force.
#[derive(Clone, Debug)]
pub struct Current {
    /// Version of the parameters.
    pub version: u64,
    /// The parameters as JSON; of a policy that is not the market's own: null.
    pub params: Value,
    /// How long changes wait.
    pub notice: NoticeParams,
    /// When a change is due that waits, in seconds.
    pub pending: Option<u64>,
}

impl Subject {
    /// The contract that is told.
    pub const fn part(self) -> Part {
        match self {
            Self::Exchange | Self::Market(_) => Part::Market,
            Self::Fund => Part::Fund,
            Self::Queue | Self::Policy(_) => Part::Queue,
            Self::Feed => Part::Feed,
        }
    }

    const fn market(self) -> Option<MarketId> {
        match self {
            Self::Market(market) | Self::Policy(market) => Some(market),
            Self::Exchange | Self::Fund | Self::Queue | Self::Feed => None,
        }
    }

    /// What is in force, as the contract says.
    ///
    /// # Errors
    /// Those of the query, `BadAnswer`.
    pub fn current(self, chain: &dyn Chain, contract: &str) -> ProposeResult<Current> {
        let governance: GovernanceResponse = ask(chain, contract, &json!({"governance": {}}))?;
        let query = PendingQuery {
            market: self.market(),
        };
        let pending: PendingResponse = ask(chain, contract, &json!({ "pending_params": query }))?;
        let (question, field) = match self {
            Self::Market(market) => (json!({"market": {"market": market}}), "params"),
            Self::Policy(market) => (json!({"own_policy": {"market": market}}), "policy"),
            _ => (json!({"config": {}}), "params"),
        };
        let answer: Value = ask(chain, contract, &question)?;
        let version = answer["version"].as_u64();
        let version = version.ok_or_else(|| ProposeError::BadAnswer {
            contract: contract.to_owned(),
            what: format!("no version in {answer}"),
        })?;
        Ok(Current {
            version,
            params: answer[field].clone(),
            notice: governance.notice,
            pending: pending.due,
        })
    }

    /// Reads all parameters of this subject.
    ///
    /// # Errors
    /// `BadParams`.
    pub fn parse(self, value: Value) -> ProposeResult<Params> {
        Ok(match self {
            Self::Exchange => Params::Exchange(parse(value)?),
            Self::Fund => Params::Fund(parse(value)?),
            Self::Queue => Params::Queue(parse(value)?),
            Self::Feed => Params::Feed(parse(value)?),
            Self::Market(market) => Params::Market(market, parse(value)?),
            Self::Policy(market) => Params::Policy(market, parse(value)?),
        })
    }
}

impl Params {
    /// Whose they are.
    pub const fn subject(&self) -> Subject {
        match self {
            Self::Exchange(_) => Subject::Exchange,
            Self::Fund(_) => Subject::Fund,
            Self::Queue(_) => Subject::Queue,
            Self::Feed(_) => Subject::Feed,
            Self::Market(market, _) => Subject::Market(*market),
            Self::Policy(market, _) => Subject::Policy(*market),
        }
    }

    /// Checks every bound, as the contract does.
    ///
    /// # Errors
    /// `Param`.
    pub fn validate(&self) -> ProposeResult<()> {
        match self {
            Self::Exchange(params) => params.validate(),
            Self::Fund(params) => params.validate(),
            Self::Queue(params) => params.validate(),
            Self::Feed(params) => params.validate(),
            Self::Market(_, params) => params.validate(),
            Self::Policy(_, policy) => OwnPolicy { policy: *policy }.validate(),
        }?;
        Ok(())
    }

    /// How they would be put in force if that were decided `at`, in seconds: by the functions that
    /// the contracts do it with.
    ///
    /// # Errors
    /// `Plan`, `BadParams` if the contract's parameters are not of this version.
    pub fn plan(&self, current: &Current, at: u64) -> ProposeResult<ChangePlan> {
        let clock = Clock {
            now: at,
            notice: current.notice.notice_seconds,
            step: current.notice.step_seconds,
        };
        let now = || current.params.clone();
        let mut plan = match self {
            Self::Exchange(params) => plan_of(now(), params, &clock)?,
            Self::Fund(params) => plan_of(now(), params.as_ref(), &clock)?,
            Self::Queue(params) => plan_of(now(), params, &clock)?,
            Self::Feed(params) => plan_of(now(), params, &clock)?,
            Self::Market(_, params) => plan_of(now(), params, &clock)?,
            Self::Policy(_, policy) => {
                let policy = OwnPolicy { policy: *policy };
                plan_of(json!({"policy": now()}), &policy, &clock)?
            }
        };
        plan.replaces = current.pending;
        Ok(plan)
    }

    /// As the lens is asked about it; it knows nothing of the feed's parameters.
    pub fn to_lens(&self) -> Option<ProposedChange> {
        Some(match self.clone() {
            Self::Exchange(params) => ProposedChange::Exchange(lens::ExchangeChange { params }),
            Self::Fund(params) => ProposedChange::Fund(lens::FundChange { params: *params }),
            Self::Queue(params) => ProposedChange::Queue(lens::QueueChange { params }),
            Self::Feed(_) => return None,
            Self::Market(market, params) => {
                ProposedChange::Market(lens::MarketChange { market, params })
            }
            Self::Policy(market, policy) => {
                ProposedChange::Policy(lens::PolicyChange { market, policy })
            }
        })
    }
}

impl Change {
    /// The contract's message: `ExecuteMsg` and `SudoMsg` are the same JSON.
    ///
    /// # Errors
    /// `NeedsNode` without a version, which all but policies must name.
    pub fn message(&self) -> ProposeResult<Value> {
        let version = || {
            let what = "expected_version: name it with --expected-version, or the node with --node";
            self.expected_version.ok_or(ProposeError::NeedsNode(what))
        };
        match self.params.clone() {
            Params::Exchange(params) => {
                json_of(&market::ExecuteMsg::UpdateParams(market::UpdateParams {
                    expected_version: version()?,
                    params,
                }))
            }
            Params::Fund(params) => json_of(&fund::ExecuteMsg::UpdateParams(fund::UpdateParams {
                expected_version: version()?,
                params: *params,
            })),
            Params::Queue(params) => {
                json_of(&queue::ExecuteMsg::UpdateParams(queue::UpdateParams {
                    expected_version: version()?,
                    params,
                }))
            }
            Params::Feed(params) => json_of(&feed::ExecuteMsg::UpdateParams(feed::UpdateParams {
                expected_version: version()?,
                params,
            })),
            Params::Market(market, params) => {
                json_of(&market::ExecuteMsg::UpdateMarket(market::UpdateMarket {
                    market,
                    expected_version: version()?,
                    params,
                }))
            }
            Params::Policy(market, policy) => {
                json_of(&queue::ExecuteMsg::SetPolicy(queue::SetPolicy {
                    market,
                    expected_version: self.expected_version,
                    policy,
                }))
            }
        }
    }

    /// Reads it from a contract's message; none if that is no change of parameters.
    ///
    /// # Errors
    /// `BadParams` for a message that the contract would not understand.
    pub fn read(part: Part, msg: &Value) -> ProposeResult<Option<Self>> {
        let of = |expected_version: u64, params| {
            Some(Self {
                expected_version: Some(expected_version),
                params,
            })
        };
        let msg = msg.clone();
        Ok(match part {
            Part::Market => match parse::<market::ExecuteMsg>(msg)? {
                market::ExecuteMsg::UpdateParams(m) => {
                    of(m.expected_version, Params::Exchange(m.params))
                }
                market::ExecuteMsg::UpdateMarket(m) => {
                    of(m.expected_version, Params::Market(m.market, m.params))
                }
                _ => None,
            },
            Part::Fund => match parse::<fund::ExecuteMsg>(msg)? {
                fund::ExecuteMsg::UpdateParams(m) => {
                    of(m.expected_version, Params::Fund(Box::new(m.params)))
                }
                _ => None,
            },
            Part::Queue => match parse::<queue::ExecuteMsg>(msg)? {
                queue::ExecuteMsg::UpdateParams(m) => {
                    of(m.expected_version, Params::Queue(m.params))
                }
                queue::ExecuteMsg::SetPolicy(m) => Some(Self {
                    expected_version: m.expected_version,
                    params: Params::Policy(m.market, m.policy),
                }),
                _ => None,
            },
            Part::Feed => match parse::<feed::ExecuteMsg>(msg)? {
                feed::ExecuteMsg::UpdateParams(m) => of(m.expected_version, Params::Feed(m.params)),
                _ => None,
            },
            Part::Lens => None,
        })
    }

    /// Refuses what was written against another version: the contract would.
    ///
    /// # Errors
    /// `VersionMismatch`.
    pub fn require_version(&self, current: &Current) -> ProposeResult<()> {
        match self.expected_version {
            Some(expected) if expected != current.version => Err(ProposeError::VersionMismatch {
                part: self.params.subject().part(),
                current: current.version,
                expected,
            }),
            _ => Ok(()),
        }
    }
}

fn plan_of<P>(now: Value, proposed: &P, clock: &Clock) -> ProposeResult<ChangePlan>
where
    P: ParamSet<Error = perp_interface::ParamError> + DeserializeOwned,
{
    let now: P = parse(now)?;
    Ok(outline(now, proposed.clone(), clock)?.plan)
}

fn parse<T: DeserializeOwned>(value: Value) -> ProposeResult<T> {
    serde_json::from_value(value).map_err(|e| ProposeError::BadParams(e.to_string()))
}

/// A message as JSON.
///
/// # Errors
/// `BadParams`; no message of the contracts makes it.
pub(super) fn json_of(msg: &impl Serialize) -> ProposeResult<Value> {
    serde_json::to_value(msg).map_err(|e| ProposeError::BadParams(e.to_string()))
}
