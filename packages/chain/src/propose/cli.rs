//! `perps-chain propose`, from its arguments to what is written or sent.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use perp_interface::governance::{MigrateMsg, NoticeParams};
use perp_interface::Quote;

pub use super::args::ProposeArgs;
use super::args::{CommonArgs, ImpactArgs, ListArgs, MigrateArgs, NodeArgs, PolicyArgs, What};
use super::{Assessor, Chain, Draft, Listing, Migration, ProposeError, ProposeResult};
use super::{Subject, Wish, Writer};
use crate::client::{gov, Announced, Client, GasPrice, Keys, Sender};
use crate::deploy::{Part, Record, RecordFile, Store};
use crate::proposal::ProposalFile;

/// Runs it.
///
/// # Errors
/// [`ProposeError`]; nothing is written then. Only with `--submit` the file is written before: its
/// transaction may then be on the way, by the hash on standard error.
pub fn run(args: &ProposeArgs) -> ProposeResult<()> {
    match &args.what {
        What::Impact(args) => impact(args),
        What::Params(args) => {
            let subject = args.contract.subject()?;
            let (wish, about) = (args.wish.read()?, format!("Change the {subject}"));
            written(&args.common, &about, |writer| writer.change(subject, &wish))
        }
        What::Market(args) => {
            let subject = Subject::Market(args.market);
            let (wish, about) = (args.wish.read()?, format!("Change the {subject}"));
            written(&args.common, &about, |writer| writer.change(subject, &wish))
        }
        What::List(args) => list(args),
        What::Policy(args) => policy(args),
        What::Pause(args) => {
            let verb = if args.on { "Stop" } else { "Go on with" };
            let about = format!("{verb} {}", args.operation);
            let (operation, on) = (args.operation, args.on);
            written(&args.common, &about, |writer| writer.pause(operation, on))
        }
        What::Migrate(args) => migrate(args),
        What::Pin(args) => written(&args.common, "Pin the contracts", |writer| {
            writer.pin(&args.code_ids)
        }),
        What::Authority(args) => {
            let about = format!("Name {} as the next authority", args.candidate);
            let mut parts: Vec<Part> = args.contract.iter().map(|name| name.part()).collect();
            if parts.is_empty() {
                parts.extend(Part::ALL.into_iter().filter(|part| *part != Part::Lens));
            }
            let candidate = &args.candidate;
            written(&args.common, &about, |writer| {
                writer.authority(candidate, &parts)
            })
        }
    }
}

fn list(args: &ListArgs) -> ProposeResult<()> {
    let listing = Listing {
        market: args.market,
        symbol: args.symbol.clone(),
        isolated: args.isolated,
        window_cap: args.window_cap.map(Quote),
    };
    let wish = Wish {
        params: args.params.as_deref().map(json_file).transpose()?,
        sets: args.sets.clone(),
        ..Wish::default()
    };
    let about = format!("List {} as market {}", args.symbol, args.market);
    written(&args.common, &about, |writer| writer.list(&listing, &wish))
}

fn policy(args: &PolicyArgs) -> ProposeResult<()> {
    let subject = Subject::Policy(args.market);
    let mut wish = args.wish.read()?;
    let fields = [
        ("breadth", args.breadth.map(|n| n.to_string())),
        ("score", args.score.clone()),
        (
            "protect_principal",
            args.protect_principal.map(|b| b.to_string()),
        ),
        ("min_fill", args.min_fill.map(|n| n.to_string())),
    ];
    for (key, value) in fields {
        wish.sets
            .extend(value.map(|value| format!("{key}={value}")));
    }
    let about = format!("Change the {subject}");
    written(&args.common, &about, |writer| match args.default {
        true => writer.default_again(args.market, &wish),
        false => writer.change(subject, &wish),
    })
}

fn migrate(args: &MigrateArgs) -> ProposeResult<()> {
    if args.contract.len() != args.code_id.len() {
        let what = "as many --code-id as --contract";
        return Err(ProposeError::BadArguments(what));
    }
    let pairs = args.contract.iter().zip(&args.code_id);
    let migrations: Vec<Migration> = pairs
        .map(|(name, code_id)| Migration {
            part: name.part(),
            code_id: *code_id,
        })
        .collect();
    let notice = args.notice.zip(args.step);
    let msg = MigrateMsg {
        notice: notice.map(|(notice_seconds, step_seconds)| NoticeParams {
            notice_seconds,
            step_seconds,
        }),
        guardian: args.guardian.clone(),
    };
    let names: Vec<&str> = migrations.iter().map(|m| m.part.name()).collect();
    let about = format!("Migrate {}", names.join(", "));
    written(&args.common, &about, |writer| {
        writer.migrate(&migrations, &msg)
    })
}

/// Makes the messages, explains them, writes the file and submits it.
fn written(
    args: &CommonArgs,
    about: &str,
    make: impl FnOnce(&Writer<'_>) -> ProposeResult<Draft>,
) -> ProposeResult<()> {
    let record = record(&args.node.addresses)?;
    let client = connect(&args.node, &record)?;
    let writer = Writer {
        record: &record,
        chain: client.as_ref().map(|client| client as &dyn Chain),
        sudo: args.sudo,
        at: would_pass_at(client.as_ref(), args.expedited)?,
    };
    let draft = make(&writer)?;
    let sender = args.submit.then(|| sender(args, client.as_ref()));
    // A key that cannot be used is refused before anything is written.
    let sender = sender.transpose()?;
    draft.notes.iter().for_each(|note| eprintln!("{note}"));
    let file = file_of(args, about, draft, client.as_ref())?;
    let text = serde_json::to_string_pretty(&file);
    let text = text.map_err(|e| ProposeError::BadParams(e.to_string()))?;
    match &args.out {
        Some(path) => fs::write(path, format!("{text}\n")).map_err(|e| bad_file(path, e))?,
        None => println!("{text}"),
    }
    if let Some(sender) = sender {
        let id = submit(&sender, &file, &mut |line| eprintln!("{line}"))?;
        println!("{id}");
    }
    Ok(())
}

fn file_of(
    args: &CommonArgs,
    about: &str,
    draft: Draft,
    client: Option<&Client>,
) -> ProposeResult<ProposalFile> {
    let deposit = match (&args.deposit, client) {
        (Some(deposit), _) => deposit.clone(),
        (None, Some(client)) => {
            let params = client.gov_params()?;
            let least = if args.expedited {
                params.expedited_min_deposit
            } else {
                params.min_deposit
            };
            let coins = least
                .into_iter()
                .map(|(amount, denom)| format!("{amount}{denom}"));
            coins.collect::<Vec<_>>().join(",")
        }
        (None, None) => {
            let what = "the least deposit: name one with --deposit, or the node with --node";
            return Err(ProposeError::NeedsNode(what));
        }
    };
    let title = args.title.clone().unwrap_or_else(|| about.to_owned());
    let file = ProposalFile {
        messages: draft.messages,
        metadata: args.metadata.clone(),
        deposit,
        summary: args.summary.clone().unwrap_or_else(|| title.clone()),
        title,
        expedited: args.expedited,
    };
    // A deposit that is none is refused before anything is written.
    file.to_proposal()?;
    Ok(file)
}

fn sender(args: &CommonArgs, client: Option<&Client>) -> ProposeResult<Sender> {
    let (Some(client), Some(key), Some(price)) = (client, &args.key_file, &args.gas_price) else {
        let what = "--submit takes --node, --key-file and --gas-price";
        return Err(ProposeError::BadArguments(what));
    };
    let price: GasPrice = price.parse()?;
    let keys = Keys::from_mnemonic_file(key, &args.hd_path, &client.bech32_prefix()?)?;
    Ok(Sender::new(client.clone(), keys, price))
}

/// Submits a proposal and tells its number. Says the hash before anything is sent: whoever is
/// interrupted then, or whose node falls silent, looks for it before he submits again.
///
/// # Errors
/// `Client`; what was said may then still be included.
pub fn submit(
    sender: &Sender,
    file: &ProposalFile,
    say: &mut dyn FnMut(&str),
) -> ProposeResult<u64> {
    let message = gov::submit(sender.address(), &file.to_proposal()?);
    let mut tell = |announced: &Announced| {
        let Announced { hash, until_height } = announced;
        say(&format!(
            "submits in {hash}, valid until height {until_height}"
        ));
        Ok(())
    };
    let done = sender.send_announced(vec![message], "", sender.gas, &mut tell)?;
    say(&format!(
        "submitted in {} at height {}",
        done.hash, done.height
    ));
    Ok(done.number("submit_proposal", "proposal_id")?)
}

fn impact(args: &ImpactArgs) -> ProposeResult<()> {
    let text = fs::read_to_string(&args.file).map_err(|e| bad_file(&args.file, e))?;
    let file: ProposalFile = serde_json::from_str(&text).map_err(|e| bad_file(&args.file, e))?;
    let record = record(&args.node.addresses)?;
    let client = connect(&args.node, &record)?;
    let client = client.ok_or(ProposeError::NeedsNode("what is in force: --node"))?;
    let assessor = Assessor {
        record: &record,
        chain: &client,
        at: would_pass_at(Some(&client), file.expedited)?,
        loss: args.loss,
    };
    let assessments = assessor.assess(&file)?;
    if args.json {
        let text = serde_json::to_string_pretty(&assessments);
        println!(
            "{}",
            text.map_err(|e| ProposeError::BadParams(e.to_string()))?
        );
        return Ok(());
    }
    for line in assessments.iter().flat_map(|a| a.lines()) {
        println!("{line}");
    }
    Ok(())
}

/// Now and the time of the vote, in seconds.
///
/// # Errors
/// Those of [`Client::gov_params`].
pub fn would_pass_at(client: Option<&Client>, is_expedited: bool) -> ProposeResult<u64> {
    let vote = match client {
        Some(client) => client.gov_params()?.vote(is_expedited).as_secs(),
        None => 0,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(now.unwrap_or_default().as_secs().saturating_add(vote))
}

fn record(path: &Path) -> ProposeResult<Record> {
    let record = RecordFile(path.to_owned()).load()?;
    record.ok_or_else(|| bad_file(path, "there is no such file"))
}

fn connect(args: &NodeArgs, record: &Record) -> ProposeResult<Option<Client>> {
    let (Some(node), Some(chain_id)) = (&args.node, &args.chain_id) else {
        return Ok(None);
    };
    if *chain_id != record.chain_id {
        return Err(ProposeError::Deploy(
            crate::deploy::DeployError::OtherChain {
                recorded: record.chain_id.clone(),
                actual: chain_id.clone(),
            },
        ));
    }
    Ok(Some(Client::connect(node, chain_id)?))
}

pub(super) fn json_file(path: &Path) -> ProposeResult<serde_json::Value> {
    let text = fs::read_to_string(path).map_err(|e| bad_file(path, e))?;
    serde_json::from_str(&text).map_err(|e| bad_file(path, e))
}

fn bad_file(path: &Path, what: impl ToString) -> ProposeError {
    ProposeError::File {
        path: path.to_owned(),
        what: what.to_string(),
    }
}
