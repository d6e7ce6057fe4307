//! The messages about new contacts: what the web app says of one, in the words
//! of the delivery.

use std::time::Duration;

use pod_core::ports::Delivery;
use pod_core::{Code, Enrolment, Item, Language, PlacedOrder};
use pod_delivery::{Encoding, Words, segments};
use pod_testkit::fixtures::{deadline, order, zoe, zoe_phone};

/// What the web app says a code is for, in one language.
fn summary(language: &str, id: &str) -> String {
    let here = env!("CARGO_MANIFEST_DIR");
    let path = format!("{here}/../crates/pod-web/messages/{language}.ftl");
    let messages = std::fs::read_to_string(path).expect("the web app's messages");
    let start = format!("{id} = ");
    let line = messages.lines().find_map(|line| line.strip_prefix(&start));
    let line = line.expect("a summary");
    line.replace("{ $digits }", "42")
        .replace("{ $to }", "z...@...engineering")
}

#[test]
fn a_text_about_a_new_contact_is_one_segment_in_every_latin_script() {
    let words = Words::new("Pizza on Demand", "pod.example.com").expect("words");
    for language in ["en", "de", "es", "fr", "it", "pt"] {
        for id in ["contact-summary-phone", "contact-summary-email"] {
            let summary = summary(language, id);
            let order = PlacedOrder {
                item: Item::new(Enrolment::KIND, &summary, None, "name").expect("an item"),
                ..order(1, &zoe())
            };
            let text = words.text(&Delivery {
                contact: &zoe_phone(),
                code: &Code::parse("482913").expect("a code"),
                order: &order,
                sent_at: order.placed_at,
                lifetime: Duration::from_mins(10),
                others_left: false,
                language: &Language::parse(language).expect("a language"),
                deadline: deadline(),
            });

            let counted = segments(&text);
            assert_eq!(
                (counted.encoding, counted.count),
                (Encoding::Gsm7, 1),
                "{} septets: {text}",
                counted.units
            );
            assert!(text.contains(&summary), "{text}");
        }
    }
}
