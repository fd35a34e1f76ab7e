// SPDX-License-Identifier: GPL-2.0

//! A VMA that is not part of the address space yet.

use super::{
    bindings,
    host::{
        to_result,
        Result,
        ENOMEM, //
    },
    iter::{
        Cursor,
        Reserved,
        Storing, //
    },
    vma::Vma, //
};
use crate::vma::{
    compat::Attributes,
    extent::Range, //
};
use core::{
    mem::ManuallyDrop,
    ptr::NonNull, //
};

/// A copy of a VMA, which becomes the new VMA of a split. The copy is freed if it is not used.
///
/// The copy is made in steps, each of which may fail. Each step is a separate state `S`, so that the type determines
/// what has to be undone, and in which order: [`Bare`], [`WithReservation`] or [`WithPolicy`].
///
/// # Invariants
///
/// The state determines which references `vma` holds: none to its file yet, and none to a policy before `WithPolicy`.
pub(super) struct NewVma<'i, 'g, S> {
    // Fields are dropped from top to bottom, which undoes the steps in this order.
    state: S,
    vma: UnusedVma<'i, 'g>,
}

/// The state with the fields copied.
pub(super) struct Bare;

/// The state with the fields copied and memory reserved to store the VMA in the tree.
pub(super) struct WithReservation<'r, 'g> {
    reserved: Reserved<'r, 'g, Storing>,
}

/// The state with the fields copied, memory reserved to store the VMA in the tree, and a copy of the policy.
pub(super) struct WithPolicy<'r, 'g> {
    // Fields are dropped from top to bottom, which undoes the steps in this order.
    policy: OwnPolicy,
    reserved: Reserved<'r, 'g, Storing>,
}

impl<'i, 'g> NewVma<'i, 'g, Bare> {
    /// Copies the fields of `vma` for a new VMA that will cover `part`.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vm_area_dup()`.
    #[inline(always)]
    pub(super) fn copy_of(vma: &Vma<'i, 'g>, part: Range) -> Result<Self> {
        // SAFETY: `vma` is valid. The copy is new and has the same mm, and nobody else has a pointer to it.
        let copy = unsafe {
            let copy = NonNull::new(bindings::vm_area_dup(vma.as_raw())).ok_or(ENOMEM)?;
            let mut copy = Vma::from_raw(copy);
            copy.set_part(part);
            copy
        };
        // INVARIANT: The copy was just made, and holds no references yet.
        Ok(Self {
            state: Bare,
            vma: UnusedVma(copy),
        })
    }

    /// Reserves memory to store the new VMA at its range.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vma_iter_prealloc()`.
    #[inline(always)]
    pub(super) fn reserve<'r>(
        self,
        cursor: &'r mut Cursor<'_, 'g>,
    ) -> Result<NewVma<'i, 'g, WithReservation<'r, 'g>>> {
        let reserved = cursor.reserve(self.vma.0.range(), &self.vma.0)?;
        Ok(NewVma {
            state: WithReservation { reserved },
            vma: self.vma,
        })
    }
}

impl<'i, 'r, 'g> NewVma<'i, 'g, WithReservation<'r, 'g>> {
    /// Gives the new VMA a copy of the policy of `vma`.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vma_dup_policy()`.
    #[inline(always)]
    pub(super) fn with_policy_of(
        self,
        vma: &Vma<'i, 'g>,
    ) -> Result<NewVma<'i, 'g, WithPolicy<'r, 'g>>> {
        // Variables are dropped in reverse order: the first to be released is declared last.
        let new = self.vma;
        let reserved = self.state.reserved;
        // SAFETY: Both VMAs are valid.
        let policy = unsafe {
            to_result(bindings::rust_vma_dup_policy(vma.as_raw(), new.0.as_raw()))?;
            bindings::rust_vma_policy(new.0.as_raw())
        };
        // INVARIANT: The policy was just duplicated for the new VMA, which owns it.
        Ok(NewVma {
            state: WithPolicy {
                policy: OwnPolicy(policy),
                reserved,
            },
            vma: new,
        })
    }
}

impl<'i, 'r, 'g> NewVma<'i, 'g, WithPolicy<'r, 'g>> {
    /// Completes the new VMA: clones the anon_vma chain of `vma`, takes a reference to its file, and calls the driver's
    /// `open` hook. The new VMA is then ready to be inserted.
    ///
    /// Sleeps. Fails with `ENOMEM`, before the file and the driver are involved. Answers to `anon_vma_clone()` and
    /// the code after it in `__split_vma()`.
    #[inline(always)]
    pub(super) fn with_pages_of(
        self,
        vma: &Vma<'i, 'g>,
    ) -> Result<(Vma<'i, 'g>, Reserved<'r, 'g, Storing>)> {
        // Variables are dropped in reverse order: the first to be released is declared last.
        let unused = self.vma;
        let WithPolicy { reserved, policy } = self.state;
        let new = unused.0.as_raw();
        let split = bindings::vma_operation_VMA_OP_SPLIT;
        // SAFETY: Both VMAs are valid and belong to the same mm, and the chain of the new VMA is empty. The file is
        // valid, because `vma` holds a reference to it.
        unsafe {
            to_result(bindings::anon_vma_clone(new, vma.as_raw(), split))?;
            policy.keep();
            if let Some(file) = vma.file() {
                bindings::rust_vma_get_file(file.as_ptr());
            }
            bindings::rust_vma_open(new);
        }
        Ok((unused.used(), reserved))
    }
}

/// The reference that a new VMA holds to its policy. The reference is dropped unless it is kept.
///
/// # Invariants
///
/// The policy is valid or null, and the reference belongs to this value.
struct OwnPolicy(*mut bindings::mempolicy);

impl OwnPolicy {
    /// Leaves the reference to the VMA.
    fn keep(self) {
        core::mem::forget(self);
    }
}

impl Drop for OwnPolicy {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the policy is valid or null, and the reference belongs to this value.
        unsafe { bindings::rust_vma_mpol_put(self.0) };
    }
}

/// A VMA that is freed unless it is used.
///
/// # Invariants
///
/// The VMA is valid and in no tree, and this is the only handle to it.
struct UnusedVma<'i, 'g>(Vma<'i, 'g>);

impl<'i, 'g> UnusedVma<'i, 'g> {
    /// Returns the VMA, which is then no longer freed on drop.
    fn used(self) -> Vma<'i, 'g> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, so the handle stays the only one.
        unsafe { core::ptr::read(&this.0) }
    }
}

impl Drop for UnusedVma<'_, '_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this is the only handle. The references of the VMA were given back before.
        unsafe { bindings::vm_area_free(self.0.as_raw()) };
    }
}
