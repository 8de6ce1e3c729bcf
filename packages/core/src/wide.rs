//! Products that do not fit 128 bits, taken in 256.

use std::cmp::Ordering;

use cosmwasm_std::{Uint128, Uint256};

use crate::error::{overflow, MathError, MathResult};

/// `⌊a·b / c⌋` with the product in 256 bits.
///
/// # Errors
/// `DivisionByZero` for `c = 0`, `Overflow` if the quotient exceeds `u128`.
pub fn mul_div_floor(a: u128, b: u128, c: u128) -> MathResult<u128> {
    if c == 0 {
        return Err(MathError::DivisionByZero {
            operation: "mul_div_floor",
        });
    }
    if let Some(product) = a.checked_mul(b) {
        return Ok(product / c);
    }
    narrow(full_mul(a, b) / Uint256::from(c), "mul_div_floor")
}

/// `⌈a·b / c⌉` with the product in 256 bits.
///
/// # Errors
/// As [`mul_div_floor`].
pub fn mul_div_ceil(a: u128, b: u128, c: u128) -> MathResult<u128> {
    if c == 0 {
        return Err(MathError::DivisionByZero {
            operation: "mul_div_ceil",
        });
    }
    if let Some(product) = a.checked_mul(b) {
        return Ok(product.div_ceil(c));
    }
    let (product, divisor) = (full_mul(a, b), Uint256::from(c));
    let floor = product / divisor;
    let up = if floor * divisor == product { 0u8 } else { 1 };
    narrow(floor + Uint256::from(up), "mul_div_ceil")
}

/// `a·b / c` rounded toward zero, with the sign of `a`.
///
/// # Errors
/// As [`mul_div_floor`].
pub fn mul_div_trunc(a: i128, b: u128, c: u128) -> MathResult<i128> {
    let magnitude = mul_div_floor(a.unsigned_abs(), b, c)?;
    let magnitude = i128::try_from(magnitude).map_err(|_| overflow("mul_div_trunc"))?;
    Ok(if a < 0 { -magnitude } else { magnitude })
}

/// Compares `a·b` with `c·d` exactly.
pub fn cmp_products(a: u128, b: u128, c: u128, d: u128) -> Ordering {
    match (a.checked_mul(b), c.checked_mul(d)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => full_mul(a, b).cmp(&full_mul(c, d)),
    }
}

/// The product in 256 bits, which holds every product of two `u128`.
pub fn full_mul(a: u128, b: u128) -> Uint256 {
    Uint128::new(a).full_mul(Uint128::new(b))
}

fn narrow(value: Uint256, operation: &'static str) -> MathResult<u128> {
    Uint128::try_from(value)
        .map(|v| v.u128())
        .map_err(|_| overflow(operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions() {
        assert_eq!(mul_div_floor(7, 1, 2), Ok(3));
        assert_eq!(mul_div_ceil(7, 1, 2), Ok(4));
        assert_eq!(mul_div_trunc(-7, 1, 2), Ok(-3));
        assert_eq!(mul_div_ceil(8, 1, 2), Ok(4));
    }

    #[test]
    fn beyond_128_bits() {
        let big = u128::MAX;
        assert_eq!(mul_div_floor(big, big, big), Ok(big));
        assert_eq!(mul_div_ceil(big, big - 1, big), Ok(big - 1));
        assert_eq!(mul_div_ceil(big - 1, big - 1, big), Ok(big - 1));
        assert!(mul_div_floor(big, big, 1).is_err());
        assert_eq!(cmp_products(big, big - 1, big - 1, big), Ordering::Equal);
        assert_eq!(cmp_products(big, big, big - 1, big), Ordering::Greater);
    }

    #[test]
    fn zero_divisor_is_a_typed_error() {
        assert!(matches!(
            mul_div_floor(1, 1, 0),
            Err(MathError::DivisionByZero { .. })
        ));
        assert!(matches!(
            mul_div_ceil(1, 1, 0),
            Err(MathError::DivisionByZero { .. })
        ));
    }
}
