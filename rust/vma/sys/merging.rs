// SPDX-License-Identifier: GPL-2.0

//! The three ways in which VMAs change their extents in a merge: [`Over`], [`Up`] and [`Down`].
//!
//! ```text
//!   Over   |--grown--|--gone--|--gone--|        |--gone--|--grown--|
//!          |-----------grown-----------|        |------grown-------|
//!
//!   Up     |--grown--|-----shrunk------|
//!          |------grown-------|-shrunk-|
//!
//!   Down   |-----shrunk------|--grown--|
//!          |-shrunk-|------grown-------|
//! ```
//!
//! Each way is a separate type, so that the rmap-locked section is compiled once for each and does not test for the
//! kind of merge at every step.

use super::{
    iter::{
        Reserved,
        Storing, //
    },
    rmap::RmapSection,
    vma::WriteLocked, //
};
use crate::vma::extent::Extent;

/// A VMA and its future extent.
pub(super) struct Resizing<'i, 'g> {
    /// The VMA.
    pub(super) vma: WriteLocked<'i, 'g>,
    /// The extent that the VMA will have.
    pub(super) to: Extent,
}

impl Resizing<'_, '_> {
    /// Gives the VMA its future extent.
    #[inline(always)]
    fn apply(&mut self) {
        self.vma.set_extent(self.to);
    }
}

/// The treatment of uprobes in the file that the merged VMA maps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Uprobes {
    /// Installs uprobes in the pages of the VMA.
    Install,
    /// Leaves the pages of the VMA alone: pages are about to be moved into it together with their uprobes, and uprobes
    /// that were installed before would be lost. Answers to `skip_vma_uprobe`.
    Leave,
}

/// A merge in which one VMA grows over VMAs that are removed.
pub(super) struct Over<'i, 'g> {
    /// The VMA that grows.
    pub(super) grown: Resizing<'i, 'g>,
    /// The VMAs that are removed, if any. `grown` takes over all of their ranges.
    pub(super) gone: [Option<WriteLocked<'i, 'g>>; 2],
}

/// A merge in which one VMA grows up into the VMA above, which stays.
pub(super) struct Up<'i, 'g> {
    /// The VMA that grows.
    pub(super) grown: Resizing<'i, 'g>,
    /// The VMA above.
    pub(super) shrunk: Resizing<'i, 'g>,
}

/// A merge in which one VMA grows down into the VMA below, which stays.
pub(super) struct Down<'i, 'g> {
    /// The VMA that grows.
    pub(super) grown: Resizing<'i, 'g>,
    /// The VMA below.
    pub(super) shrunk: Resizing<'i, 'g>,
}

/// Merges VMAs in an rmap-locked section, and returns the VMA that has grown. Sleeps.
///
/// Cannot fail. Answers to `commit_merge()` from `vma_prepare()` to `vma_complete()`.
#[inline(always)]
pub(super) fn merge<'i, 'g>(
    mut merging: impl Merging<'i, 'g>,
    reserved: Reserved<'_, 'g, Storing>,
    uprobes: Uprobes,
) -> WriteLocked<'i, 'g> {
    // The VMA below comes first, as in C: the order affects the shapes of the trees.
    let section = RmapSection::of(merging.lower(), merging.upper(), None);
    merging.resize();
    reserved.overwrite(merging.grown());
    let set_uprobes = section.have_file() && uprobes == Uprobes::Install;
    section.finish(merging.gone(), || {});
    if set_uprobes {
        merging.lower().uprobe_mmap();
        if let Some(upper) = merging.upper() {
            upper.uprobe_mmap();
        }
    }
    merging.into_grown()
}

/// The VMAs of an rmap-locked section, and their change while they are out of their rmap trees.
pub(super) trait Merging<'i, 'g> {
    /// Returns the VMA that stays, or the VMA below if two stay.
    fn lower(&self) -> &WriteLocked<'i, 'g>;
    /// Returns the VMA above, if two stay.
    fn upper(&self) -> Option<&WriteLocked<'i, 'g>>;
    /// Returns the VMA that grows.
    fn grown(&self) -> &WriteLocked<'i, 'g>;
    /// Splits the huge pages that would straddle a new boundary, and changes the extents.
    fn resize(&mut self);
    /// Returns the VMAs that are removed, if any.
    #[inline(always)]
    fn gone(&self) -> [Option<&WriteLocked<'i, 'g>>; 2] {
        [None, None]
    }
    /// Frees the removed VMAs, which are no longer in any tree, and returns the VMA that has grown.
    fn into_grown(self) -> WriteLocked<'i, 'g>;
}

impl<'i, 'g> Merging<'i, 'g> for Over<'i, 'g> {
    #[inline(always)]
    fn lower(&self) -> &WriteLocked<'i, 'g> {
        &self.grown.vma
    }

    #[inline(always)]
    fn upper(&self) -> Option<&WriteLocked<'i, 'g>> {
        None
    }

    #[inline(always)]
    fn grown(&self) -> &WriteLocked<'i, 'g> {
        &self.grown.vma
    }

    #[inline(always)]
    fn resize(&mut self) {
        self.grown.vma.split_huge_pages(self.grown.to, None);
        self.grown.apply();
    }

    #[inline(always)]
    fn gone(&self) -> [Option<&WriteLocked<'i, 'g>>; 2] {
        let [first, second] = &self.gone;
        [first.as_ref(), second.as_ref()]
    }

    #[inline(always)]
    fn into_grown(self) -> WriteLocked<'i, 'g> {
        let [first, second] = self.gone;
        if let Some(vma) = first {
            vma.free();
        }
        if let Some(vma) = second {
            vma.free();
        }
        self.grown.vma
    }
}

impl<'i, 'g> Merging<'i, 'g> for Up<'i, 'g> {
    #[inline(always)]
    fn lower(&self) -> &WriteLocked<'i, 'g> {
        &self.grown.vma
    }

    #[inline(always)]
    fn upper(&self) -> Option<&WriteLocked<'i, 'g>> {
        Some(&self.shrunk.vma)
    }

    #[inline(always)]
    fn grown(&self) -> &WriteLocked<'i, 'g> {
        &self.grown.vma
    }

    #[inline(always)]
    fn resize(&mut self) {
        // The boundary moves up, into the other VMA.
        self.grown
            .vma
            .split_huge_pages(self.grown.to, Some(&self.shrunk.vma));
        self.grown.apply();
        self.shrunk.apply();
    }

    #[inline(always)]
    fn into_grown(self) -> WriteLocked<'i, 'g> {
        self.grown.vma
    }
}

impl<'i, 'g> Merging<'i, 'g> for Down<'i, 'g> {
    #[inline(always)]
    fn lower(&self) -> &WriteLocked<'i, 'g> {
        &self.shrunk.vma
    }

    #[inline(always)]
    fn upper(&self) -> Option<&WriteLocked<'i, 'g>> {
        Some(&self.grown.vma)
    }

    #[inline(always)]
    fn grown(&self) -> &WriteLocked<'i, 'g> {
        &self.grown.vma
    }

    #[inline(always)]
    fn resize(&mut self) {
        self.shrunk.vma.split_huge_pages(self.shrunk.to, None);
        self.shrunk.apply();
        self.grown.apply();
    }

    #[inline(always)]
    fn into_grown(self) -> WriteLocked<'i, 'g> {
        self.grown.vma
    }
}
