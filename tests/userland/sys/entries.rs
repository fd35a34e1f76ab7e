// SPDX-License-Identifier: GPL-2.0

//! Where the tests in userland enter the engine beside the hook: the helpers of the series, with the
//! arguments of those in mm/vma.c. tests/userland/engine.h declares them.

use super::{
    hook::{
        err_ptr,
        split_at, //
    },
    request::Request, //
};
use crate::{
    vma::{
        compat::{
            Blocker,
            Source, //
        },
        extent::Range,
        merge::{
            IfNoMemory,
            NoMemory,
            Unmerged, //
        },
        modify::{
            vma_modify_flags,
            vma_modify_flags_name,
            vma_modify_name,
            vma_modify_policy,
            vma_modify_uffd,
            Modified,
            ModifyError, //
        },
        new_range::{
            vma_merge_extend,
            vma_merge_new_vma,
            Placed, //
        },
        plan::Blockers,
        split::split_vma,
        sys::{
            bindings,
            Extension,
            MmWithUser,
            Name,
            Policy,
            Site,
            UserfaultfdContext,
            VmaFlags,
            VmaIter,
            EINVAL, //
        }, //
    },
    witness::{
        self,
        Entry, //
    },
};
use bindings::{
    anon_vma_name,
    mempolicy,
    vm_area_struct,
    vma_flags_t,
    vma_iterator,
    vma_merge_struct, //
};
use core::{
    ffi::{
        c_int,
        c_void, //
    },
    ptr::{
        null_mut,
        NonNull, //
    }, //
};

/// The site of `vma`, as C describes it.
///
/// # Safety
///
/// The contract of `vma_modify()`: `vmi` stands in `vma`, and `prev` is the VMA before, or `vma`.
unsafe fn site<'a>(
    vmi: *mut vma_iterator,
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
) -> Option<Site<'a, 'a>> {
    // SAFETY: What the caller promised.
    unsafe {
        let iter = VmaIter::from_raw(NonNull::new(vmi)?);
        Some(Site::named_by_c(iter, prev, NonNull::new(vma)?))
    }
}

fn answer(range: Range, modified: Result<Modified<'_>, ModifyError>) -> *mut vm_area_struct {
    witness::modified(range, &modified);
    match modified {
        Ok(modified) => modified.vma.as_raw(),
        Err(error) => err_ptr(error.into()),
    }
}

/// [`vma_modify_flags`], with the arguments of `vma_modify_flags()`.
///
/// # Safety
///
/// The contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_modify_flags(
    vmi: *mut vma_iterator,
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
    flags: *mut vma_flags_t,
) -> *mut vm_area_struct {
    witness::entered(Entry::ModifyFlags);
    // SAFETY: The caller's promise.
    let (site, wanted) = unsafe { (site(vmi, prev, vma), VmaFlags::from_raw(*flags)) };
    let (Some(site), Ok(range)) = (site, Range::new(start, end)) else {
        return err_ptr(EINVAL);
    };
    let modified = vma_modify_flags(site, range, wanted);
    if let Ok(modified) = &modified {
        // SAFETY: The caller's promise.
        unsafe { *flags = modified.flags(wanted).into_raw() };
    }
    answer(range, modified)
}

/// [`vma_modify_name`], with the arguments of `vma_modify_name()`.
///
/// # Safety
///
/// The contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_modify_name(
    vmi: *mut vma_iterator,
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
    name: *mut anon_vma_name,
) -> *mut vm_area_struct {
    witness::entered(Entry::ModifyName);
    // SAFETY: The caller's promise.
    let (site, name) = unsafe { (site(vmi, prev, vma), Name::from_raw(name)) };
    let (Some(site), Ok(range)) = (site, Range::new(start, end)) else {
        return err_ptr(EINVAL);
    };
    answer(range, vma_modify_name(site, range, name))
}

/// [`vma_modify_flags_name`], with the arguments of `vma_modify_flags()` and a name.
///
/// # Safety
///
/// The contract of that function.
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
    witness::entered(Entry::ModifyFlagsName);
    // SAFETY: The caller's promise.
    let (site, wanted, name) = unsafe {
        (
            site(vmi, prev, vma),
            VmaFlags::from_raw(*flags),
            Name::from_raw(name),
        )
    };
    let (Some(site), Ok(range)) = (site, Range::new(start, end)) else {
        return err_ptr(EINVAL);
    };
    let modified = vma_modify_flags_name(site, range, wanted, name);
    if let Ok(modified) = &modified {
        // SAFETY: The caller's promise.
        unsafe { *flags = modified.flags(wanted).into_raw() };
    }
    answer(range, modified)
}

/// [`vma_modify_policy`], with the arguments of `vma_modify_policy()`.
///
/// # Safety
///
/// The contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_modify_policy(
    vmi: *mut vma_iterator,
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
    policy: *mut mempolicy,
) -> *mut vm_area_struct {
    witness::entered(Entry::ModifyPolicy);
    // SAFETY: The caller's promise.
    let (site, policy) = unsafe { (site(vmi, prev, vma), Policy::from_raw(policy)) };
    let (Some(site), Ok(range)) = (site, Range::new(start, end)) else {
        return err_ptr(EINVAL);
    };
    answer(range, vma_modify_policy(site, range, policy))
}

/// [`vma_modify_uffd`], with the arguments of `vma_modify_flags_uffd()`.
///
/// # Safety
///
/// The contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_modify_uffd(
    vmi: *mut vma_iterator,
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
    flags: *const vma_flags_t,
    context: *mut c_void,
    give_up_on_oom: bool,
) -> *mut vm_area_struct {
    witness::entered(Entry::ModifyUffd);
    // SAFETY: The caller's promise.
    let (site, flags) = unsafe { (site(vmi, prev, vma), VmaFlags::from_raw(*flags)) };
    let (Some(site), Ok(range)) = (site, Range::new(start, end)) else {
        return err_ptr(EINVAL);
    };
    let if_no_memory = if give_up_on_oom {
        IfNoMemory::GiveUp
    } else {
        IfNoMemory::Fail
    };
    let context = UserfaultfdContext::from_raw(context);
    answer(
        range,
        vma_modify_uffd(site, range, flags, context, if_no_memory),
    )
}

/// [`vma_merge_extend`], with the arguments of `vma_merge_extend()`.
///
/// # Safety
///
/// The contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_merge_extend(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    delta: usize,
) -> *mut vm_area_struct {
    witness::entered(Entry::MergeExtend);
    let (Some(vmi), Some(vma)) = (NonNull::new(vmi), NonNull::new(vma)) else {
        return null_mut();
    };
    // SAFETY: The caller's promise.
    let (mm, extension) = unsafe {
        (
            MmWithUser::from_raw((*vma.as_ptr()).vm_mm),
            Extension::new(VmaIter::from_raw(vmi), vma),
        )
    };
    let end = extension.end();
    let Ok(range) = Range::new(end, end.wrapping_add(delta)) else {
        return null_mut();
    };
    let placed = vma_merge_extend(extension, range);
    witness::placed(mm, range, &placed);
    match placed {
        Ok(Placed::Merged(vma, _)) => vma.as_raw(),
        Ok(Placed::NotMerged(_)) | Err(NoMemory(_)) => null_mut(),
    }
}

/// [`vma_merge_new_vma`] with a source, with the arguments of `vma_merge_copied_range()`, and whether
/// the source stays.
///
/// # Safety
///
/// The contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_merge_copied_range(
    vmg: *mut vma_merge_struct,
    keep_source: bool,
) -> *mut vm_area_struct {
    witness::entered(Entry::MergeCopiedRange);
    // SAFETY: The caller's promise: the VMA in the middle is the source.
    let request = unsafe {
        let source = (*vmg).middle;
        (*vmg).middle = null_mut();
        (*vmg).copied_from = source;
        Request::from_raw(vmg)
    };
    let Some(mut request) = request else {
        return null_mut();
    };
    // SAFETY: As above. There is no other gap.
    let (gap, mut new) = unsafe { (request.gap(), request.new_range()) };
    if let (Source::Leaving(vma), true) = (&new.candidate.source, keep_source) {
        new.candidate.source = Source::Vacating(vma);
    }

    let placed = vma_merge_new_vma(gap, new);
    witness::placed(request.mm(), request.range(), &placed);
    match placed {
        Ok(Placed::Merged(vma, plan)) => {
            request.merged(&plan, &vma);
            vma.as_raw()
        }
        Ok(Placed::NotMerged(unmerged)) => {
            not_copied(&mut request, &unmerged);
            null_mut()
        }
        Err(NoMemory(plan)) => {
            request.no_memory(&plan);
            null_mut()
        }
    }
}

/// [`split_vma`], with the arguments of `split_vma()`.
///
/// # Safety
///
/// The contract of that function.
#[no_mangle]
pub(crate) unsafe extern "C" fn rust_vma_split_vma(
    vmi: *mut vma_iterator,
    vma: *mut vm_area_struct,
    addr: usize,
    new_below: c_int,
) -> c_int {
    witness::entered(Entry::SplitVma);
    // SAFETY: The caller's promise.
    unsafe { split_at(vmi, vma, addr, new_below, split_vma) }.unwrap_or(EINVAL.to_errno())
}

/// Nothing has merged of what moves here. That it moves without its userfaultfd is found out before a
/// state is set.
fn not_copied(request: &mut Request<'_>, unmerged: &Unmerged) {
    if let Unmerged::Blocked(Blockers {
        left: Blocker::MovedUnderUserfaultfd,
        ..
    }) = unmerged
    {
        return;
    }
    request.not_merged();
    if let Unmerged::GaveUp(plan) = unmerged {
        request.gave_up(plan);
    }
}
