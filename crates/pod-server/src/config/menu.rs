//! The menu as it is written in a file.

use pod_core::{Currency, InvalidCurrency, InvalidMenu, Menu};
use serde::Deserialize;
use thiserror::Error;

/// Why a menu's file cannot be used.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum InvalidMenuFile {
    /// It is not TOML, or has other parts.
    #[error("line {line}: {what}")]
    Toml {
        /// Where.
        line: usize,
        /// What the parser says.
        what: String,
    },
    /// A price cannot be read.
    #[error("the price {price:?} of {name:?} is no amount of {currency}: write it as {example:?}")]
    Price {
        /// Of what.
        name: String,
        /// What is written.
        price: String,
        /// The menu's currency.
        currency: String,
        /// How it should look.
        example: String,
    },
    /// The currency is none.
    #[error(transparent)]
    Currency(#[from] InvalidCurrency),
    /// The menu makes no sense.
    #[error(transparent)]
    Menu(#[from] InvalidMenu),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    currency: String,
    sizes: Vec<Line>,
    #[serde(default)]
    toppings: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    /// A decimal in quotes: binary fractions cannot hold most prices.
    price: String,
}

/// Reads a menu: `currency`, and `[[sizes]]` and `[[toppings]]` with a `name`
/// and a `price` such as `"15.50"`.
pub(super) fn parse(text: &str) -> Result<Menu, InvalidMenuFile> {
    let written: Written = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        InvalidMenuFile::Toml {
            line: before.map_or(1, |before| before.matches('\n').count() + 1),
            what: error.message().replace('\n', " "),
        }
    })?;
    let currency = Currency::parse(&written.currency)?;
    let sizes = prices(&written.sizes, currency)?;
    let toppings = prices(&written.toppings, currency)?;
    Ok(Menu::new(currency, &sizes, &toppings)?)
}

fn prices(lines: &[Line], currency: Currency) -> Result<Vec<(&str, u64)>, InvalidMenuFile> {
    let priced = lines.iter().map(|line| {
        let minor = minor(&line.price, currency.decimals());
        let minor = minor.ok_or_else(|| InvalidMenuFile::Price {
            name: line.name.clone(),
            price: line.price.chars().take(20).collect(),
            currency: currency.as_str().to_owned(),
            example: example(currency),
        })?;
        Ok((line.name.as_str(), minor))
    });
    priced.collect()
}

/// `15.50` as 1550: with all the decimals that the currency has, or none.
fn minor(price: &str, decimals: u32) -> Option<u64> {
    let (whole, rest) = price.split_once('.').unwrap_or((price, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let complete = rest.len() == decimals as usize && (decimals > 0) == price.contains('.');
    let none = !price.contains('.');
    if whole.is_empty() || !digits(whole) || !digits(rest) || !(complete || none) {
        return None;
    }
    let unit = 10_u64.pow(decimals);
    let whole: u64 = whole.parse().ok()?;
    let rest: u64 = if rest.is_empty() {
        0
    } else {
        rest.parse().ok()?
    };
    whole.checked_mul(unit)?.checked_add(rest)
}

fn example(currency: Currency) -> String {
    match currency.decimals() as usize {
        0 => "1550".to_owned(),
        decimals => format!("15.{:0<decimals$}", "5"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MENU: &str = r#"
        currency = "EUR"
        [[sizes]]
        name = "Groß"
        price = "15.50"
        [[sizes]]
        name = "Klein"
        price = "9"
        [[toppings]]
        name = "Oliven"
        price = "0.05"
    "#;

    #[test]
    fn prices_are_counted_in_the_smallest_unit() {
        let menu = parse(MENU).unwrap();

        assert_eq!(menu.currency(), Currency::parse("EUR").unwrap());
        let prices: Vec<u64> = menu.sizes().iter().map(pod_core::Entry::price).collect();
        assert_eq!(prices, [1550, 900]);
        assert_eq!(menu.toppings()[0].price(), 5);
    }

    #[test]
    fn a_price_has_all_its_decimals_or_none() {
        for (price, decimals, expected) in [
            ("15.50", 2, Some(1550)),
            ("15", 2, Some(1500)),
            ("15.5", 2, None),
            ("15.", 2, None),
            (".50", 2, None),
            ("-1.00", 2, None),
            ("1,50", 2, None),
            ("", 2, None),
            ("1550", 0, Some(1550)),
            ("1550.", 0, None),
            ("1.250", 3, Some(1250)),
            ("99999999999999999999", 2, None),
        ] {
            assert_eq!(minor(price, decimals), expected, "{price:?} {decimals}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_line_or_name() {
        let told = |from: &str, to: &str| {
            let error = parse(&MENU.replacen(from, to, 1)).unwrap_err();
            error.to_string()
        };

        assert_eq!(
            told("\"15.50\"", "\"15.5\""),
            "the price \"15.5\" of \"Groß\" is no amount of EUR: write it as \"15.50\""
        );
        assert_eq!(
            told("\"15.50\"", "15.50"),
            "line 5: invalid type: floating point `15.5`, expected a string"
        );
        assert_eq!(
            told("EUR", "euros"),
            "a currency is three capital letters such as USD"
        );
        assert_eq!(told("Klein", "groß"), "the menu has \"groß\" twice");
        assert!(told("price", "prize").starts_with("line 5: unknown field `prize`"));
    }
}
