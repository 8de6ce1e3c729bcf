//! `perps fund stress`: all waves of 10 October 2025 in a row against one fund with its limits, at their real distances in time.

mod fund;
mod result;
mod sentences;
mod stakers;
mod table;

use std::collections::BTreeMap;

use perp_core::MathError;
use perp_interface::fund::RegisterMarket;
use perp_interface::market::{CollectFees, ExecuteMsg};
use perp_interface::params::{FundParams, ParamError, QueueParams};
use perp_interface::{MarketId, Policy, Quote};
use perp_testkit::invariants::{is_exact, violations_but_audit};
use perp_testkit::receipts::of_kind;
use perp_testkit::scan::Scan;
use perp_testkit::{Chain, ChainError};
use thiserror::Error;

pub use self::result::*;
pub(crate) use self::sentences::{cuts, lapse, price, sentences};
use self::stakers::Staker;
pub use self::table::print_stress;
use crate::amount::{Amount, Count};
use crate::demo::situation::Crowd;
use crate::demo::{accounts_digest, queue_settings, row, situation, DemoError, ANY_STEPS};
use crate::result::Params;
use crate::waves::{wave_rows, Selection, WaveError, WaveRow};

/// How often, in seconds, the fund is asked after the crash whether it would pay again.
const ASK_EVERY: u64 = 60;

/// For how long: peaks count 8 hours and up to half an hour more.
const ASK_FOR: u64 = 9 * 3_600;

/// What to run.
#[derive(Clone, Debug)]
pub struct StressConfig {
    /// Rows of the published file.
    pub selection: Selection,
    /// The protocol's money in quote base units.
    pub seed_capital: u128,
    /// The stakers' money in quote base units.
    pub staked: u128,
    /// Limits, and the rules for stakers and revenue.
    pub fund: FundParams,
    /// How the queue chooses and shares.
    pub policy: Policy,
    /// Counterparties of each loss.
    pub counterparties: u32,
    /// Units of work per call of the queue; none: as many as the parameter allows.
    pub step_limit: Option<u32>,
    /// Seed of the synthetic population.
    pub seed: u64,
}

/// Why a run could not go on.
#[derive(Debug, Error)]
pub enum StressError {
    /// The selection names nothing.
    #[error(transparent)]
    Wave(#[from] WaveError),
    /// A limit is out of its bounds.
    #[error(transparent)]
    Limit(#[from] ParamError),
    /// A loss could not be built or settled, or is wrong.
    #[error(transparent)]
    Loss(#[from] DemoError),
    /// The fund refused a message.
    #[error("{step}: {error}")]
    Fund {
        /// What was being done.
        step: &'static str,
        /// What the chain answered.
        error: ChainError,
    },
    /// A value leaves its range.
    #[error(transparent)]
    Math(MathError),
}

fn refused(step: &'static str) -> impl Fn(ChainError) -> StressError {
    move |error| StressError::Fund { step, error }
}

/// A run: what it shows, and the chain it ran on.
#[derive(Debug)]
pub struct StressRun {
    /// Figures.
    pub result: StressResult,
    /// The chain, for whoever wants to look further.
    pub chain: Chain,
}

/// Runs it; `progress` hears of every row that is done.
///
/// # Errors
/// [`StressError`].
pub fn run(
    config: &StressConfig,
    mut progress: impl FnMut(usize, usize, &WaveRow),
) -> Result<StressRun, StressError> {
    config.fund.validate()?;
    let rows = wave_rows(&config.selection)?;
    let waves: Vec<&[WaveRow]> = rows.chunk_by(|a, b| a.wave == b.wave).collect();
    let mut crash = Crash::new(config)?;
    let mut done = 0;
    for (i, wave) in waves.iter().enumerate() {
        crash.wait_until((wave[0].start_ms - rows[0].start_ms) / 1_000);
        crash.wave(wave, |row| {
            done += 1;
            progress(done, rows.len(), row);
        })?;
        crash.leave_early(i == waves.len() / 2)?;
    }
    crash.end(&rows)
}

/// A run that goes on.
struct Crash<'a> {
    config: &'a StressConfig,
    chain: Chain,
    /// Block time of the first wave in seconds.
    start: u64,
    stakers: Vec<Staker>,
    /// Second and amount of what the losses of each coin drew.
    drawn: BTreeMap<String, Vec<(u64, i128)>>,
    waves: Vec<WaveOutcome>,
    losses: Vec<LossOutcome>,
    trigger: Vec<TriggerMoment>,
    checks: StressChecks,
}

impl<'a> Crash<'a> {
    fn new(config: &'a StressConfig) -> Result<Self, StressError> {
        let mut chain = Chain::builder()
            .fund(config.fund.clone())
            .queue(QueueParams {
                step_limit: config.step_limit.unwrap_or(ANY_STEPS),
                default_policy: config.policy,
            })
            .build();
        if config.seed_capital > 0 {
            let given = chain.contribute(config.seed_capital);
            given.map_err(refused("contribute"))?;
        }
        let stakers = stakers::stake(&mut chain, config.staked)?;
        Ok(Self {
            config,
            start: chain.app.block_info().time.seconds(),
            chain,
            stakers,
            drawn: BTreeMap::new(),
            waves: vec![],
            losses: vec![],
            trigger: vec![],
            checks: StressChecks::default(),
        })
    }

    /// Seconds since the first wave.
    fn seconds(&self) -> u64 {
        self.chain.app.block_info().time.seconds() - self.start
    }

    fn wait_until(&mut self, seconds: u64) {
        let wait = seconds.saturating_sub(self.seconds());
        if wait > 0 {
            self.chain.advance(wait, 1);
        }
    }

    /// All losses of a wave, in one block.
    fn wave(
        &mut self,
        rows: &[WaveRow],
        mut progress: impl FnMut(&WaveRow),
    ) -> Result<(), StressError> {
        let mut outcome = WaveOutcome {
            wave: rows[0].wave,
            seconds: self.seconds(),
            ..WaveOutcome::default()
        };
        for row in rows {
            match self.row(row)? {
                Some(loss) => {
                    outcome.sums.add(&loss);
                    self.losses.push(loss);
                }
                None => outcome.sums.solvent += 1,
            }
            outcome.after =
                fund::after(&self.chain, situation::market_of(row)?).map_err(refused("fund"))?;
            progress(row);
        }
        self.waves.push(outcome);
        Ok(())
    }

    fn row(&mut self, row: &WaveRow) -> Result<Option<LossOutcome>, StressError> {
        let crowd = Crowd {
            counterparties: self.config.counterparties,
            seed: self.config.seed,
        };
        let built = situation::build(&mut self.chain, &crowd, row)?;
        self.share_cap(built.market, &row.coin)?;
        let room = fund::headroom(&self.chain, built.market).map_err(refused("headroom"))?;
        let Some(settled) = row::settle(&mut self.chain, row, &built)? else {
            return Ok(None);
        };
        let of_market = settled.row(row);
        let overcharged = of_market.taken.iter().filter(|t| t.is_overcharged());
        self.checks.overcharged += overcharged.count() as u64;
        self.checks.rank_inversions += settled.inversions;
        self.checks.inexact += u64::from(!is_exact(&settled.loss) || !of_market.balances());
        let mut loss = LossOutcome {
            loss_id: settled.loss.terms.loss_id,
            ..LossOutcome::of(&of_market)
        };
        let promised = fund::book(&mut loss, &settled.events, &room);
        self.checks.unpromised += u64::from(!promised);
        let seconds = self.seconds();
        self.trigger
            .extend(fund::triggers(&settled.events, row.wave, seconds));
        let used = loss.paid.0 - loss.returned.0;
        let drawn = self.drawn.entry(row.coin.clone()).or_default();
        drawn.push((seconds, used));
        Ok(Some(loss))
    }

    /// Each row has a market of its own, but a coin would have one: this one may draw what the coin's
    /// earlier ones have left of the cap of a market.
    fn share_cap(&mut self, market: MarketId, coin: &str) -> Result<(), StressError> {
        let params = &self.config.fund;
        let since = self.seconds().saturating_sub(params.window_seconds);
        let earlier = self.drawn.get(coin).into_iter().flatten();
        let drawn: i128 = earlier
            .filter(|(at, _)| *at >= since)
            .map(|(_, used)| used)
            .sum();
        let terms = RegisterMarket {
            market,
            isolated: false,
            window_cap: Some(Quote((params.market_window_cap.0 - drawn).max(0))),
            paid_in_cap: None,
        };
        self.chain.register(terms).map_err(refused("register"))?;
        Ok(())
    }

    /// After a wave: the one who leaves early asks if stakers have lost something, or if half is over.
    fn leave_early(&mut self, half_over: bool) -> Result<(), StressError> {
        let seconds = self.seconds();
        let (Some(wave), Some(staker)) = (self.waves.last(), self.stakers.get_mut(stakers::EARLY))
        else {
            return Ok(());
        };
        let hurts = wave.sums.from_staked.0 > 0 || half_over;
        if hurts && staker.outcome.unstake.is_none() {
            staker.ask(&mut self.chain, wave.wave, seconds)?;
        }
        Ok(())
    }

    /// After the last wave: who stays and who goes, fees, checks.
    fn end(mut self, rows: &[WaveRow]) -> Result<StressRun, StressError> {
        for staker in &mut self.stakers {
            staker.outcome.after_crash = staker.value(&self.chain)?;
        }
        let (last, seconds) = (self.waves.last().map_or(0, |w| w.wave), self.seconds());
        if let Some(staker) = self.stakers.get_mut(stakers::LATE) {
            staker.ask(&mut self.chain, last, seconds)?;
        }
        if let Some(row) = rows.last() {
            self.pays_again(situation::market_of(row)?)?;
        }
        self.claim(stakers::EARLY)?;
        let fees = self.collect(rows)?;
        self.claim(stakers::LATE)?;
        for staker in &mut self.stakers {
            if staker.outcome.unstake.is_none() {
                staker.outcome.at_end = staker.value(&self.chain)?;
            }
        }
        self.check()?;
        let mut totals = Sums {
            solvent: self.waves.iter().map(|wave| wave.sums.solvent).sum(),
            ..Sums::default()
        };
        for loss in &self.losses {
            totals.add(loss);
        }
        let result = StressResult {
            fund: setup(self.config),
            params: params(self.config),
            waves: self.waves,
            totals,
            trigger: self.trigger,
            stakers: self.stakers.into_iter().map(|s| s.outcome).collect(),
            fees,
            losses: self.losses,
            checks: self.checks,
        };
        Ok(StressRun {
            result,
            chain: self.chain,
        })
    }

    /// Asks until a fund that has stopped says that it would pay.
    fn pays_again(&mut self, market: MarketId) -> Result<(), StressError> {
        let mut stopped = self.waves.last().is_some_and(|wave| wave.after.tripped);
        let until = self.seconds() + ASK_FOR;
        while stopped && self.seconds() < until {
            self.chain.advance(ASK_EVERY, 1);
            let room = fund::headroom(&self.chain, market).map_err(refused("headroom"))?;
            stopped = room.tripped;
            if !stopped {
                self.trigger.push(TriggerMoment {
                    wave: None,
                    seconds: self.seconds(),
                    tripped: false,
                    capital: Amount(room.capital.0),
                    peak: Amount(room.peak.0),
                    line: Amount(room.resume_line.0),
                });
            }
        }
        Ok(())
    }

    fn claim(&mut self, who: usize) -> Result<(), StressError> {
        match self.stakers.get_mut(who) {
            Some(staker) => staker.claim(&mut self.chain, self.start),
            None => Ok(()),
        }
    }

    /// Sends the fees of one market after the other on their way until nothing is missing.
    fn collect(&mut self, rows: &[WaveRow]) -> Result<Fees, StressError> {
        let mut fees = Fees {
            seconds: self.seconds(),
            price_before_ppm: share_price(&self.chain)?,
            ..Fees::default()
        };
        let keeper = self.chain.user("keeper");
        for row in rows {
            if self.is_whole()? {
                break;
            }
            let market = situation::market_of(row)?;
            let msg = ExecuteMsg::CollectFees(CollectFees { market });
            let events = match self.chain.market(&keeper, msg) {
                Err(error) if error.has_code("no_fees") => continue,
                answer => answer.map_err(refused("collect fees"))?,
            };
            for event in of_kind(&events, "fees_collected") {
                fees.to_bad_debt.0 += event.number("to_bad_debt");
                fees.collected.0 += event.number("to_bad_debt") + event.number("to_fund");
            }
            for event in of_kind(&events, "fund_revenue") {
                fees.to_bounties.0 += event.number("to_bounties");
                fees.to_staked.0 += event.number("to_staked");
                fees.to_seed.0 += event.number("to_seed");
            }
        }
        fees.price_after_ppm = share_price(&self.chain)?;
        fees.whole = self.is_whole()?;
        Ok(fees)
    }

    fn is_whole(&self) -> Result<bool, StressError> {
        let shared = fund::shared(&self.chain).map_err(refused("tranche"))?;
        Ok(shared.seed_hole.0 + shared.staked_hole.0 == 0)
    }

    fn check(&mut self) -> Result<(), StressError> {
        let scan = Scan::take(&self.chain).map_err(refused("final scan"))?;
        let found = violations_but_audit(&self.chain, &scan).map_err(refused("invariants"))?;
        self.checks.conservation_error = Amount(scan.conservation_error());
        self.checks.fund_solvent = scan.solvency.solvent;
        self.checks.fund_unbooked = Amount(scan.solvency.unbooked.0);
        self.checks.accounts_sha256 = accounts_digest(&scan);
        self.checks.violations = found.iter().map(ToString::to_string).collect();
        Ok(())
    }
}

fn share_price(chain: &Chain) -> Result<Count, StressError> {
    let shared = fund::shared(chain).map_err(refused("tranche"))?;
    Ok(Count(shared.share_price_ppm.u128()))
}

fn setup(config: &StressConfig) -> FundSetup {
    let fund = &config.fund;
    FundSetup {
        seed_capital: Amount(config.seed_capital as i128),
        staked: Amount(config.staked as i128),
        per_loss_cap: Amount(fund.per_loss_cap.0),
        per_block_cap: Amount(fund.per_block_cap.0),
        window_cap: Amount(fund.window_cap.0),
        market_window_cap: Amount(fund.market_window_cap.0),
        window_seconds: fund.window_seconds,
        trip_bps: fund.trip_bps,
        resume_bps: fund.resume_bps,
        cooldown_seconds: fund.cooldown_seconds,
    }
}

fn params(config: &StressConfig) -> Params {
    let synthetic =
        "marks, winners, stakers and fees; what each loss needs and when is published".to_owned();
    let queue = queue_settings(&config.policy, config.step_limit);
    let settings = queue.into_iter().chain([("synthetic", synthetic)]);
    Params {
        wave: "all".to_owned(),
        seed: config.seed,
        winners: config.counterparties,
        settings: settings
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
