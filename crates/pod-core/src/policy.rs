//! How many codes, attempts and messages there may be.

use std::time::Duration;

use thiserror::Error;

use crate::code::CodeDigits;
use crate::contact::Contact;
use crate::conversion::ConversionLimits;
use crate::country::Country;
use crate::quota::Window;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// The rules a pod goes by. The defaults meet NIST SP 800-63B-4, OWASP ASVS
/// 5.0 level 2 and the strong-authentication rules of PSD2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How many digits a code has.
    pub digits: CodeDigits,
    /// How long a code can be used.
    pub lifetime: CodeLifetime,
    /// How often a code may be guessed.
    pub attempts: AttemptLimits,
    /// How often the code of one order may be sent.
    pub sends: SendLimits,
    /// How many codes may be sent for one customer.
    pub sends_per_customer: Vec<Window>,
    /// How many codes may be sent to one telephone or address.
    pub sends_per_destination: Vec<Window>,
    /// How many contacts one customer may enrol.
    pub enrolments_per_customer: Vec<Window>,
    /// How many codes for enrolling it may be sent to one telephone or address
    /// that nobody has proved. They are counted apart from those for orders:
    /// nobody keeps a customer from ordering by enrolling the customer's
    /// telephone.
    pub enrolments_per_destination: Vec<Window>,
    /// How many codes for enrolling telephones may be sent to one country. They
    /// are counted apart from those for orders, too.
    pub enrolments_per_country: Vec<Window>,
    /// How many contacts a customer may have.
    pub contacts: usize,
    /// The countries codes are sent to by text message; `None` for all.
    pub sms_countries: Option<Vec<Country>>,
    /// How many codes texted to a country may remain unused.
    pub conversions: ConversionLimits,
    /// Whether codes may be sent by e-mail where a text message cannot be
    /// sent. Some rules forbid it: NIST SP 800-63B-4, 3.1.3.1, does.
    pub email_fallback: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            digits: CodeDigits::default(),
            lifetime: CodeLifetime::default(),
            attempts: AttemptLimits::default(),
            sends: SendLimits::default(),
            sends_per_customer: vec![Window::new(10, HOUR)],
            sends_per_destination: vec![
                Window::new(5, 10 * MINUTE),
                Window::new(10, HOUR),
                Window::new(20, DAY),
            ],
            enrolments_per_customer: vec![Window::new(4, HOUR), Window::new(8, DAY)],
            enrolments_per_destination: vec![Window::new(3, HOUR), Window::new(5, DAY)],
            enrolments_per_country: vec![Window::new(100, HOUR), Window::new(500, DAY)],
            contacts: 8,
            sms_countries: None,
            conversions: ConversionLimits::default(),
            email_fallback: true,
        }
    }
}

impl Policy {
    /// Whether a code may be sent to a contact at all. Numbers that belong to
    /// no country, or cost the caller extra, are sent none.
    #[must_use]
    pub fn permits(&self, contact: &Contact) -> bool {
        match contact {
            Contact::Email(_) => self.email_fallback,
            Contact::Phone(number) => number
                .country()
                .is_some_and(|country| self.permits_country(country)),
        }
    }

    fn permits_country(&self, country: Country) -> bool {
        match &self.sms_countries {
            Some(countries) => countries.contains(&country),
            None => true,
        }
    }
}

/// How long a code can be used: one to ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLifetime(Duration);

/// Not a lifetime that codes can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a code lives 60 to 600 seconds: NIST SP 800-63B-4 allows ten minutes at most")]
pub struct InvalidCodeLifetime;

impl CodeLifetime {
    /// Whatever happens, and however often it is sent again: no code lives
    /// longer (NIST SP 800-63B-4, 3.1.3; OWASP ASVS 6.5.5).
    pub const LONGEST: Duration = Duration::from_mins(10);

    /// Decides on a lifetime.
    ///
    /// # Errors
    ///
    /// [`InvalidCodeLifetime`] unless it is 60 to 600 seconds.
    pub fn new(lifetime: Duration) -> Result<Self, InvalidCodeLifetime> {
        if (MINUTE..=Self::LONGEST).contains(&lifetime) {
            Ok(Self(lifetime))
        } else {
            Err(InvalidCodeLifetime)
        }
    }

    /// The lifetime.
    #[must_use]
    pub fn get(self) -> Duration {
        self.0
    }
}

impl Default for CodeLifetime {
    /// Five minutes.
    fn default() -> Self {
        Self(5 * MINUTE)
    }
}

/// How many attempts an order has: one to five.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptsPerOrder(u32);

/// Not a number of attempts that orders can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an order has 1 to 5 attempts: PSD2 (RTS 2018/389, article 4) allows five at most")]
pub struct InvalidAttempts;

impl AttemptsPerOrder {
    /// Decides on a number.
    ///
    /// # Errors
    ///
    /// [`InvalidAttempts`] unless it is 1 to 5.
    pub fn new(attempts: u32) -> Result<Self, InvalidAttempts> {
        if (1..=5).contains(&attempts) {
            Ok(Self(attempts))
        } else {
            Err(InvalidAttempts)
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for AttemptsPerOrder {
    /// Three: Amazon's security checklist wants the fourth to fail even with
    /// the right code.
    fn default() -> Self {
        Self(3)
    }
}

/// How often codes may be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttemptLimits {
    /// Attempts for one order; the next one fails even with the right code.
    pub per_order: AttemptsPerOrder,
    /// Failures of one customer, over all orders.
    pub failures: FailureLimits,
}

/// How many failures one customer may have, over all orders, sessions,
/// devices and channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureLimits {
    /// So many failures ...
    pub most: u32,
    /// ... within this time lock the customer.
    pub within: Duration,
    /// How long the first lock lasts; each further one lasts twice as long.
    pub lock: Duration,
    /// So many failures with no success between them lock the customer until
    /// somebody unlocks (NIST SP 800-63B-4, 3.2.2: at most 100).
    pub consecutive: u32,
}

impl Default for FailureLimits {
    fn default() -> Self {
        Self {
            most: 10,
            within: DAY,
            lock: HOUR,
            consecutive: 100,
        }
    }
}

/// How often the code of one order may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendLimits {
    /// How often in all, the first time included.
    pub most: u32,
    /// How long to wait after the first, the second, ... time; the last one
    /// also holds for those after it.
    pub cool_downs: Vec<Duration>,
}

impl SendLimits {
    /// How long to wait after the `sends`-th time.
    #[must_use]
    pub fn cool_down(&self, sends: u32) -> Duration {
        let index = usize::try_from(sends.saturating_sub(1)).unwrap_or(usize::MAX);
        self.cool_downs
            .get(index)
            .or(self.cool_downs.last())
            .copied()
            .unwrap_or_default()
    }
}

impl Default for SendLimits {
    fn default() -> Self {
        Self {
            most: 3,
            cool_downs: vec![MINUTE / 2, MINUTE, 2 * MINUTE],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{EmailAddress, PhoneNumber};

    #[test]
    fn numbers_outside_their_range_are_refused() {
        assert!(CodeLifetime::new(Duration::from_secs(59)).is_err());
        assert!(CodeLifetime::new(Duration::from_secs(601)).is_err());
        assert!(CodeLifetime::new(Duration::from_mins(10)).is_ok());
        assert!(AttemptsPerOrder::new(0).is_err());
        assert!(AttemptsPerOrder::new(6).is_err());
        assert!(AttemptsPerOrder::new(5).is_ok());
    }

    #[test]
    fn each_time_a_code_is_sent_the_wait_grows() {
        let limits = SendLimits::default();

        let waits: Vec<u64> = (1..=5)
            .map(|sends| limits.cool_down(sends).as_secs())
            .collect();

        assert_eq!(waits, [30, 60, 120, 120, 120]);
    }

    #[test]
    fn text_messages_go_to_the_permitted_countries_only() {
        let phone = |raw| Contact::Phone(PhoneNumber::parse(raw).unwrap());
        let policy = Policy {
            sms_countries: Some(vec![Country::parse("US").unwrap()]),
            ..Policy::default()
        };

        assert!(policy.permits(&phone("+14155550142")));
        assert!(!policy.permits(&phone("+18095550142")));
        assert!(!policy.permits(&phone("+442079460000")));
        assert!(Policy::default().permits(&phone("+442079460000")));
    }

    #[test]
    fn nothing_is_sent_to_numbers_of_no_country() {
        for raw in ["+19005550142", "+18005550142", "+881612345678"] {
            let number = Contact::Phone(PhoneNumber::parse(raw).unwrap());
            assert!(!Policy::default().permits(&number), "{raw}");
        }
    }

    #[test]
    fn without_the_fallback_nothing_goes_by_email() {
        let email = Contact::Email(EmailAddress::parse("ada@example.com").unwrap());
        let policy = Policy {
            email_fallback: false,
            ..Policy::default()
        };
        assert!(!policy.permits(&email));
        assert!(Policy::default().permits(&email));
    }
}
