//! What kind of number a telephone number is, by the numbering plans of the
//! world: Google's libphonenumber has collected them.

use phonenumber::Type;
use pod_core::PhoneNumber;

/// Whether a text message can be sent to a number without its costing anybody
/// extra: it belongs to a mobile telephone, or to a plan in which mobile
/// numbers cannot be told from others. Landlines and whatever else is not a
/// person's telephone, premium rates above all, are out.
#[must_use]
pub fn takes_texts(number: &PhoneNumber) -> bool {
    let Ok(number) = phonenumber::parse(None, number.expose()) else {
        return false;
    };
    let kind = number.number_type(&phonenumber::metadata::DATABASE);
    matches!(
        kind,
        Type::Mobile | Type::FixedLineOrMobile | Type::PersonalNumber
    )
}

/// Reads the numbering plans, which takes tens of milliseconds, before the
/// first number has to wait for them.
pub fn warm_up() {
    if let Ok(number) = PhoneNumber::parse("+14155550142") {
        let _ = takes_texts(&number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(raw: &str) -> bool {
        takes_texts(&PhoneNumber::parse(raw).unwrap())
    }

    #[test]
    fn mobile_telephones_take_texts() {
        for raw in [
            "+14155550142",
            "+14155550199",
            "+46701740605",
            "+447911123456",
            "+4915112345678",
            "+33612345678",
            "+393123456789",
            "+34612345678",
            "+819012345678",
            "+919812345678",
            "+5511961234567",
            "+525512345678",
            "+15005550006",
        ] {
            assert!(takes(raw), "{raw}");
        }
    }

    #[test]
    fn landlines_and_premium_rates_do_not() {
        for raw in [
            "+19005550142",  // premium, North America
            "+18005550142",  // toll-free
            "+442079460000", // London
            "+449012345678", // premium, United Kingdom
            "+49301234567",  // Berlin
            "+499001234567", // premium, Germany
            "+33123456789",  // Paris
            "+33899123456",  // premium, France
            "+390612345678", // Rome
            "+81312345678",  // Tokyo
            "+882161234567", // international networks
            "+97912345678",  // international premium rate
            "+1415555",      // too short
        ] {
            assert!(!takes(raw), "{raw}");
        }
    }
}
