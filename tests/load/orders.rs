//! What is ordered: as many different pizzas as there are connections, so that
//! the message with a code tells which connection it is for.

use pod_core::{BoxError, Item, Menu};

/// One pizza: how it is said, and how messages name it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// What the customer says.
    pub(crate) utterance: String,
    /// What the item is.
    pub(crate) item: Item,
}

/// Chooses pizzas with two toppings each, no two of them alike.
pub(crate) fn choose(menu: &Menu, count: usize) -> Result<Vec<Wanted>, BoxError> {
    let toppings = menu.toppings();
    let pairs = toppings
        .iter()
        .enumerate()
        .flat_map(|(place, one)| toppings[place + 1..].iter().map(move |other| (one, other)));
    let mut chosen = Vec::with_capacity(count);
    for (one, other) in pairs {
        for size in menu.sizes() {
            let pizza = menu.pizza(size.name(), [one.name(), other.name()])?;
            let item = pizza.item();
            chosen.push(Wanted {
                utterance: format!("ask pizza on demand to get me {}", item.summary()),
                item,
            });
        }
    }
    if chosen.len() < count {
        return Err(format!(
            "there are only {} different pizzas: use no more connections than that",
            chosen.len()
        )
        .into());
    }
    chosen.truncate(count);
    Ok(chosen)
}

/// Which of the pizzas a message is about, and its code.
pub(crate) fn recognise<'a>(text: &'a str, wanted: &[Wanted]) -> Option<(usize, &'a str)> {
    let (before, code) = text.rsplit_once('#')?;
    let place = wanted
        .iter()
        .position(|wanted| before.contains(wanted.item.summary()))?;
    Some((place, code.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pizza_is_recognised_in_its_own_message_only() {
        let wanted = choose(&Menu::default(), 200).unwrap();

        for (place, one) in wanted.iter().enumerate() {
            let message = format!(
                "Shop: 482913 confirms {}, 18.50 USD.\n@shop.example #482913",
                one.item.summary()
            );
            assert_eq!(recognise(&message, &wanted), Some((place, "482913")));
        }
    }

    #[test]
    fn a_message_without_a_code_or_a_pizza_is_nobodys() {
        let wanted = choose(&Menu::default(), 4).unwrap();

        assert_eq!(recognise("Welcome!", &wanted), None);
        assert_eq!(recognise("a door\n@shop.example #482913", &wanted), None);
    }
}
