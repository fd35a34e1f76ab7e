// SPDX-License-Identifier: GPL-2.0

//! A call that the shadow watches, and the VMAs that it operates on.

use crate::{
    hook::shadow::asked::Asked,
    vma::{
        extent::Range,
        forecast::{
            Forecast,
            WhichVma, //
        },
        plan::{
            Decision,
            Plan, //
        },
        sys::{
            bindings,
            VmaRef, //
        },
    },
};
use bindings::{
    file,
    mm_struct,
    vm_area_struct, //
};
use core::ptr::{
    null_mut,
    NonNull, //
};

/// A call that is watched: C has yet to execute it, or has just executed it.
///
/// # Invariants
///
/// As long as this value exists, `mm` and a file in `about` are valid, and the mmap lock of `mm` is held for
/// write.
pub(super) struct Watched {
    pub(super) asked: Asked,
    pub(super) forecast: Forecast,
    pub(super) about: About,
    pub(super) known: Known,
    pub(super) mm: *mut mm_struct,
    /// The addresses at which C may change VMAs.
    pub(super) span: Range,
}

/// The subject of a call, and Rust's decision about it.
#[derive(Clone, Copy)]
pub(super) enum About {
    /// A part of a VMA that is to change.
    Part(Decision),
    /// A range that is to be mapped, with this file.
    NewRange(Decision, Option<NonNull<file>>),
    /// A range that is to be added to the VMA below.
    Extension(Decision),
    /// A VMA that is to be split in two.
    Cut,
    /// A VMA that is to grow.
    Growth,
    /// A VMA that is to end earlier.
    Shrinkage,
}

impl About {
    /// Returns the merge that Rust would carry out, if any.
    pub(super) fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Part(Decision::Merge(plan))
            | Self::NewRange(Decision::Merge(plan), _)
            | Self::Extension(Decision::Merge(plan)) => Some(plan),
            _ => None,
        }
    }
}

/// Pointers to the VMAs that a call operates on; null for a VMA that does not exist. After the call, the VMAs
/// may have been freed.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) prev: *mut vm_area_struct,
    pub(super) middle: *mut vm_area_struct,
    pub(super) next: *mut vm_area_struct,
}

impl Known {
    /// Returns the VMAs `prev`, `middle` and `next` of a call.
    pub(super) fn of([prev, middle, next]: [Option<&VmaRef>; 3]) -> Self {
        let as_ptr = |vma: Option<&VmaRef>| vma.map_or(null_mut(), VmaRef::as_ptr);
        Self {
            prev: as_ptr(prev),
            middle: as_ptr(middle),
            next: as_ptr(next),
        }
    }

    /// Returns the role of this VMA in the call.
    pub(super) fn which(&self, vma: *mut vm_area_struct) -> WhichVma {
        if vma == self.prev {
            WhichVma::Prev
        } else if vma == self.middle {
            WhichVma::Middle
        } else if vma == self.next {
            WhichVma::Next
        } else {
            WhichVma::New
        }
    }
}
