//! The words that codes are sent with: the administrator's template, or
//! Auth0's own in the language that was asked for.

use axum::http::{HeaderMap, header};

/// Auth0's own template.
const DEFAULT: &str = "Your verification code is: {{ code }}";

/// The same in languages other than English.
const TRANSLATED: [(&str, &str); 4] = [
    ("de", "Ihr Bestätigungscode lautet: "),
    ("es", "Tu código de verificación es: "),
    ("fr", "Votre code de vérification est : "),
    ("it", "Il tuo codice di verifica è: "),
];

/// Writes a message. Of the template language it knows the code only.
pub(super) fn text(template: &str, code: &str, headers: &HeaderMap) -> String {
    let wanted = ["x-request-language", header::ACCEPT_LANGUAGE.as_str()]
        .into_iter()
        .find_map(|name| headers.get(name)?.to_str().ok())
        .unwrap_or_default();
    let language = wanted.get(..2).unwrap_or_default().to_lowercase();
    let translated = TRANSLATED.iter().find(|(known, _)| *known == language);
    if template.is_empty() || template == DEFAULT {
        let words = translated.map_or("Your verification code is: ", |(_, words)| words);
        return format!("{words}{code}");
    }
    [
        "{{ code }}",
        "{{code}}",
        "{{ password }}",
        "{{password}}",
        "@@password@@",
    ]
    .into_iter()
    .fold(template.to_owned(), |text, place| text.replace(place, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_of_ones_own_is_kept_and_auth0s_is_translated() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-language", "de-DE".parse().unwrap());

        assert_eq!(
            text(DEFAULT, "482913", &headers),
            "Ihr Bestätigungscode lautet: 482913"
        );
        assert_eq!(
            text("@@password@@ for pizza", "482913", &headers),
            "482913 for pizza"
        );
        assert_eq!(
            text("", "482913", &HeaderMap::new()),
            "Your verification code is: 482913"
        );
    }
}
