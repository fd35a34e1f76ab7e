// SPDX-License-Identifier: GPL-2.0

//! Text of a bounded length.

use kernel::{
    fmt,
    prelude::*, //
};

/// Text that never grows beyond the length it was made for.
pub(crate) struct Text {
    bytes: KVec<u8>,
}

/// A piece did not fit. The text is as it was before.
#[derive(Debug)]
pub(crate) struct Full;

impl Text {
    /// Room for that many bytes. Fails with `ENOMEM`.
    pub(crate) fn with_capacity(bytes: usize) -> Result<Self> {
        Ok(Self {
            bytes: KVec::with_capacity(bytes, GFP_KERNEL)?,
        })
    }

    /// What was written so far.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends another text. Fails with `ENOSPC` if it does not fit.
    pub(crate) fn append_text(&mut self, other: &Text) -> Result {
        if other.bytes.len() > self.room() {
            return Err(ENOSPC);
        }
        Ok(self.bytes.extend_from_slice(&other.bytes, GFP_KERNEL)?)
    }

    /// How many bytes more fit.
    pub(crate) fn room(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }

    /// Appends as many bytes as fit, and says how many.
    pub(crate) fn append_some(&mut self, bytes: &[u8]) -> usize {
        let some = bytes.get(..self.room()).unwrap_or(bytes);
        match self.bytes.extend_from_slice(some, GFP_KERNEL) {
            Ok(()) => some.len(),
            Err(_) => 0,
        }
    }

    /// Forgets all but the first bytes.
    pub(crate) fn truncate(&mut self, bytes: usize) {
        self.bytes.truncate(bytes);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Appends all of it or nothing.
    pub(crate) fn append(&mut self, piece: fmt::Arguments<'_>) -> Result<(), Full> {
        let before = self.bytes.len();
        fmt::Write::write_fmt(self, piece).map_err(|_| {
            self.bytes.truncate(before);
            Full
        })
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if piece.len() > self.room() {
            return Err(fmt::Error);
        }
        self.bytes
            .extend_from_slice(piece.as_bytes(), GFP_KERNEL)
            .map_err(|_| fmt::Error)
    }
}
