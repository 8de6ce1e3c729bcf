use super::*;

/// Code, error, and what its text names.
type Row = (&'static str, ContractError, &'static [&'static str]);

fn of_parties() -> Vec<Row> {
    let address = Addr::unchecked;
    vec![
        (
            "unauthorized",
            ContractError::Unauthorized {
                sender: address("someone"),
                role: "market",
                expected: address("another"),
            },
            &["someone", "market", "another"],
        ),
        (
            "version_mismatch",
            GovernanceError::VersionMismatch {
                expected: 4,
                actual: 5,
            }
            .into(),
            &["4", "5"],
        ),
        ("not_connected", ContractError::NotConnected, &[]),
        (
            "already_connected",
            ContractError::AlreadyConnected {
                market: address("m"),
                queue: address("q"),
            },
            &["market m", "queue q"],
        ),
        (
            "unknown_reply",
            ContractError::UnknownReply { id: 9 },
            &["9"],
        ),
    ]
}

fn of_amounts() -> Vec<Row> {
    let text = str::to_string;
    vec![
        ("std", StdError::msg("broken").into(), &["broken"]),
        (
            "overflow",
            MathError::Overflow { operation: "sum" }.into(),
            &["sum"],
        ),
        (
            "param_out_of_bounds",
            ParamError::OutOfBounds {
                name: "cap",
                value: 0,
                min: 1,
                max: 9,
            }
            .into(),
            &["cap", "1..=9"],
        ),
        (
            "invalid_denom",
            ContractError::InvalidDenom { denom: text("x") },
            &["'x'"],
        ),
        (
            "no_funds_expected",
            ContractError::NoFundsExpected {
                coins: text("5uusdc"),
            },
            &["5uusdc"],
        ),
        (
            "missing_funds",
            ContractError::MissingFunds {
                denom: text("uusdc"),
            },
            &["uusdc"],
        ),
        (
            "wrong_denom",
            ContractError::WrongDenom {
                denom: text("uatom"),
                expected: text("uusdc"),
            },
            &["uatom", "uusdc"],
        ),
        (
            "extra_funds",
            ContractError::ExtraFunds {
                coins: text("5uusdc,6uatom"),
                denom: text("uusdc"),
            },
            &["5uusdc,6uatom"],
        ),
        (
            "amount_too_large",
            ContractError::AmountTooLarge {
                amount: Uint256::MAX,
            },
            &["115792"],
        ),
        (
            "amount_out_of_range",
            ContractError::AmountOutOfRange {
                amount: Quote(8),
                max: Quote(7),
            },
            &["8", "1..=7"],
        ),
        (
            "negative_amount",
            ContractError::NegativeAmount {
                name: "need",
                amount: Quote(-1),
            },
            &["need", "-1"],
        ),
    ]
}

fn of_losses() -> Vec<Row> {
    let loss_id = 77;
    vec![
        (
            "nothing_to_cover",
            ContractError::NothingToCover { loss_id },
            &["77"],
        ),
        (
            "loss_open",
            ContractError::LossOpen {
                tranche: Tranche::Shared,
                open_losses: 3,
            },
            &["3", "shared"],
        ),
        (
            "loss_closed",
            ContractError::LossClosed { loss_id },
            &["77"],
        ),
        (
            "unknown_loss",
            ContractError::UnknownLoss { loss_id },
            &["77"],
        ),
        (
            "loss_market_mismatch",
            ContractError::LossMarketMismatch {
                loss_id,
                recorded: 1,
                given: 2,
            },
            &["77", "of market 1", "of 2"],
        ),
        (
            "return_exceeds_payment",
            ContractError::ReturnExceedsPayment {
                loss_id,
                amount: Quote(5),
                returned: Quote(6),
                paid: Quote(10),
            },
            &["77", "5", "6", "10"],
        ),
        (
            "cover_result",
            ParseReplyError::ParseFailure("odd".to_string()).into(),
            &["odd"],
        ),
    ]
}

fn of_stakes() -> Vec<Row> {
    let tranche = Tranche::Market(4);
    vec![
        (
            "unknown_tranche",
            ContractError::UnknownTranche { tranche },
            &["market-4"],
        ),
        (
            "no_stakers",
            ContractError::NoStakers { tranche },
            &["market-4"],
        ),
        (
            "pool_wiped",
            ContractError::PoolWiped {
                tranche,
                price_ppm: 999,
            },
            &["market-4", "999"],
        ),
        (
            "stake_too_small",
            ContractError::StakeTooSmall {
                amount: Quote(5),
                min: Quote(6),
            },
            &["5", "6"],
        ),
        (
            "too_few_shares",
            ContractError::TooFewShares {
                shares: Shares(5),
                min: Shares(6),
            },
            &["5", "6"],
        ),
        (
            "shares_out_of_range",
            ContractError::SharesOutOfRange {
                shares: Shares(8),
                max: Shares(7),
            },
            &["8", "1..=7"],
        ),
    ]
}

fn of_requests() -> Vec<Row> {
    vec![
        (
            "too_many_requests",
            ContractError::TooManyRequests { open: 5, max: 4 },
            &["5", "4"],
        ),
        (
            "unknown_request",
            ContractError::UnknownRequest { request: 3 },
            &["3"],
        ),
        (
            "cooling_down",
            ContractError::CoolingDown {
                request: 3,
                from: 50,
                now: 40,
            },
            &["3", "50", "40"],
        ),
        (
            "request_expired",
            ContractError::RequestExpired {
                request: 3,
                until: 60,
                now: 70,
            },
            &["3", "60", "70"],
        ),
        (
            "nothing_owed",
            ContractError::NothingOwed {
                to: Addr::unchecked("keeper"),
            },
            &["keeper"],
        ),
    ]
}

fn of_markets() -> Vec<Row> {
    vec![
        (
            "loss_not_booked",
            ContractError::LossNotBooked {
                market: 9,
                until: 4,
            },
            &["9", "ResumeLoss"],
        ),
        (
            "market_silent",
            ContractError::MarketSilent {
                until: 77,
                reason: "broken".to_string(),
            },
            &["77", "broken"],
        ),
        (
            "code_mismatch",
            ContractError::CodeMismatch {
                expected: 4,
                actual: 5,
            },
            &["runs code 5", "4 is expected"],
        ),
        (
            "not_registered",
            ContractError::NotRegistered { market: 9 },
            &["9"],
        ),
    ]
}

#[test]
fn every_text_starts_with_its_code_and_carries_the_numbers() {
    let rows = [
        of_parties(),
        of_amounts(),
        of_losses(),
        of_stakes(),
        of_requests(),
        of_markets(),
    ];
    for (code, error, parts) in rows.into_iter().flatten() {
        let text = error.to_string();
        assert_eq!(error.code(), code);
        assert!(text.starts_with(&format!("{code}: ")), "{text}");
        for part in parts {
            assert!(text.contains(part), "{text} names {part}");
        }
    }
}
