use cosmwasm_std::StdResult;
use cw_multi_test::AppResponse;
use perp_interface::queue::{ExecuteMsg, Refresh};
use perp_interface::{AccountId, Side};

use crate::suite::{position, Suite, PARAMS};

fn refresh(accounts: &[AccountId]) -> ExecuteMsg {
    ExecuteMsg::Refresh(Refresh {
        accounts: accounts.to_vec(),
    })
}

impl Suite {
    /// As anybody.
    pub fn refresh(&mut self, accounts: &[AccountId]) -> StdResult<AppResponse> {
        let stranger = self.stranger.clone();
        self.send(&stranger, &refresh(accounts))
    }
}

#[test]
fn anybody_has_the_market_send_accounts_again() {
    let mut suite = Suite::new(PARAMS);
    let known = position(Side::Long, 1, 10, 1);
    suite.open(1, &[(1, known), (2, known)]);
    // Of these changes the queue was not told.
    let now = position(Side::Short, 9, 12, 3);
    suite.change_world(|world| {
        world.positions.entry(1).or_default().insert(2, now);
        world.positions.entry(2).or_default().insert(3, now);
    });
    suite.refresh(&[3, 2]).expect("refreshes");
    assert_eq!(suite.world().refreshed, [3, 2]);
    assert_eq!(suite.key(2, 1).map(|key| key.entry), Some(now.entry));
    assert_eq!(suite.key(3, 2).map(|key| key.entry), Some(now.entry));
    assert_eq!(suite.key(1, 1).map(|key| key.entry), Some(known.entry));
}

#[test]
fn a_refresh_of_what_is_current_writes_nothing() {
    let mut suite = Suite::new(PARAMS);
    suite.open(1, &[(1, position(Side::Long, 1, 10, 1))]);
    let before = suite.dump();
    suite.refresh(&[1, 2]).expect("refreshes");
    assert_eq!(suite.dump(), before);
}

#[test]
fn a_refresh_names_one_to_fifty_accounts_once() {
    let mut suite = Suite::new(PARAMS);
    let stranger = suite.stranger.clone();
    let fifty: Vec<_> = (0..50).collect();
    let more: Vec<_> = (0..51).collect();
    suite.refused(&stranger, &refresh(&[]), "no_accounts");
    suite.refused(&stranger, &refresh(&more), "too_many_accounts");
    suite.refused(&stranger, &refresh(&[4, 5, 4]), "duplicate_account");
    suite.refresh(&fifty).expect("refreshes");
}
