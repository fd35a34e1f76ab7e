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
//! Each is a type of its own, so that the section is compiled for each, and does not find out at every
//! step which one it is about.

use super::{
    iter::{
        Reserved,
        Storing, //
    },
    rmap::RmapSection,
    vma::WriteLocked, //
};
use crate::vma::extent::Extent;

/// A VMA, and where it is going to be.
pub(super) struct Resizing<'i, 'g> {
    /// The VMA.
    pub(super) vma: WriteLocked<'i, 'g>,
    /// Where it is going to be.
    pub(super) to: Extent,
}

impl Resizing<'_, '_> {
    /// Puts the VMA there.
    #[inline(always)]
    fn apply(&mut self) {
        self.vma.set_extent(self.to);
    }
}

/// What a merge does about uprobes in the file that the merged VMA maps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Uprobes {
    /// Sets them in its pages.
    Install,
    /// Leaves its pages alone: they are about to be moved there, uprobes and all, and what is set
    /// before that would be lost. Answers to `skip_vma_uprobe`.
    Leave,
}

/// One VMA grows, over others that go.
pub(super) struct Over<'i, 'g> {
    /// The one that grows.
    pub(super) grown: Resizing<'i, 'g>,
    /// Those that go, as far as they are there: it grows over all of their ranges.
    pub(super) gone: [Option<WriteLocked<'i, 'g>>; 2],
}

/// One VMA grows up, into the one above it, which stays.
pub(super) struct Up<'i, 'g> {
    /// The one that grows.
    pub(super) grown: Resizing<'i, 'g>,
    /// The one above it.
    pub(super) shrunk: Resizing<'i, 'g>,
}

/// One VMA grows down, into the one below it, which stays.
pub(super) struct Down<'i, 'g> {
    /// The one that grows.
    pub(super) grown: Resizing<'i, 'g>,
    /// The one below it.
    pub(super) shrunk: Resizing<'i, 'g>,
}

/// Merges VMAs in an rmap-locked section, and returns the VMA that has grown. Sleeps.
///
/// Nothing in it can fail. Answers to `commit_merge()` from `vma_prepare()` to `vma_complete()`.
#[inline(always)]
pub(super) fn merge<'i, 'g>(
    mut merging: impl Merging<'i, 'g>,
    reserved: Reserved<'_, 'g, Storing>,
    uprobes: Uprobes,
) -> WriteLocked<'i, 'g> {
    // The lower one first, as C has it: the order shows in the shapes of the trees.
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

/// What a section has to know of its VMAs, and what it does with them while they are out of their rmap
/// trees.
pub(super) trait Merging<'i, 'g> {
    /// Of those that stay, the lower one.
    fn lower(&self) -> &WriteLocked<'i, 'g>;
    /// The one above it, if two stay.
    fn upper(&self) -> Option<&WriteLocked<'i, 'g>>;
    /// The one that grows.
    fn grown(&self) -> &WriteLocked<'i, 'g>;
    /// Changes the extents, after splitting the huge pages that would straddle a border.
    fn resize(&mut self);
    /// Those that go, if any do.
    #[inline(always)]
    fn gone(&self) -> [Option<&WriteLocked<'i, 'g>>; 2] {
        [None, None]
    }
    /// The one that has grown. Those that go are freed: they are in no tree any more.
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
        // The border moves up, into the other one.
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
