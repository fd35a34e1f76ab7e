// SPDX-License-Identifier: GPL-2.0

//! The words in which scenarios are told: pages, what is mapped there, what has happened, what is
//! done.

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

/// Where the scenes are: an address that nothing else uses, and that huge pages align to.
const BASE: usize = 0x7000_0000;

/// How many pages there are in a huge page.
pub(crate) const HUGE: usize = (2 << 20) / PAGE_SIZE;

/// Pages of the scene, counted from [`BASE`].
#[derive(Clone, Copy)]
pub(crate) struct Pages(pub(crate) usize, pub(crate) usize);

impl Pages {
    pub(crate) fn range(self) -> Result<Range> {
        Range::new(address(self.0), address(self.1)).map_err(|_| EINVAL)
    }
}

/// The address of a page of the scene.
pub(crate) const fn address(page: usize) -> usize {
    BASE + page * PAGE_SIZE
}

/// What is mapped.
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
    /// A shared mapping of a driver that wants to see it closed, if it starts at the driver's
    /// eighth page or later.
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
    /// An object of its own that reads as the first one does.
    HeapAgain,
}

/// Who goes on in the scene after a fork. The other one stays as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The child.
    Child,
    /// The parent, while the child lives.
    Parent,
    /// The parent, after the child's end.
    ParentAlone,
}

/// A step in preparing the scene. All of them are C's.
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
    /// Writes something else to each of these pages.
    Rewrite(Pages),
    /// Reads each of these pages, which faults them in without a page of their own.
    Read(Pages),
    /// Gives these pages, which lie in one VMA, flags; that merges and splits as C sees fit.
    Set(Pages, VmaFlags),
    /// Gives these pages a policy in the same way.
    Place(Pages, Placement),
    /// Gives these pages a name in the same way.
    Name(Pages, Title),
    /// Gives the VMA at this page flags, and does not touch its extent.
    Force(usize, VmaFlags),
    /// Registers these pages with a userfaultfd in the same way.
    Register(Pages, Context),
    /// Makes the VMA at this page look as if it was moved there from another one once it had been
    /// faulted in. That has to follow.
    CameFrom(usize, usize),
    /// Fork.
    Fork(Who),
    /// Makes sure that one huge page is mapped at this page.
    IsHuge(usize),
}

/// What is done to pages.
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
    /// They are registered with this userfaultfd, or with none.
    Register(Option<Context>, IfNoMemory),
    /// They are mapped, from the same place in the file, with these flags besides the usual ones.
    Map(Kind, VmaFlags),
    /// They are mapped from elsewhere in the file: from that page on.
    MapFrom(Kind, usize),
    /// The heap grows over them.
    Brk,
    /// The VMA before them grows over them.
    Extend,
    /// Pages from this one on are moved there.
    Copy(usize),
    /// Pages from this one on are moved there, and leave an empty VMA behind.
    CopyAndKeep(usize),
    /// Pages from this one on are moved there, by the whole of `copy_vma()`.
    Move(usize),
    /// The VMA after them grows down over them.
    Down,
    /// The VMA before them grows over them and over the VMA after them.
    Over,
    /// The VMA before them grows over them, and the VMA after them is named and stays.
    Towards,
    /// The VMA that they are the end of gives them up.
    Shrink,
    /// The VMA they lie in is cut where they begin; what is below is new.
    SplitBelow,
    /// The VMA they lie in is cut where they begin; what is above is new.
    SplitAbove,
}

impl Act {
    /// Whether C is asked for it through a request.
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
