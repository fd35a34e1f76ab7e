// SPDX-License-Identifier: GPL-2.0

//! The engine's interface to C: all of its unsafe code, behind types that cannot be misused.
//!
//! A value represents each lock that is held, and data under the lock can only be reached through that value:
//!
//! ```text
//!   MmapWriteGuard    the mmap lock, held for write
//!     +- VmaIter        a position in the maple tree; borrows the guard
//!          +- Vma         the only handle to a VMA; borrows the iterator, so no other handle exists
//!          |    +- WriteLocked   a VMA that is write-locked
//!          +- Site        a VMA and its neighbours: Prev, Middle and Next, and a Cursor
//!          +- Gap         a range that is about to be mapped, and the VMAs beside it
//!          +- Extension   a VMA that is about to grow upwards, and the VMA after it
//!          +- WriteLockedMm   the address space, which proves that the lock is held
//!
//!   VmaWalk           the VMAs in address order, for reading, under the read lock
//!   MmapReadGuard     the mmap lock, held for read, to look at any VMA
//! ```
//!
//! Each change is a value that holds the handles of its VMAs. It first does everything that can fail, and then cannot
//! fail:
//!
//! ```text
//!   Growth            a VMA takes over the middle of a site, or a part of it               growth.rs
//!   Expansion         a VMA grows over a gap                                               expansion.rs
//!   Splitting         a VMA is split in two                                                splitting.rs
//!   Shrinking         a VMA ends earlier                                                   shrinking.rs
//! ```
//!
//! All handles of one address space share one brand, the lifetime `'g`, so that a handle of another address space
//! cannot take their place. A merge consumes the handles of the VMAs that it removes, so that those handles cannot be
//! used afterwards.

mod address_space;
mod adjust;
pub(crate) mod bindings;
mod brand;
mod expansion;
mod flags;
mod gap;
mod growth;
mod host;
mod iter;
mod lock;
mod locked_mm;
mod merging;
mod new_vma;
mod places;
mod rmap;
mod shrinking;
mod site;
mod splitting;
mod vma;
mod vma_ref;
mod walk;

pub(crate) use self::{
    address_space::{
        address_space_end,
        map_count,
        max_map_count, //
    },
    expansion::{
        ExpandError,
        Expansion,
        GapTakeover,
        MovedFrom, //
    },
    gap::{
        Extension,
        Gap, //
    },
    growth::{
        Asking,
        Growth, //
    },
    host::{
        Error,
        MmWithUser,
        Result,
        VmaRef,
        EINVAL,
        ENOMEM, //
    },
    iter::{
        Cursor,
        VmaIter, //
    },
    lock::{
        MmapReadGuard,
        MmapWriteGuard, //
    },
    locked_mm::WriteLockedMm,
    merging::Uprobes,
    shrinking::Shrinking,
    site::Site,
    splitting::Splitting,
    vma::Vma,
    vma_ref::{
        range_named_by_c,
        Name,
        Policy,
        UserfaultfdContext, //
    },
    walk::{
        Around,
        Three,
        VmaWalk, //
    }, //
};
