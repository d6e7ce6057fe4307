//! The page of an e-mail: nothing in it is fetched from anywhere.

use std::fmt;

/// What the page says, in one language.
pub(super) struct Page<'a> {
    pub(super) language: &'a str,
    pub(super) order: &'a str,
    pub(super) what: &'a str,
    pub(super) ask: &'a str,
    pub(super) code: &'a str,
    pub(super) lifetime: &'a str,
    pub(super) not_yours: &'a str,
    pub(super) bound: &'a str,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { language, .. } = self;
        let [order, what, ask, code, lifetime, not_yours, bound] = [
            self.order,
            self.what,
            self.ask,
            self.code,
            self.lifetime,
            self.not_yours,
            self.bound,
        ]
        .map(Escaped);
        write!(
            f,
            r#"<!doctype html>
<html lang="{language}" dir="ltr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title></title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif;color:#1c1c1e;background:#ffffff">
<p>{order}</p>
<p style="font-weight:600">{what}</p>
<p>{ask}</p>
<p style="font-size:32px;letter-spacing:4px;font-weight:700;margin:16px 0">{code}</p>
<p>{lifetime}</p>
<p style="color:#55555a">{not_yours}</p>
<p style="color:#55555a;font-size:13px">{bound}</p>
</body>
</html>
"#
        )
    }
}

/// A text in which nothing is taken for markup.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(place) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..place])?;
            f.write_str(match rest.as_bytes()[place] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[place + 1..];
        }
        f.write_str(rest)
    }
}
