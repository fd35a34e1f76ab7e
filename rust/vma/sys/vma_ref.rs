// SPDX-License-Identifier: GPL-2.0

//! What the rules ask of a VMA, read from a real one.
//!
//! The kernel crate's [`VmaRef`] is a VMA that may be read; this is what it has to tell.

use super::{
    bindings,
    host::VmaRef,
    VmaFlags, //
};
use crate::vma::{
    compat::Attributes,
    extent::{
        Extent,
        PageOffset,
        Range, //
    }, //
};
use core::{
    ffi::c_void,
    marker::PhantomData,
    ptr::NonNull, //
};

/// The NUMA policy of a VMA; two are alike if they place memory alike.
pub(crate) struct Policy<'a> {
    ptr: *mut bindings::mempolicy,
    _vma: PhantomData<&'a ()>,
}

impl PartialEq for Policy<'_> {
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: Both belong to VMAs that are borrowed, so they are valid (or null).
        self.ptr == other.ptr || unsafe { bindings::rust_vma_mpol_equal(self.ptr, other.ptr) }
    }
}

/// The name of a VMA; two are alike if they read alike.
pub(crate) struct Name<'a> {
    ptr: *mut bindings::anon_vma_name,
    _vma: PhantomData<&'a ()>,
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: Both belong to VMAs that are borrowed, so they are valid (or null).
        self.ptr == other.ptr || unsafe { bindings::rust_vma_anon_vma_name_eq(self.ptr, other.ptr) }
    }
}

// A `VmaRef` is a valid VMA, of which at least the mmap lock or its own lock is held for read. Under
// no more than that, two things may change while they are read: the anon_vma, which the first fault
// sets, and the flags, of which installing guard regions sets one. They are read once, as with
// READ_ONCE().
impl Attributes for VmaRef {
    type File = NonNull<bindings::file>;
    type AnonVma = NonNull<bindings::anon_vma>;
    type UserfaultfdContext = *mut c_void;
    type Policy<'a>
        = Policy<'a>
    where
        Self: 'a;
    type Name<'a>
        = Name<'a>
    where
        Self: 'a;

    fn extent(&self) -> Extent {
        let vma = self.as_ptr();
        // SAFETY: The VMA is valid.
        let (start, end, pgoff, anon_pgoff) = unsafe {
            (
                (*vma).__bindgen_anon_1.__bindgen_anon_1.vm_start,
                (*vma).__bindgen_anon_1.__bindgen_anon_1.vm_end,
                (*vma).vm_pgoff,
                bindings::rust_vma_start_anon_pgoff(vma),
            )
        };
        Extent {
            range: Range::of_vma(start, end),
            pgoff: PageOffset::new(pgoff),
            anon_pgoff: PageOffset::new(anon_pgoff),
        }
    }

    fn vma_flags(&self) -> VmaFlags {
        // SAFETY: The VMA is valid. The union has two names for the same bits.
        VmaFlags::from_raw(unsafe {
            (&raw const (*self.as_ptr()).__bindgen_anon_2.flags).read_volatile()
        })
    }

    fn file(&self) -> Option<Self::File> {
        // SAFETY: The VMA is valid.
        NonNull::new(unsafe { (*self.as_ptr()).vm_file })
    }

    fn anon_vma(&self) -> Option<Self::AnonVma> {
        // SAFETY: The VMA is valid.
        NonNull::new(unsafe { (&raw const (*self.as_ptr()).anon_vma).read_volatile() })
    }

    fn has_forked_anon_vma(&self) -> bool {
        // An anon_vma of its own is the only one in its chain; a child has its parents' as well.
        //
        // SAFETY: The VMA is valid.
        self.anon_vma().is_some()
            && !unsafe { bindings::rust_vma_anon_vma_chain_is_singular(self.as_ptr()) }
    }

    fn policy(&self) -> Self::Policy<'_> {
        Policy {
            // SAFETY: The VMA is valid.
            ptr: unsafe { bindings::rust_vma_policy(self.as_ptr()) },
            _vma: PhantomData,
        }
    }

    fn userfaultfd_context(&self) -> Self::UserfaultfdContext {
        // SAFETY: The VMA is valid.
        unsafe { bindings::rust_vma_userfaultfd_ctx(self.as_ptr()) }
    }

    fn name(&self) -> Self::Name<'_> {
        Name {
            // SAFETY: The VMA is valid.
            ptr: unsafe { bindings::rust_vma_anon_vma_name(self.as_ptr()) },
            _vma: PhantomData,
        }
    }

    fn must_not_disappear(&self) -> bool {
        // SAFETY: The VMA is valid.
        unsafe { bindings::rust_vma_has_close(self.as_ptr()) }
    }
}
