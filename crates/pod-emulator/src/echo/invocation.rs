//! How a skill is called: the wake word, the verb, the name, and the rest.

/// What an utterance is to Alexa herself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Invocation<'a> {
    /// "open pizza on demand": the skill is opened.
    Launch,
    /// "tell pizza on demand the code is ...": the skill is opened and told.
    Ask(&'a [String]),
    /// No skill is called by name.
    None(&'a [String]),
}

/// Words between the name and the message, and words that end a call.
const LINKS: [&str; 9] = [
    "to", "for", "that", "about", "if", "whether", "and", "when", "please",
];

/// Takes an utterance apart; the wake word may be left out.
pub(super) fn invocation<'a>(said: &'a [String], name: &[String]) -> Invocation<'a> {
    let said = without_wake_word(said);
    let Some((verb, rest)) = said.split_first() else {
        return Invocation::None(said);
    };
    if let Some(message) = rest.strip_prefix(name) {
        let message = match message.split_first() {
            Some((link, after)) if LINKS.contains(&link.as_str()) => after,
            _ => message,
        };
        match verb.as_str() {
            "open" | "launch" | "start" | "run" | "load" | "begin" | "ask" | "tell" | "use"
                if message.is_empty() =>
            {
                return Invocation::Launch;
            }
            "ask" | "tell" | "open" | "launch" | "start" | "use" => {
                return Invocation::Ask(message);
            }
            _ => {}
        }
    }
    // "get me a large pizza from pizza on demand"
    if let Some(message) = said.strip_suffix(name)
        && let Some((link, message)) = message.split_last()
        && matches!(link.as_str(), "from" | "using" | "with")
        && !message.is_empty()
    {
        return Invocation::Ask(message);
    }
    Invocation::None(said)
}

fn without_wake_word(said: &[String]) -> &[String] {
    let said = match said {
        [hey, rest @ ..] if hey == "hey" => rest,
        _ => said,
    };
    match said {
        [wake, rest @ ..] if wake == "alexa" => rest,
        _ => said,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn called(said: &str) -> String {
        match invocation(&words(said), &words("pizza on demand")) {
            Invocation::Launch => "launch".to_owned(),
            Invocation::Ask(message) => format!("ask: {}", message.join(" ")),
            Invocation::None(message) => format!("none: {}", message.join(" ")),
        }
    }

    #[test]
    fn a_skill_is_opened_by_its_name() {
        for said in [
            "Alexa, open Pizza on Demand",
            "launch pizza on demand",
            "hey Alexa, ask pizza on demand",
            "start pizza on demand please",
        ] {
            assert_eq!(called(said), "launch", "{said}");
        }
    }

    #[test]
    fn a_message_may_come_with_the_name() {
        assert_eq!(
            called("Alexa, ask pizza on demand to get me a large pizza"),
            "ask: get me a large pizza"
        );
        assert_eq!(
            called("tell pizza on demand the code is 48 29 13"),
            "ask: the code is 48 29 13"
        );
        assert_eq!(
            called("tell pizza on demand that the code is 4"),
            "ask: the code is 4"
        );
        assert_eq!(
            called("open pizza on demand and get me a pizza"),
            "ask: get me a pizza"
        );
        assert_eq!(
            called("alexa get me a pizza from pizza on demand"),
            "ask: get me a pizza"
        );
    }

    #[test]
    fn anything_else_calls_nobody() {
        assert_eq!(called("Alexa, stop"), "none: stop");
        assert_eq!(called("get me a large pizza"), "none: get me a large pizza");
        assert_eq!(called("alexa"), "none: ");
        assert_eq!(
            called("eat pizza on demand now"),
            "none: eat pizza on demand now"
        );
    }
}
