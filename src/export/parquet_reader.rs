//! Tables that were written before, column by column.

use ::parquet::column::reader::ColumnReader;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};

use super::ExportError;

/// Reads a table of ours, one row group after the other.
pub struct TableReader {
    inner: Box<dyn FileReader>,
    names: Vec<String>,
}

impl TableReader {
    /// Opens a table.
    ///
    /// # Errors
    /// The file cannot be read, or is no table.
    pub fn open(file: impl ChunkReader + 'static) -> Result<TableReader, ExportError> {
        let inner: Box<dyn FileReader> = Box::new(SerializedFileReader::new(file)?);
        let columns = inner.metadata().file_metadata().schema_descr().columns();
        let names = columns.iter().map(|column| column.name().to_owned()).collect();
        Ok(TableReader { inner, names })
    }

    /// Number of row groups.
    pub fn n_groups(&self) -> usize {
        self.inner.num_row_groups()
    }

    /// A column of numbers in a row group; none where it is null.
    ///
    /// # Errors
    /// There is no such group or column, it holds no numbers, or it cannot be read.
    pub fn numbers(&self, group: usize, name: &str) -> Result<Vec<Option<f64>>, ExportError> {
        self.column(group, name, |reader, n| match reader {
            ColumnReader::DoubleColumnReader(mut reader) => {
                let (mut levels, mut values) = (Vec::new(), Vec::new());
                reader.read_records(n, Some(&mut levels), None, &mut values)?;
                Ok(placed(&levels, values))
            }
            other => Ok(whole(other, n)?.into_iter().map(|v| v.map(|v| v as f64)).collect()),
        })
    }

    /// A column of whole numbers in a row group; none where it is null.
    ///
    /// # Errors
    /// As [`numbers`](TableReader::numbers).
    pub fn integers(&self, group: usize, name: &str) -> Result<Vec<Option<i64>>, ExportError> {
        self.column(group, name, whole)
    }

    fn column<T>(
        &self,
        group: usize,
        name: &str,
        read: impl FnOnce(ColumnReader, usize) -> Result<Vec<T>, ParquetError>,
    ) -> Result<Vec<T>, ExportError> {
        let wrong = |what: &str| ParquetError::General(format!("{what} `{name}`, row group {group}"));
        if group >= self.n_groups() {
            return Err(wrong("there are too few rows for the column").into());
        }
        let place = self.names.iter().position(|known| known == name);
        let place = place.ok_or_else(|| wrong("there is no column"))?;
        let group = self.inner.get_row_group(group)?;
        let n = group.metadata().num_rows() as usize;
        let values = read(group.get_column_reader(place)?, n)?;
        if values.len() == n { Ok(values) } else { Err(wrong("values are missing in the column").into()) }
    }
}

fn whole(reader: ColumnReader, n: usize) -> Result<Vec<Option<i64>>, ParquetError> {
    let ColumnReader::Int64ColumnReader(mut reader) = reader else {
        return Err(ParquetError::General("a column of another type than was expected".to_owned()));
    };
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    reader.read_records(n, Some(&mut levels), None, &mut values)?;
    Ok(placed(&levels, values))
}

/// Values at the places where a column is not null; a column that never is has no levels.
fn placed<T>(levels: &[i16], values: Vec<T>) -> Vec<Option<T>> {
    if levels.is_empty() {
        return values.into_iter().map(Some).collect();
    }
    let mut values = values.into_iter();
    levels.iter().map(|&level| if level > 0 { values.next() } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::parquet::{Column, Kind, TableWriter, Values};
    use super::*;

    #[test]
    fn columns_come_back_with_their_gaps() {
        let columns = vec![
            Column::new("name", Kind::Text),
            Column::new("n", Kind::Count),
            Column::new("us", Kind::Integer),
            Column::new("x", Kind::Number),
        ];
        let mut bytes = Vec::new();
        let mut writer = TableWriter::new(&mut bytes, columns, &[]).unwrap();
        for shift in [0, 10] {
            writer
                .row_group(&[
                    Values::Text(vec![("a", 3)]),
                    Values::Count(vec![1 + shift, 2 + shift, 3 + shift]),
                    Values::Integer(vec![None, Some(5), None]),
                    Values::Number(vec![0.5, f64::NAN, -1.0]),
                ])
                .unwrap();
        }
        writer.finish().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let table = TableReader::open(file).unwrap();
        assert_eq!(table.n_groups(), 2);
        assert_eq!(table.integers(1, "n").unwrap(), [Some(11), Some(12), Some(13)]);
        assert_eq!(table.integers(0, "us").unwrap(), [None, Some(5), None]);
        assert_eq!(table.numbers(0, "us").unwrap(), [None, Some(5.0), None]);
        assert_eq!(table.numbers(1, "x").unwrap(), [Some(0.5), None, Some(-1.0)]);
        assert!(table.integers(0, "x").is_err() && table.numbers(0, "name").is_err());
        assert!(table.numbers(2, "x").is_err() && table.numbers(0, "y").is_err());
    }
}
