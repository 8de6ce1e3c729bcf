//! Measures everything, prints it against the targets, and writes `gas.json`; with `--check` compares
//! with the committed file instead; with `--calls <step>` prints the calls of one transaction.

use std::io::{Error, ErrorKind};
use std::process::ExitCode;

use wasm_tests::figures::{commit, committed, compare, measure, Difference, Figures};
use wasm_tests::scenario::SCENARIOS;
use wasm_tests::target::verdicts;
use wasm_tests::Code;

fn main() -> std::io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => write(),
        ["--check"] => check(),
        ["--calls", step] => calls(step),
        _ => Err(refused(
            "the arguments are --check, or --calls and the name of a step",
        )),
    }
}

fn refused(text: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, text)
}

fn write() -> std::io::Result<ExitCode> {
    let now = measure();
    for (name, figure) in &now {
        println!("{name:<56} {figure:>12}");
    }
    print_verdicts(&now);
    commit(&now)?;
    println!("\n{} figures written", now.len());
    Ok(ExitCode::SUCCESS)
}

fn check() -> std::io::Result<ExitCode> {
    let now = measure();
    let differences = compare(&committed()?, &now);
    for difference in &differences {
        println!("{difference}");
    }
    print_verdicts(&now);
    if differences.iter().any(Difference::fails) {
        println!("\ncosts have grown: run `cargo bench-gas` and commit gas.json");
        return Ok(ExitCode::FAILURE);
    }
    println!("\n{} figures, none has grown", now.len());
    Ok(ExitCode::SUCCESS)
}

fn print_verdicts(figures: &Figures) {
    println!(
        "\n{:<58} {:<34} {:>11} {:>11}",
        "target", "figure", "measured", "at most"
    );
    for verdict in verdicts(figures) {
        println!("{verdict}");
    }
}

fn calls(name: &str) -> std::io::Result<ExitCode> {
    for (scenario, run) in SCENARIOS {
        let log = run(Code::Built).log;
        for step in log.iter().filter(|step| step.name == name) {
            println!("{scenario}: {name}\n{}\n", step.transaction);
        }
    }
    Ok(ExitCode::SUCCESS)
}
