//! `scripts/proposals`: one proposal of each kind, written by the command's own code against the
//! embedded deployment, and executed there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use perp_interface::governance::{MigrateMsg, NoticeParams, Operation};
use perp_interface::{feed, fund, lens, market, queue};
use perps_chain::deploy::Part;
use perps_chain::proposal::{ProposalFile, ProposalMessage};
use perps_chain::propose::{Draft, Listing, Migration, ProposeResult, Subject, Writer};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::world::{quote, sets, World};

type Make = fn(&Writer<'_>) -> ProposeResult<Draft>;

/// Name, title and what is proposed, in an order in which all of them pass.
const KINDS: [(&str, &str, Make); 14] = [
    ("list-market", "List ETH-PERP as market 2", |w| {
        let listing = Listing {
            market: 2,
            symbol: "ETH-PERP".to_owned(),
            isolated: true,
            window_cap: Some(quote(50_000_000_000)),
        };
        w.list(&listing, &sets(&["max_open_interest=1000000000"]))
    }),
    ("market", "Raise the margin of market 1", |w| {
        let sets = sets(&["tiers.0.initial_bps=1200", "tiers.0.maintenance_bps=600"]);
        w.change(Subject::Market(1), &sets)
    }),
    ("params-market", "Fewer fills in a message", |w| {
        w.change(Subject::Exchange, &sets(&["max_fills=40", "max_orders=15"]))
    }),
    ("params-fund", "The fund stops earlier", |w| {
        w.change(Subject::Fund, &sets(&["trip_bps=2500"]))
    }),
    ("params-queue", "Longer steps of the queue", |w| {
        w.change(Subject::Queue, &sets(&["step_limit=800"]))
    }),
    ("params-feed", "Prices may be older", |w| {
        w.change(Subject::Feed, &sets(&["max_age=90"]))
    }),
    ("policy", "Spread the losses of market 1", |w| {
        w.change(Subject::Policy(1), &sets(&["breadth=5"]))
    }),
    ("pause-opening", "Stop opening", |w| {
        w.pause(Operation::Opening, true)
    }),
    ("resume-opening", "Go on with opening", |w| {
        w.pause(Operation::Opening, false)
    }),
    ("pause-market", "Stop market 1", |w| {
        w.pause(Operation::Market(1), true)
    }),
    ("pause-staking", "Stop staking", |w| {
        w.pause(Operation::Staking, true)
    }),
    ("pin", "Pin the contracts", |w| w.pin(&[])),
    ("migrate", "Migrate the market and the fund", |w| {
        let to = |part: Part| Migration {
            part,
            code_id: w.record.codes[&part].code_id,
        };
        let msg = MigrateMsg {
            notice: Some(NoticeParams::default()),
            guardian: None,
        };
        w.migrate(&[to(Part::Market), to(Part::Fund)], &msg)
    }),
    ("authority", "Name the next authority", |w| {
        let parts = [Part::Market, Part::Fund, Part::Queue, Part::Feed];
        w.authority(&w.record.deployer, &parts)
    }),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/proposals")
}

/// All of them written with or without `sudo`, each against the state before the next.
fn written(sudo: bool) -> (World, BTreeMap<String, ProposalFile>) {
    let mut world = World::with_market();
    world.set_price(2, 50_000_000);
    let mut files = BTreeMap::new();
    for (name, title, make) in KINDS {
        let writer = Writer {
            sudo,
            ..world.writer()
        };
        let draft = make(&writer).unwrap_or_else(|e| panic!("{name}: {e}"));
        files.insert(name.to_owned(), world.file(title, draft.clone()));
        world.pass(&draft).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    (world, files)
}

/// After a change that is meant, run this with `UPDATE_PROPOSALS=1` and read what it wrote.
#[test]
fn the_templates_are_what_the_command_writes_and_the_contracts_take() {
    let (_, mut files) = written(false);
    let (_, with_sudo) = written(true);
    let params = with_sudo["params-fund"].clone();
    files.insert("params-fund-sudo".to_owned(), params);
    if std::env::var_os("UPDATE_PROPOSALS").is_some() {
        std::fs::create_dir_all(folder()).expect("a folder");
        for (name, file) in &files {
            let text = serde_json::to_string_pretty(file).expect("JSON");
            let path = folder().join(format!("{name}.json"));
            std::fs::write(path, format!("{text}\n")).expect("is written");
        }
    }
    assert_eq!(committed(), files, "read the comment of this test");
}

fn committed() -> BTreeMap<String, ProposalFile> {
    let entries = std::fs::read_dir(folder()).expect("is there");
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("is read");
        let file = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        let name = path.file_stem().expect("a name").to_string_lossy();
        (name.into_owned(), file)
    };
    entries.map(read).collect()
}

/// The messages' types deny unknown fields, as the contracts do: the strictest schema there is.
fn check(part: Part, message: &ProposalMessage, msg: &Value) -> Result<(), String> {
    fn is<T: DeserializeOwned>(msg: &Value) -> Result<(), String> {
        let read = serde_json::from_value::<T>(msg.clone());
        read.map(|_| ()).map_err(|e| e.to_string())
    }
    match (message, part) {
        (ProposalMessage::MigrateContract(_), Part::Lens) => {
            is::<perp_lens::migrate::MigrateMsg>(msg)
        }
        (ProposalMessage::MigrateContract(_), _) => is::<MigrateMsg>(msg),
        (ProposalMessage::SudoContract(_), Part::Market) => is::<market::SudoMsg>(msg),
        (ProposalMessage::SudoContract(_), Part::Fund) => is::<fund::SudoMsg>(msg),
        (ProposalMessage::SudoContract(_), Part::Queue) => is::<queue::SudoMsg>(msg),
        (ProposalMessage::SudoContract(_), Part::Feed) => is::<feed::SudoMsg>(msg),
        (_, Part::Market) => is::<market::ExecuteMsg>(msg),
        (_, Part::Fund) => is::<fund::ExecuteMsg>(msg),
        (_, Part::Queue) => is::<queue::ExecuteMsg>(msg),
        (_, Part::Feed) => is::<feed::ExecuteMsg>(msg),
        (_, Part::Lens) => is::<lens::ExecuteMsg>(msg),
    }
}

fn inner(message: &ProposalMessage) -> Option<&Value> {
    match message {
        ProposalMessage::ExecuteContract(call) => Some(&call.msg),
        ProposalMessage::SudoContract(call) => Some(&call.msg),
        ProposalMessage::MigrateContract(to) => Some(&to.msg),
        _ => None,
    }
}

/// The value once for each of its keys, with that key misspelt.
fn misspelt(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                let mut wrong = fields.clone();
                wrong.remove(key);
                wrong.insert(format!("{key}s"), inner.clone());
                all.push(Value::Object(wrong));
                for inner in misspelt(inner) {
                    let mut wrong = fields.clone();
                    wrong.insert(key.clone(), inner);
                    all.push(Value::Object(wrong));
                }
            }
        }
        Value::Array(entries) => {
            for (i, entry) in entries.iter().enumerate() {
                for inner in misspelt(entry) {
                    let mut wrong = entries.clone();
                    wrong[i] = inner;
                    all.push(Value::Array(wrong));
                }
            }
        }
        _ => {}
    }
    all
}

#[test]
fn every_message_of_a_template_is_one_of_its_contract_and_a_misspelt_field_is_not() {
    let world = World::new();
    let part_at = |address: &str| {
        let mut parts = Part::ALL.into_iter();
        parts.find(|part| world.record.address(*part) == Some(address))
    };
    let mut wrong_ones = 0;
    for (name, file) in committed() {
        file.to_proposal().expect("is submitted");
        for message in &file.messages {
            assert_eq!(message.sender(), world.record.admin, "{name}");
            let Some(msg) = inner(message) else { continue };
            let part = message.contract().and_then(part_at).expect("a contract");
            check(part, message, msg).unwrap_or_else(|e| panic!("{name}: {e}"));
            for wrong in misspelt(msg) {
                check(part, message, &wrong).expect_err(&wrong.to_string());
                wrong_ones += 1;
            }
        }
    }
    assert!(wrong_ones > 100, "{wrong_ones}");
}
