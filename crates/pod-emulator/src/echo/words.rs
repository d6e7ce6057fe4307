//! What somebody said, as words: lower case, no punctuation, like a transcript.

/// Splits an utterance, or a sample of the model, into words.
///
/// Hyphens part words, because a code typed as `48-29-13` is three numbers
/// when it is spoken. A `?` stands for something that could not be heard.
pub(super) fn words(said: &str) -> Vec<String> {
    said.to_lowercase()
        .replace('\u{2019}', "'")
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '?'))
        .map(|word| {
            let word = word.trim_matches('\'');
            // A question mark ends a question; alone it is a word of its own.
            if word.len() > 1 {
                word.trim_end_matches('?')
            } else {
                word
            }
        })
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Tells whether two words sound the same to a transcript: a digit may be
/// typed or spelled.
pub(super) fn same_word(one: &str, other: &str) -> bool {
    one == other || matches!((digit(one), digit(other)), (Some(a), Some(b)) if a == b)
}

/// Tells whether two runs of words sound the same.
pub(super) fn same_words(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same_word(a, b))
}

/// Reads one digit, typed or spelled.
pub(super) fn digit(word: &str) -> Option<char> {
    const SPELLED: [(&str, char); 10] = [
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
    ];
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(typed), None) if typed.is_ascii_digit() => Some(typed),
        _ => SPELLED
            .iter()
            .find(|(spelled, _)| *spelled == word)
            .map(|(_, digit)| *digit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_and_case_are_not_heard() {
        assert_eq!(
            words("Alexa, open “Pizza on Demand”!"),
            ["alexa", "open", "pizza", "on", "demand"]
        );
        assert_eq!(
            words("what’s new? 48-29-13"),
            ["what's", "new", "48", "29", "13"]
        );
        assert_eq!(words("the code is ?"), ["the", "code", "is", "?"]);
        assert!(words(" ... '' ").is_empty());
    }

    #[test]
    fn a_digit_sounds_the_same_typed_or_spelled() {
        assert!(same_word("four", "4"));
        assert!(same_words(&words("4 eight"), &words("four 8")));
        assert!(!same_word("for", "4"));
        assert!(!same_word("44", "4"));
    }
}
