//! The arguments of `perps-chain propose`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use perp_interface::governance::Operation;
use perp_interface::lens::SampleLoss;
use perp_interface::{Lots, MarketId, Quote, Side};

use super::cli::json_file;
use super::{ProposeError, ProposeResult, Subject, Wish};
use crate::client::HD_PATH;
use crate::deploy::Part;

/// Writes, checks, explains and submits a proposal.
#[derive(Debug, Args)]
pub struct ProposeArgs {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Other parameters of a contract.
    Params(ParamsArgs),
    /// Other parameters of a market.
    Market(MarketArgs),
    /// A new market, registered at the fund.
    List(ListArgs),
    /// Another selection policy of a market.
    Policy(PolicyArgs),
    /// Stops an operation, or lets it go on.
    Pause(PauseArgs),
    /// Other codes for contracts; the fund is told of the market's.
    Migrate(MigrateArgs),
    /// Keeps codes compiled in memory: calls cost less gas.
    Pin(PinArgs),
    /// Names who may become the authority by accepting.
    Authority(AuthorityArgs),
    /// Shows what the proposal of a file would do.
    Impact(ImpactArgs),
}

#[derive(Debug, Args)]
pub(super) struct NodeArgs {
    /// The addresses file that `deploy` wrote.
    #[arg(long, value_name = "FILE")]
    pub(super) addresses: PathBuf,
    /// The node's RPC address: reads what is in force.
    #[arg(long, value_name = "URL", requires = "chain_id")]
    pub(super) node: Option<String>,
    /// The chain; a node of another one is refused.
    #[arg(long)]
    pub(super) chain_id: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    #[command(flatten)]
    pub(super) node: NodeArgs,
    /// Title; without it what the proposal is about.
    #[arg(long)]
    pub(super) title: Option<String>,
    /// Summary; without it the title.
    #[arg(long)]
    pub(super) summary: Option<String>,
    /// A link for clients.
    #[arg(long, default_value = "")]
    pub(super) metadata: String,
    /// The deposit, such as 1000000ustake; without it the least with which the node's chain begins a vote.
    #[arg(long)]
    pub(super) deposit: Option<String>,
    /// A shorter vote with a higher threshold and a higher deposit.
    #[arg(long)]
    pub(super) expedited: bool,
    /// Calls the contracts' `sudo` (MsgSudoContract) instead of their messages of the authority.
    #[arg(long)]
    pub(super) sudo: bool,
    /// Where the proposal is written; without it to standard output.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Submits it, and prints its number.
    #[arg(long, requires_all = ["node", "key_file", "gas_price"])]
    pub(super) submit: bool,
    /// A file with the proposer's mnemonic, readable by its owner only.
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// The account of the mnemonic.
    #[arg(long, default_value = HD_PATH)]
    pub(super) hd_path: String,
    /// What gas costs, such as 0.0001ustake.
    #[arg(long)]
    pub(super) gas_price: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct WishArgs {
    /// Changes one field; as often as needed. Keys are those of the message: tiers.0.initial_bps.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) sets: Vec<String>,
    /// All parameters as JSON; without it those in force.
    #[arg(long, value_name = "FILE")]
    pub(super) params: Option<PathBuf>,
    /// The version that the proposal is written against; without it the one in force.
    #[arg(long, value_name = "N")]
    pub(super) expected_version: Option<u64>,
    /// Takes the place of a change that waits for its notice; without it that is refused.
    #[arg(long)]
    pub(super) replace: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Name {
    Market,
    Fund,
    Queue,
    Feed,
    Lens,
}

#[derive(Debug, Args)]
pub(super) struct ParamsArgs {
    /// Whose.
    #[arg(long, value_enum)]
    pub(super) contract: Name,
    #[command(flatten)]
    pub(super) wish: WishArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct MarketArgs {
    /// Number of the market.
    #[arg(long)]
    pub(super) market: MarketId,
    #[command(flatten)]
    pub(super) wish: WishArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Its number.
    #[arg(long)]
    pub(super) market: MarketId,
    /// Its name.
    #[arg(long)]
    pub(super) symbol: String,
    /// It gets a tranche of the fund for its own.
    #[arg(long)]
    pub(super) isolated: bool,
    /// Most that it draws on the fund in a window, in quote units.
    #[arg(long)]
    pub(super) window_cap: Option<i128>,
    /// Changes one field of the default parameters; as often as needed.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) sets: Vec<String>,
    /// All parameters as JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) params: Option<PathBuf>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// Number of the market.
    #[arg(long)]
    pub(super) market: MarketId,
    /// Over how many times the lots of a loss it is spread.
    #[arg(long)]
    pub(super) breadth: Option<u32>,
    /// profit_leverage, leverage or profit.
    #[arg(long)]
    pub(super) score: Option<String>,
    /// Whether nobody is charged more than profit.
    #[arg(long)]
    pub(super) protect_principal: Option<bool>,
    /// Least lots of a share.
    #[arg(long)]
    pub(super) min_fill: Option<u64>,
    /// Back to the default of the queue's parameters.
    #[arg(long, conflicts_with_all = ["breadth", "score", "protect_principal", "min_fill", "sets", "params"])]
    pub(super) default: bool,
    #[command(flatten)]
    pub(super) wish: WishArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct PauseArgs {
    /// opening, resting, staking or market:N.
    #[arg(long, value_parser = operation)]
    pub(super) operation: Operation,
    /// Stops it.
    #[arg(long, required_unless_present = "off", conflicts_with = "off")]
    pub(super) on: bool,
    /// Lets it go on.
    #[arg(long)]
    pub(super) off: bool,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// Which; several in order, each with its --code-id.
    #[arg(long, value_enum, required = true)]
    pub(super) contract: Vec<Name>,
    /// The code that it gets.
    #[arg(long, required = true)]
    pub(super) code_id: Vec<u64>,
    /// How long changes wait from then on, in seconds; needed by contracts of version 0.2.
    #[arg(long, value_name = "SECONDS", requires = "step")]
    pub(super) notice: Option<u64>,
    /// Between two steps, in seconds.
    #[arg(long, value_name = "SECONDS", requires = "notice")]
    pub(super) step: Option<u64>,
    /// Who may tighten and pause from then on.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) guardian: Option<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct PinArgs {
    /// Which, with commas; without them all of the addresses file.
    #[arg(long, value_delimiter = ',')]
    pub(super) code_ids: Vec<u64>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct AuthorityArgs {
    /// Who.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) candidate: String,
    /// At which contract; without it at all.
    #[arg(long, value_enum)]
    pub(super) contract: Vec<Name>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct ImpactArgs {
    /// The proposal.
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) node: NodeArgs,
    /// A loss whose counterparties are compared where a policy changes.
    #[arg(long, value_name = "MARKET:SIDE:LOTS[:NEED]", value_parser = sample_loss)]
    pub(super) loss: Option<SampleLoss>,
    /// Writes JSON.
    #[arg(long)]
    pub(super) json: bool,
}

impl Name {
    pub(super) const fn part(self) -> Part {
        match self {
            Self::Market => Part::Market,
            Self::Fund => Part::Fund,
            Self::Queue => Part::Queue,
            Self::Feed => Part::Feed,
            Self::Lens => Part::Lens,
        }
    }

    pub(super) fn subject(self) -> ProposeResult<Subject> {
        match self {
            Self::Market => Ok(Subject::Exchange),
            Self::Fund => Ok(Subject::Fund),
            Self::Queue => Ok(Subject::Queue),
            Self::Feed => Ok(Subject::Feed),
            Self::Lens => Err(ProposeError::BadArguments("the lens has no parameters")),
        }
    }
}

impl WishArgs {
    pub(super) fn read(&self) -> ProposeResult<Wish> {
        Ok(Wish {
            params: self.params.as_deref().map(json_file).transpose()?,
            sets: self.sets.clone(),
            expected_version: self.expected_version,
            replace: self.replace,
        })
    }
}

fn operation(text: &str) -> Result<Operation, String> {
    match text {
        "opening" => Ok(Operation::Opening),
        "resting" => Ok(Operation::Resting),
        "staking" => Ok(Operation::Staking),
        _ => {
            let number = text.strip_prefix("market:").and_then(|n| n.parse().ok());
            let market = number.map(Operation::Market);
            market.ok_or_else(|| "one of opening, resting, staking, market:N".to_owned())
        }
    }
}

fn sample_loss(text: &str) -> Result<SampleLoss, String> {
    let fields: Vec<&str> = text.split(':').collect();
    let (market, side, lots, need) = match fields.as_slice() {
        [market, side, lots] => (market, side, lots, None),
        [market, side, lots, need] => (market, side, lots, Some(need)),
        _ => return Err("MARKET:SIDE:LOTS[:NEED]".to_owned()),
    };
    let number = |what: &str| format!("'{what}' is no number");
    Ok(SampleLoss {
        market: market.parse().map_err(|_| number(market))?,
        side: match *side {
            "long" => Side::Long,
            "short" => Side::Short,
            other => return Err(format!("'{other}' is neither long nor short")),
        },
        lots: Lots(lots.parse().map_err(|_| number(lots))?),
        need: match need {
            Some(need) => Some(Quote(need.parse().map_err(|_| number(need))?)),
            None => None,
        },
        mark: None,
    })
}
