//! The languages that a request wants (RFC 9110, 12.5.4).

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

/// As much as can be wanted, in thousandths.
const MOST: u16 = 1000;

/// More languages than anybody speaks: what comes after them is not read.
const FEW: usize = 32;

/// Any language that is not named.
const ANY: &str = "*";

/// The languages that a request wants, and those that it does not.
pub(crate) struct Languages<'h>(Vec<(&'h str, u16)>);

impl<'h> Languages<'h> {
    /// Reads what a request says; what makes no sense is left out.
    pub(crate) fn of(headers: &'h HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT_LANGUAGE).iter();
        let lines = lines.filter_map(|value| value.to_str().ok());
        let mut wanted: Vec<_> = lines
            .flat_map(|line| line.split(','))
            .take(FEW)
            .filter_map(weighed)
            .collect();
        // Those that are wanted as much as each other stay in their order.
        wanted.sort_by_key(|(_, weight)| MOST - weight);
        Self(wanted)
    }

    /// The tags, the one that is wanted most first; `*` is any other.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &'h str> {
        let wanted = self.0.iter().filter(|(_, weight)| *weight > 0);
        wanted.map(|(tag, _)| *tag)
    }

    /// Whether a language is named, wanted or not.
    pub(crate) fn names(&self, tag: &str) -> bool {
        self.weight(tag).is_some()
    }

    /// Whether a language is not wanted at all.
    pub(crate) fn excludes(&self, tag: &str) -> bool {
        self.weight(tag).or_else(|| self.weight(ANY)) == Some(0)
    }

    /// How much a language is wanted: as itself, or else as what is spoken
    /// somewhere.
    fn weight(&self, tag: &str) -> Option<u16> {
        let is_it = |named: &str| named.eq_ignore_ascii_case(tag);
        let mut named = self.0.iter();
        let exact = named.find(|(named, _)| is_it(named));
        let mut all = self.0.iter();
        let found = exact.or_else(|| {
            all.find(|(named, _)| {
                let primary = named.split_once('-').map(|(primary, _)| primary);
                primary.is_some_and(is_it)
            })
        });
        found.map(|(_, weight)| *weight)
    }
}

/// A tag, and how much it is wanted: `de;q=0.8`.
fn weighed(range: &str) -> Option<(&str, u16)> {
    let Some((tag, weight)) = range.split_once(';') else {
        return named(range, MOST);
    };
    let (name, value) = weight.split_once('=')?;
    let is_weight = name.trim().eq_ignore_ascii_case("q");
    named(tag, thousandths(value.trim()).filter(|_| is_weight)?)
}

fn named(tag: &str, weight: u16) -> Option<(&str, u16)> {
    let tag = tag.trim();
    (!tag.is_empty()).then_some((tag, weight))
}

/// A number from 0 to 1 with three digits after the point at most.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, rest) = value.split_once('.').unwrap_or((value, ""));
    let is_short = rest.len() <= 3 && rest.bytes().all(|digit| digit.is_ascii_digit());
    let rest: u16 = format!("{rest:0<3}").parse().ok().filter(|_| is_short)?;
    match whole {
        "0" => Some(rest),
        "1" if rest == 0 => Some(MOST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_LANGUAGE, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn what_is_wanted_more_comes_first() {
        for (lines, tags) in [
            (&["de-AT,de;q=0.9,en;q=0.8"][..], &["de-AT", "de", "en"][..]),
            (&["en;q=0.1, de;q=0.85,fr ; Q=0.9"], &["fr", "de", "en"]),
            (&["en;q=0.5,de;q=0.5,fr;q=0.500"], &["en", "de", "fr"]),
            (&["en;q=0.001,*;q=0.002"], &["*", "en"]),
            (&["en;q=0.3", "de"], &["de", "en"]),
            (&["en;q=1.000,de;q=1."], &["en", "de"]),
            (&["en;q=0,de;q=0.000,fr;q=0.0"], &[]),
            (&["en;q=2,de;q=1.001,fr;q=0.0001,it;q=-1,ja;q,pt;v=1"], &[]),
            (&["en;q=0.5;q=1,de;q=,fr;q=0.x,;q=1,,"], &[]),
            (&[], &[]),
        ] {
            let headers = headers(lines);
            let found: Vec<_> = Languages::of(&headers).tags().collect();
            assert_eq!(found, tags, "{lines:?}");
        }
    }

    #[test]
    fn of_very_many_languages_a_few_are_read() {
        let mut headers = HeaderMap::new();
        let line = format!("{}en", "*,".repeat(8_000));
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_str(&line).unwrap());
        assert_eq!(Languages::of(&headers).tags().count(), FEW);
    }

    #[test]
    fn what_is_not_wanted_is_told() {
        let headers = headers(&["de;q=0,en;q=0.5,*;q=0.1"]);
        let wanted = Languages::of(&headers);
        assert!(wanted.excludes("DE") && !wanted.excludes("en") && !wanted.excludes("fr"));
        let headers = self::headers(&["de,*;q=0"]);
        let wanted = Languages::of(&headers);
        assert!(!wanted.excludes("de") && wanted.excludes("en"));
        for line in ["de-AT,*;q=0", "de-DE;q=1,en;q=0,*;q=0"] {
            let headers = self::headers(&[line]);
            let wanted = Languages::of(&headers);
            assert!(!wanted.excludes("de") && wanted.excludes("en"), "{line}");
        }
        let headers = self::headers(&["de-AT;q=0"]);
        assert!(Languages::of(&headers).excludes("de"));
        let headers = self::headers(&[]);
        assert!(!Languages::of(&headers).excludes("de"));
    }
}
