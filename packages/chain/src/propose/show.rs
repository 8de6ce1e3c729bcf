//! A plan in words.

use std::fmt::Write;

use cosmrs::tendermint::Time;
use perp_interface::governance::FieldChange;
use perp_interface::lens::ChangePlan;

use super::change::Subject;

/// Seconds as a date; the number itself where there is none.
pub fn date(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok();
    let time = time.and_then(|seconds| Time::from_unix_timestamp(seconds, 0).ok());
    time.map_or_else(|| seconds.to_string(), |time| time.to_rfc3339())
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exchange => f.write_str("parameters of the exchange"),
            Self::Fund => f.write_str("parameters of the fund"),
            Self::Queue => f.write_str("parameters of the queue"),
            Self::Feed => f.write_str("parameters of the feed"),
            Self::Market(market) => write!(f, "parameters of market {market}"),
            Self::Policy(market) => write!(f, "selection policy of market {market}"),
        }
    }
}

/// What holds at once, and what follows with dates.
pub fn plan_lines(subject: Subject, version: u64, plan: &ChangePlan) -> Vec<String> {
    let at = date(plan.at);
    let mut lines = vec![format!("{subject}, version {version}, if decided at {at}:")];
    if plan.at_once.is_empty() && plan.steps.is_empty() {
        lines.push("  nothing changes".to_owned());
    }
    if !plan.at_once.is_empty() {
        lines.push(format!("  at once: {}", changes(&plan.at_once)));
    }
    for step in &plan.steps {
        let due = date(step.due);
        lines.push(format!("  from {due}: {}", changes(&step.changes)));
    }
    if !plan.complete {
        lines.push("  and further steps".to_owned());
    }
    if !plan.steps.is_empty() {
        lines.push("  each step is made by anybody's apply_pending".to_owned());
    }
    if let Some(due) = plan.replaces {
        let due = date(due);
        lines.push(format!("  it replaces a change that waits until {due}"));
    }
    lines
}

fn changes(changes: &[FieldChange]) -> String {
    let mut text = String::new();
    for change in changes {
        let separator = if text.is_empty() { "" } else { ", " };
        let (from, to) = (change.from.join("/"), change.to.join("/"));
        // Writing to a string does not fail.
        let _ = write!(text, "{separator}{} {from} -> {to}", change.field);
    }
    text
}
