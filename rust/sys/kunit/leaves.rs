// SPDX-License-Identifier: GPL-2.0

//! The leaves: what both engines call in the rest of mm. Their calls are watched, and one of them
//! may be made to fail.

use crate::vma::sys::bindings;
use core::fmt;
use kernel::{
    error::to_result,
    prelude::*,
    types::NotThreadSafe, //
};

/// A leaf that can fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Leaf {
    /// Copying a VMA: `vm_area_dup()`.
    AreaDup,
    /// Duplicating a policy: `vma_dup_policy()`.
    DupPolicy,
    /// Duplicating a VMA's place among the anon_vmas: `anon_vma_clone()`.
    AnonVmaClone,
    /// Setting memory aside for a store: `mas_preallocate()`.
    Preallocate,
}

/// The nth call of a leaf fails, counted from one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Failure(pub(crate) Leaf, pub(crate) u32);

const LENGTH: usize = bindings::RUST_VMA_CALLS as usize;

/// The calls of leaves that were made, in their order.
pub(crate) struct Calls {
    leaves: [u8; LENGTH],
    /// How many there were. The first ones are known.
    count: u32,
    /// How many of them were made to fail.
    pub(crate) failed: u32,
    /// How often the bodies in C, with which the engine is compared, were entered.
    pub(crate) bodies: u32,
}

impl Calls {
    fn known(&self) -> &[u8] {
        self.leaves
            .get(..self.count as usize)
            .unwrap_or(&self.leaves)
    }

    /// Whether all of them are known.
    pub(crate) fn are_all_known(&self) -> bool {
        self.count as usize <= LENGTH
    }
}

impl PartialEq for Calls {
    fn eq(&self, other: &Self) -> bool {
        self.known() == other.known() && self.count == other.count && self.failed == other.failed
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for leaf in self.known() {
            // SAFETY: What was recorded is a leaf, and names are constants.
            let name = unsafe {
                CStr::from_char_ptr(bindings::rust_vma_kunit_leaf_name(u32::from(*leaf)))
            };
            write!(f, "{} ", name.to_str().unwrap_or("?"))?;
        }
        write!(f, "({} failed)", self.failed)
    }
}

/// Watches the calls that this thread makes, until it is dropped. There is one at a time.
pub(super) struct Watch {
    _not_thread_safe: NotThreadSafe,
}

impl Watch {
    /// Begins to watch, and makes one of the calls fail.
    pub(super) fn begin(failure: Option<Failure>) -> Self {
        let (leaf, nth) = match failure {
            None => (-1, 0),
            Some(Failure(leaf, nth)) => {
                let leaf = match leaf {
                    Leaf::AreaDup => bindings::RUST_VMA_LEAF_AREA_DUP,
                    Leaf::DupPolicy => bindings::RUST_VMA_LEAF_DUP_POLICY,
                    Leaf::AnonVmaClone => bindings::RUST_VMA_LEAF_ANON_VMA_CLONE,
                    Leaf::Preallocate => bindings::RUST_VMA_LEAF_PREALLOCATE,
                };
                (leaf as i32, nth)
            }
        };
        // SAFETY: Tests run one after the other, so nobody else watches.
        unsafe { bindings::rust_vma_kunit_watch(leaf, nth) };
        Self {
            _not_thread_safe: NotThreadSafe,
        }
    }

    /// Ends that, and tells what was called.
    pub(super) fn end(self) -> Calls {
        let mut calls = Calls {
            leaves: [0; LENGTH],
            count: 0,
            failed: 0,
            bodies: 0,
        };
        // SAFETY: The array has the length that C knows.
        calls.count = unsafe {
            bindings::rust_vma_kunit_unwatch(
                calls.leaves.as_mut_ptr(),
                &mut calls.failed,
                &mut calls.bodies,
            )
        };
        calls
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut calls = [0; LENGTH];
        let (mut failed, mut bodies) = (0, 0);
        // SAFETY: As in `end()`. Ending it twice does no harm.
        unsafe { bindings::rust_vma_kunit_unwatch(calls.as_mut_ptr(), &mut failed, &mut bodies) };
    }
}

/// The probes by which calls are watched, there while this exists. The module has one.
pub(crate) struct Probes;

impl Probes {
    /// Sets the probes.
    pub(crate) fn set() -> Result<Self> {
        // SAFETY: The module does this once.
        to_result(unsafe { bindings::rust_vma_kunit_probe() })?;
        Ok(Self)
    }
}

impl Drop for Probes {
    fn drop(&mut self) {
        // SAFETY: They were set in `set()`.
        unsafe { bindings::rust_vma_kunit_unprobe() };
    }
}
