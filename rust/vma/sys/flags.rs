// SPDX-License-Identifier: GPL-2.0

//! VMA flags, as C has them.

use super::bindings;
use crate::vma::flags::VmaFlags;

impl VmaFlags {
    /// What C calls it.
    pub(crate) const fn from_raw(raw: bindings::vma_flags_t) -> Self {
        Self::from_words(raw.__vma_flags)
    }

    /// What C calls it.
    pub(crate) const fn into_raw(self) -> bindings::vma_flags_t {
        bindings::vma_flags_t {
            __vma_flags: self.words(),
        }
    }
}
