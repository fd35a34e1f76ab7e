// SPDX-License-Identifier: GPL-2.0

//! The entries that only tests use: functions of mm/vma.c that the kernel does not hook, with requests that
//! may change everything about a range at once. They are declared in engine.h.

use crate::{
    hook::sys::entry::{
        answer,
        merged_flags,
        part, //
    },
    report::{
        self,
        helper::Helper,
        sys::events::TracedMemory, //
    },
    vma::{
        compat::{
            Reach,
            Side, //
        },
        extent::{
            Extent,
            Range, //
        },
        flags::VmaFlags,
        merge::{
            merge_existing_range,
            Attempt,
            IfNoMemory,
            NoMemory,
            Unmerged, //
        },
        modify::{
            vma_modify,
            vma_modify_flags_name,
            Change,
            ModifyError,
            Outcome, //
        },
        plan::{
            Plan,
            Shape, //
        },
        sys::{
            bindings,
            Name,
            Policy,
            Site,
            UserfaultfdContext, //
        },
    },
};
use bindings::{
    anon_vma_name,
    vm_area_struct,
    vma_flags_t,
    vma_iterator,
    vma_merge_struct, //
};
use core::ptr::null_mut;

/// Executes [`vma_modify_flags_name`] with the arguments of `vma_modify_flags()` and a name.
///
/// # Safety
///
/// See the contract of `vma_modify_flags()`.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_modify_flags_name(
    vmi: *mut vma_iterator,
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
    flags: *mut vma_flags_t,
    name: *mut anon_vma_name,
) -> *mut vm_area_struct {
    // SAFETY: By the caller's promise, the contract of `vma_modify_flags()` holds.
    let (part, wanted, name) = unsafe {
        (
            part(vmi, prev, vma, start, end),
            VmaFlags::from_raw(*flags),
            Name::from_raw(name),
        )
    };
    let Some((site, range)) = part else {
        std::process::abort()
    };
    let modified = vma_modify_flags_name(site, range, wanted, name);
    report::modified(Helper::ModifyFlagsName, range, &modified, || {
        TracedMemory::NONE
    });
    if let Some(merged) = merged_flags(&modified) {
        // SAFETY: By the caller's promise, `flags` may be written.
        unsafe { *flags = merged.into_raw() };
    }
    answer(modified)
}

/// Executes [`vma_modify`] with the argument of `vma_modify()`, and sets the state that callers look at
/// afterwards.
///
/// # Safety
///
/// See the contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_modify(vmg: *mut vma_merge_struct) -> *mut vm_area_struct {
    // SAFETY: By the caller's promise, the contract of `vma_modify()` holds.
    let (site, range, change, if_no_memory) = unsafe { taken_apart(vmg) };
    let modified = vma_modify(site, range, &change, if_no_memory);
    report::modified(Helper::Modify, range, &modified, || TracedMemory::NONE);
    let state = match &modified {
        Ok(modified) if matches!(modified.outcome, Outcome::Merged(_)) => {
            bindings::vma_merge_state_VMA_MERGE_SUCCESS
        }
        Err(ModifyError::NoMemory(_)) => bindings::vma_merge_state_VMA_MERGE_ERROR_NOMEM,
        _ => bindings::vma_merge_state_VMA_MERGE_NOMERGE,
    };
    // SAFETY: By the caller's promise, `vmg` may be written.
    unsafe { (*vmg).state = state };
    answer(modified)
}

/// Executes [`merge_existing_range`] with the argument of `vma_merge_existing_range()`, and leaves the
/// argument as that function does.
///
/// # Safety
///
/// See the contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_merge_existing_range(
    vmg: *mut vma_merge_struct,
) -> *mut vm_area_struct {
    // SAFETY: By the caller's promise, the contract of `vma_merge_existing_range()` holds.
    let (site, range, change, if_no_memory) = unsafe { taken_apart(vmg) };
    let flags = change.flags.unwrap_or(VmaFlags::EMPTY);
    let reach = Reach::of_part(range, flags, site.middle());
    if reach.and_then(|reach| reach.to(Side::Above)).is_ok() {
        // SAFETY: By the caller's promise, the tree may be searched.
        unsafe { (*vmg).next = bindings::rust_vma_lookup((*vmg).mm, range.end()) };
    }
    let attempt = merge_existing_range(site, range, &change, if_no_memory);
    report::attempted(&attempt);
    let (state, tried, merged) = match attempt {
        Ok(Attempt::Merged(vma, plan)) => (
            bindings::vma_merge_state_VMA_MERGE_SUCCESS,
            Some(plan),
            vma.as_raw(),
        ),
        Ok(Attempt::NotMerged(_, _, Unmerged::GaveUp(plan))) => (
            bindings::vma_merge_state_VMA_MERGE_NOMERGE,
            Some(plan),
            null_mut(),
        ),
        Ok(Attempt::NotMerged(..)) => (
            bindings::vma_merge_state_VMA_MERGE_NOMERGE,
            None,
            null_mut(),
        ),
        Err(NoMemory(plan)) => (
            bindings::vma_merge_state_VMA_MERGE_ERROR_NOMEM,
            Some(plan),
            null_mut(),
        ),
    };
    // SAFETY: By the caller's promise, `vmg` may be written, and has no other user.
    let vmg = unsafe { &mut *vmg };
    vmg.state = state;
    if let Some(plan) = tried {
        let extent = extent_of(&plan);
        vmg.start = extent.range.start();
        vmg.end = extent.range.end();
        vmg.pgoff = extent.pgoff.pages();
        vmg.anon_pgoff = extent.anon_pgoff.pages();
        vmg.target = if plan.shape.grows_prev() {
            vmg.prev
        } else {
            vmg.next
        };
    }
    merged
}

/// Returns the range and offsets that C works with while it carries out `plan`.
fn extent_of(plan: &Plan) -> Extent {
    match plan.shape {
        // If the VMA in the middle gives way to the one above, C works on the rest of the middle.
        Shape::NextPart { rest } => rest,
        _ => plan.grown,
    }
}

/// Returns the parts of a request to change a part of a VMA.
///
/// # Safety
///
/// See the contract of `vma_modify()`, which has to hold throughout `'a`.
unsafe fn taken_apart<'a>(
    vmg: *mut vma_merge_struct,
) -> (Site<'a, 'a>, Range, Change<'a>, IfNoMemory) {
    // SAFETY: By the caller's promise, the request is valid. The union has two names for the same bits.
    unsafe {
        let request = &*vmg;
        let Some((site, range)) = part(
            request.vmi,
            request.prev,
            request.middle,
            request.start,
            request.end,
        ) else {
            std::process::abort()
        };
        let flags = (&raw const request.__bindgen_anon_1).cast::<vma_flags_t>();
        let change = Change {
            flags: Some(VmaFlags::from_raw(flags.read())),
            policy: Some(Policy::from_raw(request.policy)),
            name: Some(Name::from_raw(request.anon_name)),
            userfaultfd_context: Some(UserfaultfdContext::from_c(&request.uffd_ctx)),
        };
        (
            site,
            range,
            change,
            IfNoMemory::from_c(request.give_up_on_oom()),
        )
    }
}
