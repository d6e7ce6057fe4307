//! A pizza, and the item it becomes.

use std::fmt::Write as _;

use crate::item::Item;
use crate::menu::Entry;
use crate::money::Money;

/// A pizza from a [`Menu`](crate::menu::Menu): only [`Menu::pizza`] makes one.
///
/// [`Menu::pizza`]: crate::menu::Menu::pizza
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pizza {
    size: Entry,
    toppings: Vec<Entry>,
    price: Money,
}

impl Pizza {
    pub(crate) fn made(size: Entry, toppings: Vec<Entry>, price: Money) -> Self {
        Self {
            size,
            toppings,
            price,
        }
    }

    /// The size.
    #[must_use]
    pub fn size(&self) -> &Entry {
        &self.size
    }

    /// The toppings, each once, as they were asked for.
    #[must_use]
    pub fn toppings(&self) -> &[Entry] {
        &self.toppings
    }

    /// What it costs.
    #[must_use]
    pub fn price(&self) -> Money {
        self.price
    }

    /// The pizza as something to order. Its details are JSON:
    /// `{"size":"large","toppings":["onions"]}`.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "no menu has names that an item refuses"
    )]
    pub fn item(&self) -> Item {
        let ids: Vec<&str> = self.toppings.iter().map(Entry::id).collect();
        let mut details = format!(r#"{{"size":"{}","toppings":["#, self.size.id());
        for (i, id) in ids.iter().enumerate() {
            // A menu's ids are letters, digits and hyphens: nothing to escape.
            let _ = write!(details, "{}\"{id}\"", if i == 0 { "" } else { "," });
        }
        details.push_str("]}");
        Item::new("pizza", &self.summary(), Some(self.price), &details)
            .expect("a menu's names are short and have nothing that an item refuses")
    }

    fn summary(&self) -> String {
        let spoken: Vec<String> = self.toppings.iter().map(Entry::spoken).collect();
        let with = match spoken.as_slice() {
            [] => String::new(),
            [one] => format!(" with {one}"),
            [most @ .., last] => format!(" with {} and {last}", most.join(", ")),
        };
        let size = self.size.spoken();
        let article = if size.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "an"
        } else {
            "a"
        };
        let whole = format!("{article} {size} pizza{with}");
        if whole.chars().count() <= 240 {
            whole
        } else {
            format!(
                "{article} {size} pizza with {} toppings",
                self.toppings.len()
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::menu::Menu;
    use crate::money::Currency;

    #[test]
    fn the_item_says_what_is_on_it_and_what_it_costs() {
        let menu = Menu::default();

        let plain = menu.pizza("small", [""; 0]).unwrap().item();
        let rich = menu
            .pizza("jumbo", ["onions", "bacon", "black olives"])
            .unwrap()
            .item();

        assert_eq!(plain.summary(), "a small pizza");
        assert_eq!(plain.details(), r#"{"size":"small","toppings":[]}"#);
        assert_eq!(
            rich.summary(),
            "a jumbo pizza with onions, bacon and black olives"
        );
        assert_eq!(
            rich.details(),
            r#"{"size":"jumbo","toppings":["onions","bacon","black-olives"]}"#
        );
        assert_eq!(rich.amount().unwrap().to_string(), "23.00 USD");
    }

    #[test]
    fn more_toppings_than_a_sentence_holds_are_counted() {
        let names: Vec<String> = (0..40)
            .map(|i| format!("A very special topping {i}"))
            .collect();
        let toppings: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 10)).collect();
        let menu = Menu::new(Currency::USD, &[("Oval", 100)], &toppings).unwrap();

        let item = menu.pizza("oval", &names).unwrap().item();

        assert_eq!(item.summary(), "an oval pizza with 40 toppings");
    }
}
