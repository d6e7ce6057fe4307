//! What customers say to mean Amazon's own intents.

/// Gives the phrases of a built-in intent, none for any other.
pub(super) fn phrases(intent: &str) -> &'static [&'static str] {
    match intent {
        "AMAZON.CancelIntent" => &["cancel", "cancel that", "never mind", "forget it"],
        "AMAZON.HelpIntent" => &[
            "help",
            "help me",
            "what can i say",
            "what can i do",
            "can you help me",
        ],
        "AMAZON.NavigateHomeIntent" => &["go home", "home", "navigate home"],
        "AMAZON.NoIntent" => &["no", "nope", "no thanks", "no thank you"],
        "AMAZON.RepeatIntent" => &[
            "repeat",
            "repeat that",
            "say that again",
            "say it again",
            "again",
        ],
        "AMAZON.StartOverIntent" => &["start over", "restart", "start again"],
        "AMAZON.StopIntent" => &["stop", "off", "shut up", "that's all"],
        "AMAZON.YesIntent" => &["yes", "yes please", "yeah", "yep", "sure", "ok", "okay"],
        _ => &[],
    }
}

/// Tells whether the customer leaves the skill: Alexa ends the session by
/// herself and only tells the skill.
pub(super) fn leaves(words: &[String]) -> bool {
    matches!(words, [word] if word == "exit" || word == "quit")
}
