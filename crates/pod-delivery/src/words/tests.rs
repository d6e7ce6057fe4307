//! What the messages say.

use std::time::Duration;

use expect_test::expect_file;
use pod_core::{Code, Contact, Enrolment, Item, Language, Menu, PlacedOrder};
use pod_testkit::fixtures::{deadline, order, transfer, zoe, zoe_phone};
use proptest::prelude::*;

use super::*;

const LATIN: [&str; 6] = ["en-US", "de-DE", "es-MX", "fr-CA", "it-IT", "pt-BR"];
const ALL: [&str; 8] = [
    "en-US", "de-DE", "es-MX", "fr-CA", "it-IT", "pt-BR", "ja-JP", "hi-IN",
];

fn words() -> Words {
    Words::new("Pizza on Demand", "pod.example.com").unwrap()
}

/// Has a message written of a code of eight digits that lives so long.
fn about<T>(
    item: &Item,
    language: &str,
    seconds: u64,
    write: impl FnOnce(&Words, &Delivery<'_>) -> T,
) -> T {
    let order = PlacedOrder {
        item: item.clone(),
        ..order(1, &zoe())
    };
    let contact: Contact = zoe_phone();
    let delivery = Delivery {
        contact: &contact,
        code: &Code::parse("48291301").unwrap(),
        order: &order,
        sent_at: order.placed_at,
        lifetime: Duration::from_secs(seconds),
        others_left: false,
        language: &Language::parse(language).unwrap(),
        deadline: deadline(),
    };
    write(&words(), &delivery)
}

fn text(item: &Item, language: &str) -> String {
    about(item, language, 300, Words::text)
}

fn mail(item: &Item, language: &str) -> Mail {
    about(item, language, 300, Words::mail)
}

/// Every pizza of the menu that has no or all toppings.
fn extremes() -> Vec<Item> {
    let menu = Menu::default();
    let all: Vec<&str> = menu.toppings().iter().map(pod_core::Entry::id).collect();
    let sizes = menu.sizes().iter();
    sizes
        .flat_map(|size| {
            [&[][..], &all[..2], &all[..]].map(|toppings| {
                let pizza = menu.pizza(size.id(), toppings.iter().copied());
                pizza.expect("it is on the menu").item()
            })
        })
        .collect()
}

fn longest() -> Item {
    let items = extremes().into_iter();
    items.max_by_key(|item| item.summary().len()).unwrap()
}

fn usual() -> Item {
    let pizza = Menu::default().pizza("large", ["pepperoni", "onions"]);
    pizza.expect("it is on the menu").item()
}

#[test]
fn every_text_of_a_latin_script_is_one_segment_whatever_is_ordered() {
    for item in extremes() {
        for language in LATIN {
            let text = text(&item, language);

            let counted = segments(&text);
            assert_eq!(counted.encoding, Encoding::Gsm7, "{text}");
            assert_eq!(counted.count, 1, "{} septets: {text}", counted.units);
        }
    }
}

fn contact(summary: &str) -> Item {
    Item::new(Enrolment::KIND, summary, None, "name").expect("an item")
}

#[test]
fn a_text_about_a_contact_is_one_segment_and_speaks_of_no_order() {
    let item = contact("sending codes to the phone ending in 42");
    for language in LATIN {
        let text = text(&item, language);
        let counted = segments(&text);
        assert_eq!(
            (counted.encoding, counted.count),
            (Encoding::Gsm7, 1),
            "{text}"
        );
        assert!(text.contains(item.summary()), "{text}");
    }
    assert_eq!(
        text(&item, "en-US"),
        "Pizza on Demand: 48291301 confirms sending codes to the phone ending in 42. \
         Valid 5 min. Not you? Tell nobody.\n@pod.example.com #48291301"
    );
    let Mail { subject, text, .. } = mail(&item, "en-US");
    assert_eq!(subject, "Confirm a contact at Pizza on Demand");
    assert!(!text.contains("order") && !text.contains("Alexa"), "{text}");
}

#[test]
fn a_contact_is_named_whole_and_with_the_advice_whatever_its_length() {
    let item = contact(&format!("sending codes to {}", "x".repeat(200)));
    for language in ALL {
        let text = text(&item, language);
        assert!(text.contains(item.summary()), "{text}");
    }
    assert!(text(&item, "en-US").contains("Not you? Tell nobody."));
}

#[test]
fn an_item_is_cut_short_only_where_it_does_not_fit() {
    for language in LATIN {
        assert!(text(&usual(), language).contains(usual().summary()));
    }
    let text = text(&longest(), "en-US");
    assert_eq!(
        text,
        "Pizza on Demand: 48291301 confirms a medium pizza with pepperoni, mushrooms, onions, \
         sausage, bacon..., 29.00 USD. Valid 5 min.\n@pod.example.com #48291301"
    );
}

#[test]
fn texts_of_other_scripts_are_as_many_segments_as_they_are() {
    let count = |item: &Item, language| segments(&text(item, language)).count;
    assert_eq!([count(&usual(), "ja-JP"), count(&usual(), "hi-IN")], [3, 3]);
    assert_eq!(
        [count(&longest(), "ja-JP"), count(&longest(), "hi-IN")],
        [4, 5]
    );
}

#[test]
fn every_message_in_every_language_reads_as_it_should() {
    let mut all = String::new();
    let contact = contact("sending codes to the phone ending in 42");
    for (language, item) in ALL
        .iter()
        .flat_map(|it| [(it, usual()), (it, contact.clone())])
    {
        let Mail {
            subject,
            text: body,
            ..
        } = mail(&item, language);
        let text = text(&item, language);
        all.extend([
            format!("== {language}, text\n{text}\n\n"),
            format!("== {language}, mail\n{subject}\n\n{body}\n\n"),
        ]);
    }
    expect_file!["../../tests/messages.txt"].assert_eq(&all);
    expect_file!["../../tests/message.html"].assert_eq(&mail(&usual(), "en-US").html);
}

#[test]
fn a_language_is_chosen_by_its_first_part_and_english_serves_for_the_others() {
    let said = |language| text(&usual(), language);
    assert_eq!(said("pt"), said("pt-BR"));
    assert_eq!(said("DE-at"), said("de-DE"));
    assert_eq!(said("nl-NL"), said("en-US"));
}

#[test]
fn the_code_is_named_once_and_bound_to_the_host_in_the_last_line() {
    for language in ALL {
        for text in [text(&usual(), language), mail(&usual(), language).text] {
            assert_eq!(text.matches("48291301").count(), 2, "{text}");
            assert_eq!(text.lines().last(), Some("@pod.example.com #48291301"));
        }
        let mail = mail(&usual(), language);
        assert!(mail.html.contains("@pod.example.com #48291301"));
        assert!(!mail.subject.contains(|c: char| c.is_ascii_digit()));
    }
}

#[test]
fn an_item_without_a_price_is_named_alone() {
    let free = Item::new("gift", "a voucher", None, "").unwrap();
    assert!(text(&free, "en-US").contains("confirms a voucher. Valid"));
}

#[test]
fn amounts_are_written_as_the_language_writes_them() {
    assert!(text(&transfer(), "de-DE").contains("250,00 EUR"));
    assert!(text(&transfer(), "en-US").contains("250.00 EUR"));
}

#[test]
fn no_code_is_said_to_live_longer_than_it_does() {
    for (seconds, said) in [
        (600, "Valid 10 min."),
        (299, "Valid 4 min."),
        (120, "Valid 2 min."),
        (119, "Valid 119 s."),
        (60, "Valid 1 min."),
        (59, "Valid 59 s."),
    ] {
        let text = about(&usual(), "en-US", seconds, Words::text);
        assert!(text.contains(said), "{text}");
    }
    let mail = about(&usual(), "de-DE", 60, Words::mail);
    assert!(mail.text.contains("eine Minute"), "{}", mail.text);
}

#[test]
fn a_shop_or_host_that_would_spoil_a_message_is_refused() {
    let shop = |raw| Words::new(raw, "pod.example.com").map(drop);
    for raw in ["", " Pizza", "Pizza\nHut", &"x".repeat(31)] {
        assert_eq!(shop(raw), Err(InvalidWords::Shop), "{raw:?}");
    }
    let host = |raw| Words::new("Pizza", raw).map(drop);
    for raw in [
        "",
        "pod.example.com:7100",
        "a b",
        "https://pod",
        &"x".repeat(61),
    ] {
        assert_eq!(host(raw), Err(InvalidWords::Host), "{raw:?}");
    }
}

#[test]
fn a_mail_does_not_show_its_code() {
    let shown = format!("{:?}", mail(&usual(), "en-US"));
    assert!(!shown.contains("4829"), "{shown}");
}

proptest! {
    #[test]
    fn whatever_is_ordered_is_named_and_nothing_in_it_is_markup(
        summary in "[ -~ñé€<>&\"']{1,60}"
    ) {
        prop_assume!(!summary.trim().is_empty());
        let item = Item::new("thing", &summary, None, "").unwrap();

        let mail = mail(&item, "en-US");
        prop_assert!(mail.text.contains(&summary));
        let body = mail.html.split_once("font-weight:600\">").unwrap().1;
        let shown = body.split_once("</p>").unwrap().0;
        prop_assert!(!shown.contains(['<', '>', '"', '\'']));
        let read = shown
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&");
        prop_assert_eq!(read, summary);
    }

    #[test]
    fn an_item_of_any_length_leaves_the_rest_of_the_text_whole(length in 1_usize..=240) {
        let summary = "pizza with € ".repeat(20);
        let summary: String = summary.chars().take(length).collect();
        prop_assume!(!summary.trim().is_empty());
        let item = Item::new("thing", &summary, None, "").unwrap();

        let text = text(&item, "en-US");
        prop_assert_eq!(segments(&text).count, 1);
        prop_assert!(text.contains("Valid 5 min."));
        let isolated = text.contains(['\u{2068}', '\u{2069}']);
        prop_assert!(!isolated);
    }
}
