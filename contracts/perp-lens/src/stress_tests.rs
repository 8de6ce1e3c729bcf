use perp_core::margin::Tier;
use perp_interface::market::{DebtResponse, PositionResponse};
use perp_interface::PerLot;

use super::*;

fn market() -> Market {
    Market {
        index: PerLot::ZERO,
        tiers: vec![Tier {
            from: Quote(0),
            initial_bps: 1_000,
            maintenance_bps: 500,
        }],
        gated: false,
    }
}

/// An account with these signed lots, opened at 1 000, in markets 1, 2, …
fn account(id: u64, cash: i128, lots: &[i64]) -> AccountResponse {
    let positions = lots.iter().enumerate().filter(|(_, lots)| **lots != 0);
    AccountResponse {
        account: id,
        owner: "owner".to_owned(),
        subaccount: 0,
        cash: Quote(cash),
        positions: positions
            .map(|(i, lots)| PositionResponse {
                market: i as MarketId + 1,
                side: if *lots > 0 { Side::Long } else { Side::Short },
                lots: Lots(lots.unsigned_abs()),
                cost: Quote(i128::from(*lots) * 1_000),
                index: PerLot::ZERO,
            })
            .collect(),
        debts: vec![],
        held: Quote::ZERO,
        locked: false,
    }
}

/// Limited by the cap of one loss and by capital only.
fn headroom(cap: i128, capital: i128) -> Headroom {
    let free = Quote(1 << 100);
    Headroom {
        capital: Quote(capital),
        per_loss: Quote(cap),
        block: free,
        window: free,
        market: free,
        paid_in: free,
        drawdown: free,
        tripped: false,
    }
}

/// Adds accounts while market 1 falls from 1 000 to `price`, with a fund of `capital` for both markets.
fn stressed(accounts: &[AccountResponse], price: u64, (cap, capital): (i128, i128)) -> Page {
    let headrooms = BTreeMap::from([(1, headroom(cap, capital)), (2, headroom(cap, capital))]);
    stressed_with(accounts, price, capital, &headrooms)
}

fn stressed_with(
    accounts: &[AccountResponse],
    price: u64,
    capital: i128,
    headrooms: &BTreeMap<MarketId, Headroom>,
) -> Page {
    let markets = BTreeMap::from([(1, market()), (2, market())]);
    let present = BTreeMap::from([(1, Price(1_000)), (2, Price(900))]);
    let moved = BTreeMap::from([(1, Price(price)), (2, Price(900))]);
    let totals = StressTotals {
        fund_left: Quote(capital),
        ..StressTotals::default()
    };
    let mut page = Page::new(1, headrooms, totals).expect("market 1 is there");
    for account in accounts {
        page.add(account, &markets, (&present, &moved))
            .expect("adds");
    }
    page
}

#[test]
fn prices_move_by_basis_points_rounded_down() {
    let moved = |mark, bps| moved_price_floor(Price(mark), bps).map(|p| p.0);
    assert_eq!(moved(10_001, -1_500).expect("fits"), 8_500);
    assert_eq!(moved(10_001, 1).expect("fits"), 10_002);
    assert_eq!(moved(10_001, 0).expect("fits"), 10_001);
    assert_eq!(moved(10_000, -9_999).expect("fits"), 1);
    let code = |mark, bps| moved(mark, bps).expect_err("is refused").code();
    assert_eq!(code(10_000, -10_000), "move_out_of_range");
    assert_eq!(code(10_000, i32::MIN), "move_out_of_range");
    assert_eq!(code(9_999, -9_999), "price_out_of_range");
    assert_eq!(code((1 << 40) - 1, 1), "price_out_of_range");
    assert_eq!(code((1 << 40) - 1, i32::MAX), "price_out_of_range");
}

#[test]
fn a_hole_is_shared_by_losses_and_paid_up_to_cap_and_capital() {
    // Lost 200 in market 1 and 100 in market 2, had 150: the hole of 150 is 100 and 50.
    let accounts = [account(1, 150, &[1, 1]), account(2, 50, &[1])];
    let page = stressed(&accounts, 800, (60, 130));
    let first = &page.bankrupt[0];
    assert_eq!(first.deficit, Quote(150));
    assert_eq!((first.need, first.fund_pays), (Quote(100), Quote(60)));
    assert_eq!(page.totals.fund_pays_elsewhere, Quote(50));
    let second = &page.bankrupt[1];
    assert_eq!((second.need, second.fund_pays), (Quote(150), Quote(20)));
    let long = page.totals.long;
    assert_eq!((long.bankrupt, long.lots), (2, Lots(2)));
    assert_eq!((long.need, long.left), (Quote(250), Quote(170)));
    assert_eq!(page.totals.fund_left, Quote(0));
    assert!(page.bankrupt.iter().all(|b| !b.already));
}

#[test]
fn a_market_of_another_tranche_draws_nothing_here() {
    let accounts = [account(1, 150, &[1, 1]), account(2, 50, &[1])];
    let headrooms = BTreeMap::from([(1, headroom(60, 130))]);
    let page = stressed_with(&accounts, 800, 130, &headrooms);
    let paid: Vec<_> = page.bankrupt.iter().map(|b| b.fund_pays.0).collect();
    assert_eq!(paid, [60, 60], "nothing went to market 2");
    assert_eq!(page.totals.fund_pays_elsewhere, Quote(0));
    assert_eq!(page.totals.fund_left, Quote(10));
}

#[test]
fn what_can_bear_is_profit_up_to_equity_of_the_solvent() {
    // The third short has lost more in market 2 than it has.
    let accounts = [
        account(1, 0, &[-1]),
        account(2, -150, &[-1]),
        account(3, -150, &[-1, 1]),
        account(4, 10, &[1]),
    ];
    let page = stressed(&accounts, 800, (0, 0));
    let short = page.totals.short;
    assert_eq!(short.profit, Quote(400));
    assert_eq!(short.bearable, Quote(250), "200 and 50");
    assert_eq!(short.profitable_lots, Lots(2));
    let [long, shorts] = outlook(&page.totals).expect("fits");
    assert_eq!((long.side, long.left), (Side::Long, Quote(190)));
    assert_eq!(long.bad_debt_at_least, Quote(0));
    assert_eq!((shorts.side, shorts.left), (Side::Short, Quote(0)));
    assert_eq!(
        shorts.lots,
        Lots(1),
        "a winning position of a bankrupt account"
    );
    assert_eq!(shorts.lots_beyond_profit, Lots(1));
}

#[test]
fn beyond_what_can_bear_it_is_bad_debt() {
    let accounts = [account(1, 0, &[2]), account(2, 0, &[-1])];
    let page = stressed(&accounts, 800, (0, 0));
    let [long, _] = outlook(&page.totals).expect("fits");
    assert_eq!(long.bad_debt_at_least, Quote(200));
    assert_eq!(long.lots_beyond_profit, Lots(1));
}

#[test]
fn under_maintenance_is_not_bankrupt() {
    let accounts = [
        account(1, 220, &[1]),
        account(2, 30, &[1]),
        account(3, 240, &[1]),
    ];
    let page = stressed(&accounts, 800, (0, 0));
    let found: Vec<_> = page
        .liquidatable
        .iter()
        .map(|l| (l.account, l.already))
        .collect();
    assert_eq!(found, [(1, false)], "20 is below 40; 40 is not");
    assert_eq!(page.bankrupt.len(), 1);
    let unmoved = stressed(&accounts, 1_000, (0, 0));
    let found: Vec<_> = unmoved
        .liquidatable
        .iter()
        .map(|l| (l.account, l.already))
        .collect();
    assert_eq!(found, [(2, true)]);
}

#[test]
fn debts_locked_accounts_and_strangers() {
    let mut debtor = account(1, -70, &[]);
    debtor.debts.push(DebtResponse {
        market: 1,
        amount: Quote(70),
        side: Side::Short,
    });
    let locked = AccountResponse {
        locked: true,
        ..account(2, 0, &[5])
    };
    let stranger = account(3, -500, &[0, 1]);
    let page = stressed(&[debtor, locked, stranger], 800, (1_000, 50));
    assert_eq!((page.totals.accounts, page.totals.locked), (3, 1));
    assert_eq!(page.bankrupt.len(), 1);
    let debtor = &page.bankrupt[0];
    assert_eq!((debtor.side, debtor.lots), (Side::Short, Lots(0)));
    assert_eq!((debtor.need, debtor.fund_pays), (Quote(70), Quote(50)));
    assert!(debtor.already);
}

#[test]
fn sums_of_a_hostile_cursor_do_not_wrap() {
    let mut page = stressed(&[], 800, (0, 0));
    page.totals.accounts = u64::MAX;
    let markets = BTreeMap::new();
    let none = BTreeMap::new();
    let refused = page.add(&account(1, 0, &[]), &markets, (&none, &none));
    assert_eq!(refused.expect_err("overflows").code(), "overflow");
}
