// SPDX-License-Identifier: GPL-2.0

//! What the rules ask of a VMA, read from a real one.
//!
//! The kernel crate's [`VmaRef`] is a VMA that may be read; this is what it has to tell.

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

/// The NUMA policy of a VMA, or of what will be one. There may be none; that is one, too.
#[derive(Clone, Copy)]
pub(crate) struct Policy<'a> {
    ptr: *mut bindings::mempolicy,
    _owner: PhantomData<&'a ()>,
}

impl Policy<'_> {
    /// No policy.
    pub(crate) const fn none() -> Self {
        Self {
            ptr: null_mut(),
            _owner: PhantomData,
        }
    }

    /// What C calls it.
    ///
    /// # Safety
    ///
    /// The policy stays valid throughout the lifetime, or is null.
    pub(crate) unsafe fn from_raw(ptr: *mut bindings::mempolicy) -> Self {
        Self {
            ptr,
            _owner: PhantomData,
        }
    }

    /// Whether the two place memory alike. Answers to `mpol_equal()`.
    #[inline(always)]
    pub(crate) fn is_like(&self, other: &Policy<'_>) -> bool {
        // SAFETY: Both are borrowed, so they are valid (or null).
        self.ptr == other.ptr || unsafe { bindings::rust_vma_mpol_equal(self.ptr, other.ptr) }
    }
}

/// The name of a VMA, or of what will be one. There may be none; that is one, too.
#[derive(Clone, Copy)]
pub(crate) struct Name<'a> {
    ptr: *mut bindings::anon_vma_name,
    _owner: PhantomData<&'a ()>,
}

impl Name<'_> {
    /// No name.
    pub(crate) const fn none() -> Self {
        Self {
            ptr: null_mut(),
            _owner: PhantomData,
        }
    }

    /// What C calls it.
    ///
    /// # Safety
    ///
    /// The name stays valid throughout the lifetime, or is null.
    pub(crate) unsafe fn from_raw(ptr: *mut bindings::anon_vma_name) -> Self {
        Self {
            ptr,
            _owner: PhantomData,
        }
    }

    /// Whether the two read alike. Answers to `anon_vma_name_eq()`.
    #[inline(always)]
    pub(crate) fn is_like(&self, other: &Name<'_>) -> bool {
        // SAFETY: Both are borrowed, so they are valid (or null).
        self.ptr == other.ptr || unsafe { bindings::rust_vma_anon_vma_name_eq(self.ptr, other.ptr) }
    }
}

/// A userfaultfd context, of which only the identity counts. None is one, too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct UserfaultfdContext(*mut c_void);

impl UserfaultfdContext {
    /// No context.
    pub(crate) const NONE: Self = Self(null_mut());

    /// Returns the context with this address, which is only compared.
    pub(crate) const fn from_raw(ctx: *mut c_void) -> Self {
        Self(ctx)
    }

    /// Returns the context as C passes it. Without userfaultfd in the kernel, it is none.
    #[inline(always)]
    pub(crate) fn from_c(ctx: &bindings::vm_userfaultfd_ctx) -> Self {
        // SAFETY: The argument is valid; reads one pointer at most.
        Self(unsafe { bindings::rust_vma_ctx_of(ctx) })
    }
}

/// Returns the range that C names, as a caller or in a VMA.
///
/// # Safety
///
/// Both `start` and `end` (bytes) are multiples of the page size, and `end` is the larger one.
#[inline(always)]
pub(crate) unsafe fn range_named_by_c(start: usize, end: usize) -> Range {
    // SAFETY: By the caller's promise it is a range.
    unsafe { Range::new(start, end).unwrap_unchecked() }
}

// A `VmaRef` is a valid VMA, of which at least the mmap lock or its own lock is held for read. Under
// no more than that, three things may change while they are read: the anon_vma, which the first fault
// sets; the chain of anon_vmas, which it enters just after; and the flags, of which installing guard regions
// sets one. They are read once, as with READ_ONCE().
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
            // SAFETY: The kernel's VMAs are of whole pages, and not empty.
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
        // An anon_vma of its own is the only one in its chain; a child has its parents' as well.
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
