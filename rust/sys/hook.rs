// SPDX-License-Identifier: GPL-2.0

//! Where C enters the engine: one function for each that the kernel's hook lets others serve.
//!
//! A request, `struct vma_merge_struct`, says what is wanted, and takes up what became of it. Each
//! function here turns it into the engine's own terms, asks the engine, and writes into it what the
//! C function that it serves would have written, as far as callers look at it. What makes no sense is
//! left to that function.

use super::request::Request;
use crate::{
    vma::{
        compat::Side,
        cut::{
            Split,
            SplitError, //
        },
        expand::{
            vma_expand,
            ExpandError, //
        },
        merge::{
            merge_existing_range,
            Attempt,
            NoMemory,
            Unmerged, //
        },
        modify::{
            vma_modify,
            ModifyError,
            Outcome, //
        },
        new_range::{
            vma_merge_new_vma,
            Placed, //
        },
        shrink::vma_shrink,
        split::split_vma_past_limit,
        sys::{
            bindings,
            Error,
            Vma,
            VmaIter, //
        },
    },
    witness::{
        self,
        Entry, //
    },
};
use bindings::{
    vm_area_struct,
    vma_iterator,
    vma_merge_struct, //
};
use core::{
    ffi::c_int,
    ptr::{
        null_mut,
        NonNull, //
    }, //
};

/// Serves `vma_modify()`.
///
/// # Safety
///
/// The contract of `vma_modify()`.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_hook_modify(
    vmg: *mut vma_merge_struct,
) -> *mut vm_area_struct {
    // SAFETY: The contract of the function that this one serves.
    let request = unsafe { Request::from_raw(vmg) }.filter(Request::is_within_middle);
    let Some(mut request) = request else {
        witness::refused(Entry::Modify);
        // SAFETY: It has the same contract.
        return unsafe { bindings::c_vma_modify(vmg) };
    };
    witness::entered(Entry::Modify);
    request.not_merged();
    // SAFETY: As above. There is no other site.
    let (site, change) = unsafe { (request.site(), request.change()) };

    let modified = vma_modify(site, request.range(), &change, request.if_no_memory());
    witness::modified(request.range(), &modified);
    match modified {
        Ok(modified) => {
            if let Outcome::Merged(plan) = modified.outcome {
                request.merged(&plan, &modified.vma);
            }
            modified.vma.as_raw()
        }
        Err(error) => {
            if let ModifyError::NoMemory(plan) = &error {
                request.no_memory(plan);
            }
            err_ptr(error.into())
        }
    }
}

/// Serves `vma_merge_existing_range()`.
///
/// # Safety
///
/// The contract of `vma_merge_existing_range()`.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_hook_merge_existing_range(
    vmg: *mut vma_merge_struct,
) -> *mut vm_area_struct {
    // SAFETY: The contract of the function that this one serves.
    let request = unsafe { Request::from_raw(vmg) }.filter(Request::is_within_middle);
    let Some(mut request) = request else {
        witness::refused(Entry::MergeExistingRange);
        // Nothing has merged, and whoever asked can go on.
        return null_mut();
    };
    witness::entered(Entry::MergeExistingRange);
    request.not_merged();
    request.find_next();
    // SAFETY: As above. There is no other site.
    let (site, change) = unsafe { (request.site(), request.change()) };

    let attempt = merge_existing_range(site, request.range(), &change, request.if_no_memory());
    witness::attempted(request.range(), &attempt);
    match attempt {
        Ok(Attempt::Merged(vma, plan)) => {
            request.merged(&plan, &vma);
            vma.as_raw()
        }
        Ok(Attempt::NotMerged(_, _, Unmerged::GaveUp(plan))) => {
            request.gave_up(&plan);
            null_mut()
        }
        Ok(Attempt::NotMerged(..)) => null_mut(),
        Err(NoMemory(plan)) => {
            request.no_memory(&plan);
            null_mut()
        }
    }
}

/// Serves `vma_merge_new_range()`.
///
/// # Safety
///
/// The contract of `vma_merge_new_range()`.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_hook_merge_new_range(
    vmg: *mut vma_merge_struct,
) -> *mut vm_area_struct {
    // SAFETY: The contract of the function that this one serves.
    let Some(mut request) = (unsafe { Request::from_raw(vmg) }) else {
        witness::refused(Entry::MergeNewRange);
        // SAFETY: It has the same contract.
        return unsafe { bindings::c_vma_merge_new_range(vmg) };
    };
    witness::entered(Entry::MergeNewRange);
    request.not_merged();
    // SAFETY: As above. There is no other gap.
    let (gap, new) = unsafe { (request.gap(), request.new_range()) };

    let placed = vma_merge_new_vma(gap, new);
    witness::placed(request.mm(), request.range(), &placed);
    match placed {
        Ok(Placed::Merged(vma, plan)) => {
            request.merged(&plan, &vma);
            vma.as_raw()
        }
        Ok(Placed::NotMerged(Unmerged::GaveUp(plan))) => {
            request.gave_up(&plan);
            null_mut()
        }
        Ok(Placed::NotMerged(_)) => null_mut(),
        Err(NoMemory(plan)) => {
            request.no_memory(&plan);
            null_mut()
        }
    }
}

/// Serves `__split_vma()`.
///
/// # Safety
///
/// The contract of `__split_vma()`.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_hook_split(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    addr: usize,
    new_below: c_int,
) -> c_int {
    // SAFETY: The contract of the function that this one serves.
    let result = unsafe { split_at(vmi, vma, addr, new_below, split_vma_past_limit) };
    let Some(result) = result else {
        witness::refused(Entry::Split);
        // SAFETY: It has the same contract.
        return unsafe { bindings::c___split_vma(vmi, vma, addr, new_below) };
    };
    witness::entered(Entry::Split);
    result
}

/// Splits `vma` at `addr` (bytes) by `split`; does nothing, and returns nothing, if that makes no
/// sense.
///
/// # Safety
///
/// The contract of `__split_vma()`.
#[inline(always)]
pub(super) unsafe fn split_at(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    addr: usize,
    new_below: c_int,
    split: for<'i> fn(&mut VmaIter<'_>, Vma<'i>, Split) -> Result<Vma<'i>, SplitError>,
) -> Option<c_int> {
    // SAFETY: By the caller's promise there is nobody else at the tree and this VMA.
    let (iter, vma) = unsafe { iter_and_vma(vmi, vma) }?;
    let cut = Split::at(vma.range(), addr, side_of_new(new_below))?;
    let result = split(iter, vma, cut);
    witness::split(cut.new_part(), &result);
    Some(match result {
        Ok(_) => 0,
        Err(error) => Error::from(error).to_errno(),
    })
}

/// Which part `__split_vma()` makes the new VMA, as its `new_below` says.
pub(crate) fn side_of_new(new_below: c_int) -> Side {
    if new_below != 0 {
        Side::Left
    } else {
        Side::Right
    }
}

/// Serves `vma_expand()`.
///
/// # Safety
///
/// The contract of `vma_expand()`.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_hook_expand(vmg: *mut vma_merge_struct) -> c_int {
    // SAFETY: The contract of the function that this one serves.
    let request = unsafe { Request::from_raw(vmg) };
    // SAFETY: As above. There is no other expansion.
    let expansion = request
        .as_ref()
        .and_then(|request| unsafe { request.expansion() });
    let (Some(mut request), Some((iter, expansion))) = (request, expansion) else {
        witness::refused(Entry::Expand);
        // SAFETY: It has the same contract.
        return unsafe { bindings::c_vma_expand(vmg) };
    };
    witness::entered(Entry::Expand);
    let expanded = vma_expand(iter, expansion);
    witness::expanded(&expanded);
    match expanded {
        Ok(_) => 0,
        Err(error) => {
            if error == ExpandError::Store {
                request.no_memory_to_expand();
            }
            Error::from(error).to_errno()
        }
    }
}

/// Serves `vma_shrink()`.
///
/// # Safety
///
/// The contract of `vma_shrink()`.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_hook_shrink(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    end: usize,
) -> c_int {
    // SAFETY: The contract of the function that this one serves.
    let parts = unsafe { iter_and_vma(vmi, vma) }
        .and_then(|(iter, vma)| Some((iter, vma.range().cut(end)?, vma)));
    let Some((iter, (kept, freed), vma)) = parts else {
        witness::refused(Entry::Shrink);
        // SAFETY: It has the same contract.
        return unsafe { bindings::c_vma_shrink(vmi, vma, end) };
    };
    witness::entered(Entry::Shrink);
    let shrunk = vma_shrink(iter, vma, kept, freed);
    witness::shrunk(&shrunk);
    match shrunk {
        Ok(_) => 0,
        Err(error) => error.to_errno(),
    }
}

/// The iterator and the VMA that C calls these; nothing if one of them is null.
///
/// # Safety
///
/// The mmap lock of their mm is held for write throughout `'a`, and nothing else reaches that mm's
/// VMAs in that time.
unsafe fn iter_and_vma<'a>(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
) -> Option<(&'a mut VmaIter<'a>, Vma<'a>)> {
    // SAFETY: What the caller promised.
    unsafe {
        Some((
            VmaIter::from_raw(NonNull::new(vmi)?),
            Vma::from_raw(NonNull::new(vma)?),
        ))
    }
}

/// What C calls `ERR_PTR()`.
pub(crate) fn err_ptr(error: Error) -> *mut vm_area_struct {
    core::ptr::without_provenance_mut(error.to_errno() as usize)
}
