//! The pages that customers see: no script, nothing from elsewhere.

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// How every page looks.
const STYLE: &str = include_str!("page.css");

/// What a browser may take: the style above, and nothing else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; frame-ancestors 'none'; base-uri 'none'",
        STANDARD.encode(Sha256::digest(STYLE))
    )
});

/// The form that asks for a password.
pub(super) fn login(
    status: StatusCode,
    state: &str,
    username: &str,
    wrong: Option<&str>,
) -> Response {
    let state = escaped(state);
    let username = escaped(username);
    let wrong = wrong.map_or_else(String::new, |wrong| {
        format!("<p role=\"alert\">{}</p>\n", escaped(wrong))
    });
    let form = format!(
        "{wrong}<form method=\"post\" action=\"/u/login?state={state}\">\n\
         <input type=\"hidden\" name=\"state\" value=\"{state}\">\n\
         <p><label>Email or phone number<br>\n\
         <input name=\"username\" value=\"{username}\" autocomplete=\"username\" required></label></p>\n\
         <p><label>Password<br>\n\
         <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label></p>\n\
         <p><button type=\"submit\" name=\"action\" value=\"default\">Continue</button></p>\n\
         </form>\n"
    );
    page(status, "Log in", &form)
}

/// A page for what no client can be told.
pub(super) fn error(status: StatusCode, words: &str) -> Response {
    page(
        status,
        "Oops, something went wrong",
        &format!("<p>{}</p>\n", escaped(words)),
    )
}

/// The page after a logout that leads nowhere.
pub(super) fn goodbye() -> Response {
    page(StatusCode::OK, "Goodbye", "<p>You have logged out.</p>\n")
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, page).into_response()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_typed_becomes_markup() {
        assert_eq!(escaped(r#"<script>'"&"#), "&lt;script&gt;&#39;&quot;&amp;");
    }
}
