// SPDX-License-Identifier: GPL-2.0

//! Buffered output of text.

use crate::{
    bounded::{
        Bounded,
        Full, //
    },
    explain::form::LONGEST_PART,
    problem::{
        Problem,
        Result, //
    },
};
use std::{
    io::{
        self,
        ErrorKind,
        Write, //
    },
    process::exit, //
};

/// A buffered writer of text.
pub(crate) struct Output<W> {
    to: W,
    text: Bounded<Vec<u8>>,
}

impl<W: Write> Output<W> {
    /// Returns an output to which nothing has been written yet.
    pub(crate) fn new(to: W) -> Self {
        Self {
            to,
            text: Bounded::new(vec![0; 4 * LONGEST_PART]),
        }
    }

    /// Appends a piece, which has to fit into an empty text.
    pub(crate) fn append(
        &mut self,
        mut append: impl FnMut(&mut Bounded<Vec<u8>>) -> std::result::Result<(), Full>,
    ) -> Result<()> {
        if self.text.append_whole(&mut append).is_err() {
            self.flush()?;
            append(&mut self.text).map_err(|Full| Problem::new("a line is too long"))?;
        }
        Ok(())
    }

    /// Writes bytes unchanged, after all appended text.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> Result<()> {
        self.flush()?;
        Self::checked(self.to.write_all(bytes))
    }

    /// Writes the appended text.
    pub(crate) fn flush(&mut self) -> Result<()> {
        let written = self
            .to
            .write_all(self.text.as_bytes())
            .and_then(|()| self.to.flush());
        self.text.clear();
        Self::checked(written)
    }

    fn checked(written: io::Result<()>) -> Result<()> {
        match written {
            // The reader has seen enough, which is not a failure.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
            Err(error) => Err(Problem::new(format!(
                "the answer cannot be written: {error}"
            ))),
            Ok(()) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece is written exactly once, wherever the room ends.
    #[test]
    fn pieces_that_do_not_fit_any_more() {
        const ROOM: usize = 4 * LONGEST_PART;
        for before in ROOM - 12..=ROOM {
            let mut written = Vec::new();
            let mut output = Output::new(&mut written);
            let told = output
                .append(|text| (0..before).try_for_each(|_| text.append_str("x")))
                .and_then(|()| {
                    output.append(|text| {
                        text.append_str("one ")?;
                        text.append_str("piece")
                    })
                })
                .and_then(|()| output.flush());
            assert!(told.is_ok());
            assert!(written.starts_with(b"x") && written.ends_with(b"xone piece"));
            assert_eq!(written.len(), before + 9);
        }
    }
}
