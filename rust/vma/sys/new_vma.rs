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

/// A copy of a VMA, to become the other half of it in a split; freed if it does not.
///
/// The copy is made in steps, each of which may fail. Each step is a state of its own, so that what
/// has to be undone, and in which order, is known from the type: `S` is [`Bare`], [`WithReservation`] or
/// [`WithPolicy`].
///
/// # Invariants
///
/// The state tells which references `vma` holds: none yet to its file, none to a policy before
/// `WithPolicy`.
pub(super) struct NewVma<'i, 'g, S> {
    // These undo themselves from top to bottom.
    state: S,
    vma: UnusedVma<'i, 'g>,
}

/// The fields alone.
pub(super) struct Bare;

/// The fields, and memory to store it in the tree.
pub(super) struct WithReservation<'r, 'g> {
    reserved: Reserved<'r, 'g, Storing>,
}

/// The fields, memory to store it in the tree, and a policy of its own.
pub(super) struct WithPolicy<'r, 'g> {
    // These undo themselves from top to bottom.
    policy: OwnPolicy,
    reserved: Reserved<'r, 'g, Storing>,
}

impl<'i, 'g> NewVma<'i, 'g, Bare> {
    /// Copies the fields of `vma`, for a VMA that will be this part of it.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vm_area_dup()`.
    #[inline(always)]
    pub(super) fn copy_of(vma: &Vma<'i, 'g>, part: Range) -> Result<Self> {
        // SAFETY: `vma` is valid. The copy is new and has the same mm, and nobody knows of it.
        let copy = unsafe {
            let copy = NonNull::new(bindings::vm_area_dup(vma.as_raw())).ok_or(ENOMEM)?;
            let mut copy = Vma::from_raw(copy);
            copy.set_part(part);
            copy
        };
        // INVARIANT: It was just made, and its references were not taken yet.
        Ok(Self {
            state: Bare,
            vma: UnusedVma(copy),
        })
    }

    /// Sets memory aside to store it where it will be.
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
    /// Gives it a policy like that of `vma`.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vma_dup_policy()`.
    #[inline(always)]
    pub(super) fn with_policy_of(
        self,
        vma: &Vma<'i, 'g>,
    ) -> Result<NewVma<'i, 'g, WithPolicy<'r, 'g>>> {
        // What is given back first is declared last.
        let new = self.vma;
        let reserved = self.state.reserved;
        // SAFETY: Both are valid.
        let policy = unsafe {
            to_result(bindings::rust_vma_dup_policy(vma.as_raw(), new.0.as_raw()))?;
            bindings::rust_vma_policy(new.0.as_raw())
        };
        // INVARIANT: The policy was just duplicated into it, and is its own.
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
    /// Gives it the rest of what `vma` has: its place among the anon_vmas, a reference to its file,
    /// and a word with the driver (its `open` hook). It is complete then, and ready to be inserted.
    ///
    /// Sleeps. Fails with `ENOMEM`, before the file and the driver are involved. Answers to
    /// `anon_vma_clone()` and what follows it in `__split_vma()`.
    #[inline(always)]
    pub(super) fn with_pages_of(
        self,
        vma: &Vma<'i, 'g>,
    ) -> Result<(Vma<'i, 'g>, Reserved<'r, 'g, Storing>)> {
        // What is given back first is declared last.
        let unused = self.vma;
        let WithPolicy { reserved, policy } = self.state;
        let new = unused.0.as_raw();
        let split = bindings::vma_operation_VMA_OP_SPLIT;
        // SAFETY: Both are valid, of the same mm, and the new one's chain is empty. The file is valid, as `vma` holds a
        // reference to it.
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

/// The reference that a new VMA holds to its policy, given back unless it is kept.
///
/// # Invariants
///
/// The policy is valid, or null, and the reference is this one's.
struct OwnPolicy(*mut bindings::mempolicy);

impl OwnPolicy {
    /// Leaves the reference to the VMA.
    fn keep(self) {
        core::mem::forget(self);
    }
}

impl Drop for OwnPolicy {
    fn drop(&mut self) {
        // SAFETY: By the type invariant.
        unsafe { bindings::rust_vma_mpol_put(self.0) };
    }
}

/// A VMA that is freed unless it is used.
///
/// # Invariants
///
/// It is valid, in no tree, and this is the only handle to it.
struct UnusedVma<'i, 'g>(Vma<'i, 'g>);

impl<'i, 'g> UnusedVma<'i, 'g> {
    /// The VMA, which nobody frees now.
    fn used(self) -> Vma<'i, 'g> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, so the handle stays the only one.
        unsafe { core::ptr::read(&this.0) }
    }
}

impl Drop for UnusedVma<'_, '_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant nobody else has it. What it referred to was given back.
        unsafe { bindings::vm_area_free(self.0.as_raw()) };
    }
}
