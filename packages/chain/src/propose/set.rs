//! `--set key=value`: changes single fields of a set of parameters.
//!
//! Keys are those of the messages, with dots in between: `trip_bps`, `default_policy.breadth`,
//! `tiers.0.initial_bps`. A choice, or the whole list of tiers, is given as JSON.

use serde_json::Value;

use super::error::{ProposeError, ProposeResult};

/// Makes an assignment.
///
/// # Errors
/// `BadSet`, `UnknownKey`, `BadValue`.
pub fn assign(params: &mut Value, assignment: &str) -> ProposeResult<()> {
    let split = assignment.split_once('=');
    let (key, text) = split.ok_or_else(|| ProposeError::BadSet(assignment.to_owned()))?;
    let (key, text) = (key.trim(), text.trim());
    let known = known_keys(params);
    let pointer = format!("/{}", key.replace('.', "/"));
    let Some(place) = params.pointer_mut(&pointer).filter(|_| !key.is_empty()) else {
        let key = key.to_owned();
        return Err(ProposeError::UnknownKey { key, known });
    };
    *place = parse(place, key, text)?;
    Ok(())
}

/// Every key that can be assigned to.
pub fn known_keys(params: &Value) -> Vec<String> {
    let mut keys = Vec::new();
    collect("", params, &mut keys);
    keys
}

fn collect(prefix: &str, value: &Value, keys: &mut Vec<String>) {
    let mut visit = |name: &str, value: &Value| {
        let key = match prefix {
            "" => name.to_owned(),
            _ => format!("{prefix}.{name}"),
        };
        keys.push(key.clone());
        collect(&key, value, keys);
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| visit(name.as_str(), value)),
        Value::Array(entries) => entries
            .iter()
            .enumerate()
            .for_each(|(i, value)| visit(&i.to_string(), value)),
        _ => {}
    }
}

/// Of the type that is there: amounts are text in the messages, and look like numbers.
fn parse(old: &Value, key: &str, text: &str) -> ProposeResult<Value> {
    let json = || {
        serde_json::from_str::<Value>(text).map_err(|e| ProposeError::BadValue {
            key: key.to_owned(),
            what: format!("'{text}' is no JSON: {e}"),
        })
    };
    let wrong = |what: &str| ProposeError::BadValue {
        key: key.to_owned(),
        what: format!("'{text}' is no {what}"),
    };
    match old {
        Value::String(_) => match text.starts_with(['{', '[', '"']) {
            true => json(),
            false => Ok(Value::from(text)),
        },
        Value::Number(_) => json().ok().filter(Value::is_number).ok_or(wrong("number")),
        Value::Bool(_) => json()
            .ok()
            .filter(Value::is_boolean)
            .ok_or(wrong("true or false")),
        Value::Null | Value::Array(_) | Value::Object(_) => json(),
    }
}

#[cfg(test)]
mod tests {
    use perp_interface::params::{FundParams, MarketParams};
    use perp_interface::Quote;

    use super::*;

    fn fund(assignments: &[&str]) -> ProposeResult<FundParams> {
        let mut value = serde_json::to_value(FundParams::default()).expect("JSON");
        for assignment in assignments {
            assign(&mut value, assignment)?;
        }
        serde_json::from_value(value).map_err(|e| ProposeError::BadParams(e.to_string()))
    }

    #[test]
    fn fields_of_every_type_are_set_and_nothing_else_changes() {
        let changed = fund(&[
            "per_loss_cap=7000000",
            "trip_bps = 2500",
            r#"target={"open_interest":{"bps":300}}"#,
            "target.open_interest.bps=400",
        ]);
        let expected = FundParams {
            per_loss_cap: Quote(7_000_000),
            trip_bps: 2_500,
            target: perp_interface::params::TargetRule::OpenInterest { bps: 400 },
            ..FundParams::default()
        };
        assert_eq!(changed.expect("is set"), expected);
    }

    #[test]
    fn a_tier_is_reached_by_its_number() {
        let mut value = serde_json::to_value(MarketParams::default()).expect("JSON");
        assign(&mut value, "tiers.1.initial_bps=2500").expect("is set");
        let changed: MarketParams = serde_json::from_value(value.clone()).expect("parameters");
        assert_eq!(changed.tiers[1].initial_bps, 2_500);
        let error = assign(&mut value, "tiers.2.initial_bps=2500").expect_err("no such tier");
        assert!(error.to_string().contains("tiers.1.initial_bps"), "{error}");
    }

    #[test]
    fn what_cannot_be_set_is_refused() {
        for (assignment, code) in [
            ("trip_bps", "bad_set:"),
            ("trip_bp=1", "unknown_key: 'trip_bp' is none of "),
            ("=1", "unknown_key:"),
            ("trip_bps=much", "bad_value: trip_bps: 'much' is no number"),
            ("target=open", "bad_value:"),
            ("trip_bps=-1", "bad_params:"),
            (r#"target={"open":{}}"#, "bad_params:"),
        ] {
            let error = fund(&[assignment]).expect_err(assignment).to_string();
            assert!(error.starts_with(code), "{error}");
        }
    }
}
