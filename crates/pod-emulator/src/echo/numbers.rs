//! Spoken numbers as Amazon writes them into a number slot: "four eight
//! two", "48 2" and "four hundred eighty two" are all `482`.

use super::words::digit;

/// Reads words as digits, or gives `None` when any of them is no number.
///
/// Numbers said one after the other are written one after the other, which is
/// what a customer means who reads out a code in pairs.
pub(super) fn spoken_digits(words: &[String]) -> Option<String> {
    let mut rest = words;
    let mut digits = String::new();
    while let Some(word) = rest.first() {
        if let Some(number) = below_a_million(&mut rest) {
            digits.push_str(&number.to_string());
        } else if word.bytes().all(|b| b.is_ascii_digit()) {
            digits.push_str(word);
            rest = &rest[1..];
        } else if let Some((said, times)) = repeated(rest) {
            digits.extend(std::iter::repeat_n(said, times));
            rest = &rest[2..];
        } else {
            digits.push(lone_digit(word)?);
            rest = &rest[1..];
        }
    }
    (!digits.is_empty()).then_some(digits)
}

/// "double four", "triple seven".
fn repeated(words: &[String]) -> Option<(char, usize)> {
    let times = match words.first()?.as_str() {
        "double" => 2,
        "triple" => 3,
        _ => return None,
    };
    Some((lone_digit(words.get(1)?)?, times))
}

/// A digit said alone, with the words that speech recognition hears for it.
fn lone_digit(word: &str) -> Option<char> {
    match word {
        "oh" | "o" => Some('0'),
        "to" | "too" => Some('2'),
        "for" => Some('4'),
        "ate" => Some('8'),
        _ => digit(word),
    }
}

/// Takes a number of more than one digit off the front: "forty eight", "four
/// hundred and five", "two thousand six".
fn below_a_million(words: &mut &[String]) -> Option<u32> {
    let mut rest = *words;
    let mut number = below_a_thousand(&mut rest)?;
    if next_is(&mut rest, "thousand") {
        number *= 1000;
        let mut after = rest;
        next_is(&mut after, "and");
        if let Some(more) = below_a_thousand(&mut after) {
            number += more;
            rest = after;
        }
    } else if number < 10 {
        // A lone digit keeps its zero and its neighbours: not ours.
        return None;
    }
    *words = rest;
    Some(number)
}

fn below_a_thousand(words: &mut &[String]) -> Option<u32> {
    let mut number = below_a_hundred(words)?;
    if (1..10).contains(&number) && next_is(words, "hundred") {
        number *= 100;
        let mut after = *words;
        next_is(&mut after, "and");
        if let Some(more) = below_a_hundred(&mut after) {
            number += more;
            *words = after;
        }
    }
    Some(number)
}

fn below_a_hundred(words: &mut &[String]) -> Option<u32> {
    const TEENS: [&str; 10] = [
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let word = words.first()?.as_str();
    let place = |list: &[&str]| {
        (0_u32..)
            .zip(list)
            .find(|(_, name)| **name == word)
            .map(|(place, _)| place)
    };

    let number = if let Some(place) = place(&TEENS) {
        10 + place
    } else if let Some(place) = place(&TENS) {
        let tens = 20 + 10 * place;
        match words.get(1).and_then(|word| unit(word)) {
            Some(unit) if unit > 0 => {
                *words = &words[2..];
                return Some(tens + unit);
            }
            _ => tens,
        }
    } else {
        unit(word)?
    };
    *words = &words[1..];
    Some(number)
}

fn unit(word: &str) -> Option<u32> {
    digit(word)?.to_digit(10)
}

fn next_is(words: &mut &[String], wanted: &str) -> bool {
    let is = words.first().is_some_and(|word| word == wanted);
    if is {
        *words = &words[1..];
    }
    is
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::echo::words::words;

    #[test]
    fn a_code_is_read_however_it_is_said() {
        for said in [
            "482913",
            "4 8 2 9 1 3",
            "48-29-13",
            "four eight two nine one three",
            "four eight to nine one three",
            "forty eight twenty nine thirteen",
            "four hundred eighty two thousand nine hundred thirteen",
            "four hundred and eighty two nine hundred and thirteen",
            "482 nine thirteen",
        ] {
            assert_eq!(
                spoken_digits(&words(said)).as_deref(),
                Some("482913"),
                "{said}"
            );
        }
    }

    #[test]
    fn zeros_and_doubles_are_kept() {
        assert_eq!(
            spoken_digits(&words("oh four zero o 7")).as_deref(),
            Some("04007")
        );
        assert_eq!(
            spoken_digits(&words("double four triple zero")).as_deref(),
            Some("44000")
        );
        assert_eq!(
            spoken_digits(&words("two thousand and six")).as_deref(),
            Some("2006")
        );
        assert_eq!(
            spoken_digits(&words("nineteen eighty four")).as_deref(),
            Some("1984")
        );
        assert_eq!(
            spoken_digits(&words("twenty oh one")).as_deref(),
            Some("2001")
        );
    }

    #[test]
    fn what_is_no_number_is_not_read() {
        for said in ["", "banana", "four banana", "double", "and", "hundred", "?"] {
            assert_eq!(spoken_digits(&words(said)), None, "{said}");
        }
    }
}
