// SPDX-License-Identifier: GPL-2.0

//! Text of a bounded length, in memory of the kernel.

use crate::bounded::Bounded;
pub(crate) use crate::bounded::Full;
use kernel::prelude::*;

/// Text that never grows beyond the length it was made for.
pub(crate) type Text = Bounded<KVec<u8>>;

impl Text {
    /// Room for that many bytes. Fails with `ENOMEM`.
    pub(crate) fn with_capacity(bytes: usize) -> Result<Self> {
        Ok(Self::new(KVec::from_elem(0, bytes, GFP_KERNEL)?))
    }

    /// Appends another text. Fails with `ENOSPC` if it does not fit.
    pub(crate) fn append_text(&mut self, other: &Self) -> Result {
        self.append_bytes(other.as_bytes()).map_err(|Full| ENOSPC)
    }
}
