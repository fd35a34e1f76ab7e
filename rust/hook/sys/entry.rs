// SPDX-License-Identifier: GPL-2.0

//! The entries: functions through which C enters the engine, one for each helper of the kernel's hook.
//!
//! Each entry converts C's arguments to the engine's types, calls the helper of the same name, and returns what the
//! body in C would return. If the arguments cannot be converted, the entry calls the body in C instead.

use super::request::Request;
use crate::{
    hook::fallback::leave_to_c,
    report::{
        self,
        ending::Ending,
        helper::Helper,
        sys::events::TracedMemory, //
    },
    vma::{
        compat::{
            Attributes,
            Side, //
        },
        cut::SplitError,
        expand::{
            vma_expand,
            ExpandError, //
        },
        extent::Range,
        flags::VmaFlags,
        merge::{
            IfNoMemory,
            NoMemory, //
        },
        modify::{
            vma_modify_flags,
            vma_modify_flags_uffd,
            vma_modify_name,
            vma_modify_policy,
            Modified,
            ModifyError,
            Outcome, //
        },
        new_range::{
            vma_merge_copied_range,
            vma_merge_extend,
            vma_merge_new_range,
            NewRange,
            Placed, //
        },
        shrink::vma_shrink,
        split::{
            split_vma,
            split_vma_past_limit, //
        },
        sys::{
            bindings,
            range_named_by_c,
            Cursor,
            Error,
            Extension,
            Gap,
            Name,
            Policy,
            Shrinking,
            Site,
            Splitting,
            UserfaultfdContext,
            Vma,
            VmaIter,
            VmaRef,
            WriteLockedMm, //
        },
    },
};
use bindings::{
    anon_vma_name,
    mempolicy,
    vm_area_struct,
    vm_userfaultfd_ctx,
    vma_flags_t,
    vma_hook_ops,
    vma_iterator,
    vma_merge_struct, //
};
use core::{
    ffi::c_int,
    ptr::{
        null_mut,
        NonNull, //
    },
};

/// The table of entries through which the kernel's hook calls the engine.
#[export_name = "rust_vma_ops"]
pub(crate) static OPS: vma_hook_ops = vma_hook_ops {
    modify_flags: Some(rust_vma_modify_flags),
    modify_name: Some(rust_vma_modify_name),
    modify_policy: Some(rust_vma_modify_policy),
    modify_flags_uffd: Some(rust_vma_modify_flags_uffd),
    merge_new_range: Some(rust_vma_merge_new_range),
    merge_copied_range: Some(rust_vma_merge_copied_range),
    merge_extend: Some(rust_vma_merge_extend),
    split: Some(rust_vma_split_vma),
    split_past_limit: Some(rust_vma_split_vma_past_limit),
    expand: Some(rust_vma_expand),
    shrink: Some(rust_vma_shrink),
};

/// Defines an entry: a function that implements a helper, with the same arguments as the helper's body in C. The code
/// of the entry gets the body in C as a closure.
///
/// The code is one unsafe block. Its callers uphold the contract of the helper: pointers are valid or null, the mmap
/// lock is held for write, and nothing else uses the iterator or has handles to VMAs. Each entry may therefore create
/// one handle to each of its VMAs, in the address space of the iterator, and dereference its arguments.
macro_rules! entry {
    (
        $(#[$attribute:meta])*
        $visibility:vis $entry:ident = $body:ident($($argument:ident: $type:ty),* $(,)?) -> $answer:ty;
        |$by_c:ident| $code:expr
    ) => {
        $(#[$attribute])*
        ///
        /// # Safety
        ///
        /// The caller upholds the contract of the helper.
        $visibility unsafe extern "C" fn $entry($($argument: $type),*) -> $answer {
            // SAFETY: The caller upholds the contract of the helper, which covers everything that entries do with their
            // arguments. The body in C has the same contract, and is called at most once, by an entry that has changed
            // nothing.
            unsafe {
                let $by_c = once(move || bindings::$body($($argument),*));
                $code
            }
        }
    };
}

entry! {
    /// Implements `vma_modify_flags()`.
    #[no_mangle]
    pub(crate) rust_vma_modify_flags = c_vma_modify_flags(
        vmi: *mut vma_iterator, prev: *mut vm_area_struct, vma: *mut vm_area_struct,
        start: usize, end: usize, flags: *mut vma_flags_t,
    ) -> *mut vm_area_struct;
    |by_c| {
        let wanted = VmaFlags::from_raw(*flags);
        let Some((site, range)) = part(vmi, prev, vma, start, end) else {
            leave_to_c(Helper::ModifyFlags);
            return by_c();
        };
        let modified = vma_modify_flags(site, range, wanted);
        report::modified(Helper::ModifyFlags.by_kernel(), range, &modified, || {
            TracedMemory::part(mm_of(vmi), Some(VmaFlags::from_raw(*flags)))
        });
        if let Some(merged) = merged_flags(&modified) {
            *flags = merged.into_raw();
        }
        answer(modified)
    }
}

entry! {
    /// Implements `vma_modify_name()`.
    #[no_mangle]
    pub(crate) rust_vma_modify_name = c_vma_modify_name(
        vmi: *mut vma_iterator, prev: *mut vm_area_struct, vma: *mut vm_area_struct,
        start: usize, end: usize, name: *mut anon_vma_name,
    ) -> *mut vm_area_struct;
    |by_c| {
        let part = part(vmi, prev, vma, start, end);
        let by_rust = |site, range| vma_modify_name(site, range, Name::from_raw(name));
        let memory = || TracedMemory::part(mm_of(vmi), None);
        modify(Helper::ModifyName, part, by_c, by_rust, memory)
    }
}

entry! {
    /// Implements `vma_modify_policy()`.
    #[no_mangle]
    pub(crate) rust_vma_modify_policy = c_vma_modify_policy(
        vmi: *mut vma_iterator, prev: *mut vm_area_struct, vma: *mut vm_area_struct,
        start: usize, end: usize, policy: *mut mempolicy,
    ) -> *mut vm_area_struct;
    |by_c| {
        let part = part(vmi, prev, vma, start, end);
        let by_rust = |site, range| vma_modify_policy(site, range, Policy::from_raw(policy));
        let memory = || TracedMemory::part(mm_of(vmi), None);
        modify(Helper::ModifyPolicy, part, by_c, by_rust, memory)
    }
}

entry! {
    /// Implements `vma_modify_flags_uffd()`.
    // Without CONFIG_USERFAULTFD the context is an empty struct, which neither C nor Rust passes.
    #[allow(improper_ctypes_definitions)]
    #[no_mangle]
    pub(crate) rust_vma_modify_flags_uffd = c_vma_modify_flags_uffd(
        vmi: *mut vma_iterator, prev: *mut vm_area_struct, vma: *mut vm_area_struct,
        start: usize, end: usize, flags: *const vma_flags_t,
        context: vm_userfaultfd_ctx, give_up_on_oom: bool,
    ) -> *mut vm_area_struct;
    |by_c| {
        let part = part(vmi, prev, vma, start, end);
        let by_rust = |site, range| {
            let flags = VmaFlags::from_raw(*flags);
            let context = UserfaultfdContext::from_c(&context);
            let if_no_memory = IfNoMemory::from_c(give_up_on_oom);
            let modified = vma_modify_flags_uffd(site, range, flags, context, if_no_memory);
            // A caller that must not fail passes the range of a whole VMA, because a split may fail.
            let splits = matches!(
                modified,
                Ok(Modified { outcome: Outcome::Split(..), .. })
                    | Err(ModifyError::Split(..) | ModifyError::SecondSplit(..))
            );
            bindings::rust_vma_vm_warn_on(give_up_on_oom && splits);
            modified
        };
        let memory = || TracedMemory::part(mm_of(vmi), Some(VmaFlags::from_raw(*flags)));
        modify(Helper::ModifyFlagsUffd, part, by_c, by_rust, memory)
    }
}

entry! {
    /// Implements `vma_merge_new_range()`.
    #[no_mangle]
    pub(crate) rust_vma_merge_new_range = c_vma_merge_new_range(
        vmg: *mut vma_merge_struct,
    ) -> *mut vm_area_struct;
    |by_c| {
        merge(Helper::MergeNewRange, Request::from_raw_new(vmg), by_c, vma_merge_new_range)
    }
}

entry! {
    /// Implements `vma_merge_copied_range()`.
    #[no_mangle]
    pub(crate) rust_vma_merge_copied_range = c_vma_merge_copied_range(
        vmg: *mut vma_merge_struct,
    ) -> *mut vm_area_struct;
    |by_c| {
        merge(Helper::MergeCopiedRange, Request::from_raw_copied(vmg), by_c, vma_merge_copied_range)
    }
}

entry! {
    /// Implements `vma_merge_extend()`.
    #[no_mangle]
    pub(crate) rust_vma_merge_extend = c_vma_merge_extend(
        vmi: *mut vma_iterator, vma: *mut vm_area_struct, delta: usize,
    ) -> *mut vm_area_struct;
    |by_c| {
        let Some((mm, extension)) = extension(vmi, vma, delta) else {
            leave_to_c(Helper::MergeExtend);
            return by_c();
        };
        let range = extension.range();
        let placed = vma_merge_extend(extension);
        let memory = || TracedMemory::extension(mm);
        report::placed(Helper::MergeExtend.by_kernel(), range, &placed, memory);
        match placed {
            Ok(Placed::Merged(vma, _)) => vma.as_raw(),
            Ok(Placed::NotMerged(_)) | Err(NoMemory(_)) => null_mut(),
        }
    }
}

entry! {
    /// Implements `split_vma()`.
    #[no_mangle]
    pub(crate) rust_vma_split_vma = c_split_vma(
        vmi: *mut vma_iterator, vma: *mut vm_area_struct, addr: usize, new_below: c_int,
    ) -> c_int;
    |by_c| {
        let splitting = splitting(vmi, vma, addr, new_below);
        split(Helper::Split, splitting, by_c, split_vma, || TracedMemory::part(mm_of(vmi), None))
    }
}

entry! {
    /// Implements `__split_vma()`.
    #[no_mangle]
    pub(crate) rust_vma_split_vma_past_limit = c___split_vma(
        vmi: *mut vma_iterator, vma: *mut vm_area_struct, addr: usize, new_below: c_int,
    ) -> c_int;
    |by_c| {
        let splitting = splitting(vmi, vma, addr, new_below);
        let memory = || TracedMemory::part(mm_of(vmi), None);
        split(Helper::SplitPastLimit, splitting, by_c, split_vma_past_limit, memory)
    }
}

entry! {
    /// Implements `vma_expand()`.
    #[no_mangle]
    pub(crate) rust_vma_expand = c_vma_expand(vmg: *mut vma_merge_struct) -> c_int;
    |by_c| {
        let request = Request::from_raw_expand(vmg);
        let expansion = request.as_ref().and_then(|request| request.expansion());
        let (Some(mut request), Some((mut cursor, expansion, filling))) = (request, expansion) else {
            leave_to_c(Helper::Expand);
            return by_c();
        };
        let expanded = vma_expand(&mut cursor, expansion, filling);
        report::expanded(Helper::Expand.by_kernel(), &expanded);
        if let Err(ExpandError::Store) = expanded {
            request.no_memory_to_expand();
        }
        errno_of(expanded)
    }
}

entry! {
    /// Implements `vma_shrink()`.
    #[no_mangle]
    pub(crate) rust_vma_shrink = c_vma_shrink(
        vmi: *mut vma_iterator, vma: *mut vm_area_struct, end: usize,
    ) -> c_int;
    |by_c| {
        // The caller unmaps the pages, as it does with C.
        let parts = cursor_and_vma(vmi, vma)
            .and_then(|(cursor, vma)| Some((cursor, Shrinking::to(end, vma)?)));
        let Some((mut cursor, shrinking)) = parts else {
            leave_to_c(Helper::Shrink);
            return by_c();
        };
        let shrunk = vma_shrink(&mut cursor, shrinking);
        report::finished(Helper::Shrink.by_kernel(), Ending::Shrunk, &shrunk);
        errno_of(shrunk)
    }
}

/// Returns `call` as a closure that can be called only once.
#[inline(always)]
pub(super) fn once<T>(call: impl FnOnce() -> T) -> impl FnOnce() -> T {
    call
}

/// Executes a call to a helper that makes a part of a VMA ready for a change.
#[inline(always)]
fn modify<'i, 'g>(
    helper: Helper,
    part: Option<(Site<'i, 'g>, Range)>,
    by_c: impl FnOnce() -> *mut vm_area_struct,
    by_rust: impl FnOnce(Site<'i, 'g>, Range) -> Result<Modified<'i, 'g>, ModifyError>,
    memory: impl Fn() -> TracedMemory<'g>,
) -> *mut vm_area_struct {
    let Some((site, range)) = part else {
        leave_to_c(helper);
        return by_c();
    };
    let modified = by_rust(site, range);
    report::modified(helper.by_kernel(), range, &modified, memory);
    answer(modified)
}

/// Executes a call to a helper that maps the range of a request by growing the VMAs beside it.
#[inline(always)]
fn merge<'a>(
    helper: Helper,
    request: Option<Request<'a>>,
    by_c: impl FnOnce() -> *mut vm_area_struct,
    by_rust: impl FnOnce(Gap<'a, 'a>, NewRange<'a, 'a>) -> Result<Placed<'a, 'a>, NoMemory>,
) -> *mut vm_area_struct {
    let Some(mut request) = request else {
        leave_to_c(helper);
        return by_c();
    };
    // SAFETY: By the type invariant of the request nothing else accesses the VMAs, and no other gap exists.
    let (gap, new) = unsafe { (request.gap(), request.new_range()) };
    let placed = by_rust(gap, new);
    report::placed(helper.by_kernel(), request.range(), &placed, || {
        request.memory()
    });
    request.placed(placed)
}

/// Executes a call to a helper that splits a VMA.
#[inline(always)]
fn split<'i, 'g>(
    helper: Helper,
    splitting: Option<(Cursor<'i, 'g>, Splitting<'i, 'g>)>,
    by_c: impl FnOnce() -> c_int,
    by_rust: impl FnOnce(&mut Cursor<'i, 'g>, Splitting<'i, 'g>) -> Result<Vma<'i, 'g>, SplitError>,
    memory: impl Fn() -> TracedMemory<'g>,
) -> c_int {
    let Some((mut cursor, splitting)) = splitting else {
        leave_to_c(helper);
        return by_c();
    };
    let new_part = splitting.split().new_part();
    let split = by_rust(&mut cursor, splitting);
    report::split(helper.by_kernel(), new_part, &split, memory);
    errno_of(split)
}

/// Returns the site of `vma`, and the part of it from `start` to `end` (bytes); `None` if `vmi` or `vma` is null, the
/// addresses do not lie within the VMA, or a kernel with CONFIG_DEBUG_VM detects a breach of the contract.
///
/// # Safety
///
/// The contract of `vma_modify()` holds: `vmi` is positioned in `vma`; `prev` is the VMA before `vma`, `vma` itself, or
/// null; the addresses are a range of whole pages; and the mmap lock is held for write throughout `'a`. There are no
/// other handles to these VMAs during that time.
#[inline(always)]
pub(crate) unsafe fn part<'a>(
    vmi: *mut vma_iterator,
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
) -> Option<(Site<'a, 'a>, Range)> {
    let (vmi, vma) = (NonNull::new(vmi)?, NonNull::new(vma)?);
    // SAFETY: By the caller's promise the pointers are valid or null. The function checks the rest of the contract.
    let is_sound =
        unsafe { bindings::rust_vma_modify_is_sound(vmi.as_ptr(), prev, vma.as_ptr(), start, end) };
    if !is_sound {
        return None;
    }
    // SAFETY: By the caller's promise the contract of `vma_modify()` holds, and there are no other handles.
    let (site, range) = unsafe {
        (
            Site::named_by_c(VmaIter::from_raw(vmi), prev, vma),
            range_named_by_c(start, end),
        )
    };
    site.covers(range).then_some((site, range))
}

/// Returns the mm of `vma`, and the extension of that VMA by `delta` bytes; `None` if a pointer is null, or a kernel
/// with CONFIG_DEBUG_VM detects a breach of the contract.
///
/// # Safety
///
/// The contract of `vma_merge_extend()` holds: `vmi` is positioned where `vma` ends; the `delta` bytes above `vma` are
/// a range of whole pages; and the mmap lock is held for write throughout `'a`. There are no other handles to `vma`, or
/// to the VMA after it, during that time.
#[inline(always)]
pub(crate) unsafe fn extension<'a>(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    delta: usize,
) -> Option<(WriteLockedMm<'a>, Extension<'a, 'a>)> {
    let (vmi, vma) = (NonNull::new(vmi)?, NonNull::new(vma)?);
    // SAFETY: By the caller's promise the pointers are valid. The function checks the rest of the contract.
    if !unsafe { bindings::rust_vma_extend_is_sound(vmi.as_ptr(), vma.as_ptr(), delta) } {
        return None;
    }
    // SAFETY: By the caller's promise the contract of `vma_merge_extend()` holds, and there are no other handles.
    unsafe {
        let end = VmaRef::from_raw(vma.as_ptr()).extent().range.end();
        let range = range_named_by_c(end, end.wrapping_add(delta));
        let mm = WriteLockedMm::from_raw((*vma.as_ptr()).vm_mm);
        Some((mm, Extension::new(VmaIter::from_raw(vmi), vma, range)))
    }
}

/// Returns the cursor, and the split of `vma` at `addr` (bytes); `None` if a pointer is null, or `addr` is not a
/// multiple of the page size inside the VMA.
///
/// # Safety
///
/// The contract of `__split_vma()` holds throughout `'a`. There is no other handle to the VMA during that time.
#[inline(always)]
unsafe fn splitting<'a>(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    addr: usize,
    new_below: c_int,
) -> Option<(Cursor<'a, 'a>, Splitting<'a, 'a>)> {
    // SAFETY: By the caller's promise the mmap lock is held for write, and nothing else accesses the VMA.
    let (cursor, vma) = unsafe { cursor_and_vma(vmi, vma) }?;
    let splitting = Splitting::at(vma, addr, side_of_new(new_below))?;
    Some((cursor, splitting))
}

/// Returns the side of a split on which the new VMA lies, from C's argument `new_below`.
pub(crate) fn side_of_new(new_below: c_int) -> Side {
    if new_below != 0 {
        Side::Below
    } else {
        Side::Above
    }
}

/// Returns the mm that the iterator walks.
///
/// # Safety
///
/// The iterator is valid, and the mmap lock of that mm is held for write throughout `'a`.
unsafe fn mm_of<'a>(vmi: *mut vma_iterator) -> WriteLockedMm<'a> {
    // SAFETY: By the caller's promise the iterator is valid, and the mmap lock is held for write.
    unsafe { WriteLockedMm::from_raw(bindings::rust_vma_iter_mm(vmi)) }
}

/// Returns a cursor for the iterator, and a handle to the VMA; `None` if either pointer is null.
///
/// # Safety
///
/// The mmap lock of their mm is held for write throughout `'a`, and nothing else accesses that mm's VMAs during that
/// time.
unsafe fn cursor_and_vma<'a>(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
) -> Option<(Cursor<'a, 'a>, Vma<'a, 'a>)> {
    // SAFETY: By the caller's promise the mmap lock is held for write, and nothing else accesses the VMAs.
    unsafe {
        Some((
            Cursor::new(VmaIter::from_raw(NonNull::new(vmi)?)),
            Vma::from_raw(NonNull::new(vma)?),
        ))
    }
}

/// Returns the flags of the merged VMA, including the sticky flags of all its parts; `None` if the range has not
/// merged.
#[inline(always)]
pub(crate) fn merged_flags(modified: &Result<Modified<'_, '_>, ModifyError>) -> Option<VmaFlags> {
    modified.as_ref().ok()?.merged_flags()
}

/// Returns the VMA, or the error as a pointer, as C does.
#[inline(always)]
pub(crate) fn answer(modified: Result<Modified<'_, '_>, ModifyError>) -> *mut vm_area_struct {
    match modified {
        Ok(modified) => modified.vma.as_raw(),
        Err(error) => err_ptr(error.into()),
    }
}

/// Returns 0 or a negative errno.
#[inline(always)]
fn errno_of<E: Into<Error>>(result: Result<Vma<'_, '_>, E>) -> c_int {
    match result {
        Ok(_) => 0,
        Err(error) => error.into().to_errno(),
    }
}

/// Returns the error as a pointer. Answers to `ERR_PTR()`.
pub(crate) fn err_ptr(error: Error) -> *mut vm_area_struct {
    core::ptr::without_provenance_mut(error.to_errno() as usize)
}
