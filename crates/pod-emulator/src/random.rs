//! Names that nobody can guess, in the forms Amazon and tenants give them.

use std::sync::Arc;

use pod_core::Fault;
use pod_core::ports::Entropy;

/// Draws identifiers from the one source of randomness.
#[derive(Clone)]
pub(crate) struct Random(Arc<dyn Entropy>);

impl Random {
    pub(crate) fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self(entropy)
    }

    /// A version 4 UUID, as in `amzn1.echo-api.request.<uuid>`.
    pub(crate) fn uuid(&self) -> Result<String, Fault> {
        let mut bytes = [0; 16];
        self.0.fill(&mut bytes)?;
        Ok(uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .hyphenated()
            .to_string())
    }

    /// Capital letters and digits, as in `amzn1.ask.account.<letters>`.
    pub(crate) fn letters(&self, length: usize) -> Result<String, Fault> {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut bytes = vec![0; length];
        self.0.fill(&mut bytes)?;
        Ok(bytes
            .into_iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
            .collect())
    }

    /// Digits, as in a one-time code.
    pub(crate) fn digits(&self, length: usize) -> Result<String, Fault> {
        let mut bytes = vec![0; length * 2];
        self.0.fill(&mut bytes)?;
        Ok(bytes
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]) % 10)
            .map(|digit| digit.to_string())
            .collect())
    }

    /// Hexadecimal digits, as in the ids of a tenant's records.
    pub(crate) fn hex(&self, length: usize) -> Result<String, Fault> {
        const ALPHABET: &[u8; 16] = b"0123456789abcdef";
        let mut bytes = vec![0; length];
        self.0.fill(&mut bytes)?;
        Ok(bytes
            .into_iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte % 16)]))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
            for (byte, count) in bytes.iter_mut().zip(0..) {
                *byte = count;
            }
            Ok(())
        }
    }

    #[test]
    fn ids_have_amazons_forms() {
        let random = Random::new(Arc::new(Counting));

        assert_eq!(
            random.uuid().unwrap(),
            "00010203-0405-4607-8809-0a0b0c0d0e0f"
        );
        assert_eq!(
            random.letters(34).unwrap(),
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567AB"
        );
        assert_eq!(random.digits(4).unwrap(), "1593");
        assert_eq!(random.hex(17).unwrap(), "0123456789abcdef0");
    }
}
