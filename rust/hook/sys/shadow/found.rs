// SPDX-License-Identifier: GPL-2.0

//! The state that C has left. VMAs that existed before the call are recognised by their pointers, which are not
//! dereferenced, because C may have freed the VMAs.

use super::watched::{
    Known,
    Watched, //
};
use crate::{
    hook::{
        shadow::{
            asked::Asked,
            judge::{
                Found,
                Tried, //
            },
        },
        sys::request::extent_at,
    },
    vma::{
        compat::Attributes,
        extent::Range,
        forecast::{
            Answer,
            Layout,
            WhichVma, //
        },
        sys::{
            bindings,
            max_map_count,
            VmaRef, //
        },
    },
};
use bindings::{
    mm_struct,
    vm_area_struct,
    vma_iterator,
    vma_merge_struct, //
};
use core::{
    mem::MaybeUninit,
    ptr::NonNull, //
};

impl Known {
    /// Returns the VMAs after the call. Leaves out a VMA that lies where a range is about to be mapped, because the
    /// caller will unmap that VMA.
    ///
    /// # Safety
    ///
    /// The mmap lock of `mm` is held for write.
    unsafe fn find(&self, mm: *mut mm_struct, span: Range, asked: &Asked) -> Layout {
        let mut iter = MaybeUninit::uninit();
        let mut layout = Layout::new();
        // SAFETY: The lock is held by the caller's promise, so the tree may be walked with an iterator of our own,
        // and the VMAs found there are valid.
        unsafe {
            bindings::rust_vma_iter_init(iter.as_mut_ptr(), mm, span.start());
            while let Some(vma) =
                NonNull::new(bindings::rust_vma_find(iter.as_mut_ptr(), span.end()))
            {
                let which = self.which(vma.as_ptr());
                let extent = VmaRef::from_raw(vma.as_ptr()).extent();
                if which != WhichVma::New || !asked.replaces(extent) {
                    layout.push(which, extent);
                }
            }
        }
        layout
    }
}

impl Watched {
    /// Returns the state that C has left, including C's return value `answer` and the failed merge `tried`.
    pub(super) fn found(&self, answer: Answer, tried: Tried) -> Found {
        Found {
            answer,
            // SAFETY: By the type invariant the lock is held.
            layout: unsafe { self.known.find(self.mm, self.span, &self.asked) },
            tried,
            most: max_map_count(),
        }
    }

    /// Decodes the pointer that C returned: a VMA, no merge, or an error.
    pub(super) fn answer_of_vma(&self, vma: *mut vm_area_struct) -> Answer {
        match kernel::error::from_err_ptr(vma) {
            Err(error) => Answer::Fails(error),
            Ok(vma) if vma.is_null() => Answer::NotMerged,
            Ok(vma) => Answer::Vma(self.known.which(vma)),
        }
    }

    /// Returns the merge that C tried before it ran out of memory, as recorded in the request.
    ///
    /// # Safety
    ///
    /// `vmg` is the request of the call, and is valid.
    pub(super) unsafe fn tried_to_merge(&self, vmg: *mut vma_merge_struct) -> Tried {
        // SAFETY: By the caller's promise the request is valid. The VMAs that it names are not read.
        let raw = unsafe { &*vmg };
        if raw.state == bindings::vma_merge_state_VMA_MERGE_SUCCESS || raw.target.is_null() {
            return Tried::Nothing;
        }
        let is_planned = self.about.plan().is_some_and(|plan| {
            let grown = if plan.shape.grows_prev() {
                self.known.prev
            } else {
                self.known.next
            };
            let extent = Range::new(raw.start, raw.end).map(|range| extent_at(range, raw));
            raw.target == grown && extent == Ok(plan.grown)
        });
        if is_planned {
            Tried::AsPlanned
        } else {
            Tried::Otherwise
        }
    }

    /// Returns the extension that C tried before it ran out of memory. The iterator shows the attempt: once C has
    /// decided to merge, it steps the iterator back to the VMA that is to grow.
    ///
    /// # Safety
    ///
    /// `vmi` is the iterator of the call, and is valid.
    pub(super) unsafe fn tried_to_extend(&self, vmi: *const vma_iterator, answer: Answer) -> Tried {
        // SAFETY: By the caller's promise the iterator is valid.
        let has_stepped_back = unsafe { (*vmi).mas.index } < self.asked.wanted_range().start();
        if has_stepped_back && answer == Answer::NotMerged {
            Tried::AsPlanned
        } else {
            Tried::Nothing
        }
    }
}
