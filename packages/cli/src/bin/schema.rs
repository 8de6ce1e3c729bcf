//! `cargo schema`: the JSON schema of every contract and the table of events, from one generator.

use std::path::Path;
use std::process::ExitCode;

use cosmwasm_schema::generate_api;
use perp_interface::event;
use perp_interface::{feed, fund, lens, market, queue};

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: Vec<_> = schemas()
        .into_iter()
        .map(|(name, text)| (format!("schema/{name}.json"), text))
        .collect();
    files.push(("docs/events.md".to_owned(), events()));
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
    ($name:literal, $module:ident) => {{
        let api = generate_api! {
            name: $name,
            instantiate: $module::InstantiateMsg,
            execute: $module::ExecuteMsg,
            query: $module::QueryMsg,
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
        schema!("perp-market", market),
        schema!("insurance-fund", fund),
        schema!("deleverage-queue", queue),
        schema!("price-feed", feed),
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
