//! What this shop sells, and for how much.

use thiserror::Error;

use crate::money::{Currency, Money};
use crate::pizza::Pizza;

/// One thing on the menu: a size or a topping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    name: Box<str>,
    id: Box<str>,
    price: u64,
}

impl Entry {
    /// The name as it is written on a menu: `Extra cheese`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name as programs write it: `extra-cheese`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The price in the smallest unit of the menu's currency.
    #[must_use]
    pub fn price(&self) -> u64 {
        self.price
    }

    /// The name in the middle of a sentence: `extra cheese`.
    #[must_use]
    pub fn spoken(&self) -> String {
        self.name.to_lowercase()
    }
}

/// Sizes and toppings with their prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    currency: Currency,
    sizes: Vec<Entry>,
    toppings: Vec<Entry>,
}

/// Why a menu cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidMenu {
    /// There is nothing to choose.
    #[error("a menu needs at least one size")]
    Empty,
    /// A name cannot be spoken or told from programs' names.
    #[error("the menu's entry {0:?} needs a name of 1 to 40 letters, digits, spaces or hyphens")]
    Name(String),
    /// A name is there twice.
    #[error("the menu has {0:?} twice")]
    Twice(String),
    /// An amount no till could ring up.
    #[error("the price of {0:?} is more than 1000000 of the smallest unit")]
    Price(String),
    /// More than fits into one sentence.
    #[error("a menu has at most 20 sizes and 40 toppings")]
    TooLong,
}

/// Why a pizza cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotOnTheMenu {
    /// There is no such size.
    #[error("there is no size {asked:?}; the sizes are {}", there_is.join(", "))]
    Size {
        /// What was asked for.
        asked: String,
        /// The names of all sizes.
        there_is: Vec<String>,
    },
    /// There is no such topping.
    #[error("there is no topping {asked:?}; the toppings are {}", there_is.join(", "))]
    Topping {
        /// What was asked for.
        asked: String,
        /// The names of all toppings.
        there_is: Vec<String>,
    },
}

impl Menu {
    /// Prints a menu from names and prices, the prices in the smallest unit
    /// of `currency`.
    ///
    /// # Errors
    ///
    /// [`InvalidMenu::Empty`] without sizes, [`InvalidMenu::Name`],
    /// [`InvalidMenu::Twice`] or [`InvalidMenu::Price`] for an entry that
    /// cannot be used, [`InvalidMenu::TooLong`] for too many.
    pub fn new(
        currency: Currency,
        sizes: &[(&str, u64)],
        toppings: &[(&str, u64)],
    ) -> Result<Self, InvalidMenu> {
        if sizes.is_empty() {
            return Err(InvalidMenu::Empty);
        }
        if sizes.len() > 20 || toppings.len() > 40 {
            return Err(InvalidMenu::TooLong);
        }
        Ok(Self {
            currency,
            sizes: entries(sizes)?,
            toppings: entries(toppings)?,
        })
    }

    /// The currency of all prices.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The sizes, in the menu's order.
    #[must_use]
    pub fn sizes(&self) -> &[Entry] {
        &self.sizes
    }

    /// The toppings, in the menu's order.
    #[must_use]
    pub fn toppings(&self) -> &[Entry] {
        &self.toppings
    }

    /// Finds a size by name or id, in any case.
    #[must_use]
    pub fn size(&self, asked: &str) -> Option<&Entry> {
        find(&self.sizes, asked)
    }

    /// Finds a topping by name or id, in any case.
    #[must_use]
    pub fn topping(&self, asked: &str) -> Option<&Entry> {
        find(&self.toppings, asked)
    }

    /// Makes a pizza of a size and toppings, by name or id, in any case. A
    /// topping asked for twice is put on once.
    ///
    /// # Errors
    ///
    /// [`NotOnTheMenu::Size`] or [`NotOnTheMenu::Topping`] naming what there
    /// is.
    pub fn pizza<S: AsRef<str>>(
        &self,
        size: &str,
        toppings: impl IntoIterator<Item = S>,
    ) -> Result<Pizza, NotOnTheMenu> {
        let size = self.size(size).ok_or_else(|| NotOnTheMenu::Size {
            asked: asked(size),
            there_is: names(&self.sizes),
        })?;
        let mut chosen: Vec<Entry> = Vec::new();
        for topping in toppings {
            let topping = topping.as_ref();
            let entry = self.topping(topping).ok_or_else(|| NotOnTheMenu::Topping {
                asked: asked(topping),
                there_is: names(&self.toppings),
            })?;
            if !chosen.contains(entry) {
                chosen.push(entry.clone());
            }
        }
        let minor = size.price + chosen.iter().map(Entry::price).sum::<u64>();
        Ok(Pizza::made(
            size.clone(),
            chosen,
            Money::new(minor, self.currency),
        ))
    }
}

impl Default for Menu {
    /// The menu of Pizza on Demand.
    fn default() -> Self {
        const TOPPING: u64 = 150;
        let toppings = [
            "Pepperoni",
            "Mushrooms",
            "Onions",
            "Sausage",
            "Bacon",
            "Extra cheese",
            "Black olives",
            "Green peppers",
            "Pineapple",
            "Spinach",
            "Chicken",
        ]
        .map(|name| entry(name, TOPPING));
        let sizes = [
            ("Small", 950),
            ("Medium", 1250),
            ("Large", 1550),
            ("Jumbo", 1850),
        ]
        .map(|(name, price)| entry(name, price));
        Self {
            currency: Currency::USD,
            sizes: sizes.into(),
            toppings: toppings.into(),
        }
    }
}

fn entry(name: &str, price: u64) -> Entry {
    Entry {
        name: name.into(),
        id: name.to_lowercase().replace(' ', "-").into(),
        price,
    }
}

fn entries(raw: &[(&str, u64)]) -> Result<Vec<Entry>, InvalidMenu> {
    let mut entries: Vec<Entry> = Vec::with_capacity(raw.len());
    for &(name, price) in raw {
        let spoken = |c: char| c.is_alphanumeric() || c == ' ' || c == '-';
        if !(1..=40).contains(&name.chars().count())
            || name.trim() != name
            || !name.chars().all(spoken)
        {
            return Err(InvalidMenu::Name(name.to_owned()));
        }
        if price > 1_000_000 {
            return Err(InvalidMenu::Price(name.to_owned()));
        }
        let new = entry(name, price);
        if entries.iter().any(|old| old.id == new.id) {
            return Err(InvalidMenu::Twice(name.to_owned()));
        }
        entries.push(new);
    }
    Ok(entries)
}

fn find<'m>(entries: &'m [Entry], asked: &str) -> Option<&'m Entry> {
    let asked = asked.trim().to_lowercase();
    entries
        .iter()
        .find(|entry| *entry.id == *asked || entry.spoken() == asked)
}

fn names(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|entry| entry.name.to_string()).collect()
}

/// What was asked for, short enough to be repeated.
fn asked(raw: &str) -> String {
    raw.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pizza_is_found_by_names_and_ids_in_any_case() {
        let pizza = Menu::default()
            .pizza(" LARGE", ["pepperoni", "Extra-Cheese", "extra cheese"])
            .unwrap();

        assert_eq!(
            pizza.item().summary(),
            "a large pizza with pepperoni and extra cheese"
        );
        assert_eq!(pizza.price().minor(), 1850);
    }

    #[test]
    fn what_is_not_on_the_menu_is_answered_with_what_is() {
        let menu = Menu::default();

        assert_eq!(
            menu.pizza("huge", [""; 0]).unwrap_err().to_string(),
            "there is no size \"huge\"; the sizes are Small, Medium, Large, Jumbo"
        );
        assert_eq!(
            menu.pizza("small", ["anchovies"]).unwrap_err().to_string(),
            "there is no topping \"anchovies\"; the toppings are Pepperoni, Mushrooms, Onions, \
             Sausage, Bacon, Extra cheese, Black olives, Green peppers, Pineapple, Spinach, Chicken"
        );
    }

    #[test]
    fn a_menu_that_cannot_be_read_out_is_refused() {
        let menu = |sizes: &[(&str, u64)], toppings: &[(&str, u64)]| {
            Menu::new(Currency::USD, sizes, toppings).unwrap_err()
        };

        assert_eq!(menu(&[], &[]), InvalidMenu::Empty);
        assert_eq!(menu(&[("S<M>", 1)], &[]), InvalidMenu::Name("S<M>".into()));
        assert_eq!(
            menu(&[("S", 1), ("s", 2)], &[]),
            InvalidMenu::Twice("s".into())
        );
        assert_eq!(
            menu(&[("S", 1_000_001)], &[]),
            InvalidMenu::Price("S".into())
        );
        assert_eq!(menu(&[("S", 1)], &[("t", 1); 41]), InvalidMenu::TooLong);
    }
}
