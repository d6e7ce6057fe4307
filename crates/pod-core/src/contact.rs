//! Where a code can reach a customer.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::country::{self, Country};

/// A way to reach a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// A text message to a telephone.
    Phone,
    /// An e-mail.
    Email,
}

impl Channel {
    /// The word for it in the HTTP interface: `phone` or `email`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

/// A telephone number in the form of ITU-T E.164: `+14155550142`.
///
/// Its `Debug` shows the last two digits only.
#[derive(Clone)]
pub struct PhoneNumber(SecretString);

/// Not a telephone number; what was given is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a phone number is + and 7 to 15 digits with the country's code first, such as +14155550142"
)]
pub struct InvalidPhoneNumber;

impl PhoneNumber {
    /// Reads a number, forgiving spaces, hyphens, dots and parentheses.
    ///
    /// # Errors
    ///
    /// [`InvalidPhoneNumber`] unless it is `+` and 7 to 15 digits that do not
    /// start with 0 (ITU-T E.164, 6.2.1).
    pub fn parse(raw: &str) -> Result<Self, InvalidPhoneNumber> {
        let rest = raw.trim().strip_prefix('+').ok_or(InvalidPhoneNumber)?;
        let digits: String = rest.chars().filter(|c| !" -.()".contains(*c)).collect();
        if !(7..=15).contains(&digits.len())
            || digits.starts_with('0')
            || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(InvalidPhoneNumber);
        }
        Ok(Self(format!("+{digits}").into()))
    }

    /// The whole number, to send to or to keep where contacts are kept.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The country it belongs to; `None` for numbers of no country and for
    /// those that cost the caller extra.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        country::of_number(&self.expose()[1..])
    }
}

/// An e-mail address.
///
/// Its `Debug` shows the first letter and the last part of the domain only.
#[derive(Clone)]
pub struct EmailAddress(SecretString);

/// Not an e-mail address; what was given is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an e-mail address is something like ada@example.com, at most 254 bytes")]
pub struct InvalidEmailAddress;

impl EmailAddress {
    /// Reads an address. Its domain is kept in lower case.
    ///
    /// # Errors
    ///
    /// [`InvalidEmailAddress`] unless it is a dot-atom of at most 64 bytes,
    /// `@`, and a domain with a dot, at most 254 bytes in all (RFC 5321,
    /// 4.5.3.1). Quoted local parts are refused: no supplier takes them.
    pub fn parse(raw: &str) -> Result<Self, InvalidEmailAddress> {
        let raw = raw.trim();
        let (local, domain) = raw.rsplit_once('@').ok_or(InvalidEmailAddress)?;
        let atom = |c: char| {
            c.is_ascii_alphanumeric()
                || "!#$%&'*+-/=?^_`{|}~.".contains(c)
                || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
        };
        let local_fits = (1..=64).contains(&local.len())
            && local.split('.').all(|part| !part.is_empty())
            && local.chars().all(atom);
        let label_fits = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let domain_fits = domain.contains('.') && domain.split('.').all(label_fits);
        if raw.len() > 254 || !local_fits || !domain_fits {
            return Err(InvalidEmailAddress);
        }
        Ok(Self(format!("{local}@{}", domain.to_lowercase()).into()))
    }

    /// The whole address, to send to or to keep where contacts are kept.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Where a code can reach a customer: known to be the customer's, and never
/// shown whole.
#[derive(Clone)]
pub enum Contact {
    /// By text message.
    Phone(PhoneNumber),
    /// By e-mail.
    Email(EmailAddress),
}

impl Contact {
    /// By which way it is reached.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::Phone(_) => Channel::Phone,
            Self::Email(_) => Channel::Email,
        }
    }

    /// The whole number or address.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Phone(number) => number.expose(),
            Self::Email(address) => address.expose(),
        }
    }

    /// The country of a telephone; `None` for whatever has none.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        match self {
            Self::Phone(number) => number.country(),
            Self::Email(_) => None,
        }
    }

    /// The form that may be shown, spoken and kept with an order.
    #[must_use]
    pub fn masked(&self) -> SentTo {
        SentTo {
            channel: self.channel(),
            country: self.country(),
            masked: match self {
                Self::Phone(number) => {
                    let digits = number.expose();
                    format!("…{}", &digits[digits.len() - 2..])
                }
                Self::Email(address) => mask_address(address.expose()),
            }
            .into(),
        }
    }
}

/// `ada@mail.example.com` is `a…@…com`: enough for its owner, useless to
/// others.
fn mask_address(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first = local.chars().next().unwrap_or('…');
    let last = domain.rsplit('.').next().unwrap_or_default();
    format!("{first}…@…{last}")
}

impl PartialEq for Contact {
    fn eq(&self, other: &Self) -> bool {
        self.channel() == other.channel() && self.expose() == other.expose()
    }
}

impl Eq for Contact {}

/// A contact in the form that may be shown: which way, and enough of the
/// destination for its owner to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentTo {
    channel: Channel,
    country: Option<Country>,
    masked: Box<str>,
}

impl SentTo {
    /// Takes back what was kept of a masked contact.
    #[must_use]
    pub fn from_kept(channel: Channel, country: Option<Country>, masked: &str) -> Self {
        Self {
            channel,
            country,
            masked: masked.into(),
        }
    }

    /// Which way the code went.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// The country of a telephone; `None` for whatever has none.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        self.country
    }

    /// `…42` for a telephone, `a…@…com` for an address.
    #[must_use]
    pub fn masked(&self) -> &str {
        &self.masked
    }
}

macro_rules! debug_masked {
    ($($name:ident => |$it:ident| $contact:expr;)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $it = self;
                write!(f, concat!(stringify!($name), "({})"), $contact.masked().masked())
            }
        }
    )*};
}

debug_masked! {
    PhoneNumber => |it| Contact::Phone(it.clone());
    EmailAddress => |it| Contact::Email(it.clone());
    Contact => |it| it;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for raw in ["+14155550142", " +1 (415) 555-01.42 "] {
            assert_eq!(PhoneNumber::parse(raw).unwrap().expose(), "+14155550142");
        }
        for raw in [
            "",
            "14155550142",
            "+04155550142",
            "+1415555014200000",
            "+123456",
            "+1415555o142",
            "+１４１５５５５０１４２",
        ] {
            assert_eq!(
                PhoneNumber::parse(raw).unwrap_err(),
                InvalidPhoneNumber,
                "{raw:?}"
            );
        }
    }

    #[test]
    fn an_address_is_what_a_supplier_would_take() {
        for raw in [
            "ada@example.com",
            "ada.l+pod@mail.example.co",
            "zoë@münchen.example",
        ] {
            assert_eq!(EmailAddress::parse(raw).unwrap().expose(), raw);
        }
        let long = format!("{}@example.com", "x".repeat(65));
        for raw in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a..b@example.com",
            "a b@example.com",
            "ada@-x.com",
            "ada@example.com\r\nBcc: x@y.z",
            "\"a\"@b.c",
            &long,
        ] {
            assert_eq!(
                EmailAddress::parse(raw).unwrap_err(),
                InvalidEmailAddress,
                "{raw:?}"
            );
        }
    }

    #[test]
    fn nothing_shows_a_contact_whole() {
        let phone = Contact::Phone(PhoneNumber::parse("+14155550142").unwrap());
        let email = Contact::Email(EmailAddress::parse("ada@mail.example.com").unwrap());

        assert_eq!(
            format!("{phone:?} {email:?}"),
            "Contact(…42) Contact(a…@…com)"
        );
        assert_eq!(phone.masked().masked(), "…42");
        assert_eq!(email.masked().channel(), Channel::Email);
    }
}
