// SPDX-License-Identifier: GPL-2.0

//! Conversions between VMA flags and their C type.

use super::bindings;
use crate::vma::flags::VmaFlags;

impl VmaFlags {
    /// Converts flags from C.
    pub(crate) const fn from_raw(raw: bindings::vma_flags_t) -> Self {
        Self::from_words(raw.__vma_flags)
    }

    /// Converts the flags to C.
    pub(crate) const fn into_raw(self) -> bindings::vma_flags_t {
        bindings::vma_flags_t {
            __vma_flags: self.words(),
        }
    }
}
