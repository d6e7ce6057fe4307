//! Speech that is always sound: escaped, well-formed, and short enough.

use std::borrow::Cow;

/// What is said: words, and digits to be read one by one.
///
/// It never outgrows Amazon's 8 000 characters. What does not fit is left out
/// from a word's end on, and whatever comes after it too; an element is there
/// whole or not at all, so its tags are always closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Speech {
    parts: Vec<Part>,
    room: usize,
}

/// A piece of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Words(String),
    Digits(String),
}

/// Speech as a response has it: plain where nothing needs marking up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rendered<'a> {
    Plain(Cow<'a, str>),
    Ssml(String),
}

const OPEN: &str = "<speak>";
const CLOSE: &str = "</speak>";
const OPEN_DIGITS: &str = r#"<say-as interpret-as="digits">"#;
const CLOSE_DIGITS: &str = "</say-as>";

impl Speech {
    /// The most characters Amazon lets an `outputSpeech` have, its tags and
    /// entities included. Counted in UTF-16 units, the strictest way to read
    /// "characters".
    pub(crate) const LIMIT: usize = 8_000;

    /// Begins with nothing said.
    pub(crate) fn new() -> Self {
        Self {
            parts: Vec::new(),
            room: Self::LIMIT - OPEN.len() - CLOSE.len(),
        }
    }

    /// Adds words, whatever characters they have. Those that XML 1.0 cannot
    /// carry are left out.
    pub(crate) fn text(mut self, text: &str) -> Self {
        let legal = legal(text);
        let fitting = fitting(&legal, self.room, escaped_len);
        // A single word longer than all the room there is has no better end
        // than where the room ends; anywhere else it is left out.
        let kept = if self.parts.is_empty() {
            fitting.hard
        } else {
            fitting.soft
        };
        if !kept.is_empty() {
            match self.parts.last_mut() {
                Some(Part::Words(words)) => words.push_str(kept),
                _ => self.parts.push(Part::Words(kept.to_owned())),
            }
        }
        self.room = if kept.len() < legal.len() {
            0
        } else {
            self.room - legal.chars().map(escaped_len).sum::<usize>()
        };
        self
    }

    /// Adds digits that are read one by one: "4 2", not "forty-two". Anything
    /// else among them is left out.
    pub(crate) fn digits(mut self, digits: &str) -> Self {
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() {
            return self;
        }
        match self
            .room
            .checked_sub(OPEN_DIGITS.len() + digits.len() + CLOSE_DIGITS.len())
        {
            Some(room) => {
                self.parts.push(Part::Digits(digits));
                self.room = room;
            }
            None => self.room = 0,
        }
        self
    }

    /// Adds what another speech says.
    pub(crate) fn append(self, other: &Self) -> Self {
        other.parts.iter().fold(self, |speech, part| match part {
            Part::Words(words) => speech.text(words),
            Part::Digits(digits) => speech.digits(digits),
        })
    }

    /// Whether there is nothing to hear.
    pub(crate) fn is_silent(&self) -> bool {
        self.parts
            .iter()
            .all(|part| matches!(part, Part::Words(words) if words.trim().is_empty()))
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn render(&self) -> Rendered<'_> {
        match self.parts.as_slice() {
            [] => Rendered::Plain("".into()),
            [Part::Words(words)] => Rendered::Plain(words.into()),
            parts => {
                let mut ssml = OPEN.to_owned();
                for part in parts {
                    match part {
                        Part::Words(words) => escape(words, &mut ssml),
                        Part::Digits(digits) => {
                            ssml.push_str(OPEN_DIGITS);
                            ssml.push_str(digits);
                            ssml.push_str(CLOSE_DIGITS);
                        }
                    }
                }
                ssml.push_str(CLOSE);
                Rendered::Ssml(ssml)
            }
        }
    }
}

impl From<String> for Speech {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&str> for Speech {
    fn from(text: &str) -> Self {
        Self::new().text(text)
    }
}

/// Cuts plain text so that it has at most `room` UTF-16 units, at a word's end
/// if it has words, without the characters that XML 1.0 cannot carry.
pub(super) fn clip(text: &str, room: usize) -> String {
    fitting(&legal(text), room, char::len_utf16).hard.to_owned()
}

/// As much of a text as fits: up to the end of a word, which may be nothing
/// (`soft`), or at least up to where the room ends (`hard`).
struct Fitting<'a> {
    soft: &'a str,
    hard: &'a str,
}

fn fitting(text: &str, room: usize, cost: impl Fn(char) -> usize) -> Fitting<'_> {
    let mut left = room;
    for (at, c) in text.char_indices() {
        let Some(less) = left.checked_sub(cost(c)) else {
            let fits = &text[..at];
            let end = if c.is_whitespace() {
                Some(at)
            } else {
                fits.rfind(char::is_whitespace)
            };
            let soft = end.map_or("", |end| &fits[..end]);
            return Fitting {
                soft,
                hard: if soft.trim().is_empty() { fits } else { soft },
            };
        };
        left = less;
    }
    Fitting {
        soft: text,
        hard: text,
    }
}

/// Leaves out what XML 1.0 has no way to write, not even as an entity.
fn legal(text: &str) -> Cow<'_, str> {
    let legal = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.chars().all(legal) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| legal(*c)).collect())
    }
}

fn entity(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&apos;",
        _ => return None,
    })
}

fn escaped_len(c: char) -> usize {
    entity(c).map_or(c.len_utf16(), str::len)
}

fn escape(text: &str, ssml: &mut String) {
    for c in text.chars() {
        match entity(c) {
            Some(entity) => ssml.push_str(entity),
            None => ssml.push(c),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(speech: &Speech) -> String {
        match speech.render() {
            Rendered::Plain(text) => text.into_owned(),
            Rendered::Ssml(ssml) => ssml,
        }
    }

    /// A strict reader of the part of XML 1.0 that speech may use.
    pub(crate) fn check_ssml(xml: &str) -> Result<(), String> {
        let mut open = Vec::new();
        let mut rest = xml;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("</") {
                let (name, after) = after.split_once('>').ok_or("a tag without an end")?;
                if open.pop() != Some(name) {
                    return Err(format!("</{name}> closes nothing"));
                }
                rest = after;
            } else if let Some(after) = rest.strip_prefix('<') {
                let (tag, after) = after.split_once('>').ok_or("a tag without an end")?;
                if !["speak", r#"say-as interpret-as="digits""#].contains(&tag) {
                    return Err(format!("<{tag}> is not known"));
                }
                open.push(tag.split(' ').next().unwrap_or_default());
                rest = after;
            } else if let Some(after) = rest.strip_prefix('&') {
                let (name, after) = after.split_once(';').ok_or("an entity without an end")?;
                if !["amp", "lt", "gt", "quot", "apos"].contains(&name) {
                    return Err(format!("&{name}; is not known"));
                }
                rest = after;
            } else {
                let legal = matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
                if !legal || matches!(c, '>' | '"' | '\'') || open.first() != Some(&"speak") {
                    return Err(format!("{c:?} may not be here"));
                }
                rest = &rest[c.len_utf8()..];
            }
        }
        if open.is_empty() {
            Ok(())
        } else {
            Err(format!("{open:?} stays open"))
        }
    }

    #[test]
    fn words_alone_are_plain() {
        let speech = Speech::new().text("Tom & Jerry's <large>").text(" pizza");

        assert_eq!(
            speech.render(),
            Rendered::Plain("Tom & Jerry's <large> pizza".into())
        );
    }

    #[test]
    fn digits_are_read_one_by_one_among_escaped_words() {
        let speech = Speech::new()
            .text(r#"A & B's "<phone>" ends in "#)
            .digits("+4-2")
            .text(".");

        assert_eq!(
            said(&speech),
            r#"<speak>A &amp; B&apos;s &quot;&lt;phone&gt;&quot; ends in <say-as interpret-as="digits">42</say-as>.</speak>"#
        );
        assert_eq!(check_ssml(&said(&speech)), Ok(()));
    }

    #[test]
    fn speech_is_joined_as_if_said_in_one_go() {
        let first = Speech::new().text("Ends in ").digits("42");
        let second = Speech::new().digits("7").text("!");

        assert_eq!(
            first.append(&second),
            Speech::new()
                .text("Ends in ")
                .digits("42")
                .digits("7")
                .text("!")
        );
        let full = Speech::from("x".repeat(9_000).as_str());
        assert_eq!(full.clone().append(&second), full);
    }

    #[test]
    fn characters_that_xml_cannot_carry_are_left_out() {
        let speech = Speech::new()
            .text("a\0\u{1b}b\u{b}\u{c}\u{fffe}c\td\ne\u{1f355}")
            .digits("1");

        assert_eq!(
            said(&speech),
            "<speak>abc\td\ne\u{1f355}<say-as interpret-as=\"digits\">1</say-as></speak>"
        );
    }

    #[test]
    fn speech_that_is_too_long_ends_with_a_word_and_stays_ended() {
        let speech = Speech::new()
            .digits("7")
            .text(&" pizza".repeat(2_000))
            .text(" the end")
            .digits("8");

        let said = said(&speech);
        assert!(
            said.ends_with(" pizza</speak>"),
            "{}",
            &said[said.len() - 40..]
        );
        assert!(
            (Speech::LIMIT - 6..=Speech::LIMIT).contains(&said.len()),
            "{}",
            said.len()
        );
        assert_eq!(check_ssml(&said), Ok(()));
    }

    #[test]
    fn a_word_that_alone_is_too_long_is_cut() {
        assert_eq!(
            said(&"x".repeat(9_000).as_str().into()).len(),
            Speech::LIMIT - 15
        );
        assert_eq!(
            said(
                &Speech::new()
                    .text("well ")
                    .text(&"x".repeat(9_000))
                    .text(" so")
            ),
            "well "
        );
    }

    #[test]
    fn digits_are_there_whole_or_not_at_all() {
        let almost_full = Speech::new().text(&"x".repeat(Speech::LIMIT - 15 - 41));

        assert!(
            said(&almost_full.clone().digits("42"))
                .ends_with(r#"x<say-as interpret-as="digits">42</say-as></speak>"#)
        );
        assert!(said(&almost_full.digits("421").text("!")).ends_with("xx"));
    }

    #[test]
    fn nothing_to_hear_is_silence() {
        assert!(Speech::new().is_silent());
        assert!(Speech::new().text(" \0\n").digits("no").is_silent());
        assert!(!Speech::new().digits("4").is_silent());
    }

    #[test]
    fn text_is_clipped_at_a_words_end() {
        assert_eq!(clip("one two three", 13), "one two three");
        assert_eq!(clip("one two three", 12), "one two");
        assert_eq!(clip("one two three", 7), "one two");
        assert_eq!(clip("\u{1f355}\u{1f355}", 3), "\u{1f355}");
        assert_eq!(clip("one", 0), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_said_fits_and_is_well_formed(
            parts in proptest::collection::vec((any::<bool>(), "(.|[&<>\"' \u{0}-\u{20}]|[0-9]){0,40}", 1..200_usize), 0..12),
        ) {
            let speech = parts.iter().fold(Speech::new(), |speech, (digits, text, times)| {
                let text = text.repeat(*times);
                if *digits { speech.digits(&text) } else { speech.text(&text) }
            });

            let said = said(&speech);
            prop_assert!(said.encode_utf16().count() <= Speech::LIMIT);
            if let Rendered::Ssml(ssml) = speech.render() {
                prop_assert_eq!(check_ssml(&ssml), Ok(()));
            }
        }
    }
}
