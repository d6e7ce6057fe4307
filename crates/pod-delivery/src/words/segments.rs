//! How many messages a text is, as telephone networks count.

/// The characters of GSM 7-bit that take one septet (3GPP TS 23.038, 6.2.1),
/// without ESC.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Those that take two (3GPP TS 23.038, 6.2.1.1).
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How a text is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Seven bits a character: 160 in one message, 153 in each of several.
    Gsm7,
    /// Sixteen bits: 70 in one message, 67 in each of several.
    Ucs2,
}

/// What a text costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    /// How it is sent.
    pub encoding: Encoding,
    /// How many septets, or units of sixteen bits, it is.
    pub units: usize,
    /// How many messages.
    pub count: usize,
}

/// Counts the messages of a text: one character that GSM 7-bit does not have
/// makes all of it UCS-2.
#[must_use]
pub fn segments(text: &str) -> Segments {
    let septets = |c: char| match c {
        c if BASIC.contains(c) => Some(1),
        c if EXTENDED.contains(c) => Some(2),
        _ => None,
    };
    let (encoding, units, alone, each) = match text.chars().map(septets).sum::<Option<usize>>() {
        Some(units) => (Encoding::Gsm7, units, 160, 153),
        None => (Encoding::Ucs2, text.encode_utf16().count(), 70, 67),
    };
    let count = if units <= alone {
        1
    } else {
        units.div_ceil(each)
    };
    Segments {
        encoding,
        units,
        count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> (Encoding, usize, usize) {
        let Segments {
            encoding,
            units,
            count,
        } = segments(text);
        (encoding, units, count)
    }

    #[test]
    fn seven_bits_hold_160_characters_in_one_message_and_153_in_each_of_several() {
        assert_eq!(count(&"a".repeat(160)), (Encoding::Gsm7, 160, 1));
        assert_eq!(count(&"a".repeat(161)), (Encoding::Gsm7, 161, 2));
        assert_eq!(count(&"a".repeat(307)), (Encoding::Gsm7, 307, 3));
    }

    #[test]
    fn sixteen_bits_hold_70_and_67() {
        assert_eq!(count(&"ç".repeat(70)), (Encoding::Ucs2, 70, 1));
        assert_eq!(count(&"é".repeat(70)), (Encoding::Gsm7, 70, 1));
        assert_eq!(count(&"あ".repeat(71)), (Encoding::Ucs2, 71, 2));
        assert_eq!(count("🍕"), (Encoding::Ucs2, 2, 1));
    }

    #[test]
    fn some_characters_cost_two_septets() {
        assert_eq!(count("{€}"), (Encoding::Gsm7, 6, 1));
    }
}
