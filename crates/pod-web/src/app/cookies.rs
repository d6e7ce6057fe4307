//! Cookies of the web app: of this host alone, over TLS (or on this machine),
//! and not for scripts (`__Host-`, RFC 6265bis, 4.1.3.2).

use std::time::Duration;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

/// Finds the session.
pub(super) const SESSION: &str = "__Host-pod-session";

/// What the name of each cookie begins with that keeps a sign-in which has
/// begun.
pub(super) const PENDING: &str = "__Host-pod-pending-";

/// Keeps a contact that is to be proved.
pub(super) const CONTACT: &str = "__Host-pod-contact";

/// The value of a cookie; `None` without one, or with several of that name.
pub(super) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = pairs(headers)
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then(|| value.to_owned())
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let all = headers.get_all(COOKIE).iter();
    let texts = all.filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('='))
}

/// Sets a cookie for so long.
pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str, age: Duration) {
    let seconds = age.as_secs();
    put(headers, &format!("{name}={value}; Max-Age={seconds}"));
}

/// Takes a cookie away.
pub(super) fn clear(headers: &mut HeaderMap, name: &str) {
    put(headers, &format!("{name}=; Max-Age=0"));
}

fn put(headers: &mut HeaderMap, pair: &str) {
    // Lax: the tenant sends the browser back to a page that needs it.
    let cookie = format!("{pair}; Path=/; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_unless_there_are_several() {
        let headers = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            headers
        };
        let value = |lines: &[&'static str]| read(&headers(lines), "a");
        assert_eq!(value(&["b=1; a=2"]).as_deref(), Some("2"));
        assert_eq!(value(&["b=1", "a=2=3"]).as_deref(), Some("2=3"));
        for none in [&["b=1"][..], &[], &["a"], &["a=1; a=2"], &["a=1", "a=1"]] {
            assert_eq!(value(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_cookie_is_of_this_host_alone_and_no_scripts() {
        let mut headers = HeaderMap::new();
        set(&mut headers, SESSION, "x", Duration::from_hours(1));
        clear(&mut headers, "__Host-pod-pending-1");
        let all: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(
            all,
            [
                "__Host-pod-session=x; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax",
                "__Host-pod-pending-1=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax",
            ]
        );
    }
}
