//! 5: the fund's books, tranche by tranche, and what it paid against its limits.

use perp_core::pool::Pool;
use perp_interface::fund::{RegistrationsQuery, RegistrationsResponse, TrancheResponse};

use super::draws::{self, Registrations};
use super::Findings;
use crate::chain::{Chain, ChainResult};
use crate::scan::Scan;

/// Every coin is booked in one tranche or for one address, and shares are worth no more than what is in
/// their pool.
pub fn fund(chain: &Chain, scan: &Scan, found: &mut Findings) -> ChainResult<()> {
    let in_tranches: i128 = scan.tranches.iter().map(booked).sum();
    let solvency = &scan.solvency;
    let agrees = solvency.in_tranches.0 == in_tranches
        && solvency.balance.0 == scan.fund_balance as i128
        && solvency.unbooked.0 == solvency.balance.0 - in_tranches - solvency.owed.0
        && solvency.solvent == (solvency.unbooked.0 >= 0);
    found.check(5, agrees, || {
        format!("{solvency:?} but the tranches hold {in_tranches}")
    });
    found.check(5, solvency.unbooked.0 == 0, || {
        format!("coins without a booking: {solvency:?}")
    });
    let capital: i128 = scan.tranches.iter().map(|t| t.seed.0 + t.staked.0).sum();
    found.check(5, scan.capital.capital.0 == capital, || {
        format!("{:?} but the tranches have {capital}", scan.capital)
    });
    let history = draws::history(chain)?;
    for tranche in &scan.tranches {
        layers(tranche, found);
        let own = history
            .iter()
            .filter(|l| l.tranche == Some(tranche.tranche));
        let (mut borne, mut open) = (0, 0);
        for loss in own {
            borne += loss.from_seed.0 + loss.from_staked.0;
            open += u64::from(!loss.closed);
        }
        let sums = &tranche.sums;
        let agrees = sums.paid.0 - sums.returned.0 == borne && tranche.open_losses == open;
        found.check(5, agrees, || {
            format!("{tranche:?} but its losses bear {borne}, {open} are open")
        });
    }
    draws::limits(chain, &history, &registrations(chain)?, found)
}

fn booked(tranche: &TrancheResponse) -> i128 {
    tranche.seed.0 + tranche.staked.0 + tranche.bounties.0
}

fn layers(tranche: &TrancheResponse, found: &mut Findings) {
    let s = &tranche.sums;
    let into = s.contributed.0 + s.staked_in.0 + s.revenue.0 + s.returned.0;
    let out = s.withdrawn.0 + s.unstaked.0 + s.paid.0 + s.bounties_paid.0 + s.surplus.0;
    found.check(5, booked(tranche) == into - out, || {
        format!("{tranche:?} but its sums make {}", into - out)
    });
    let amounts = [
        tranche.seed,
        tranche.staked,
        tranche.seed_hole,
        tranche.staked_hole,
        tranche.bounties,
    ];
    found.check(5, amounts.iter().all(|amount| amount.0 >= 0), || {
        format!("{tranche:?} has less than nothing")
    });
    let pool = Pool {
        assets: tranche.staked,
        shares: tranche.shares,
    };
    let worth = pool.value_floor(tranche.shares).expect("within bounds");
    found.check(5, worth <= tranche.staked, || {
        format!("{tranche:?} but its shares are worth {worth}")
    });
    let nobody = tranche.shares.0 == 0;
    found.check(
        5,
        !nobody || tranche.staked.0 + tranche.staked_hole.0 == 0,
        || format!("{tranche:?}: stakes that are nobody's"),
    );
    found.check(5, tranche.requested <= tranche.shares, || {
        format!("{tranche:?}: more is asked for than there is")
    });
}

fn registrations(chain: &Chain) -> ChainResult<Registrations> {
    let mut all = Registrations::new();
    loop {
        let query = perp_interface::fund::QueryMsg::Registrations(RegistrationsQuery {
            start_after: all.keys().next_back().copied(),
            limit: Some(100),
        });
        let page: RegistrationsResponse = chain.query(&chain.addresses.fund, &query)?;
        if page.registrations.is_empty() {
            return Ok(all);
        }
        all.extend(page.registrations.into_iter().map(|r| (r.market, r)));
    }
}
