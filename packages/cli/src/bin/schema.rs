//! `cargo schema`: the JSON schema of every contract and the table of events, from one generator.

use std::path::Path;
use std::process::ExitCode;

use cosmwasm_schema::generate_api;
use perp_core::change::{Access, Field, ParamSet, Step, Tighter};
use perp_interface::event;
use perp_interface::governance::MigrateMsg;
use perp_interface::params::{
    ExchangeParams, FeedParams, FundParams, MarketParams, OwnPolicy, QueueParams,
};
use perp_interface::{feed, fund, lens, market, queue};

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: Vec<_> = schemas()
        .into_iter()
        .map(|(name, text)| (format!("schema/{name}.json"), text))
        .collect();
    files.push(("docs/events.md".to_owned(), events()));
    files.push(("docs/changes.md".to_owned(), changes()));
    let mut stale = Vec::new();
    for (name, text) in files {
        let path = root.join(&name);
        if std::fs::read_to_string(&path).is_ok_and(|stored| stored == text) {
            continue;
        }
        stale.push(name.clone());
        if check {
            continue;
        }
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("cannot write {name}: {error}");
            return ExitCode::FAILURE;
        }
    }
    match (check, stale.is_empty()) {
        (_, true) => println!("schema: up to date"),
        (false, false) => println!("schema: wrote {}", stale.join(", ")),
        (true, false) => {
            eprintln!("schema: stale for {}; run `cargo schema`", stale.join(", "));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

macro_rules! schema {
    ($name:literal, $module:ident $(, $entry:ident: $message:ty)*) => {{
        let api = generate_api! {
            name: $name,
            instantiate: $module::InstantiateMsg,
            execute: $module::ExecuteMsg,
            query: $module::QueryMsg,
            $($entry: $message,)*
        };
        let json = api
            .render()
            .to_string()
            .unwrap_or_else(|error| error.to_string());
        ($name, format!("{json}\n"))
    }};
}

fn schemas() -> [(&'static str, String); 5] {
    [
        schema!("perp-market", market, migrate: MigrateMsg, sudo: market::SudoMsg),
        schema!("insurance-fund", fund, migrate: MigrateMsg, sudo: fund::SudoMsg),
        schema!("deleverage-queue", queue, migrate: MigrateMsg, sudo: queue::SudoMsg),
        schema!("price-feed", feed, migrate: MigrateMsg, sudo: feed::SudoMsg),
        schema!("perp-lens", lens),
    ]
}

/// The table of events, from their own descriptions.
fn events() -> String {
    let mut text = String::from(
        "# Events\n\nWritten by `cargo schema` from `packages/interface/src/event.rs`. On the chain every type \
         carries the prefix `wasm-`\nand an attribute `_contract_address`; values are decimal text.\n",
    );
    for event in event::all() {
        text += &format!(
            "\n## `{}`\n\n{}\n\n| attribute | meaning |\n|---|---|\n",
            event.kind,
            event.meaning.trim()
        );
        for (name, meaning) in event.attributes {
            text += &format!("| `{name}` | {} |\n", meaning.trim());
        }
    }
    text
}

/// The tables of how parameters change, from the tables that the contracts judge by.
fn changes() -> String {
    let mut text = String::from(
        "# How parameters change\n\nWritten by `cargo schema` from `packages/interface/src/params/fields.rs`. What \
         tightens holds at once, by the authority\nor the guardian; everything else is the authority's alone, waits \
         for the notice, and then moves by one step at a time\n([governance.md](governance.md)).\n",
    );
    table::<ExchangeParams>(&mut text, "perp-market: the exchange");
    table::<MarketParams>(&mut text, "perp-market: one market");
    table::<FundParams>(&mut text, "insurance-fund");
    table::<QueueParams>(&mut text, "deleverage-queue");
    table::<OwnPolicy>(&mut text, "deleverage-queue: policy of one market");
    table::<FeedParams>(&mut text, "price-feed");
    text
}

fn table<P: ParamSet>(text: &mut String, title: &str) {
    *text += &format!("\n## {title}\n\n| field | at once | after the notice | a step is at most |\n|---|---|---|---|\n");
    for field in P::fields() {
        *text += &line(field);
    }
}

fn line<P>(field: &Field<P>) -> String {
    let (at_once, later) = match field.tighter {
        Tighter::Up => ("up", "down"),
        Tighter::Down => ("down", "up"),
        Tighter::Neither => ("", "both ways"),
    };
    let step = match &field.access {
        Access::Numbers {
            step: Step::By(most),
            ..
        } => most.to_string(),
        Access::Numbers {
            step: Step::Percent { percent, least },
            ..
        } => {
            let (more, less) = (100 + percent, 10_000 / (100 + percent));
            format!("to {more} % or {less} % of it, or by {least}")
        }
        Access::Numbers {
            step: Step::Whole, ..
        }
        | Access::Whole { .. } => "the whole way".to_owned(),
    };
    format!("| `{}` | {at_once} | {later} | {step} |\n", field.name)
}
