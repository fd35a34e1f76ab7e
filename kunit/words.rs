// SPDX-License-Identifier: GPL-2.0

//! The vocabulary of scenarios: pages, the memory that is mapped there, the steps that come first, and the
//! act.

use crate::{
    fixture::{
        Context,
        Placement, //
    },
    vma::{
        extent::{
            Range,
            PAGE_SIZE, //
        },
        flags::VmaFlags,
        merge::IfNoMemory,
    },
};
use kernel::prelude::*;

/// The address of scenes, which nothing else uses, and which is aligned for huge pages.
const BASE: usize = 0x7000_0000;

/// The number of pages in a huge page.
pub(crate) const HUGE: usize = (2 << 20) / PAGE_SIZE;

/// A range of pages of the scene, counted from [`BASE`].
#[derive(Clone, Copy)]
pub(crate) struct Pages(pub(crate) usize, pub(crate) usize);

impl Pages {
    pub(crate) fn range(self) -> Result<Range> {
        Range::new(address(self.0), address(self.1)).map_err(|_| EINVAL)
    }
}

/// Returns the address of a page of the scene.
pub(crate) const fn address(page: usize) -> usize {
    BASE + page * PAGE_SIZE
}

/// A kind of memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Private anonymous memory.
    Anonymous,
    /// A private mapping of the scene's file.
    Private,
    /// A shared mapping of the scene's file.
    Shared,
    /// A shared mapping of another file.
    OtherShared,
    /// A shared mapping of a driver that has a close hook for mappings from its eighth page on.
    Closing,
    /// A shared mapping of huge pages of hugetlbfs.
    HugeShared,
    /// A private mapping of huge pages of hugetlbfs.
    HugePrivate,
}

/// Names that VMAs may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Title {
    /// One name.
    Heap,
    /// Another name.
    Stack,
    /// Another object with the text of the first one.
    HeapAgain,
}

/// The process that acts after a fork. The other process stays as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The child.
    Child,
    /// The parent, while the child lives.
    Parent,
    /// The parent, after the child has ended.
    ParentAlone,
}

/// A step in preparing the scene. C takes every step.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Maps these pages. Pages of a file come from the same place in the file.
    Map(Kind, Pages),
    /// Maps these pages of the file from another place in it: from this page on.
    MapFrom(Kind, Pages, usize),
    /// Unmaps these pages.
    Unmap(Pages),
    /// Writes to each of these pages, which faults them in.
    Write(Pages),
    /// Writes a different byte to each of these pages.
    Rewrite(Pages),
    /// Reads each of these pages, which faults them in without a private copy.
    Read(Pages),
    /// Sets flags of these pages, which lie in one VMA, with the merges and splits of C.
    Set(Pages, VmaFlags),
    /// Gives these pages a policy in the same way.
    Place(Pages, Placement),
    /// Gives these pages a name in the same way.
    Name(Pages, Title),
    /// Sets flags of the VMA at this page, without a merge or split.
    Force(usize, VmaFlags),
    /// Registers these pages with a userfaultfd in the same way.
    Register(Pages, Context),
    /// Makes the VMA at this page look as if it had been faulted in at another page and moved here
    /// afterwards. A step that faults it in has to follow.
    CameFrom(usize, usize),
    /// Forks.
    Fork(Who),
    /// Fails unless one huge page is mapped at this page.
    IsHuge(usize),
}

/// An act on pages: the call that is compared.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// Sets these flags.
    Set(VmaFlags),
    /// Clears these flags.
    Clear(VmaFlags),
    /// Gives the pages this name, or removes their name.
    Name(Option<Title>),
    /// Gives the pages this name, and keeps their flags.
    FlagsName(Option<Title>),
    /// Gives the pages this policy, or removes their policy.
    Place(Option<Placement>),
    /// Registers the pages with this userfaultfd, or unregisters them.
    Register(Option<Context>, IfNoMemory),
    /// Maps the pages, from the same place in the file, with these flags besides the usual ones.
    Map(Kind, VmaFlags),
    /// Maps the pages from another place in the file: from this page on.
    MapFrom(Kind, usize),
    /// Grows the heap over the pages.
    Brk,
    /// Grows the VMA before the pages over them.
    Extend,
    /// Moves other pages, which begin at this one, to the pages.
    Copy(usize),
    /// Moves other pages, which begin at this one, to the pages, and leaves an empty VMA behind.
    CopyAndKeep(usize),
    /// Moves other pages, which begin at this one, to the pages, with the whole of `copy_vma()`.
    Move(usize),
    /// Grows the VMA after the pages down over them.
    Down,
    /// Grows the VMA before the pages over them and over the VMA after them.
    Over,
    /// Grows the VMA before the pages over them. The request names the VMA after them, which stays.
    Towards,
    /// Removes the pages from the end of their VMA.
    Shrink,
    /// Cuts the VMA where the pages begin. The part below is new.
    SplitBelow,
    /// Cuts the VMA where the pages begin. The part above is new.
    SplitAbove,
}

impl Act {
    /// Returns whether C is called for the act through a request.
    pub(crate) const fn is_asked(self) -> bool {
        matches!(
            self,
            Self::Map(..)
                | Self::MapFrom(..)
                | Self::Brk
                | Self::Copy(_)
                | Self::CopyAndKeep(_)
                | Self::Down
                | Self::Over
                | Self::Towards
        )
    }
}
