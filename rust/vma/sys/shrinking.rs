// SPDX-License-Identifier: GPL-2.0

//! A VMA that is about to end earlier.

use super::{
    host::Result,
    iter::{
        Clearing,
        Cursor,
        Reserved, //
    },
    rmap::RmapSection,
    vma::{
        Vma,
        WriteLocked, //
    },
};
use crate::vma::{
    compat::Attributes,
    extent::{
        Extent,
        Range, //
    },
};

/// A VMA that is about to end earlier.
///
/// # Invariants
///
/// `kept` and `freed` are the two parts of the current range of `vma`.
pub(crate) struct Shrinking<'i, 'g> {
    vma: Vma<'i, 'g>,
    kept: Range,
    freed: Range,
}

impl<'i, 'g> Shrinking<'i, 'g> {
    /// Prepares `vma` to end at `end` (bytes). Returns `None` if `end` is not inside the VMA.
    ///
    /// # Safety
    ///
    /// If the VMA is shrunk, the caller unmaps the pages that the VMA gives up before the mmap lock is released,
    /// because no VMA covers those pages any more.
    #[inline(always)]
    pub(crate) unsafe fn to(end: usize, vma: Vma<'i, 'g>) -> Option<Self> {
        // INVARIANT: The parts are those of this VMA.
        let (kept, freed) = vma.range().cut(end)?;
        Some(Self { vma, kept, freed })
    }

    /// Reserves memory to clear the range that the VMA gives up. On failure nothing has changed.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vma_iter_config()` and `vma_iter_prealloc()`.
    #[inline(always)]
    pub(crate) fn prepare<'r>(
        self,
        cursor: &'r mut Cursor<'_, 'g>,
    ) -> Result<PreparedShrink<'r, 'i, 'g>> {
        Ok(PreparedShrink {
            reserved: cursor.reserve_clearing(self.freed)?,
            vma: self.vma,
            kept: self.kept,
        })
    }
}

/// A VMA that is ready to end earlier. Without [`commit`](Self::commit) nothing changes.
///
/// # Invariants
///
/// `kept` is the beginning of the VMA, and `reserved` is for clearing the rest.
#[must_use = "nothing has changed yet"]
pub(crate) struct PreparedShrink<'r, 'i, 'g> {
    reserved: Reserved<'r, 'g, Clearing>,
    vma: Vma<'i, 'g>,
    kept: Range,
}

impl<'i, 'g> PreparedShrink<'_, 'i, 'g> {
    /// Shrinks the VMA, and returns it. Sleeps.
    #[inline(always)]
    pub(crate) fn commit(self) -> WriteLocked<'i, 'g> {
        let mut vma = self.vma.write_locked();
        // The start and the offsets stay the same.
        let kept = Extent {
            range: self.kept,
            ..vma.extent()
        };
        let section = RmapSection::of(&vma, None, None);
        vma.split_huge_pages(kept, None);
        self.reserved.clear();
        vma.set_extent(kept);
        let has_file = section.have_file();
        section.finish([None, None], || {});
        if has_file {
            vma.uprobe_mmap();
        }
        vma
    }
}
