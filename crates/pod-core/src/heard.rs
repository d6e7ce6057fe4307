//! Codes as they are heard: what speech recognition makes of spoken digits.

use thiserror::Error;

use crate::code::{Code, CodeDigits};

/// What was heard is no code of the right length; it is asked for again and
/// costs no attempt. What was heard is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("that was not a code of the right length")]
pub struct Misheard;

impl Code {
    /// Makes a code of what was heard: `482913`, `4 8 2 9 1 3`, `48-29-13`,
    /// `four eight two nine one three`, `forty eight twenty nine thirteen`,
    /// `double four oh two`, with words such as `the code is` around it.
    /// A missing digit is never guessed.
    ///
    /// # Errors
    ///
    /// [`Misheard`] if anything else was heard, or not `digits` digits.
    pub fn hear(heard: &str, digits: CodeDigits) -> Result<Self, Misheard> {
        if heard.len() > 200 {
            return Err(Misheard);
        }
        let heard = heard.to_lowercase();
        let mut words = heard
            .split(|c: char| c.is_whitespace() || "-.,;:!'’\"".contains(c))
            .filter(|word| !word.is_empty())
            .peekable();
        let mut code = String::with_capacity(digits.get());
        while let Some(word) = words.next() {
            let times = match word {
                "double" => 2,
                "triple" => 3,
                _ => 1,
            };
            if times > 1 {
                let digit = words.next().and_then(one_digit).ok_or(Misheard)?;
                code.extend(std::iter::repeat_n(digit, times));
            } else if word.bytes().all(|b| b.is_ascii_digit()) {
                code.push_str(word);
            } else if let Some(digit) = one_digit(word) {
                code.push(digit);
            } else if let Some(number) = teen(word) {
                code.push_str(number);
            } else if let Some(tens) = tens(word) {
                code.push(tens);
                // "forty eight" is 48; "forty" alone is 40.
                let unit = words
                    .peek()
                    .copied()
                    .and_then(one_digit)
                    .filter(|unit| *unit != '0');
                code.push(unit.unwrap_or('0'));
                if unit.is_some() {
                    words.next();
                }
            } else if !AROUND.contains(&word) {
                return Err(Misheard);
            }
        }
        if code.len() != digits.get() {
            return Err(Misheard);
        }
        Self::parse(&code).map_err(|_| Misheard)
    }
}

/// Words people put around a code.
const AROUND: [&str; 12] = [
    "the", "my", "code", "is", "it", "it's", "its", "and", "please", "number", "s", "um",
];

/// A digit's name and what it is mistaken for. A lone digit is a word too:
/// "double 4".
fn one_digit(word: &str) -> Option<char> {
    Some(match word {
        "zero" | "oh" | "o" | "nought" | "naught" | "0" => '0',
        "one" | "won" | "1" => '1',
        "two" | "to" | "too" | "2" => '2',
        "three" | "3" => '3',
        "four" | "for" | "fore" | "4" => '4',
        "five" | "5" => '5',
        "six" | "6" => '6',
        "seven" | "7" => '7',
        "eight" | "ate" | "8" => '8',
        "nine" | "niner" | "9" => '9',
        _ => return None,
    })
}

fn teen(word: &str) -> Option<&'static str> {
    Some(match word {
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "thirteen" => "13",
        "fourteen" => "14",
        "fifteen" => "15",
        "sixteen" => "16",
        "seventeen" => "17",
        "eighteen" => "18",
        "nineteen" => "19",
        _ => return None,
    })
}

fn tens(word: &str) -> Option<char> {
    Some(match word {
        "twenty" => '2',
        "thirty" => '3',
        "forty" | "fourty" => '4',
        "fifty" => '5',
        "sixty" => '6',
        "seventy" => '7',
        "eighty" => '8',
        "ninety" => '9',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn heard(raw: &str) -> Result<String, Misheard> {
        Code::hear(raw, CodeDigits::default()).map(|code| code.expose().to_owned())
    }

    #[test]
    fn a_code_is_heard_however_it_is_said() {
        for raw in [
            "482913",
            "4 8 2 9 1 3",
            "48-29-13",
            "4.8.2.9.1.3",
            "Four Eight Two Nine One Three",
            "for ate too niner won three",
            "forty eight twenty nine thirteen",
            "forty-eight 29 thirteen",
            "the code is 482 913 please",
        ] {
            assert_eq!(heard(raw).as_deref(), Ok("482913"), "{raw:?}");
        }
        assert_eq!(
            heard("one double four oh two zero").as_deref(),
            Ok("144020")
        );
        assert_eq!(heard("triple 7 forty five").as_deref(), Err(&Misheard));
        assert_eq!(heard("triple 7 forty five 1").as_deref(), Ok("777451"));
        assert_eq!(heard("forty oh one oh one").as_deref(), Ok("400101"));
    }

    #[test]
    fn what_is_no_code_of_the_right_length_is_misheard() {
        for raw in [
            "",
            "?",
            "48291",
            "4829130",
            "pepperoni",
            "four eight",
            "double",
            "double trouble",
            "４８２９１３",
            "48291x",
            "minus 482913",
            &"1 ".repeat(200),
        ] {
            assert_eq!(heard(raw), Err(Misheard), "{raw:?}");
        }
    }

    #[test]
    fn a_missing_first_digit_is_never_made_up() {
        assert_eq!(heard("48291"), Err(Misheard));
        assert_eq!(heard("048291").as_deref(), Ok("048291"));
    }

    proptest! {
        #[test]
        fn whatever_is_heard_nothing_breaks(raw in ".{0,220}") {
            let _ = heard(&raw);
        }

        #[test]
        fn digits_said_one_by_one_are_heard(code in 100_000..1_000_000_u32) {
            const NAMES: [&str; 10] = ["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
            let said: Vec<&str> = code.to_string().bytes().map(|b| NAMES[usize::from(b - b'0')]).collect();

            prop_assert_eq!(heard(&said.join(" ")), Ok(code.to_string()));
        }
    }
}
