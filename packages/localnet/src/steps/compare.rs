//! Gas on the chain next to the figures of `packages/wasm-tests/gas.json`, for the same messages in the same
//! situations.

use std::collections::BTreeMap;
use std::path::Path;

use cosmrs::proto::cosmwasm::wasm::v1::{QueryContractInfoRequest, QueryContractInfoResponse};
use cosmrs::proto::prost::Message;
use perps_chain::deploy::Part;
use serde::Serialize;
use serde_json::json;

use crate::bench::{bank_transfer, Bench, Reading};
use crate::error::{ensure, PlayError, PlayResult};
use crate::home::read_json;
use crate::net::Net;
use crate::play::Play;
use crate::situations;
use crate::suite::Suite;

/// How far chain and model may be apart, in per cent.
const TOLERANCE: f64 = 10.0;
/// What a call of a pinned contract costs before it begins.
const INSTANCE: u64 = 2_000;
/// Reads at the beginning of a call: the contract's record, its code's, and whether that is pinned.
const RECORDS: u64 = 3;
/// The SDK's price of a read, and of each of its bytes.
const READ: u64 = 1_000;
const READ_BYTE: u64 = 3;
/// Keys of these records: a prefix and an address of 32 bytes, a prefix and a number of 8, twice.
const KEYS: u64 = 33 + 9;
/// A code's record: its hash, the address of whoever stored it, and a permission, with their tags.
const CODE_RECORD: u64 = 34 + 45 + 4;

/// Queries by contracts, which leave no event. Every order, withdrawal and liquidation asks for prices once;
/// `list_market` asks for the first price, collecting fees for that of the open interest; lights ask the market for its mark, and that the feed. A cascade asks for prices when
/// the account is frozen, when the fund's money meets the book, and at the queue's step.
const QUERIES: [(&str, u64); 11] = [
    ("list_market", 1),
    ("place_order_resting", 1),
    ("place_order_one_fill", 1),
    ("place_order_resting_again", 1),
    ("place_order_one_fill_again", 1),
    ("place_order_ten_fills", 1),
    ("withdraw", 1),
    ("collect_fees", 1),
    ("publish_lights", 2),
    ("liquidate_solvent", 1),
    ("liquidate_cascade_3_fills", 3),
];

/// One line of the comparison. All in SDK gas.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The figure of the model.
    pub model: u64,
    /// Calls of contracts: messages, replies, queries.
    pub calls: u64,
    /// Loading them, pinned.
    pub instances: u64,
    /// Reading the records of contracts and codes, which the model leaves out.
    pub contract_info: u64,
    /// Moving coins, which the model leaves out.
    pub bank: u64,
    /// Sum of these.
    pub expected: u64,
    /// On the chain, without the ante handler.
    pub chain: u64,
    /// How much more the chain takes, in per cent.
    pub difference: f64,
}

/// Replays the situations on suites of their own and compares.
///
/// # Errors
/// `Wrong` for a figure that is further off than the tolerance.
pub fn compare(play: &mut Play) -> PlayResult<()> {
    let figures = concat!(env!("CARGO_MANIFEST_DIR"), "/../wasm-tests/gas.json");
    let figures: BTreeMap<String, u64> = read_json(Path::new(figures))?;
    let net = &play.net;
    let bank = bank_transfer(net)?;
    let records = records(net, &play.suite)?;
    let (mut readings, mut others) = (vec![], vec![]);
    for (salt, situation) in [
        (
            "trading",
            situations::trading as fn(&mut Bench<'_>) -> PlayResult<()>,
        ),
        ("liquidation", situations::liquidation),
        ("cascade", situations::cascade),
    ] {
        let mut bench = Bench::deploy(net, &play.artifacts, salt)?;
        situation(&mut bench)?;
        readings.append(&mut bench.readings);
        others.push(bench.suite);
    }
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for reading in &readings {
        let name = format!("tx/{}", reading.figure);
        let model = figures.get(&name).copied();
        let model = model.ok_or_else(|| PlayError::Wrong(format!("gas.json has no {name}")))?;
        let line = line(reading, model, (records, bank));
        // As in the model: of messages of one name the dearest.
        let is_dearest = lines
            .get(&name)
            .is_none_or(|known| known.chain < line.chain);
        if is_dearest {
            lines.insert(name, line);
        }
    }
    print(&lines);
    play.others.extend(others);
    play.figures.insert("compare".to_owned(), json!(lines));
    play.figures.insert(
        "left_out_of_the_model".to_owned(),
        json!({"bank_transfer": bank, "contract_info_per_call": records}),
    );
    let off = lines
        .iter()
        .find(|(_, line)| line.difference.abs() > TOLERANCE);
    if let Some((name, line)) = off {
        return Err(PlayError::Wrong(format!("{name} is too far off: {line:?}")));
    }
    let worst = lines.values().map(|line| line.difference.abs());
    let worst = worst.fold(0.0, f64::max);
    let found = format!(
        "{} figures within {worst:.1} %; a bank transfer {bank}, records of a call {records}",
        lines.len()
    );
    play.passed("gas against the model", found)
}

fn line(reading: &Reading, model: u64, (records, bank): (u64, u64)) -> Line {
    let asked = QUERIES.iter().find(|(name, _)| *name == reading.figure);
    let calls = reading.calls + asked.map_or(0, |(_, queries)| *queries);
    let (instances, contract_info) = (calls * INSTANCE, calls * records);
    let bank = reading.transfers * bank;
    let expected = model + instances + contract_info + bank;
    let difference = 100.0 * (reading.net as f64 / expected as f64 - 1.0);
    Line {
        model,
        calls,
        instances,
        contract_info,
        bank,
        expected,
        chain: reading.net,
        difference: (10.0 * difference).round() / 10.0,
    }
}

/// Gas of reading a contract's and its code's record at the beginning of a call, by their sizes on the chain.
fn records(net: &Net, suite: &Suite) -> PlayResult<u64> {
    let question = QueryContractInfoRequest {
        address: suite.at(Part::Market)?.to_owned(),
    };
    let path = "/cosmwasm.wasm.v1.Query/ContractInfo";
    let answer: QueryContractInfoResponse = net.client.grpc(path, &question)?;
    let size = answer.contract_info.map_or(0, |info| info.encoded_len());
    ensure(size > 0, || "the market has no record".to_owned())?;
    Ok(RECORDS * READ + READ_BYTE * (KEYS + size as u64 + CODE_RECORD))
}

fn print(lines: &BTreeMap<String, Line>) {
    println!(
        "      {:<36} {:>8} {:>5} {:>9} {:>9} {:>8} {:>8} {:>8} {:>7}",
        "gas", "model", "calls", "instances", "records", "bank", "expected", "chain", "%"
    );
    for (name, line) in lines {
        println!(
            "      {name:<36} {:>8} {:>5} {:>9} {:>9} {:>8} {:>8} {:>8} {:>7.1}",
            line.model,
            line.calls,
            line.instances,
            line.contract_info,
            line.bank,
            line.expected,
            line.chain,
            line.difference
        );
    }
}
