//! `cargo schema`: the JSON schema of every contract, from one generator.

use std::path::Path;
use std::process::ExitCode;

use cosmwasm_schema::generate_api;
use perp_interface::{feed, fund, market, queue};

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema");
    let mut stale = Vec::new();
    for (name, text) in schemas() {
        let path = folder.join(format!("{name}.json"));
        if std::fs::read_to_string(&path).is_ok_and(|stored| stored == text) {
            continue;
        }
        stale.push(name);
        if check {
            continue;
        }
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("cannot write the schema of {name}: {error}");
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

fn schemas() -> [(&'static str, String); 4] {
    [
        schema!("perp-market", market),
        schema!("insurance-fund", fund),
        schema!("deleverage-queue", queue),
        schema!("price-feed", feed),
    ]
}
