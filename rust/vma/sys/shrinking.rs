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
/// `kept` and `freed` are the two parts of `vma`, as it is.
pub(crate) struct Shrinking<'i, 'g> {
    vma: Vma<'i, 'g>,
    kept: Range,
    freed: Range,
}

impl<'i, 'g> Shrinking<'i, 'g> {
    /// The VMA that is to end at `end` (bytes); none if that is not a place inside it.
    ///
    /// # Safety
    ///
    /// If the VMA is shrunk, the caller unmaps the pages that it gives up before the mmap lock is released: nothing
    /// else knows of them then.
    #[inline(always)]
    pub(crate) unsafe fn to(end: usize, vma: Vma<'i, 'g>) -> Option<Self> {
        // INVARIANT: The parts are those of this VMA.
        let (kept, freed) = vma.range().cut(end)?;
        Some(Self { vma, kept, freed })
    }

    /// Gets memory to clear what the VMA gives up. Else nothing has changed.
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

/// A VMA that can end earlier now. Without [`commit`](Self::commit) nothing changes.
///
/// # Invariants
///
/// `kept` is the beginning of the VMA, and `reserved` is for the rest.
#[must_use = "nothing has changed yet"]
pub(crate) struct PreparedShrink<'r, 'i, 'g> {
    reserved: Reserved<'r, 'g, Clearing>,
    vma: Vma<'i, 'g>,
    kept: Range,
}

impl<'i, 'g> PreparedShrink<'_, 'i, 'g> {
    /// Lets the VMA end earlier, and returns it. Sleeps.
    #[inline(always)]
    pub(crate) fn commit(self) -> WriteLocked<'i, 'g> {
        let mut vma = self.vma.write_locked();
        // It starts where the VMA does.
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
