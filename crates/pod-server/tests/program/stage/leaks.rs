//! Whether a log tells what no log may tell: a code, a telephone number, an
//! address.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The whole numbers and addresses of the emulated customers, in the ways they
/// are written.
const CONTACTS: [&str; 6] = [
    "4155550142",
    "(415) 555-0142",
    "ada@example.com",
    "ada%40example.com",
    "grace@example.com",
    "grace%40example.com",
];

/// The codes that have arrived in this test, whichever process showed them.
static CODES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Holds that a log tells nothing, after what the process showed on standard
/// output, where messages may be.
pub(crate) fn hold(shown: &str, log: &str) {
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    codes.extend(codes_in(shown));
    for line in log.lines() {
        let told = told(line, &codes);
        assert_eq!(told, None, "a log tells it: {line}");
    }
}

/// The codes in messages: after the `#` of their last line, or at the end.
fn codes_in(shown: &str) -> impl Iterator<Item = String> {
    shown.lines().filter_map(|line| {
        let (_, code) = line
            .rsplit_once('#')
            .or_else(|| line.rsplit_once(" is: "))?;
        let is_code = (4..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
        is_code.then(|| code.to_owned())
    })
}

/// What a line of a log tells that it may not.
fn told(line: &str, codes: &BTreeSet<String>) -> Option<String> {
    // An example is nobody's.
    let line = line.replace("such as +14155550142", "");
    let contacts = CONTACTS.iter().find(|contact| line.contains(*contact));
    let code = codes.iter().find(|code| has_number(&line, code));
    contacts
        .map(ToString::to_string)
        .or_else(|| code.map(ToString::to_string))
}

/// Whether a line has this number; the fraction of a second is none.
fn has_number(line: &str, number: &str) -> bool {
    line.match_indices(number).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + number.len()..].chars().next();
        let digit = |c: char| c.is_ascii_digit();
        !before.is_some_and(|c| digit(c) || c == '.') && !after.is_some_and(digit)
    })
}

#[test]
fn a_log_that_tells_is_found_out() {
    let codes = BTreeSet::from(["482913".to_owned()]);
    for line in [
        "sent to +14155550142",
        "to=ada@example.com",
        "code=482913",
        "\"482913\"",
    ] {
        assert!(told(line, &codes).is_some(), "{line}");
    }
    for line in ["to=…42", "2026-11-25T18:21:41.482913Z", "id=14829130"] {
        assert_eq!(told(line, &codes), None, "{line}");
    }
    let shown = "@pod.localtest.me #482913\nYour verification code is: 919031\n# title";
    assert_eq!(codes_in(shown).collect::<Vec<_>>(), ["482913", "919031"]);
}
