//! At the end of a sequence: what is stored and answered of everybody and of every loss.

use cosmwasm_std::Addr;
use insurance_fund::state::{LOSSES, OWED, REQUESTS, STAKES};
use perp_interface::fund::{QueryMsg, SolvencyResponse, StakeQuery, StakeResponse, Tranche};
use perp_interface::{Quote, Shares};

use crate::model::{Pot, Staker};
use crate::sequence::{cast, Sequence};

impl Sequence {
    pub fn compare_records(&mut self) {
        for (key, pot) in self.model.pots.clone() {
            for (who, address) in cast().stakers.iter().enumerate() {
                let staker = pot.stakers.get(&who).cloned().unwrap_or_default();
                self.compare_staker((key, &pot), address, &staker);
            }
        }
        self.compare_losses();
        for receiver in &cast().receivers {
            let stored = OWED.may_load(&self.chain.storage, receiver);
            let owed = self.model.owed.get(receiver.as_str());
            assert_eq!(stored.expect("readable"), owed.copied().map(Quote));
        }
        self.chain.tell_bank();
        let answer: SolvencyResponse = self.chain.query(QueryMsg::Solvency {});
        assert_eq!(answer.balance, Quote(self.chain.coins));
        assert_eq!(answer.unbooked, Quote::ZERO);
        assert!(answer.solvent);
    }

    fn compare_staker(&mut self, (key, pot): (u32, &Pot), address: &Addr, staker: &Staker) {
        let stored = STAKES.may_load(&self.chain.storage, (key, address));
        let stored = stored.expect("readable").unwrap_or_default();
        assert_eq!(stored.0, Shares(staker.free));
        assert_eq!(stored.1 as usize, staker.requests.len());
        for (request, asked) in &staker.requests {
            let row = REQUESTS.load(&self.chain.storage, (key, address, *request));
            let row = row.expect("stored");
            let value = Quote(asked.value.floor() as i128);
            assert_eq!((row.shares, row.value), (Shares(asked.shares), value));
            let times = (asked.at, asked.from, asked.until);
            assert_eq!((row.at, row.from, row.until), times);
        }
        let answer: StakeResponse = self.chain.query(QueryMsg::Stake(StakeQuery {
            tranche: Tranche::from_key(key),
            staker: address.to_string(),
        }));
        let value = Quote(pot.value(staker.free).floor() as i128);
        assert_eq!(answer.value, value, "what a staker is told");
        let told = answer.requests.iter().map(|request| request.request);
        assert!(told.eq(staker.requests.keys().copied()));
    }

    fn compare_losses(&self) {
        for (loss_id, loss) in &self.model.losses {
            let stored = LOSSES.load(&self.chain.storage, *loss_id).expect("stored");
            assert_eq!(stored.tranche, loss.pot);
            assert_eq!(stored.paid, Quote(loss.paid), "loss {loss_id}");
            let borne = (stored.borne.seed, stored.borne.staked);
            assert_eq!(borne, (Quote(loss.seed), Quote(loss.staked)));
            assert_eq!(stored.closed, loss.closed);
        }
    }
}
