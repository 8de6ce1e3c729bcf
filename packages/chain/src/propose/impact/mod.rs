//! `propose impact`: what a proposal would do, before anybody votes on it.

mod table;

use perp_interface::lens::{self, ChangePlan, Impact, SampleLoss, SimulateQuery, SimulateResponse};
use serde::Serialize;

use super::change::{json_of, Change, Params};
use super::error::ProposeResult;
use super::show::plan_lines;
use super::{ask, Chain};
use crate::deploy::{Part, Record};
use crate::proposal::{ProposalFile, ProposalMessage};

/// Most pages of one question: at 300 accounts each, more than fit into anybody's patience.
const MOST_PAGES: usize = 1_000;

/// Asks what proposals would do.
#[derive(Clone, Copy)]
pub struct Assessor<'a> {
    /// Where the contracts are.
    pub record: &'a Record,
    /// The chain.
    pub chain: &'a dyn Chain,
    /// When the proposal would pass, in seconds.
    pub at: u64,
    /// A loss whose counterparties are compared where a policy changes.
    pub loss: Option<SampleLoss>,
}

impl std::fmt::Debug for Assessor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assessor")
            .field("at", &self.at)
            .field("loss", &self.loss)
            .finish_non_exhaustive()
    }
}

/// What one message would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// Its place in the proposal, from 1.
    pub message: usize,
    /// What it is about.
    pub about: String,
    /// None if it changes no parameters.
    pub change: Option<Assessed>,
    #[serde(skip)]
    lines: Vec<String>,
}

/// What a change of parameters would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessed {
    /// Version in force.
    pub version: u64,
    /// Version that the message names, if it is another: the contract will refuse the message.
    pub stale: Option<u64>,
    /// What holds at once, and what follows.
    pub plan: ChangePlan,
    /// What the lens says, page by page; empty without a lens, and for the feed.
    pub pages: Vec<Impact>,
    /// Why the lens says nothing.
    pub no_impact: Option<String>,
}

impl Assessor<'_> {
    /// Every message of a proposal, in order.
    ///
    /// # Errors
    /// `BadParams` for a message that the contract does not understand; what the contract would refuse;
    /// those of queries.
    pub fn assess(&self, file: &ProposalFile) -> ProposeResult<Vec<Assessment>> {
        let messages = file.messages.iter().enumerate();
        messages
            .map(|(i, message)| self.message(i + 1, message))
            .collect()
    }

    fn message(&self, message: usize, of: &ProposalMessage) -> ProposeResult<Assessment> {
        let part = of.contract().and_then(|address| {
            let mut parts = Part::ALL.into_iter();
            parts.find(|part| self.record.address(*part) == Some(address))
        });
        let about = about(of, part);
        let change = match (part, of) {
            (Some(part), ProposalMessage::ExecuteContract(call)) => Change::read(part, &call.msg)?,
            (Some(part), ProposalMessage::SudoContract(call)) => Change::read(part, &call.msg)?,
            _ => None,
        };
        let (change, lines) = match change {
            Some(change) => {
                let (assessed, lines) = self.change(&change)?;
                (Some(assessed), lines)
            }
            None => (None, Vec::new()),
        };
        Ok(Assessment {
            message,
            about,
            change,
            lines,
        })
    }

    fn change(&self, change: &Change) -> ProposeResult<(Assessed, Vec<String>)> {
        let subject = change.params.subject();
        let contract = self.record.address(subject.part());
        let contract = contract.ok_or(super::ProposeError::NoAddress(subject.part()))?;
        let current = subject.current(self.chain, contract)?;
        let expected = change.expected_version;
        let plan = change.params.plan(&current, self.at)?;
        let mut lines = plan_lines(subject, current.version, &plan);
        let stale = expected.filter(|expected| *expected != current.version);
        if let Some(expected) = stale {
            let note = "  it will be refused: it was written against version";
            lines.push(format!("{note} {expected}"));
        }
        // A lens of an older version does not know the question; the plan holds without it.
        let (pages, no_impact) = match self.pages(&change.params) {
            Ok(pages) => (pages, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        lines.extend(table::lines(&pages));
        if let Some(why) = &no_impact {
            lines.push(format!("  effects are not known: {why}"));
        }
        let assessed = Assessed {
            version: current.version,
            stale,
            plan,
            pages,
            no_impact,
        };
        Ok((assessed, lines))
    }

    fn pages(&self, params: &Params) -> ProposeResult<Vec<Impact>> {
        let mut pages = Vec::new();
        let (Some(lens), Some(change)) = (self.record.address(Part::Lens), params.to_lens()) else {
            return Ok(pages);
        };
        let compares = matches!(params, Params::Queue(_) | Params::Policy(..));
        let mut query = SimulateQuery {
            change: Box::new(change),
            at: Some(self.at),
            loss: self.loss.filter(|_| compares),
            cursor: None,
            limit: None,
        };
        for _ in 0..MOST_PAGES {
            let question = lens::QueryMsg::SimulateParams(query.clone());
            let page: SimulateResponse = ask(self.chain, lens, &json_of(&question)?)?;
            pages.push(page.impact);
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        Ok(pages)
    }
}

impl Assessment {
    /// For people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("message {}: {}", self.message, self.about)];
        lines.extend(self.lines.iter().map(|line| format!("  {line}")));
        lines
    }
}

fn about(message: &ProposalMessage, part: Option<Part>) -> String {
    let named = |address: &str| match part {
        Some(part) => format!("{part} {address}"),
        None => format!("{address}, which is none of this deployment"),
    };
    let first_key = |msg: &serde_json::Value| {
        let key = msg.as_object().and_then(|fields| fields.keys().next());
        key.cloned().unwrap_or_default()
    };
    match message {
        ProposalMessage::ExecuteContract(call) => {
            format!("{} at {}", first_key(&call.msg), named(&call.contract))
        }
        ProposalMessage::SudoContract(call) => {
            format!(
                "{} (sudo) at {}",
                first_key(&call.msg),
                named(&call.contract)
            )
        }
        ProposalMessage::MigrateContract(to) => {
            format!("code {} for {}", to.code_id, named(&to.contract))
        }
        ProposalMessage::StoreCode(code) => {
            format!("stores a code of {} bytes", code.wasm_byte_code.len())
        }
        ProposalMessage::PinCodes(codes) => format!("pins {} codes", codes.code_ids.len()),
        ProposalMessage::UnpinCodes(codes) => format!("unpins {} codes", codes.code_ids.len()),
        ProposalMessage::UpdateAdmin(to) => {
            format!(
                "makes {} the admin of {}",
                to.new_admin,
                named(&to.contract)
            )
        }
    }
}
