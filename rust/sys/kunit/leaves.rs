// SPDX-License-Identifier: GPL-2.0

//! The leaves: what both engines call in the rest of mm. Their calls are watched, and one of them
//! may be made to fail.

use super::facts::{
    Facts,
    What, //
};
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

/// The calls of leaves that were made.
pub(crate) struct Calls {
    /// Which they were, and with what, in their order.
    pub(super) facts: Facts,
    leaves: KVec<u32>,
    /// How many of them were made to fail.
    pub(crate) failed: u32,
    /// How often the bodies in C, with which the engine is compared, were entered.
    pub(crate) bodies: u32,
}

impl Calls {
    /// The first call of the leaf with this name: all that is noted of its arguments.
    pub(crate) fn first(&self, name: &CStr) -> Result<KVec<usize>> {
        let is_it = |leaf: &u32| name_of(*leaf) == name;
        let call = self.leaves.iter().position(is_it).ok_or(ENOENT)?;
        let numbers = bindings::RUST_VMA_ARGUMENT_NUMBERS as usize;
        let arguments = call * numbers..(call + 1) * numbers;
        self.facts.values(What::LeafArgument, arguments)
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for leaf in &self.leaves {
            write!(f, "{} ", name_of(*leaf).to_str().unwrap_or("?"))?;
        }
        write!(f, "({} failed)", self.failed)
    }
}

/// The name of a leaf that was recorded.
fn name_of(leaf: u32) -> &'static CStr {
    // SAFETY: What was recorded is a leaf, and names are constants.
    unsafe { CStr::from_char_ptr(bindings::rust_vma_kunit_leaf_name(leaf)) }
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

    /// Ends that, and tells what was called. Fails if there were too many calls.
    pub(super) fn end(self) -> Result<Calls> {
        let (mut failed, mut bodies) = (0, 0);
        // SAFETY: There is nothing to hold.
        let count = unsafe { bindings::rust_vma_kunit_unwatch(&mut failed, &mut bodies) };
        if count > bindings::RUST_VMA_CALLS {
            return Err(EOVERFLOW);
        }
        let (mut facts, mut leaves) = (Facts::new(), KVec::new());
        for call in 0..count {
            // SAFETY: That many were recorded, and nobody watches.
            let (leaf, numbers) = unsafe {
                (
                    bindings::rust_vma_kunit_watched_leaf(call),
                    bindings::rust_vma_kunit_watched_count(call),
                )
            };
            leaves.push(leaf, GFP_KERNEL)?;
            facts.note(What::Leaf, call as usize, leaf as usize)?;
            for number in 0..numbers {
                // SAFETY: As above; that many were noted.
                let value = unsafe { bindings::rust_vma_kunit_watched_number(call, number) };
                facts.note(What::LeafArgument, Self::argument(call, number), value)?;
            }
        }
        Ok(Calls {
            facts,
            leaves,
            failed,
            bodies,
        })
    }

    /// The number of the nth number that is noted of this call.
    const fn argument(call: u32, nth: u32) -> usize {
        (call * bindings::RUST_VMA_ARGUMENT_NUMBERS + nth) as usize
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let (mut failed, mut bodies) = (0, 0);
        // SAFETY: As in `end()`. Ending it twice does no harm.
        unsafe { bindings::rust_vma_kunit_unwatch(&mut failed, &mut bodies) };
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
