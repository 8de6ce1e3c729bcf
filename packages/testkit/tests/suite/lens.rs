//! The lens as a contract: what it is made of, and what it does not do.

use cosmwasm_std::Empty;
use cw_multi_test::{ContractWrapper, Executor};
use perp_interface::lens::{ConfigResponse, InstantiateMsg, QueryMsg};
use perp_lens::contract;
use perp_testkit::Chain;

fn message(chain: &Chain) -> InstantiateMsg {
    let all = &chain.addresses;
    InstantiateMsg {
        market: all.market.to_string(),
        fund: all.fund.to_string(),
        queue: all.queue.to_string(),
        feed: all.feed.to_string(),
    }
}

#[test]
fn says_whom_it_asks() {
    let chain = Chain::builder().lens().build();
    let lens = chain.addresses.lens.clone().expect("is deployed");
    let config: ConfigResponse = chain.query(&lens, &QueryMsg::Config {}).expect("answers");
    let expected = message(&chain);
    assert_eq!(
        (config.market, config.fund, config.queue, config.feed),
        (
            expected.market,
            expected.fund,
            expected.queue,
            expected.feed
        )
    );
}

#[test]
fn is_not_created_for_two_suites_at_once() {
    let mut chain = Chain::builder().build();
    let code = chain
        .app
        .store_code(Box::new(ContractWrapper::<_, _, _, _, _, _>::new(
            contract::execute,
            contract::instantiate,
            contract::query,
        )));
    let sender = chain.governance.clone();
    let mut wrong = message(&chain);
    wrong.queue = wrong.fund.clone();
    let refused = chain
        .app
        .instantiate_contract(code, sender.clone(), &wrong, &[], "lens", None);
    let text = refused.expect_err("is refused").to_string();
    assert!(text.contains("other_suite: "), "{text}");
    let right = message(&chain);
    chain
        .app
        .instantiate_contract(code, sender, &right, &[], "lens", None)
        .expect("is created");
}

#[test]
fn nothing_can_be_executed() {
    let mut chain = Chain::builder().lens().build();
    let lens = chain.addresses.lens.clone().expect("is deployed");
    let sender = chain.governance.clone();
    let before = chain.app.dump_wasm_raw(&lens);
    chain
        .send(&sender, &lens, &Empty {}, &[])
        .expect_err("there is no message");
    chain
        .send(&sender, &lens, &QueryMsg::Config {}, &[])
        .expect_err("there is no message");
    assert_eq!(before, chain.app.dump_wasm_raw(&lens));
}
