// SPDX-License-Identifier: GPL-2.0

//! The interface to mm/vma_hook.c, the kernel's side of the hook, which registers tables of functions.

use crate::{
    report::helper::Helper,
    vma::sys::bindings::{
        self,
        vma_hook_ops, //
    },
};
use core::ptr;
use kernel::{
    error::to_result,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        global_lock,
        GlobalGuard, //
    },
};

global_lock! {
    // SAFETY: `Registration::new()` initialises the mutex, and `lock_log()` locks it only after that.
    pub(crate) unsafe(uninit) static LOG: Mutex<()> = ();
}

/// Whether `LOG` was initialised.
static LOG_IS_READY: Atomic<bool> = Atomic::new(false);

/// Locks the log, so that the lines of two reports do not interleave.
///
/// Sleeps. Returns `None` before the module has registered with the hook for the first time.
pub(crate) fn lock_log() -> Option<GlobalGuard<LOG>> {
    LOG_IS_READY.load(Acquire).then(|| LOG.lock())
}

/// A table of functions that implement the hooked helpers; `None` means the bodies in C.
pub(crate) type Table = Option<&'static vma_hook_ops>;

fn as_ptr(table: Table) -> *const vma_hook_ops {
    table.map_or(ptr::null(), ptr::from_ref)
}

/// The number of calls to each hooked helper that C had executed when the module registered.
static BEFORE: [Atomic<u64>; Helper::HOOKED.len()] =
    [const { Atomic::new(0) }; Helper::HOOKED.len()];

/// Returns the number of calls to this hooked helper that the body in C has executed since boot while a module was
/// registered.
fn calls_since_boot(helper: Helper) -> u64 {
    // SAFETY: The function reads a counter. A hooked helper has the same number here and in the kernel.
    unsafe { bindings::vma_hook_calls_of_c(helper as u32) as u64 }
}

/// The module's registration with the hook. Dropping it makes the bodies in C execute all calls again.
///
/// # Invariants
///
/// This module is registered with the hook.
pub(crate) struct Registration(());

impl Registration {
    /// Registers the module, and switches to this table.
    ///
    /// The caller holds no mmap lock. Fails with `EBUSY` if another module is registered.
    pub(crate) fn new(table: Table) -> Result<Self> {
        for (before, helper) in BEFORE.iter().zip(Helper::HOOKED) {
            before.store(calls_since_boot(helper), Relaxed);
        }
        // SAFETY: `drop()` unregisters before the module is unloaded. The bodies in C need no table.
        to_result(unsafe { bindings::vma_hook_register(ptr::null()) })?;
        // INVARIANT: `vma_hook_register()` has succeeded.
        let this = Self(());
        if !LOG_IS_READY.load(Relaxed) {
            // SAFETY: This happens once: only one registration exists at a time, and the first one sets
            // `LOG_IS_READY`.
            unsafe { LOG.init() };
            LOG_IS_READY.store(true, Release);
        }
        this.switch(table)?;
        Ok(this)
    }

    /// Switches to this table, and waits for the calls in flight.
    ///
    /// Sleeps. The caller holds no mmap lock, and is not inside a hooked helper.
    pub(crate) fn switch(&self, table: Table) -> Result {
        // SAFETY: By the type invariant this module is registered; a table lives as long as the module.
        to_result(unsafe { bindings::vma_hook_switch(as_ptr(table)) })
    }

    /// Returns whether the next call uses this table.
    pub(crate) fn uses(&self, table: Table) -> bool {
        // SAFETY: The function reads a pointer, which is only compared.
        ptr::eq(unsafe { bindings::vma_hook_current() }, as_ptr(table))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this module is registered. The function waits for the calls in
        // flight.
        unsafe { bindings::vma_hook_unregister() };
    }
}

/// Falls back to the bodies in C from the next call on. Returns whether a table was in use until now.
///
/// Does not sleep, and may be called during a call.
pub(crate) fn fall_back() -> bool {
    // SAFETY: The function only clears the pointer to the table, which is null unless this module is
    // registered.
    unsafe { bindings::vma_hook_fall_back() }
}

/// Returns the number of calls to this helper that the body in C has executed since the module registered; 0 if the
/// helper is not hooked.
pub(crate) fn calls_of_c(helper: Helper) -> u64 {
    if !Helper::HOOKED.contains(&helper) {
        return 0;
    }
    let before = BEFORE
        .get(helper as usize)
        .map_or(0, |calls| calls.load(Relaxed));
    calls_since_boot(helper).wrapping_sub(before)
}
