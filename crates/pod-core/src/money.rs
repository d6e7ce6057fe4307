//! An amount of money.

use std::fmt;

use thiserror::Error;

/// A currency by its ISO 4217 letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// Not a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a currency is three capital letters such as USD")]
pub struct InvalidCurrency;

impl Currency {
    /// The dollar of the United States.
    pub const USD: Self = Self(*b"USD");

    /// Reads a currency.
    ///
    /// # Errors
    ///
    /// [`InvalidCurrency`] unless it is three capital letters.
    pub fn parse(raw: &str) -> Result<Self, InvalidCurrency> {
        match raw.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(InvalidCurrency),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimal digits its amounts have (ISO 4217, list one).
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of money, counted in the smallest unit of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

impl Money {
    /// Counts `minor` smallest units: 1850 of USD are 18 dollars 50.
    #[must_use]
    pub fn new(minor: u64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// How many smallest units.
    #[must_use]
    pub fn minor(self) -> u64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The whole units and the rest: 1850 of USD are (18, 50).
    #[must_use]
    pub fn units(self) -> (u64, u64) {
        let unit = 10_u64.pow(self.currency.decimals());
        (self.minor / unit, self.minor % unit)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = self.units();
        match self.currency.decimals() as usize {
            0 => write!(f, "{whole} {}", self.currency.as_str()),
            digits => write!(f, "{whole}.{rest:0digits$} {}", self.currency.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_shows_as_many_decimals_as_its_currency_has() {
        let amount = |minor, letters| Money::new(minor, Currency::parse(letters).unwrap());

        assert_eq!(amount(1850, "USD").to_string(), "18.50 USD");
        assert_eq!(amount(5, "EUR").to_string(), "0.05 EUR");
        assert_eq!(amount(1850, "JPY").to_string(), "1850 JPY");
        assert_eq!(amount(1850, "KWD").to_string(), "1.850 KWD");
    }

    #[test]
    fn anything_but_three_capitals_is_no_currency() {
        for raw in ["", "US", "usd", "USDT", "U$D"] {
            assert_eq!(Currency::parse(raw), Err(InvalidCurrency), "{raw:?}");
        }
    }
}
