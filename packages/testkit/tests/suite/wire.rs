//! Messages that are not what their schema says, sent to every contract.

use cosmwasm_std::coin;
use perp_testkit::chain::DENOM;
use perp_testkit::Chain;
use serde_json::{json, Value};

use crate::messages::all;
use crate::situation::{crash, state};

/// The object under the one key of a message.
fn inner(message: &mut Value) -> &mut serde_json::Map<String, Value> {
    let body = message
        .as_object_mut()
        .and_then(|outer| outer.iter_mut().next())
        .expect("one key");
    // These messages have messages of their own.
    let body = match (body.0.as_str(), body.1) {
        ("govern", inner) => inner
            .as_object_mut()
            .and_then(|inner| inner.values_mut().next())
            .expect("one key"),
        (_, body) => body,
    };
    body.as_object_mut().expect("an object")
}

#[test]
fn a_field_too_many_in_any_message_of_any_contract_is_refused() {
    let mut chain = Chain::builder().check_every(1).build();
    let long = crash(&mut chain).long;
    chain.mint(&long.user, 1);
    let before = state(&chain);
    for sample in all(&mut chain) {
        let mut message = sample.message.clone();
        inner(&mut message).insert("misspelt".to_owned(), json!("1"));
        let funds = if sample.coin {
            vec![coin(1, DENOM)]
        } else {
            vec![]
        };
        let error = chain
            .send(&long.user, &sample.to, &message, &funds)
            .expect_err("unknown field");
        assert!(
            error.0.contains("unknown field `misspelt`"),
            "{message}: {error}"
        );
    }
    for nested in ["params", "terms"] {
        for sample in all(&mut chain) {
            let mut message = sample.message.clone();
            let Some(object) = inner(&mut message).get_mut(nested) else {
                continue;
            };
            object
                .as_object_mut()
                .expect("an object")
                .insert("misspelt".to_owned(), json!("1"));
            let error = chain
                .send(&long.user, &sample.to, &message, &[])
                .expect_err("unknown field");
            assert!(
                error.0.contains("unknown field `misspelt`"),
                "{message}: {error}"
            );
        }
    }
    assert_eq!(state(&chain), before);
}

#[test]
fn a_missing_field_or_a_number_where_text_is_expected_is_refused() {
    let mut chain = Chain::builder().check_every(1).build();
    let long = crash(&mut chain).long;
    chain.mint(&long.user, 1);
    let before = state(&chain);
    for sample in all(&mut chain) {
        let fields: Vec<_> = inner(&mut sample.message.clone()).keys().cloned().collect();
        for field in fields {
            let mut message = sample.message.clone();
            let removed = inner(&mut message).remove(&field);
            // Optional fields may be left out.
            if removed == Some(Value::Null)
                || (field == "policy" && sample.to == chain.addresses.queue)
                || ["window_cap", "candidate", "guardian"].contains(&field.as_str())
            {
                continue;
            }
            let funds = if sample.coin {
                vec![coin(1, DENOM)]
            } else {
                vec![]
            };
            let error = chain
                .send(&long.user, &sample.to, &message, &funds)
                .expect_err("missing field");
            assert!(error.0.contains("missing field"), "{message}: {error}");
        }
        let fields: Vec<_> = inner(&mut sample.message.clone())
            .iter()
            .filter(|(_, value)| value.as_str().is_some_and(|t| t.parse::<i128>().is_ok()))
            .map(|(field, _)| field.clone())
            .collect();
        for field in fields {
            let mut message = sample.message.clone();
            inner(&mut message).insert(field, json!(1));
            let error = chain
                .send(&long.user, &sample.to, &message, &[])
                .expect_err("a number");
            assert!(error.0.contains("invalid type"), "{message}: {error}");
        }
    }
    for (message, code) in [
        (
            json!({"withdraw": {"subaccount": 0, "amount": "1.5"}}),
            "invalid integer",
        ),
        (
            json!({"withdraw": {"subaccount": -1, "amount": "1"}}),
            "invalid",
        ),
        (
            json!({"withdraw": {"subaccount": 0, "amount": ""}}),
            "invalid integer",
        ),
        (
            json!({"withdraw": {"subaccount": 0, "amount": "170141183460469231731687303715884105728"}}),
            "invalid integer",
        ),
        (
            json!({"withdraws": {"subaccount": 0, "amount": "1"}}),
            "unknown variant",
        ),
        (json!({}), ""),
        (json!([]), ""),
    ] {
        let to = chain.addresses.market.clone();
        let error = chain
            .send(&long.user, &to, &message, &[])
            .expect_err("malformed");
        assert!(error.0.contains(code), "{message}: {error}");
    }
    assert_eq!(state(&chain), before);
}
