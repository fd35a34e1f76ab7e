// SPDX-License-Identifier: GPL-2.0

//! Calls of the helpers, by either engine, that are measured: made ready first, so that nothing but
//! the call itself is.

use super::{
    request::make,
    Action,
    Ask,
    Context,
    Engine,
    TestMm,
    TestName,
    TestPolicy, //
};
use crate::{
    process::sys::account::count,
    sys::{
        hook::{
            err_ptr,
            side_of_new, //
        },
        request::Request,
    },
    vma::{
        compat::{
            Attributes,
            Side, //
        },
        cut::Split,
        expand::vma_expand,
        extent::{
            Range,
            PAGE_SIZE, //
        },
        flags::VmaFlags,
        merge::{
            IfNoMemory,
            NoMemory, //
        },
        modify::{
            vma_modify_flags,
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
        shrink::vma_shrink,
        split::split_vma,
        sys::{
            bindings,
            Error as EngineError,
            Extension,
            MmapWriteGuard,
            Name,
            Policy,
            Site,
            UserfaultfdContext,
            Vma,
            VmaIter, //
        },
    },
};
use bindings::{
    rust_vma_kunit_call as RawCall,
    vm_area_struct, //
};
use core::{
    ffi::c_void,
    mem::MaybeUninit,
    ptr::{
        null_mut,
        NonNull, //
    },
};
use kernel::{
    error::to_result,
    prelude::*, //
};

/// How a call is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// By the processor's counter.
    Ticks,
    /// By whoever runs this machine, who finds marks around it.
    Marks,
}

/// A function that makes a call.
type Function = unsafe extern "C" fn(*mut c_void);

/// A call of the C function, and of ours that answers to it.
struct Both {
    c: Function,
    rust: Function,
}

const MODIFY_FLAGS: Both = Both {
    c: bindings::rust_vma_kunit_call_modify_flags,
    rust: modify_flags,
};
const MODIFY_NAME: Both = Both {
    c: bindings::rust_vma_kunit_call_modify_name,
    rust: modify_name,
};
const MODIFY_POLICY: Both = Both {
    c: bindings::rust_vma_kunit_call_modify_policy,
    rust: modify_policy,
};
const MODIFY_UFFD: Both = Both {
    c: bindings::rust_vma_kunit_call_modify_uffd,
    rust: modify_uffd,
};
const MERGE_NEW_RANGE: Both = Both {
    c: bindings::rust_vma_kunit_call_merge_new_range,
    rust: merge_new_range,
};
const EXPAND: Both = Both {
    c: bindings::rust_vma_kunit_call_expand,
    rust: expand,
};
const MERGE_EXTEND: Both = Both {
    c: bindings::rust_vma_kunit_call_merge_extend,
    rust: merge_extend,
};
const SPLIT: Both = Both {
    c: bindings::rust_vma_kunit_call_split,
    rust: split,
};
const SHRINK: Both = Both {
    c: bindings::rust_vma_kunit_call_shrink,
    rust: shrink,
};

/// What a call without a function in it takes: the same on both sides.
pub(crate) fn ticks_around_a_call() -> u64 {
    let mut call: MaybeUninit<RawCall> = MaybeUninit::zeroed();
    // SAFETY: The function writes a pointer into it.
    unsafe {
        bindings::rust_vma_kunit_ticks(
            Some(bindings::rust_vma_kunit_call_nothing),
            call.as_mut_ptr().cast(),
            1,
        )
    }
}

impl TestMm {
    /// Does something with `range`, and says how many ticks the call took, if it was to be measured
    /// by them. Fails if the VMAs are not what the action is about, or the call fails.
    pub(crate) fn measure(
        &self,
        engine: Engine,
        action: &Action<'_>,
        range: Range,
        measure: Measure,
    ) -> Result<u64> {
        let _guard = MmapWriteGuard::lock_killable(self.mm())?;
        let mut call = MaybeUninit::zeroed();
        // SAFETY: The lock is held for write, and there are no handles to any VMA. Zeroes are a call
        // about nothing.
        let function = unsafe { self.prepare(call.assume_init_mut(), action, range)? };
        let function = match engine {
            Engine::C => function.c,
            Engine::Rust | Engine::RustByRequest => function.rust,
        };
        let subject = call.as_mut_ptr().cast();
        // SAFETY: It was made ready for this function.
        let ticks = unsafe {
            match measure {
                Measure::Ticks => bindings::rust_vma_kunit_ticks(Some(function), subject, 1),
                Measure::Marks => {
                    bindings::rust_vma_kunit_profile(Some(function), subject);
                    0
                }
            }
        };
        // SAFETY: As above.
        let call: &RawCall = unsafe { call.assume_init_ref() };
        to_result(call.error)?;
        kernel::error::from_err_ptr(call.vma)?;
        if matches!(action, Action::Extend | Action::Ask(_)) {
            self.count_mapped(range);
        }
        Ok(ticks)
    }

    /// Counts the pages of a range that was mapped anew, if it was: or what is unmapped later would be
    /// taken off what was never added. The mmap lock is held for write.
    fn count_mapped(&self, range: Range) {
        // SAFETY: The lock is held for write, and there are no handles to any VMA.
        let vma = unsafe { bindings::rust_vma_lookup(self.mm().as_raw(), range.start()) };
        if let Some(vma) = NonNull::new(vma) {
            // SAFETY: As above; it is a VMA of the tree.
            let mut vma = unsafe { Vma::from_raw(vma) };
            let flags = vma.vma_flags();
            count(&mut vma, flags, (range.end() - range.start()) / PAGE_SIZE);
        }
    }

    /// Makes a call ready.
    ///
    /// # Safety
    ///
    /// The mmap lock is held for write, and there are no handles to any VMA, until the call was made.
    unsafe fn prepare(
        &self,
        call: &mut RawCall,
        action: &Action<'_>,
        range: Range,
    ) -> Result<Both> {
        let mm = self.mm().as_raw();
        let (start, end) = (range.start(), range.end());
        (call.start, call.end) = (start, end);
        // SAFETY: The caller's promise.
        unsafe {
            match action {
                Action::Flags { set, clear } => {
                    to_result(bindings::rust_vma_kunit_prepare_site(call, mm))?;
                    let flags = flags_of(call.vma).without(*clear).union(*set);
                    call.flags = flags.into_raw();
                    Ok(MODIFY_FLAGS)
                }
                Action::Name(name) => {
                    to_result(bindings::rust_vma_kunit_prepare_site(call, mm))?;
                    call.name = TestName::raw(*name);
                    Ok(MODIFY_NAME)
                }
                Action::Policy(policy) => {
                    to_result(bindings::rust_vma_kunit_prepare_site(call, mm))?;
                    call.policy = TestPolicy::raw(*policy);
                    Ok(MODIFY_POLICY)
                }
                Action::Userfaultfd(context, IfNoMemory::Fail) => {
                    to_result(bindings::rust_vma_kunit_prepare_site(call, mm))?;
                    call.flags = flags_of(call.vma).into_raw();
                    call.context = Context::raw(*context);
                    Ok(MODIFY_UFFD)
                }
                Action::Extend => {
                    to_result(bindings::rust_vma_kunit_prepare_vma(
                        call,
                        mm,
                        start - 1,
                        start,
                    ))?;
                    Ok(MERGE_EXTEND)
                }
                Action::Split(side) => {
                    to_result(bindings::rust_vma_kunit_prepare_vma(call, mm, start, start))?;
                    call.new_below = *side == Side::Left;
                    Ok(SPLIT)
                }
                Action::Shrink => {
                    to_result(bindings::rust_vma_kunit_prepare_vma(call, mm, start, start))?;
                    Ok(SHRINK)
                }
                Action::Ask(ask) => {
                    let function = match ask {
                        Ask::Map { .. } | Ask::Brk(_) => MERGE_NEW_RANGE,
                        Ask::Down | Ask::Over => EXPAND,
                        Ask::Copy { .. } => return Err(EINVAL),
                    };
                    make(&mut call.request, &mut call.vmi, self, ask, range)?;
                    Ok(function)
                }
                _ => Err(EINVAL),
            }
        }
    }
}

/// # Safety
///
/// The VMA is valid, and the mmap lock of its mm is held.
unsafe fn flags_of(vma: *const vm_area_struct) -> VmaFlags {
    // SAFETY: The caller's promise.
    unsafe { crate::vma::sys::VmaRef::from_raw(vma) }.vma_flags()
}

/// The call that a function is about.
///
/// # Safety
///
/// It was made ready for this function, and nobody else has it.
unsafe fn call<'a>(made: *mut c_void) -> &'a mut RawCall {
    // SAFETY: The caller's promise.
    unsafe { &mut *made.cast() }
}

/// The iterator of a call.
///
/// # Safety
///
/// As for [`call`]; and nobody uses that iterator meanwhile.
unsafe fn iter<'a>(call: *mut RawCall) -> &'a mut VmaIter<'a> {
    // SAFETY: The caller's promise.
    unsafe { VmaIter::from_raw(NonNull::new_unchecked(&raw mut (*call).vmi)) }
}

/// The VMA that a call is about.
///
/// # Safety
///
/// As for [`call`]; and there is no other handle to the VMA.
unsafe fn vma<'a>(call: *const RawCall) -> Vma<'a> {
    // SAFETY: The caller's promise.
    unsafe { Vma::from_raw(NonNull::new_unchecked((*call).vma)) }
}

/// The range that a call is about. If that is none, the call has failed.
fn range(call: &mut RawCall) -> Option<Range> {
    let range = Range::new(call.start, call.end).ok();
    if range.is_none() {
        call.error = EINVAL.to_errno();
    }
    range
}

/// The site of the change that a call asks for, and the range that is to change; as [`range`].
///
/// # Safety
///
/// As for [`call`]; and there are no handles to the VMAs.
unsafe fn site<'a>(call: *mut RawCall) -> Option<(Site<'a, 'a>, Range)> {
    // SAFETY: The caller's promise.
    unsafe {
        let range = range(&mut *call)?;
        let middle = NonNull::new_unchecked((*call).vma);
        let site = Site::named_by_c(iter(call), (*call).prev, middle);
        Some((site, range))
    }
}

/// What C returns of a change.
fn changed(modified: Result<Modified<'_>, ModifyError>) -> *mut vm_area_struct {
    match modified {
        Ok(modified) => modified.vma.as_raw(),
        Err(error) => err_ptr(error.into()),
    }
}

/// What C returns of a new range.
fn covered(placed: Result<Placed<'_>, NoMemory>) -> *mut vm_area_struct {
    match placed {
        Ok(Placed::Merged(vma, _)) => vma.as_raw(),
        Ok(Placed::NotMerged(_)) | Err(NoMemory(_)) => null_mut(),
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn modify_flags(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let Some((site, range)) = site(call) else {
            return;
        };
        let wanted = VmaFlags::from_raw(call.flags);
        let modified = vma_modify_flags(site, range, wanted);
        if let Ok(modified) = &modified {
            call.flags = modified.flags(wanted).into_raw();
        }
        call.vma = changed(modified);
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn modify_name(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let Some((site, range)) = site(call) else {
            return;
        };
        call.vma = changed(vma_modify_name(site, range, Name::from_raw(call.name)));
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn modify_policy(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let Some((site, range)) = site(call) else {
            return;
        };
        let policy = Policy::from_raw(call.policy);
        call.vma = changed(vma_modify_policy(site, range, policy));
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn modify_uffd(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let Some((site, range)) = site(call) else {
            return;
        };
        let flags = VmaFlags::from_raw(call.flags);
        let context = UserfaultfdContext::from_raw(call.context);
        let modified = vma_modify_uffd(site, range, flags, context, IfNoMemory::Fail);
        call.vma = changed(modified);
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn merge_new_range(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let Some(mut request) = Request::from_raw(&mut call.request) else {
            call.error = EINVAL.to_errno();
            return;
        };
        request.not_merged();
        let placed = vma_merge_new_vma(request.gap(), request.new_range());
        if let Ok(Placed::Merged(vma, plan)) = &placed {
            request.merged(plan, vma);
        }
        call.vma = covered(placed);
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn expand(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let request = Request::from_raw(&mut call.request);
        let Some((iter, expansion)) = request.as_ref().and_then(|request| request.expansion())
        else {
            call.error = EINVAL.to_errno();
            return;
        };
        if let Err(error) = vma_expand(iter, expansion) {
            call.error = EngineError::from(error).to_errno();
        }
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn merge_extend(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let extension = Extension::new(iter(call), NonNull::new_unchecked(call.vma));
        let Some(range) = range(call) else {
            return;
        };
        call.vma = covered(vma_merge_extend(extension, range));
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn split(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let vma = vma(call);
        let side = side_of_new(i32::from(call.new_below));
        let Some(cut) = Split::at(vma.range(), call.start, side) else {
            call.error = EINVAL.to_errno();
            return;
        };
        if let Err(error) = split_vma(iter(call), vma, cut) {
            call.error = EngineError::from(error).to_errno();
        }
    }
}

/// # Safety
///
/// As for [`call`].
unsafe extern "C" fn shrink(made: *mut c_void) {
    // SAFETY: The caller's promise.
    unsafe {
        let call = call(made);
        let vma = vma(call);
        let Some((kept, freed)) = vma.range().cut(call.start) else {
            call.error = EINVAL.to_errno();
            return;
        };
        if let Err(error) = vma_shrink(iter(call), vma, kept, freed) {
            call.error = error.to_errno();
        }
    }
}
