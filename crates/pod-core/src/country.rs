//! Which country a telephone number belongs to.

use std::fmt;

use thiserror::Error;

/// A country or territory that has telephone numbers, as its two letters of
/// ISO 3166-1 such as `US`.
///
/// Beside the assigned codes there are three that ISO sets aside and
/// telephony uses: `XK` for Kosovo, `AC` for Ascension and `TA` for Tristan
/// da Cunha. Territories whose numbers cannot be told from a neighbour's have
/// no country here: Western Sahara is `MA`, Saint Barthélemy and Saint Martin
/// are `GP`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country([u8; 2]);

/// Not a country that has telephone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a country is two capital letters of ISO 3166-1 such as US, and has telephone numbers")]
pub struct InvalidCountry;

impl Country {
    /// Reads a country's code.
    ///
    /// # Errors
    ///
    /// [`InvalidCountry`] unless it is two capital letters that some
    /// telephone number belongs to.
    pub fn parse(raw: &str) -> Result<Self, InvalidCountry> {
        PREFIXES
            .iter()
            .find(|(_, code)| *code == raw)
            .and_then(|(_, code)| Self::from_table(code))
            .ok_or(InvalidCountry)
    }

    /// Its two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Never the default: nothing but letters of the table gets in.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The country of an entry, which [`NOWHERE`] has not.
    fn from_table(code: &str) -> Option<Self> {
        code.as_bytes().try_into().ok().map(Self)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({})", self.as_str())
    }
}

/// The country a number belongs to, by the longest prefix that is listed.
///
/// `digits` is the number in the form of E.164, without the `+`. There is no
/// country for satellites, for services that span countries, for toll-free
/// and premium area codes of North America: a code is never sent there.
pub(crate) fn of_number(digits: &str) -> Option<Country> {
    (1..=LONGEST)
        .rev()
        .filter_map(|length| digits.get(..length))
        .find_map(|prefix| {
            PREFIXES
                .binary_search_by_key(&prefix, |(listed, _)| listed)
                .ok()
        })
        .and_then(|found| Country::from_table(PREFIXES[found].1))
}

/// The digits of the longest prefix.
const LONGEST: usize = 7;

/// In place of a country, for area codes of North America that are nowhere:
/// toll-free, premium, personal and machine-to-machine numbers, and those of
/// carriers and governments.
const NOWHERE: &str = "";

/// What a number begins with, and whose it then is, in the order of `str`.
///
/// The calling codes are those of the ITU's list of assigned codes (ITU-T
/// E.164, annex to the Operational Bulletin), without its global services and
/// networks (800, 808, 870, 878, 881 to 883, 888, 979). The area codes behind
/// `1` are those of NANPA's list as of 2026: what is not in the United States
/// is listed, so what remains is `US`. Where else countries share a code, the
/// longer prefixes are those of their national numbering plans.
// One entry a line would be four screens of it.
#[rustfmt::skip]
const PREFIXES: &[(&str, &str)] = &[
    ("1", "US"),
    ("1204", "CA"), ("1226", "CA"), ("1236", "CA"), ("1242", "BS"), ("1246", "BB"), ("1249", "CA"),
    ("1250", "CA"), ("1257", "CA"), ("1263", "CA"), ("1264", "AI"), ("1268", "AG"), ("1273", "CA"),
    ("1284", "VG"), ("1289", "CA"),
    ("1306", "CA"), ("1340", "VI"), ("1343", "CA"), ("1345", "KY"), ("1354", "CA"), ("1365", "CA"),
    ("1367", "CA"), ("1368", "CA"), ("1382", "CA"), ("1387", "CA"),
    ("1403", "CA"), ("1416", "CA"), ("1418", "CA"), ("1428", "CA"), ("1431", "CA"), ("1437", "CA"),
    ("1438", "CA"), ("1441", "BM"), ("1450", "CA"), ("1468", "CA"), ("1473", "GD"), ("1474", "CA"),
    ("1500", NOWHERE), ("1506", "CA"), ("1514", "CA"), ("1519", "CA"), ("1521", NOWHERE),
    ("1522", NOWHERE), ("1523", NOWHERE), ("1524", NOWHERE), ("1525", NOWHERE), ("1526", NOWHERE),
    ("1527", NOWHERE), ("1528", NOWHERE), ("1529", NOWHERE), ("1532", NOWHERE), ("1533", NOWHERE),
    ("1544", NOWHERE), ("1548", "CA"), ("1566", NOWHERE), ("1577", NOWHERE), ("1579", "CA"),
    ("1581", "CA"), ("1584", "CA"), ("1587", "CA"), ("1588", NOWHERE),
    ("1600", NOWHERE), ("1604", "CA"), ("1613", "CA"), ("1622", NOWHERE), ("1633", NOWHERE),
    ("1639", "CA"), ("1644", NOWHERE), ("1647", "CA"), ("1649", "TC"), ("1655", NOWHERE),
    ("1658", "JM"), ("1664", "MS"), ("1670", "MP"), ("1671", "GU"), ("1672", "CA"),
    ("1677", NOWHERE), ("1683", "CA"), ("1684", "AS"), ("1688", NOWHERE),
    ("1700", NOWHERE), ("1705", "CA"), ("1709", "CA"), ("1710", NOWHERE), ("1721", "SX"),
    ("1742", "CA"), ("1753", "CA"), ("1758", "LC"), ("1767", "DM"), ("1778", "CA"), ("1780", "CA"),
    ("1782", "CA"), ("1784", "VC"), ("1787", "PR"),
    ("1800", NOWHERE), ("1807", "CA"), ("1809", "DO"), ("1819", "CA"), ("1822", NOWHERE),
    ("1825", "CA"), ("1829", "DO"), ("1833", NOWHERE), ("1844", NOWHERE), ("1849", "DO"),
    ("1855", NOWHERE), ("1866", NOWHERE), ("1867", "CA"), ("1868", "TT"), ("1869", "KN"),
    ("1873", "CA"), ("1876", "JM"), ("1877", NOWHERE), ("1879", "CA"), ("1880", NOWHERE),
    ("1881", NOWHERE), ("1882", NOWHERE), ("1887", NOWHERE), ("1888", NOWHERE), ("1889", NOWHERE),
    ("1900", NOWHERE), ("1902", "CA"), ("1905", "CA"), ("1939", "PR"), ("1942", "CA"),
    ("20", "EG"), ("211", "SS"), ("212", "MA"), ("213", "DZ"), ("216", "TN"), ("218", "LY"),
    ("220", "GM"), ("221", "SN"), ("222", "MR"), ("223", "ML"), ("224", "GN"), ("225", "CI"),
    ("226", "BF"), ("227", "NE"), ("228", "TG"), ("229", "BJ"), ("230", "MU"), ("231", "LR"),
    ("232", "SL"), ("233", "GH"), ("234", "NG"), ("235", "TD"), ("236", "CF"), ("237", "CM"),
    ("238", "CV"), ("239", "ST"), ("240", "GQ"), ("241", "GA"), ("242", "CG"), ("243", "CD"),
    ("244", "AO"), ("245", "GW"), ("246", "IO"), ("247", "AC"), ("248", "SC"), ("249", "SD"),
    ("250", "RW"), ("251", "ET"), ("252", "SO"), ("253", "DJ"), ("254", "KE"), ("255", "TZ"),
    ("256", "UG"), ("257", "BI"), ("258", "MZ"), ("260", "ZM"), ("261", "MG"), ("262", "RE"),
    ("2622689", "YT"), ("262269", "YT"), ("262639", "YT"), ("2627093", "YT"), ("263", "ZW"),
    ("264", "NA"), ("265", "MW"), ("266", "LS"), ("267", "BW"), ("268", "SZ"), ("269", "KM"),
    ("27", "ZA"), ("290", "SH"), ("2908", "TA"), ("291", "ER"), ("297", "AW"), ("298", "FO"),
    ("299", "GL"),
    ("30", "GR"), ("31", "NL"), ("32", "BE"), ("33", "FR"), ("34", "ES"), ("350", "GI"),
    ("351", "PT"), ("352", "LU"), ("353", "IE"), ("354", "IS"), ("355", "AL"), ("356", "MT"),
    ("357", "CY"), ("358", "FI"), ("35818", "AX"), ("359", "BG"), ("36", "HU"), ("370", "LT"),
    ("371", "LV"), ("372", "EE"), ("373", "MD"), ("374", "AM"), ("375", "BY"), ("376", "AD"),
    ("377", "MC"), ("378", "SM"), ("379", "VA"), ("380", "UA"), ("381", "RS"), ("382", "ME"),
    ("383", "XK"), ("385", "HR"), ("386", "SI"), ("387", "BA"), ("389", "MK"), ("39", "IT"),
    ("3906698", "VA"),
    ("40", "RO"), ("41", "CH"), ("420", "CZ"), ("421", "SK"), ("423", "LI"), ("43", "AT"),
    ("44", "GB"), ("441481", "GG"), ("441534", "JE"), ("441624", "IM"), ("4474576", "IM"),
    ("447509", "JE"), ("447524", "IM"), ("447624", "IM"), ("4477003", "JE"), ("4477007", "JE"),
    ("4477008", "JE"), ("447781", "GG"), ("447797", "JE"), ("447829", "JE"), ("447839", "GG"),
    ("4479111", "GG"), ("4479117", "GG"), ("447924", "IM"), ("447937", "JE"), ("45", "DK"),
    ("46", "SE"), ("47", "NO"), ("4779", "SJ"), ("48", "PL"), ("49", "DE"),
    ("500", "FK"), ("501", "BZ"), ("502", "GT"), ("503", "SV"), ("504", "HN"), ("505", "NI"),
    ("506", "CR"), ("507", "PA"), ("508", "PM"), ("509", "HT"), ("51", "PE"), ("52", "MX"),
    ("53", "CU"), ("54", "AR"), ("55", "BR"), ("56", "CL"), ("57", "CO"), ("58", "VE"),
    ("590", "GP"), ("591", "BO"), ("592", "GY"), ("593", "EC"), ("594", "GF"), ("595", "PY"),
    ("596", "MQ"), ("597", "SR"), ("598", "UY"), ("599", "BQ"), ("5999", "CW"),
    ("60", "MY"), ("61", "AU"), ("6189162", "CC"), ("6189164", "CX"), ("62", "ID"), ("63", "PH"),
    ("64", "NZ"), ("65", "SG"), ("66", "TH"), ("670", "TL"), ("672", "NF"), ("673", "BN"),
    ("674", "NR"), ("675", "PG"), ("676", "TO"), ("677", "SB"), ("678", "VU"), ("679", "FJ"),
    ("680", "PW"), ("681", "WF"), ("682", "CK"), ("683", "NU"), ("685", "WS"), ("686", "KI"),
    ("687", "NC"), ("688", "TV"), ("689", "PF"), ("690", "TK"), ("691", "FM"), ("692", "MH"),
    ("7", "RU"), ("76", "KZ"), ("77", "KZ"),
    ("81", "JP"), ("82", "KR"), ("84", "VN"), ("850", "KP"), ("852", "HK"), ("853", "MO"),
    ("855", "KH"), ("856", "LA"), ("86", "CN"), ("880", "BD"), ("886", "TW"),
    ("90", "TR"), ("91", "IN"), ("92", "PK"), ("93", "AF"), ("94", "LK"), ("95", "MM"),
    ("960", "MV"), ("961", "LB"), ("962", "JO"), ("963", "SY"), ("964", "IQ"), ("965", "KW"),
    ("966", "SA"), ("967", "YE"), ("968", "OM"), ("970", "PS"), ("971", "AE"), ("972", "IL"),
    ("973", "BH"), ("974", "QA"), ("975", "BT"), ("976", "MN"), ("977", "NP"), ("98", "IR"),
    ("992", "TJ"), ("993", "TM"), ("994", "AZ"), ("995", "GE"), ("996", "KG"), ("998", "UZ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn country(number: &str) -> Option<String> {
        of_number(number.strip_prefix('+').unwrap()).map(|found| found.as_str().to_owned())
    }

    #[test]
    fn the_table_is_sorted_and_has_no_prefix_twice() {
        for pair in PREFIXES.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn every_prefix_is_digits_and_found() {
        for (prefix, code) in PREFIXES {
            assert!(prefix.bytes().all(|b| b.is_ascii_digit()), "{prefix}");

            let found = of_number(prefix);

            assert_eq!(
                found.as_ref().map_or(NOWHERE, Country::as_str),
                *code,
                "{prefix}"
            );
        }
    }

    #[test]
    fn every_country_of_the_table_is_read_and_written_alike() {
        for (prefix, code) in PREFIXES.iter().filter(|(_, code)| *code != NOWHERE) {
            assert!(code.bytes().all(|b| b.is_ascii_uppercase()), "{prefix}");
            assert_eq!(Country::parse(code).unwrap().as_str(), *code);
        }
    }

    #[test]
    fn anything_but_a_country_with_telephone_numbers_is_refused() {
        for raw in [
            "", "U", "us", "Us", "USA", " US", "UK", "ZZ", "12", "ÜS", "é",
        ] {
            assert_eq!(Country::parse(raw), Err(InvalidCountry), "{raw:?}");
        }
    }

    #[test]
    fn a_country_shows_its_letters() {
        assert_eq!(
            format!("{:?}", Country::parse("US").unwrap()),
            "Country(US)"
        );
    }

    #[test]
    fn a_number_belongs_to_the_longest_prefix() {
        for (number, code) in [
            ("+14155550123", "US"),
            ("+15205550123", "US"),
            ("+14165550123", "CA"),
            ("+18095550123", "DO"),
            ("+18765550123", "JM"),
            ("+442079460000", "GB"),
            ("+447700900123", "GB"),
            ("+447700300123", "JE"),
            ("+447781123456", "GG"),
            ("+447911123456", "GG"),
            ("+447911223456", "GB"),
            ("+447624123456", "IM"),
            ("+77015550123", "KZ"),
            ("+74955550123", "RU"),
            ("+493012345678", "DE"),
            ("+390612345678", "IT"),
            ("+390669812345", "VA"),
            ("+378054988000", "SM"),
            ("+4779123456", "SJ"),
            ("+4741234567", "NO"),
            ("+61891641234", "CX"),
            ("+61891621234", "CC"),
            ("+61412345678", "AU"),
            ("+212528812345", "MA"),
            ("+262639012345", "YT"),
            ("+262692123456", "RE"),
            ("+358181234567", "AX"),
            ("+358401234567", "FI"),
            ("+590690001234", "GP"),
            ("+59995181234", "CW"),
            ("+5993181234", "BQ"),
            ("+2908999", "TA"),
            ("+38344123456", "XK"),
        ] {
            assert_eq!(country(number).as_deref(), Some(code), "{number}");
        }
    }

    #[test]
    fn a_number_that_is_in_no_country_has_none() {
        for number in [
            "+80012345678",
            "+80812345678",
            "+870773123456",
            "+878121234567",
            "+881612345678",
            "+882161234567",
            "+883510012345",
            "+888123456789",
            "+979123456789",
            "+18005550123",
            "+18335550123",
            "+18885550123",
            "+19005550123",
            "+15005550123",
            "+2101234567",
            "+999123456789",
            "+",
            "+é",
        ] {
            assert_eq!(country(number), None, "{number}");
        }
    }
}
