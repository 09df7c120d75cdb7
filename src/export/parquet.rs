//! Tables as Parquet files, whose bytes depend on nothing but the rows.
//!
//! Pinned: format version, compression (Snappy), encodings, sizes of pages, the name of the writer, no page index. A
//! row group is what the caller says it is. The low-level writer of the `parquet` crate is used: no arrow, no C.

use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::{Type, TypePtr};

use super::ExportError;
use super::number::round12;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, never null.
    Text,
    /// True or false, never null.
    Truth,
    /// Whole numbers of 64 bits, never null.
    Count,
    /// Whole numbers of 64 bits, or null.
    Integer,
    /// Doubles, or null.
    Number,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<String>, kind: Kind) -> Column {
        Column { name: name.into(), kind }
    }
}

/// The values of one column in a row group.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<'a> {
    /// The same text some times, then another: runs of (text, times).
    Text(Vec<(&'a str, usize)>),
    /// Truth values.
    Truth(Vec<bool>),
    /// Whole numbers.
    Count(Vec<i64>),
    /// Whole numbers or nothing.
    Integer(Vec<Option<i64>>),
    /// Numbers, rounded to 12 significant digits; null where not finite.
    Number(Vec<f64>),
}

/// Writes a table, one row group after the other.
pub struct TableWriter<W: Write + Send> {
    inner: SerializedFileWriter<W>,
    columns: Vec<Column>,
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a file. `notes` are kept as its metadata, in this order.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(out: W, columns: Vec<Column>, notes: &[(&str, &str)]) -> Result<Self, ExportError> {
        let notes = notes.iter().map(|(k, v)| KeyValue::new((*k).to_owned(), (*v).to_owned())).collect();
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::SNAPPY)
            .set_created_by(env!("CARGO_PKG_NAME").to_owned())
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_max_row_group_row_count(None)
            .set_data_page_size_limit(1 << 20)
            .set_dictionary_page_size_limit(1 << 20)
            .set_write_batch_size(1024)
            .set_key_value_metadata(Some(notes))
            .build();
        let fields = columns.iter().map(field).collect::<Result<Vec<TypePtr>, _>>()?;
        let schema = Type::group_type_builder("rows").with_fields(fields).build()?;
        let inner = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        Ok(TableWriter { inner, columns })
    }

    /// Writes a row group: the values of each column, all of the same number of rows.
    ///
    /// # Errors
    /// What the writer says; columns that do not fit the table.
    pub fn row_group(&mut self, values: &[Values]) -> Result<(), ExportError> {
        if values.len() != self.columns.len() {
            return Err(ParquetError::General("a row group without all columns".to_owned()).into());
        }
        let mut group = self.inner.next_row_group()?;
        for values in values {
            let Some(mut column) = group.next_column()? else { break };
            match values {
                Values::Text(runs) => {
                    let rows: Vec<ByteArray> = runs
                        .iter()
                        .flat_map(|(text, times)| {
                            let bytes = ByteArray::from(text.as_bytes().to_vec());
                            std::iter::repeat_n(bytes, *times)
                        })
                        .collect();
                    column.typed::<ByteArrayType>().write_batch(&rows, None, None)?;
                }
                Values::Truth(rows) => {
                    column.typed::<BoolType>().write_batch(rows, None, None)?;
                }
                Values::Count(rows) => {
                    column.typed::<Int64Type>().write_batch(rows, None, None)?;
                }
                Values::Integer(rows) => {
                    let levels: Vec<i16> = rows.iter().map(|v| i16::from(v.is_some())).collect();
                    let there: Vec<i64> = rows.iter().flatten().copied().collect();
                    column.typed::<Int64Type>().write_batch(&there, Some(&levels), None)?;
                }
                Values::Number(rows) => {
                    let levels: Vec<i16> = rows.iter().map(|v| i16::from(v.is_finite())).collect();
                    let there: Vec<f64> =
                        rows.iter().filter(|v| v.is_finite()).map(|&v| round12(v)).collect();
                    column.typed::<DoubleType>().write_batch(&there, Some(&levels), None)?;
                }
            }
            column.close()?;
        }
        group.close()?;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(self) -> Result<(), ExportError> {
        self.inner.close()?;
        Ok(())
    }
}

fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let (physical, repetition) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Repetition::REQUIRED),
        Kind::Truth => (Physical::BOOLEAN, Repetition::REQUIRED),
        Kind::Count => (Physical::INT64, Repetition::REQUIRED),
        Kind::Integer => (Physical::INT64, Repetition::OPTIONAL),
        Kind::Number => (Physical::DOUBLE, Repetition::OPTIONAL),
    };
    let logical = (column.kind == Kind::Text).then_some(LogicalType::String);
    let field = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()?;
    Ok(Arc::new(field))
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;

    use super::*;

    fn table() -> Vec<u8> {
        let columns = vec![
            Column::new("name", Kind::Text),
            Column::new("reached", Kind::Truth),
            Column::new("n", Kind::Count),
            Column::new("us", Kind::Integer),
            Column::new("x", Kind::Number),
        ];
        let mut bytes = Vec::new();
        let mut writer = TableWriter::new(&mut bytes, columns, &[("notice", "a simulation")]).unwrap();
        writer
            .row_group(&[
                Values::Text(vec![("a", 2), ("b", 1)]),
                Values::Truth(vec![true, false, true]),
                Values::Count(vec![1, 2, 3]),
                Values::Integer(vec![Some(5), None, Some(-6)]),
                Values::Number(vec![0.1 + 0.2, f64::NAN, f64::INFINITY]),
            ])
            .unwrap();
        writer
            .row_group(&[
                Values::Text(vec![("c", 1)]),
                Values::Truth(vec![false]),
                Values::Count(vec![4]),
                Values::Integer(vec![None]),
                Values::Number(vec![-0.0]),
            ])
            .unwrap();
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn what_is_written_can_be_read_again() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&table()).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let meta = reader.metadata();
        assert_eq!(meta.num_row_groups(), 2);
        assert_eq!(meta.file_metadata().created_by(), Some("blueprint-sim"));
        let notes = meta.file_metadata().key_value_metadata().unwrap();
        assert!(notes.iter().any(|n| n.key == "notice" && n.value.as_deref() == Some("a simulation")));
        let rows: Vec<Vec<Field>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().get_column_iter().map(|(_, f)| f.clone()).collect())
            .collect();
        let text = |s: &str| Field::Str(s.to_owned());
        assert_eq!(
            rows[0],
            [text("a"), Field::Bool(true), Field::Long(1), Field::Long(5), Field::Double(0.3)]
        );
        assert_eq!(rows[1], [text("a"), Field::Bool(false), Field::Long(2), Field::Null, Field::Null]);
        assert_eq!(rows[2], [text("b"), Field::Bool(true), Field::Long(3), Field::Long(-6), Field::Null]);
        assert_eq!(rows[3], [text("c"), Field::Bool(false), Field::Long(4), Field::Null, Field::Double(0.0)]);
    }

    #[test]
    fn the_same_rows_are_the_same_bytes() {
        assert_eq!(table(), table());
    }
}
