//! What was said and sent, with a name for each code in place of its digits.

use pod_core::Contact;
use pod_emulator::{Card, Message};
use serde_json::Value;

/// A conversation so far. Codes are counted as they arrive: the first is
/// `<code 1>` wherever it is sent, and wherever somebody says it.
#[derive(Default)]
pub(crate) struct Transcript {
    pub(crate) text: String,
    codes: Vec<String>,
}

impl Transcript {
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub(crate) fn card(&mut self, card: &Card) {
        let text = card.text.as_deref().unwrap_or_default().replace('\n', " ");
        match card.kind.as_str() {
            "Simple" => self.line(&format!("[card: {text}]")),
            kind => self.line(&format!("[card: {kind}]")),
        }
    }

    /// A message, without the parts that are always the same.
    pub(crate) fn message(&mut self, message: &Message) {
        let code = message.code().expect("a code");
        let name = self.name(code.expose());
        let text = message.expose_text();
        let text = text.strip_prefix("Pizza on demand: ").expect("the shop");
        let (text, _) = text.split_once(" Not your order?").expect("the end");
        let text = text.replace(code.expose(), &name);
        let way = match message.contact() {
            Contact::Phone(_) => "sms",
            Contact::Email(_) => "mail",
        };
        let masked = message.contact().masked();
        self.line(&format!("[{way} to {}: {text}]", masked.masked()));
    }

    /// The words for what somebody says, with the digits in them that names
    /// stand for.
    pub(crate) fn spoken(&self, line: &str) -> String {
        let mut spoken = line.replace("<wrong code>", &digit_by_digit(&self.wrong_code()));
        for (index, code) in self.codes.iter().enumerate() {
            let name = format!("<code {}>", index + 1);
            spoken = spoken.replace(&name, &digit_by_digit(code));
        }
        assert!(!spoken.contains('<'), "there is no such code yet: {line}");
        spoken
    }

    /// The digits of a code that was sent.
    pub(crate) fn code(&self, number: usize) -> &str {
        &self.codes[number - 1]
    }

    /// Holds that no code is in what a customer hears and sees, nor in what
    /// the session remembers.
    pub(crate) fn keeps_codes_out_of(&self, response: &Value) {
        match response {
            Value::Array(parts) => parts.iter().for_each(|part| self.keeps_codes_out_of(part)),
            Value::Object(parts) => parts
                .values()
                .for_each(|part| self.keeps_codes_out_of(part)),
            Value::String(text) => {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                let told = self.codes.iter().any(|code| digits.contains(code));
                assert!(!told, "a code is in the answer: {text}");
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn name(&mut self, code: &str) -> String {
        let known = self.codes.iter().position(|known| known == code);
        let index = known.unwrap_or_else(|| {
            self.codes.push(code.to_owned());
            self.codes.len() - 1
        });
        format!("<code {}>", index + 1)
    }

    /// A code that nobody was sent.
    fn wrong_code(&self) -> String {
        let candidates = (1..=9).map(|digit| digit.to_string().repeat(6));
        let mut wrong = candidates.filter(|code| !self.codes.contains(code));
        wrong.next().expect("a code that is wrong")
    }
}

fn digit_by_digit(code: &str) -> String {
    const NAMES: [&str; 10] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let names = code.bytes().map(|digit| NAMES[usize::from(digit - b'0')]);
    names.collect::<Vec<_>>().join(" ")
}
