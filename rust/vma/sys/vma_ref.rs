// SPDX-License-Identifier: GPL-2.0

//! The attributes that the rules compare, read from a real VMA.
//!
//! The kernel crate's [`VmaRef`] is a VMA that may be read. This file implements [`Attributes`] for it.

use super::{
    bindings,
    host::VmaRef, //
};
use crate::vma::{
    compat::Attributes,
    extent::{
        Extent,
        PageOffset,
        Range, //
    },
    flags::VmaFlags,
};
use core::{
    ffi::c_void,
    marker::PhantomData,
    ptr::{
        null_mut,
        NonNull, //
    }, //
};

/// The NUMA policy of an existing or future VMA. The null policy is also a policy.
#[derive(Clone, Copy)]
pub(crate) struct Policy<'a> {
    ptr: *mut bindings::mempolicy,
    _owner: PhantomData<&'a ()>,
}

impl Policy<'_> {
    /// Returns the null policy.
    pub(crate) const fn none() -> Self {
        Self {
            ptr: null_mut(),
            _owner: PhantomData,
        }
    }

    /// Wraps a C policy.
    ///
    /// # Safety
    ///
    /// The policy stays valid throughout the lifetime, or `ptr` is null.
    pub(crate) unsafe fn from_raw(ptr: *mut bindings::mempolicy) -> Self {
        Self {
            ptr,
            _owner: PhantomData,
        }
    }

    /// Returns whether both policies place memory in the same way. Answers to `mpol_equal()`.
    #[inline(always)]
    pub(crate) fn is_like(&self, other: &Policy<'_>) -> bool {
        // SAFETY: Both policies are borrowed, so each is valid or null.
        self.ptr == other.ptr || unsafe { bindings::rust_vma_mpol_equal(self.ptr, other.ptr) }
    }
}

/// The name of an existing or future VMA. The null name is also a name.
#[derive(Clone, Copy)]
pub(crate) struct Name<'a> {
    ptr: *mut bindings::anon_vma_name,
    _owner: PhantomData<&'a ()>,
}

impl Name<'_> {
    /// Returns the null name.
    pub(crate) const fn none() -> Self {
        Self {
            ptr: null_mut(),
            _owner: PhantomData,
        }
    }

    /// Wraps a C name.
    ///
    /// # Safety
    ///
    /// The name stays valid throughout the lifetime, or `ptr` is null.
    pub(crate) unsafe fn from_raw(ptr: *mut bindings::anon_vma_name) -> Self {
        Self {
            ptr,
            _owner: PhantomData,
        }
    }

    /// Returns whether both names have the same text. Answers to `anon_vma_name_eq()`.
    #[inline(always)]
    pub(crate) fn is_like(&self, other: &Name<'_>) -> bool {
        // SAFETY: Both names are borrowed, so each is valid or null.
        self.ptr == other.ptr || unsafe { bindings::rust_vma_anon_vma_name_eq(self.ptr, other.ptr) }
    }
}

/// A userfaultfd context. Only its identity matters. [`NONE`](Self::NONE) is also a context.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct UserfaultfdContext(*mut c_void);

impl UserfaultfdContext {
    /// The absence of a userfaultfd context.
    pub(crate) const NONE: Self = Self(null_mut());

    /// Returns the context with this address, which is only compared.
    pub(crate) const fn from_raw(ctx: *mut c_void) -> Self {
        Self(ctx)
    }

    /// Returns the context that C passes. Without userfaultfd in the kernel, returns [`NONE`](Self::NONE).
    #[inline(always)]
    pub(crate) fn from_c(ctx: &bindings::vm_userfaultfd_ctx) -> Self {
        // SAFETY: The argument is valid. The call reads at most one pointer.
        Self(unsafe { bindings::rust_vma_ctx_of(ctx) })
    }
}

/// Returns the range between two addresses from C.
///
/// # Safety
///
/// `start` and `end` (bytes) are multiples of the page size, and `start < end`.
#[inline(always)]
pub(crate) unsafe fn range_named_by_c(start: usize, end: usize) -> Range {
    // SAFETY: By the caller's promise `start` and `end` form a range.
    unsafe { Range::new(start, end).unwrap_unchecked() }
}

// A `VmaRef` is a valid VMA, and at least the mmap lock or the VMA's own lock is held for read. If only such a read
// lock is held, three fields may change while they are read: the anon_vma, which the first fault sets; the chain of
// anon_vmas, which the first fault extends just after; and the flags, one of which is set when guard regions are
// installed. They are read once, as with READ_ONCE().
impl Attributes for VmaRef {
    type File = NonNull<bindings::file>;
    type AnonVma = NonNull<bindings::anon_vma>;
    type UserfaultfdContext = UserfaultfdContext;
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
            // SAFETY: The kernel's VMAs consist of whole pages, and are not empty.
            range: unsafe { range_named_by_c(start, end) },
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
        // If a VMA's anon_vma was not inherited, it is the only one in the VMA's chain. A child's chain also contains
        // the anon_vmas of its parents.
        //
        // SAFETY: The VMA is valid.
        self.anon_vma().is_some()
            && unsafe { bindings::rust_vma_has_several_anon_vmas(self.as_ptr()) }
    }

    fn policy(&self) -> Self::Policy<'_> {
        // SAFETY: The VMA is valid, and keeps its policy while it is borrowed.
        unsafe { Policy::from_raw(bindings::rust_vma_policy(self.as_ptr())) }
    }

    fn has_policy_like<'a>(&self, policy: &Self::Policy<'a>) -> bool
    where
        Self: 'a,
    {
        self.policy().is_like(policy)
    }

    fn userfaultfd_context(&self) -> Self::UserfaultfdContext {
        // SAFETY: The VMA is valid.
        UserfaultfdContext(unsafe { bindings::rust_vma_userfaultfd_ctx(self.as_ptr()) })
    }

    fn name(&self) -> Self::Name<'_> {
        // SAFETY: The VMA is valid, and keeps its name while it is borrowed.
        unsafe { Name::from_raw(bindings::rust_vma_anon_vma_name(self.as_ptr())) }
    }

    fn has_name_like<'a>(&self, name: &Self::Name<'a>) -> bool
    where
        Self: 'a,
    {
        self.name().is_like(name)
    }

    fn loses_userfaultfd_when_moved(&self) -> bool {
        // SAFETY: The VMA is valid.
        unsafe { bindings::rust_vma_has_uffd_without_event_remap(self.as_ptr()) }
    }

    fn must_not_disappear(&self) -> bool {
        // SAFETY: The VMA is valid.
        unsafe { bindings::rust_vma_has_close(self.as_ptr()) }
    }
}
