//! Two markets are opened by one proposal.

use perp_interface::fund::{RegistrationResponse, RegistrationsQuery, RegistrationsResponse};
use perp_interface::params::MarketParams;
use perp_interface::{fund, Lots, MarketId};
use perps_chain::client::msg;
use perps_chain::deploy::Part;

use crate::error::{ensure, same, PlayResult};
use crate::play::Play;
use crate::suite::{listing, registration, ENTRY};
use crate::vote::{Motion, Pace};

/// The market that crashes.
pub const FIRST: MarketId = 1;
/// The market whose parameters are changed.
pub const SECOND: MarketId = 2;
/// Price in the second market.
pub const SECOND_ENTRY: u64 = 2 * ENTRY;
/// Most lots on each side of the second market at first; loosening doubles it at the most.
pub const SECOND_CAP: u64 = 1_000;

/// Parameters of the second market at first.
pub fn second_params() -> MarketParams {
    MarketParams {
        max_open_interest: Lots(SECOND_CAP),
        ..MarketParams::default()
    }
}

/// The feeder sets first prices, then a real vote lists two markets, lets them draw from the fund, and pins
/// all codes.
///
/// # Errors
/// Whatever is not as it must be.
pub fn markets(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    suite.set_prices(net, "feeder", &[(FIRST, ENTRY), (SECOND, SECOND_ENTRY)])?;
    let motion = Motion::new(
        "Two markets",
        vec![
            suite.decree(net, Part::Market, &listing(FIRST, MarketParams::default()))?,
            suite.decree(net, Part::Market, &listing(SECOND, second_params()))?,
            suite.decree(net, Part::Fund, &registration(FIRST))?,
            suite.decree(net, Part::Fund, &registration(SECOND))?,
            msg::pin(&net.gov, &suite.codes()),
        ],
    );
    let verdicts = net.pass(&[motion], Pace::Ordinary)?;
    net.gas.set_pinned(true);

    for (market, params) in [(FIRST, MarketParams::default()), (SECOND, second_params())] {
        let listed = suite.market(net, market)?;
        same(
            &format!("parameters of market {market}"),
            &listed.params,
            &params,
        )?;
    }
    let query = fund::QueryMsg::Registrations(RegistrationsQuery {
        start_after: None,
        limit: None,
    });
    let registered: RegistrationsResponse = suite.ask(net, Part::Fund, &query)?;
    let of = |r: &RegistrationResponse| (r.market, r.tranche);
    let registered: Vec<_> = registered.registrations.iter().map(of).collect();
    let expected = vec![
        (FIRST, fund::Tranche::Shared),
        (SECOND, fund::Tranche::Shared),
    ];
    same("registered markets", &registered, &expected)?;
    let pinned = net.client.pinned_codes()?;
    ensure(
        suite.codes().iter().all(|code| pinned.contains(code)),
        || format!("pinned are {pinned:?}"),
    )?;
    let id = verdicts.first().map_or(0, |verdict| verdict.state.id);
    play.passed(
        "markets by proposal",
        format!("proposal {id} listed and registered {FIRST} and {SECOND}, pinned 5 codes"),
    )
}
