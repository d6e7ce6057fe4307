//! Speech as the customer hears it: SSML without its tags.

use thiserror::Error;

/// Speech that Alexa would refuse to say.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InvalidSsml {
    /// The document does not stand inside `<speak>`.
    #[error("SSML stands inside one <speak> element")]
    NoSpeak,
    /// A tag has no partner, or closes another than the one that is open.
    #[error("the SSML tag `{0}` is not closed where it should be")]
    Unbalanced(String),
    /// An `&` that begins no known entity, or a tag without its end.
    #[error("SSML needs `&`, `<` and `>` to be escaped")]
    Unescaped,
}

/// Gives the words of an SSML document, digits and spelled words apart.
///
/// # Errors
///
/// [`InvalidSsml::NoSpeak`], [`InvalidSsml::Unbalanced`] or
/// [`InvalidSsml::Unescaped`] for what is not well-formed.
pub(super) fn plain_text(ssml: &str) -> Result<String, InvalidSsml> {
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut spoken = String::new();
    let mut rest = ssml.trim();
    if !rest.starts_with("<speak>") && !rest.starts_with("<speak ") {
        return Err(InvalidSsml::NoSpeak);
    }
    while !rest.is_empty() {
        let Some(tagged) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            let text = unescape(&rest[..end])?;
            if open.is_empty() && !text.trim().is_empty() {
                return Err(InvalidSsml::NoSpeak);
            }
            if open.iter().any(|(_, apart)| *apart) {
                let apart: Vec<String> = text
                    .chars()
                    .filter(|c| !c.is_whitespace())
                    .map(String::from)
                    .collect();
                spoken.push_str(&apart.join(" "));
            } else {
                spoken.push_str(&text);
            }
            rest = &rest[end..];
            continue;
        };
        let (tag, after) = tagged.split_once('>').ok_or(InvalidSsml::Unescaped)?;
        rest = after;
        let name = tag
            .trim_matches('/')
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        if name.is_empty() || tag.contains('<') {
            return Err(InvalidSsml::Unescaped);
        }
        if tag.starts_with('/') {
            match open.pop() {
                Some((opened, _)) if opened == name => {}
                _ => return Err(InvalidSsml::Unbalanced(name)),
            }
            if open.is_empty() && !rest.trim().is_empty() {
                return Err(InvalidSsml::NoSpeak);
            }
        } else if !tag.ends_with('/') {
            let apart = name == "say-as"
                && ["digits", "spell-out", "characters"]
                    .iter()
                    .any(|how| tag.contains(how));
            open.push((name.clone(), apart));
        }
        // A pause or the end of a sentence parts words; emphasis does not.
        if matches!(name.as_str(), "break" | "p" | "s" | "audio") {
            spoken.push(' ');
        }
    }
    if let Some((name, _)) = open.pop() {
        return Err(InvalidSsml::Unbalanced(name));
    }
    Ok(spoken.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn unescape(text: &str) -> Result<String, InvalidSsml> {
    let mut plain = String::new();
    let mut rest = text;
    if rest.contains('>') {
        return Err(InvalidSsml::Unescaped);
    }
    while let Some((before, escaped)) = rest.split_once('&') {
        let (entity, after) = escaped.split_once(';').ok_or(InvalidSsml::Unescaped)?;
        plain.push_str(before);
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" | "#39" => '\'',
            _ => return Err(InvalidSsml::Unescaped),
        });
        rest = after;
    }
    plain.push_str(rest);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_not_heard() {
        let ssml = r#"<speak>Tom &amp; Ann,<break time="1s"/>your <emphasis>large</emphasis> pizza.</speak>"#;

        assert_eq!(plain_text(ssml).unwrap(), "Tom & Ann, your large pizza.");
    }

    #[test]
    fn digits_are_said_one_by_one() {
        let ssml = r#"<speak>ending in <say-as interpret-as="digits">42</say-as>.</speak>"#;

        assert_eq!(plain_text(ssml).unwrap(), "ending in 4 2.");
    }

    #[test]
    fn what_alexa_refuses_is_refused() {
        for (ssml, why) in [
            ("hello", InvalidSsml::NoSpeak),
            ("<speak>a</speak>b", InvalidSsml::NoSpeak),
            (
                "<speak>a<p>b</speak>",
                InvalidSsml::Unbalanced("speak".into()),
            ),
            ("<speak>a", InvalidSsml::Unbalanced("speak".into())),
            ("<speak>Tom & Ann</speak>", InvalidSsml::Unescaped),
            ("<speak>1 < 2</speak>", InvalidSsml::Unescaped),
            ("<speak>2 > 1</speak>", InvalidSsml::Unescaped),
        ] {
            assert_eq!(plain_text(ssml).unwrap_err(), why, "{ssml}");
        }
    }
}
