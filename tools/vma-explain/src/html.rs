// SPDX-License-Identifier: GPL-2.0

//! An answer as a page for a browser, in one file: the page of tools/vma-report, with the same contents.

mod columns;
mod page;
mod words;

use self::columns::Columns;
use crate::{
    output::Output,
    problem::{
        Problem,
        Result, //
    },
};
use std::{
    ffi::OsString,
    fs,
    io::{
        self,
        Write, //
    },
    path::Path,
};

/// Makes a page of the lines that `answer` writes for programs, and replaces a file with it atomically.
pub(crate) fn write_page(
    path: &Path,
    answer: impl FnOnce(&mut Output<&mut Lines>) -> Result<()>,
) -> Result<()> {
    let mut lines = Lines {
        columns: Columns::new(),
        begun: Vec::new(),
    };
    let mut output = Output::new(&mut lines);
    answer(&mut output)?;
    output.flush()?;
    let contents = page::page(lines.columns)?;

    let failed =
        |error: io::Error| Problem::new(format!("{} cannot be written: {error}", path.display()));
    if path.exists() && !path.is_file() {
        return fs::write(path, contents).map_err(failed);
    }
    let mut new: OsString = path.into();
    new.push(".new");
    fs::write(&new, contents)
        .and_then(|()| fs::rename(&new, path))
        .map_err(failed)
}

/// A writer that splits an answer into lines and puts them into columns.
pub(crate) struct Lines {
    columns: Columns,
    /// The beginning of a line whose end has not been written yet.
    begun: Vec<u8>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            self.begun.extend_from_slice(line);
            let text = String::from_utf8_lossy(&self.begun);
            self.columns.take(&text).map_err(io::Error::other)?;
            self.begun.clear();
            rest = after.get(1..).unwrap_or_default();
        }
        self.begun.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
