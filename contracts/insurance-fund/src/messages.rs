//! The two submessages of the fund, and what travels with them to their replies.

use cosmwasm_std::{from_json, to_json_binary, Addr, Coin, Reply, SubMsg, WasmMsg};
use perp_interface::fund::Tranche;
use perp_interface::loss::LossTerms;
use perp_interface::queue::ReportShortfall;
use perp_interface::{market, queue, Lots, Quote};
use serde::{Deserialize, Serialize};

use crate::error::ContractResult;
use crate::state::{Config, Connections};

/// Reply to the market's `Cover`, on success only.
pub const COVER_REPLY: u64 = 1;

/// Reply to the queue's `ReportShortfall`, on error only.
pub const REPORT_REPLY: u64 = 2;

/// All that is needed to report a shortfall. It is the payload of `Cover`, so that the reply
/// reads no storage unless capital has come down to the line.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Shortfall {
    queue: Addr,
    gas_limit: u64,
    terms: LossTerms,
    defer: bool,
    near_line: Option<Tranche>,
}

impl Shortfall {
    /// For one call for cover.
    pub fn new(config: &Config, connections: &Connections, terms: LossTerms, defer: bool) -> Self {
        Self {
            queue: connections.queue.clone(),
            gas_limit: config.params.report_gas_limit,
            terms,
            defer,
            near_line: None,
        }
    }

    /// The tranche that the payment brought to the line at which it stops, if it did.
    pub fn near_line(self, near_line: Option<Tranche>) -> Self {
        Self { near_line, ..self }
    }

    /// The tranche at whose stop the reply has to look.
    pub const fn tranche_near_line(&self) -> Option<Tranche> {
        self.near_line
    }

    /// The one that travelled with the submessage.
    pub fn of_reply(reply: &Reply) -> ContractResult<Self> {
        Ok(from_json(&reply.payload)?)
    }

    /// Pays the market. An error is not caught here: the market's own reply sees it, and then
    /// nothing has happened.
    pub fn cover(&self, market: &Addr, paid: Coin) -> ContractResult<SubMsg> {
        let loss_id = self.terms.loss_id;
        let msg = WasmMsg::Execute {
            contract_addr: market.to_string(),
            msg: to_json_binary(&market::ExecuteMsg::Cover(market::Cover { loss_id }))?,
            funds: vec![paid],
        };
        Ok(SubMsg::reply_on_success(msg, COVER_REPLY).with_payload(to_json_binary(self)?))
    }

    /// Tells the queue what is left. A queue that fails, or eats its gas, must not undo what
    /// the fund has paid.
    pub fn report(self, lots: Lots, need: Quote) -> ContractResult<SubMsg> {
        let loss_id = self.terms.loss_id;
        let report = queue::ExecuteMsg::ReportShortfall(ReportShortfall {
            terms: self.terms,
            lots,
            need,
            defer: self.defer,
        });
        let msg = WasmMsg::Execute {
            contract_addr: self.queue.into_string(),
            msg: to_json_binary(&report)?,
            funds: vec![],
        };
        Ok(SubMsg::reply_on_error(msg, REPORT_REPLY)
            .with_gas_limit(self.gas_limit)
            .with_payload(to_json_binary(&loss_id)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{CosmosMsg, ReplyOn, SubMsgResponse, SubMsgResult};
    use perp_interface::{PerLot, Price, Side};

    fn shortfall() -> Shortfall {
        Shortfall {
            queue: Addr::unchecked("queue"),
            gas_limit: 2_000_000,
            terms: LossTerms {
                loss_id: 7,
                market: 3,
                side: Side::Short,
                mark: Price(10_000_000),
                index: PerLot(-7),
            },
            defer: true,
            near_line: Some(Tranche::Market(3)),
        }
    }

    fn parts(submessage: &SubMsg) -> (&str, String, &[Coin]) {
        match &submessage.msg {
            CosmosMsg::Wasm(WasmMsg::Execute {
                contract_addr,
                msg,
                funds,
            }) => (
                contract_addr,
                String::from_utf8_lossy(msg).into_owned(),
                funds,
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_payment_is_replied_to_on_success_only_and_carries_what_the_reply_needs() {
        let market = Addr::unchecked("market");
        let submessage = shortfall()
            .cover(&market, Coin::new(5u128, "uusdc"))
            .expect("message");
        assert_eq!(submessage.id, COVER_REPLY);
        assert_eq!(submessage.reply_on, ReplyOn::Success);
        assert_eq!(submessage.gas_limit, None);
        let (to, msg, funds) = parts(&submessage);
        assert_eq!(to, "market");
        assert_eq!(msg, r#"{"cover":{"loss_id":7}}"#);
        assert_eq!(funds, [Coin::new(5u128, "uusdc")]);

        #[allow(deprecated, reason = "the struct has the field")]
        let response = SubMsgResponse {
            events: vec![],
            data: None,
            msg_responses: vec![],
        };
        let reply = Reply {
            id: COVER_REPLY,
            payload: submessage.payload,
            gas_used: 0,
            result: SubMsgResult::Ok(response),
        };
        assert_eq!(Shortfall::of_reply(&reply).expect("payload"), shortfall());
    }

    #[test]
    fn a_report_is_replied_to_on_error_only_within_its_gas_limit() {
        let submessage = shortfall().report(Lots(4), Quote(50)).expect("message");
        assert_eq!(submessage.id, REPORT_REPLY);
        assert_eq!(submessage.reply_on, ReplyOn::Error);
        assert_eq!(submessage.gas_limit, Some(2_000_000));
        assert_eq!(submessage.payload.as_slice(), b"7");
        let (to, msg, funds) = parts(&submessage);
        assert_eq!(to, "queue");
        assert!(msg.starts_with(r#"{"report_shortfall":{"terms":{"loss_id":7"#));
        assert!(msg.ends_with(r#""lots":"4","need":"50","defer":true}}"#));
        assert!(funds.is_empty());
    }
}
