// SPDX-License-Identifier: GPL-2.0

//! The engine's door to C: all the unsafe code it has, behind types that cannot be misused.
//!
//! What holds a lock is a value, and what the lock protects can only be reached through it:
//!
//! ```text
//!   MmapWriteGuard    the mmap lock, held for write
//!     +- VmaIter        a position in the maple tree; borrows the guard
//!          +- Site        a VMA and its neighbours; borrows the iterator, so that nobody else
//!          |    +- Vma      can reach the same VMAs meanwhile
//!          +- Gap         the VMAs beside a place where something is about to be mapped
//!          +- Extension   a VMA that is about to grow, and the one after
//!          +- Reserved    memory for one store into the tree
//!
//!   VmaWalk           the VMAs one after the other, for reading, under the read lock
//!
//!   Over, Up, Down    VMAs that merge: taken out of their rmap trees, which are locked, and put back
//!   SplitSection,     the same for a VMA that is cut, and for one that ends earlier
//!   ShrinkSection
//! ```
//!
//! A [`Vma`] is the only handle there is to its `vm_area_struct`. A merge consumes the handles of
//! the VMAs that disappear, so that none can be used afterwards.

mod adjust;
pub(crate) mod bindings;
mod flags;
mod gap;
mod host;
mod iter;
mod lock;
mod merging;
mod new_vma;
mod rmap;
mod site;
mod vma;
mod vma_ref;
mod walk;

pub(crate) use self::{
    adjust::{
        ShrinkSection,
        SplitSection, //
    },
    gap::{
        Extension,
        Gap, //
    },
    host::{
        Error,
        MmWithUser,
        Result,
        VmaRef,
        EINVAL,
        ENOMEM, //
    },
    iter::VmaIter,
    lock::{
        map_count,
        max_map_count,
        MmapWriteGuard, //
    },
    merging::{
        Down,
        Over,
        Resizing,
        Up,
        Uprobes, //
    },
    new_vma::NewVma,
    site::Site,
    vma::{
        Cloned,
        Vma, //
    },
    vma_ref::{
        Name,
        Policy,
        UserfaultfdContext, //
    },
    walk::{
        Around,
        VmaWalk, //
    }, //
};
