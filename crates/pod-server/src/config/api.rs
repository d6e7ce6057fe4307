//! Who may call the API, and how often.

use url::Url;

use super::reader::Reader;

/// Requests that one customer may make in a minute, if nothing is said.
const REQUESTS: u32 = 120;

/// Who may call the API, and how often.
#[derive(Debug, Clone)]
pub struct ApiAccess {
    /// The origins whose pages may call it from a browser.
    pub origins: Vec<String>,
    /// How many requests one customer may make in a minute.
    pub requests_per_minute: u32,
}

impl Default for ApiAccess {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            requests_per_minute: REQUESTS,
        }
    }
}

/// Reads it all.
pub(super) fn read(reader: &mut Reader<'_>) -> ApiAccess {
    ApiAccess {
        origins: reader.or_default("POD_API_ORIGINS", Vec::new(), origins),
        requests_per_minute: reader.or_default("POD_API_REQUESTS", REQUESTS, requests),
    }
}

fn origins(raw: &str) -> Result<Vec<String>, String> {
    raw.split(',').map(str::trim).map(origin).collect()
}

/// Scheme, host and port, as a browser writes them.
fn origin(raw: &str) -> Result<String, String> {
    let url: Option<Url> = raw.parse().ok();
    let written = url.map(|url| url.origin().ascii_serialization());
    match written {
        Some(written) if written == raw && written != "null" => Ok(written),
        Some(written) if written.starts_with("http") => Err(format!("write it as {written}")),
        _ => Err("write origins such as https://shop.example.com, with commas between".to_owned()),
    }
}

fn requests(raw: &str) -> Result<u32, &'static str> {
    match raw.parse() {
        Ok(requests @ 1..=100_000) => Ok(requests),
        _ => Err("write a number of requests from 1 to 100000"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        let both = origins("https://shop.example.com, http://localhost:3000");
        assert_eq!(
            both.unwrap(),
            ["https://shop.example.com", "http://localhost:3000"]
        );
        for raw in ["", "*", "null", "shop.example.com", "file:///etc"] {
            assert!(
                origins(raw).unwrap_err().starts_with("write origins"),
                "{raw}"
            );
        }
        let error = origins("https://shop.example.com/").unwrap_err();
        assert_eq!(error, "write it as https://shop.example.com");
    }

    #[test]
    fn requests_are_a_number_that_lets_some_through() {
        assert_eq!(requests("1"), Ok(1));
        for raw in ["0", "100001", "many", ""] {
            assert!(requests(raw).is_err(), "{raw}");
        }
    }
}
