//! Spoken codes: whatever was heard is a code of the length asked for, or it
//! is not understood.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pod_core::{Code, CodeDigits};

fuzz_target!(|input: (u8, &str)| {
    let (choice, heard) = input;
    let digits = match choice % 5 {
        0 => CodeDigits::four_as_in_2017(),
        more => CodeDigits::new(4 + more).expect("5 to 8 digits"),
    };
    let Ok(code) = Code::hear(heard, digits) else {
        return;
    };
    let said = code.expose();

    assert_eq!(said.len(), digits.get());
    assert!(said.bytes().all(|b| b.is_ascii_digit()));
    assert!(code.matches(&Code::hear(said, digits).expect("digits are heard as they are")));
});
