//! Writes `gas.json`, or with `--check` compares it with what is measured now.

use std::io::{Error, ErrorKind};
use std::process::ExitCode;

use wasm_tests::figures::{commit, committed, compare, measure, Difference};

fn main() -> std::io::Result<ExitCode> {
    let check = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--check") => true,
        Some(other) => {
            let text = format!("unknown argument {other}; the only one is --check");
            return Err(Error::new(ErrorKind::InvalidInput, text));
        }
    };
    let now = measure();
    let differences = compare(&committed()?, &now);
    for difference in &differences {
        println!("{difference}");
    }
    if !check {
        commit(&now)?;
        println!("{} figures written", now.len());
        return Ok(ExitCode::SUCCESS);
    }
    if differences.iter().any(Difference::fails) {
        println!(
            "costs have grown: run `cargo run -p wasm-tests --bin gas-json` and commit gas.json"
        );
        return Ok(ExitCode::FAILURE);
    }
    println!("{} figures, none has grown", now.len());
    Ok(ExitCode::SUCCESS)
}
