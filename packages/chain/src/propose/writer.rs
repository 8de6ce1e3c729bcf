//! The messages of every kind of proposal.

use perp_interface::governance::{GovernMsg, MigrateMsg, Operation, SetPause};
use perp_interface::market::MarketsResponse;
use perp_interface::params::MarketParams;
use perp_interface::{feed, fund, market, queue, MarketId, Quote};
use serde_json::{json, Value};

use super::change::{json_of, Change, Current, Params, Subject};
use super::error::{ProposeError, ProposeResult};
use super::set::assign;
use super::show::plan_lines;
use super::{ask, Chain};
use crate::deploy::{Part, Record};
use crate::proposal::{Codes, ExecuteContract, MigrateContract, ProposalMessage, SudoContract};

/// Writes messages for one deployment.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// Where the contracts are.
    pub record: &'a Record,
    /// The chain, to read what is in force; none: all must be named.
    pub chain: Option<&'a dyn Chain>,
    /// Calls `sudo` of the contracts, which needs no authority.
    pub sudo: bool,
    /// When the proposal would pass, in seconds, for the dates of the plan.
    pub at: u64,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("record", &self.record)
            .field("sudo", &self.sudo)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Messages, and what to know about them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// In the order in which they are executed.
    pub messages: Vec<ProposalMessage>,
    /// Lines for whoever proposes.
    pub notes: Vec<String>,
}

/// Which parameters somebody wants.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// All of them as JSON; none: those in force.
    pub params: Option<Value>,
    /// What is set in these, as `key=value`.
    pub sets: Vec<String>,
    /// The version that the proposal is written against; none: the one in force.
    pub expected_version: Option<u64>,
    /// Whether it may take the place of a change that waits.
    pub replace: bool,
}

impl Wish {
    /// Refuses to replace unasked what waits.
    fn require_free(&self, subject: Subject, current: &Current) -> ProposeResult<()> {
        match current.pending {
            Some(due) if !self.replace => Err(ProposeError::ChangeWaits { subject, due }),
            _ => Ok(()),
        }
    }
}

/// A market to list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Its number.
    pub market: MarketId,
    /// Its name.
    pub symbol: String,
    /// Whether it has a tranche of the fund for its own.
    pub isolated: bool,
    /// Most that it draws in a window, in quote units; none: the fund's parameter.
    pub window_cap: Option<Quote>,
}

/// A contract that gets another code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Which.
    pub part: Part,
    /// Its new code.
    pub code_id: u64,
}

impl Writer<'_> {
    fn address(&self, part: Part) -> ProposeResult<&str> {
        let address = self.record.address(part);
        address.ok_or(ProposeError::NoAddress(part))
    }

    /// A call that only the authority may make.
    fn call(&self, part: Part, msg: Value) -> ProposeResult<ProposalMessage> {
        let (gov, authority) = (&self.record.admin, &self.record.authority);
        let contract = self.address(part)?.to_owned();
        if self.sudo {
            return Ok(ProposalMessage::SudoContract(SudoContract {
                authority: gov.clone(),
                contract,
                msg,
            }));
        }
        if gov != authority {
            return Err(ProposeError::OtherAuthority {
                authority: authority.clone(),
                gov: gov.clone(),
            });
        }
        Ok(ProposalMessage::ExecuteContract(ExecuteContract {
            sender: gov.clone(),
            contract,
            msg,
            funds: Vec::new(),
        }))
    }

    fn draft(&self, part: Part, msg: Value) -> ProposeResult<Draft> {
        Ok(Draft {
            messages: vec![self.call(part, msg)?],
            notes: Vec::new(),
        })
    }

    /// Other parameters.
    ///
    /// # Errors
    /// Those of the parameters; `NeedsNode`, `VersionMismatch`, `ChangeWaits`, `OtherAuthority`, and of
    /// queries.
    pub fn change(&self, subject: Subject, wish: &Wish) -> ProposeResult<Draft> {
        let contract = self.address(subject.part())?;
        let current = match self.chain {
            Some(chain) => Some(subject.current(chain, contract)?),
            None => None,
        };
        let mut params = match (&wish.params, &current) {
            (Some(params), _) => params.clone(),
            (None, Some(current)) if !current.params.is_null() => current.params.clone(),
            (None, _) => self.default_policy(subject)?,
        };
        for assignment in &wish.sets {
            assign(&mut params, assignment)?;
        }
        let change = Change {
            expected_version: match (wish.expected_version, &current) {
                (None, Some(current)) => Some(current.version),
                (expected, _) => expected,
            },
            params: subject.parse(params)?,
        };
        change.params.validate()?;
        let mut draft = self.draft(subject.part(), change.message()?)?;
        if let Some(current) = current {
            change.require_version(&current)?;
            wish.require_free(subject, &current)?;
            let plan = change.params.plan(&current, self.at)?;
            draft.notes = plan_lines(subject, current.version, &plan);
        }
        Ok(draft)
    }

    /// What a market without a policy of its own starts from.
    fn default_policy(&self, subject: Subject) -> ProposeResult<Value> {
        match (subject, self.chain) {
            (Subject::Policy(market), Some(chain)) => {
                let question = json!({"policy": {"market": market}});
                ask(chain, self.address(Part::Queue)?, &question)
            }
            _ => Err(ProposeError::NeedsNode(
                "the parameters in force: give all of them with --params, or the node with --node",
            )),
        }
    }

    /// A new market, which may draw on the fund from the first moment.
    ///
    /// # Errors
    /// Those of the parameters; `MarketExists`, `OtherAuthority`, and of queries.
    pub fn list(&self, listing: &Listing, wish: &Wish) -> ProposeResult<Draft> {
        let mut params = match &wish.params {
            Some(params) => params.clone(),
            None => json_of(&MarketParams::default())?,
        };
        for assignment in &wish.sets {
            assign(&mut params, assignment)?;
        }
        let params = Subject::Market(listing.market).parse(params)?;
        params.validate()?;
        let Params::Market(market, params) = params else {
            return Err(ProposeError::BadArguments("no parameters of a market"));
        };
        let notes = self.check_new(market)?;
        let list = market::ExecuteMsg::ListMarket(market::ListMarket {
            market,
            symbol: listing.symbol.clone(),
            params,
        });
        let register = fund::ExecuteMsg::RegisterMarket(fund::RegisterMarket {
            market,
            isolated: listing.isolated,
            window_cap: listing.window_cap,
            paid_in_cap: None,
        });
        let messages = vec![
            self.call(Part::Market, json_of(&list)?)?,
            self.call(Part::Fund, json_of(&register)?)?,
        ];
        Ok(Draft { messages, notes })
    }

    fn check_new(&self, number: MarketId) -> ProposeResult<Vec<String>> {
        let Some(chain) = self.chain else {
            return Ok(Vec::new());
        };
        let question = market::QueryMsg::Markets(market::MarketsQuery {
            start_after: number.checked_sub(1),
            limit: Some(1),
        });
        let contract = self.address(Part::Market)?;
        let next: MarketsResponse = ask(chain, contract, &json_of(&question)?)?;
        if next.markets.iter().any(|market| market.market == number) {
            return Err(ProposeError::MarketExists(number));
        }
        let prices = feed::QueryMsg::Prices(feed::Prices {
            markets: vec![number],
            max_age: None,
        });
        let answer = chain.query(self.address(Part::Feed)?, &json_of(&prices)?);
        let note = |e| format!("the feed needs a price of market {number} before this passes: {e}");
        Ok(answer.err().map(note).into_iter().collect())
    }

    /// The market's own policy is given up, the default holds again.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub fn default_again(&self, market: MarketId, wish: &Wish) -> ProposeResult<Draft> {
        let wish = Wish {
            params: Some(Value::Null),
            sets: Vec::new(),
            ..wish.clone()
        };
        self.change(Subject::Policy(market), &wish)
    }

    /// Stops an operation, or lets it go on.
    ///
    /// # Errors
    /// `NoAddress`, `OtherAuthority`.
    pub fn pause(&self, operation: Operation, paused: bool) -> ProposeResult<Draft> {
        let msg = SetPause { operation, paused };
        if operation == Operation::Staking {
            self.draft(Part::Fund, json_of(&fund::ExecuteMsg::SetPause(msg))?)
        } else {
            self.draft(Part::Market, json_of(&market::ExecuteMsg::SetPause(msg))?)
        }
    }

    /// Other codes. The fund pays no market whose code it does not know, so with the market it is told
    /// of the code, last: the chain is asked whether the market runs it.
    ///
    /// # Errors
    /// `Param` for a notice out of bounds; `NoAddress`, `OtherAuthority`.
    pub fn migrate(&self, migrations: &[Migration], msg: &MigrateMsg) -> ProposeResult<Draft> {
        if let Some(notice) = &msg.notice {
            notice.validate()?;
        }
        let mut draft = Draft::default();
        for migration in migrations {
            draft
                .messages
                .push(ProposalMessage::MigrateContract(MigrateContract {
                    sender: self.record.admin.clone(),
                    contract: self.address(migration.part)?.to_owned(),
                    code_id: migration.code_id.into(),
                    // The lens has no authority, hence nothing to set.
                    msg: match migration.part {
                        Part::Lens => json!({}),
                        _ => json_of(msg)?,
                    },
                }));
        }
        let market = migrations.iter().find(|m| m.part == Part::Market);
        if let Some(Migration { code_id, .. }) = market {
            let code_id = *code_id;
            let approve = fund::ExecuteMsg::ApproveCode(fund::ApproveCode { code_id });
            let call = self.call(Part::Fund, json_of(&approve)?)?;
            draft.messages.push(call);
        }
        if msg.notice.is_none() {
            let note = "without a notice a contract of version 0.2 refuses to be migrated";
            draft.notes.push(note.to_owned());
        }
        Ok(draft)
    }

    /// Keeps codes compiled in memory; none named: all of the deployment.
    ///
    /// # Errors
    /// `BadArguments` if there are none.
    pub fn pin(&self, code_ids: &[u64]) -> ProposeResult<Draft> {
        let mut ids = code_ids.to_vec();
        if ids.is_empty() {
            ids.extend(self.record.codes.values().map(|code| code.code_id));
        }
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Err(ProposeError::BadArguments("no codes to pin"));
        }
        Ok(Draft {
            messages: vec![ProposalMessage::PinCodes(Codes {
                authority: self.record.admin.clone(),
                code_ids: ids.into_iter().map(Into::into).collect(),
            })],
            notes: Vec::new(),
        })
    }

    /// Names who may become the authority; whoever it is must accept, at each contract.
    ///
    /// # Errors
    /// `NoAddress`, `OtherAuthority`.
    pub fn authority(&self, candidate: &str, parts: &[Part]) -> ProposeResult<Draft> {
        let mut draft = Draft::default();
        for part in parts {
            let govern = GovernMsg::ProposeAuthority {
                candidate: Some(candidate.to_owned()),
            };
            let msg = match part {
                Part::Market => json_of(&market::ExecuteMsg::Govern(govern))?,
                Part::Fund => json_of(&fund::ExecuteMsg::Govern(govern))?,
                Part::Queue => json_of(&queue::ExecuteMsg::Govern(govern))?,
                Part::Feed => json_of(&feed::ExecuteMsg::Govern(govern))?,
                Part::Lens => {
                    let what = "the lens has no authority";
                    return Err(ProposeError::BadArguments(what));
                }
            };
            draft.messages.push(self.call(*part, msg)?);
        }
        draft.notes.push(format!(
            "nothing changes before {candidate} sends {{\"govern\":{{\"accept_authority\":{{}}}}}}"
        ));
        Ok(draft)
    }
}
