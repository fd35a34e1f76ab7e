// SPDX-License-Identifier: GPL-2.0

//! The words of scenarios: pages, the memory that is mapped there, the steps that come first, and the
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

/// The address of scenes: used by nothing else, and aligned for huge pages.
const BASE: usize = 0x7000_0000;

/// The number of pages in a huge page.
pub(crate) const HUGE: usize = (2 << 20) / PAGE_SIZE;

/// Pages of the scene, counted from [`BASE`].
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

/// The process that goes on in the scene after a fork. The other one stays as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The child.
    Child,
    /// The parent, while the child lives.
    Parent,
    /// The parent, after the child's end.
    ParentAlone,
}

/// A step in preparing the scene. C takes every step.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Maps these pages. Those of a file come from the same place in the file.
    Map(Kind, Pages),
    /// Maps these pages of the file from elsewhere in it: from that page on.
    MapFrom(Kind, Pages, usize),
    /// Unmaps these pages.
    Unmap(Pages),
    /// Writes to each of these pages, which faults them in.
    Write(Pages),
    /// Writes another byte to each of these pages.
    Rewrite(Pages),
    /// Reads each of these pages, which faults them in without a private copy.
    Read(Pages),
    /// Gives these pages, which lie in one VMA, flags, with the merges and splits of C.
    Set(Pages, VmaFlags),
    /// Gives these pages a policy in the same way.
    Place(Pages, Placement),
    /// Gives these pages a name in the same way.
    Name(Pages, Title),
    /// Gives the VMA at this page flags, and does not touch its extent.
    Force(usize, VmaFlags),
    /// Registers these pages with a userfaultfd in the same way.
    Register(Pages, Context),
    /// Makes the VMA at this page look as if it had been moved there from another page after it was
    /// faulted in. Faulting it in has to follow.
    CameFrom(usize, usize),
    /// Forks.
    Fork(Who),
    /// Fails unless one huge page is mapped at this page.
    IsHuge(usize),
}

/// An act on pages: the call that is compared.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// They get these flags.
    Set(VmaFlags),
    /// They lose these flags.
    Clear(VmaFlags),
    /// They get this name, or lose theirs.
    Name(Option<Title>),
    /// They get this name, with the flags that they have.
    FlagsName(Option<Title>),
    /// They get this policy, or lose theirs.
    Place(Option<Placement>),
    /// They are registered with this userfaultfd, or unregistered.
    Register(Option<Context>, IfNoMemory),
    /// They are mapped, from the same place in the file, with these flags besides the usual ones.
    Map(Kind, VmaFlags),
    /// They are mapped from elsewhere in the file: from that page on.
    MapFrom(Kind, usize),
    /// The heap grows over them.
    Brk,
    /// The VMA before them grows over them.
    Extend,
    /// Pages from this one on are moved to them.
    Copy(usize),
    /// Pages from this one on are moved to them, and leave an empty VMA behind.
    CopyAndKeep(usize),
    /// Pages from this one on are moved to them, by the whole of `copy_vma()`.
    Move(usize),
    /// The VMA after them grows down over them.
    Down,
    /// The VMA before them grows over them and over the VMA after them.
    Over,
    /// The VMA before them grows over them, and the VMA after them is named and stays.
    Towards,
    /// The VMA that they are the end of gives them up.
    Shrink,
    /// The VMA they lie in is cut where they begin, and the part below is new.
    SplitBelow,
    /// The VMA they lie in is cut where they begin, and the part above is new.
    SplitAbove,
}

impl Act {
    /// Returns whether C is asked for the act through a request.
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
