//! Reads what is kept back into the domain: a row is as untrusted as a request.

use pod_core::{BoxError, Timestamp};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::error::StoreError;

/// A column of a result, by its place and by its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) place: usize,
    pub(super) table: &'static str,
    pub(super) name: &'static str,
}

impl Column {
    pub(super) const fn new(place: usize, table: &'static str, name: &'static str) -> Self {
        Self { place, table, name }
    }

    /// The error of a value that cannot be.
    pub(super) fn broken(self, why: impl Into<BoxError>) -> StoreError {
        StoreError::Row {
            table: self.table,
            column: self.name,
            why: why.into(),
        }
    }

    fn value<'row>(self, row: &'row Row<'_>) -> Result<ValueRef<'row>, StoreError> {
        row.get_ref(self.place).map_err(|error| self.broken(error))
    }

    pub(super) fn is_null(self, row: &Row<'_>) -> Result<bool, StoreError> {
        Ok(matches!(self.value(row)?, ValueRef::Null))
    }

    pub(super) fn text<'row>(self, row: &'row Row<'_>) -> Result<&'row str, StoreError> {
        match self.value(row)? {
            ValueRef::Text(bytes) => str::from_utf8(bytes).map_err(|error| self.broken(error)),
            _ => Err(self.broken("not a text")),
        }
    }

    /// A text as something of the domain. The text itself is not in the error:
    /// it may be a telephone number.
    pub(super) fn parsed<'row, T, E: Into<BoxError>>(
        self,
        row: &'row Row<'_>,
        parse: impl FnOnce(&'row str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        parse(self.text(row)?).map_err(|error| self.broken(error))
    }

    pub(super) fn bytes<'row>(self, row: &'row Row<'_>) -> Result<&'row [u8], StoreError> {
        match self.value(row)? {
            ValueRef::Blob(bytes) => Ok(bytes),
            _ => Err(self.broken("not bytes")),
        }
    }

    pub(super) fn array<const N: usize>(self, row: &Row<'_>) -> Result<[u8; N], StoreError> {
        let bytes = self.bytes(row)?;
        bytes.try_into().map_err(|error| self.broken(error))
    }

    pub(super) fn integer(self, row: &Row<'_>) -> Result<i64, StoreError> {
        match self.value(row)? {
            ValueRef::Integer(integer) => Ok(integer),
            _ => Err(self.broken("not a whole number")),
        }
    }

    pub(super) fn count(self, row: &Row<'_>) -> Result<u32, StoreError> {
        u32::try_from(self.integer(row)?).map_err(|error| self.broken(error))
    }

    pub(super) fn time(self, row: &Row<'_>) -> Result<Timestamp, StoreError> {
        Timestamp::from_microsecond(self.integer(row)?).map_err(|error| self.broken(error))
    }

    /// Several times in one value, as [`times`] made it.
    pub(super) fn times(self, row: &Row<'_>) -> Result<Vec<Timestamp>, StoreError> {
        let (chunks, rest) = self.bytes(row)?.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(self.broken("not a whole number of times"));
        }
        let time = |chunk: &[u8; 8]| Timestamp::from_microsecond(i64::from_be_bytes(*chunk));
        let times: Result<_, _> = chunks.iter().map(time).collect();
        times.map_err(|error| self.broken(error))
    }
}

/// Several times as one value.
pub(super) fn times(times: &[Timestamp]) -> Vec<u8> {
    let bytes = |time: &Timestamp| time.as_microsecond().to_be_bytes();
    times.iter().flat_map(bytes).collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn read<T>(
        value: &str,
        read: impl FnOnce(Column, &Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, String> {
        let db = Connection::open_in_memory().unwrap();
        let column = Column::new(0, "orders", "placed_at");
        let mut statement = db.prepare(&format!("SELECT {value}")).unwrap();
        let mut rows = statement.query([]).unwrap();
        read(column, rows.next().unwrap().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn times_survive_as_bytes() {
        let kept = [-7, 0, 1_795_370_863_219_517].map(|n| Timestamp::from_microsecond(n).unwrap());

        let read = read(
            "X'FFFFFFFFFFFFFFF90000000000000000000660E15A8AD33D'",
            Column::times,
        );

        assert_eq!(times(&read.unwrap()), times(&kept));
    }

    #[test]
    fn a_value_that_cannot_be_is_an_error_that_names_the_column() {
        let why = "the database holds something impossible in orders.placed_at";

        assert_eq!(read("'soon'", Column::time), Err(why.to_owned()));
        assert_eq!(read("NULL", Column::time), Err(why.to_owned()));
        assert_eq!(
            read("9223372036854775807", Column::time),
            Err(why.to_owned())
        );
        assert_eq!(read("4294967296", Column::count), Err(why.to_owned()));
        assert_eq!(read("-1", Column::count), Err(why.to_owned()));
        assert_eq!(read("X'00'", Column::array::<2>), Err(why.to_owned()));
        assert_eq!(read("X'0000000000'", Column::times), Err(why.to_owned()));
        assert_eq!(
            read("CAST(X'FF' AS TEXT)", |c, row| c.text(row).map(drop)),
            Err(why.to_owned())
        );
        assert_eq!(
            read("7", |c, row| c.text(row).map(drop)),
            Err(why.to_owned())
        );
    }
}
