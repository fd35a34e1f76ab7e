// SPDX-License-Identifier: GPL-2.0

//! Text of a bounded length in kernel memory.

use crate::bounded::Bounded;
pub(crate) use crate::bounded::Full;
use kernel::prelude::*;

/// Text that never outgrows the capacity it was created with.
pub(crate) type Text = Bounded<KVec<u8>>;

impl Text {
    /// Creates an empty text with room for `bytes` bytes. Fails with `ENOMEM`.
    pub(crate) fn with_capacity(bytes: usize) -> Result<Self> {
        Ok(Self::new(KVec::from_elem(0, bytes, GFP_KERNEL)?))
    }

    /// Appends another text. Fails with `ENOSPC` if it does not fit.
    pub(crate) fn append_text(&mut self, other: &Self) -> Result {
        self.append_bytes(other.as_bytes()).map_err(|Full| ENOSPC)
    }
}
