// SPDX-License-Identifier: GPL-2.0

//! What something costs.

use crate::vma::sys::bindings;
use core::ffi::c_void;

/// What is to be done, and to what.
struct Act<'a, T> {
    act: fn(&T),
    subject: &'a T,
}

/// How long it takes to do this so often, in ticks of the processor's counter.
pub(crate) fn ticks<T>(act: fn(&T), subject: &T, times: u32) -> u64 {
    let mut act = Act { act, subject };
    // SAFETY: Calls `once()` with what that wants, while it is there.
    unsafe { bindings::rust_vma_kunit_ticks(Some(once::<T>), (&raw mut act).cast(), times) }
}

/// # Safety
///
/// It is called with an `Act` of the same type.
unsafe extern "C" fn once<T>(act: *mut c_void) {
    // SAFETY: What the caller promised.
    let Act { act, subject } = unsafe { &*act.cast::<Act<'_, T>>() };
    act(subject);
}

/// Nothing, and what it takes to get there and back.
pub(crate) fn no_instructions<T>(_: &T) {
    // SAFETY: They do nothing.
    unsafe { bindings::rust_vma_kunit_no_instructions() }
}

/// As many, and a thousand more.
pub(crate) fn thousand_instructions<T>(_: &T) {
    // SAFETY: They do nothing.
    unsafe { bindings::rust_vma_kunit_thousand_instructions() }
}
