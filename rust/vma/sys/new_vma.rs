// SPDX-License-Identifier: GPL-2.0

//! A VMA that is not part of the address space yet.

use super::{
    bindings,
    host::{
        to_result,
        Result,
        ENOMEM, //
    },
    vma::Vma,
};
use crate::vma::{
    compat::Attributes,
    extent::Extent, //
};
use core::{
    mem::ManuallyDrop,
    ptr::NonNull, //
};

/// A copy of a VMA, to become the other half of it in a split; freed if it does not.
///
/// The copy is made in steps, each of which may fail. Each step is a state of its own, so that what
/// has to be undone is known from the type: `S` is [`Bare`] or [`WithPolicy`].
///
/// # Invariants
///
/// - `vma` is a valid VMA, in no tree, and this is the only handle to it.
/// - The state tells which references it holds: none yet to its file, none to a policy if `Bare`.
pub(crate) struct NewVma<'i, S: State> {
    vma: Vma<'i>,
    _state: S,
}

/// What a new VMA has of the VMA that it is a copy of.
pub(crate) trait State {
    /// Gives back what this state has.
    fn undo(vma: &Vma<'_>);
}

/// The fields alone.
pub(crate) struct Bare;

/// The fields, and a policy of its own.
pub(crate) struct WithPolicy;

impl State for Bare {
    fn undo(_vma: &Vma<'_>) {}
}

impl State for WithPolicy {
    fn undo(vma: &Vma<'_>) {
        // SAFETY: A new VMA is valid, and in this state its policy is its own.
        unsafe { bindings::rust_vma_mpol_put(bindings::rust_vma_policy(vma.as_raw())) };
    }
}

impl<'i> NewVma<'i, Bare> {
    /// Copies the fields of `vma`, for a VMA that will be at `extent`.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vm_area_dup()`.
    pub(crate) fn copy_of(vma: &Vma<'i>, extent: Extent) -> Result<Self> {
        // SAFETY: `vma` is valid.
        let copy = NonNull::new(unsafe { bindings::vm_area_dup(vma.as_raw()) }).ok_or(ENOMEM)?;

        // SAFETY: The copy is valid, has the same mm, and nobody knows of it.
        let mut copy = unsafe { Vma::from_raw(copy) };
        copy.set_extent(extent);
        // INVARIANT: It was just made, and its references were not taken yet.
        Ok(Self {
            vma: copy,
            _state: Bare,
        })
    }

    /// Gives it a policy like that of `vma`.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vma_dup_policy()`.
    pub(crate) fn with_policy_of(self, vma: &Vma<'i>) -> Result<NewVma<'i, WithPolicy>> {
        // SAFETY: Both are valid.
        to_result(unsafe { bindings::rust_vma_dup_policy(vma.as_raw(), self.vma.as_raw()) })?;

        // INVARIANT: The policy was just duplicated into it.
        Ok(NewVma {
            vma: self.disarm(),
            _state: WithPolicy,
        })
    }
}

impl<'i> NewVma<'i, WithPolicy> {
    /// Gives it the rest of what `vma` has: its place among the anon_vmas, a reference to its file,
    /// and a word with the driver (its `open` hook). It is complete then, and ready to be inserted.
    ///
    /// Sleeps. Fails with `ENOMEM`, before the file and the driver are involved. Answers to
    /// `anon_vma_clone()` and what follows it in `__split_vma()`.
    pub(crate) fn with_pages_of(self, vma: &Vma<'i>) -> Result<Vma<'i>> {
        let new = self.vma.as_raw();
        // SAFETY: Both are valid, of the same mm, and the new one's chain is empty.
        to_result(unsafe {
            bindings::anon_vma_clone(
                new,
                vma.as_raw(),
                bindings::vma_operation_VMA_OP_SPLIT, //
            )
        })?;

        if let Some(file) = self.vma.file() {
            // SAFETY: The file is valid, as `vma` holds a reference to it.
            unsafe { bindings::rust_vma_get_file(file.as_ptr()) };
        }
        // SAFETY: The new VMA is valid.
        unsafe { bindings::rust_vma_open(new) };
        Ok(self.disarm())
    }
}

impl<'i, S: State> NewVma<'i, S> {
    /// The VMA, not to be stored yet.
    pub(crate) fn vma(&self) -> &Vma<'i> {
        &self.vma
    }

    /// Takes out the VMA, which nobody frees now.
    fn disarm(self) -> Vma<'i> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, so the handle stays the only one.
        unsafe { core::ptr::read(&this.vma) }
    }
}

impl<S: State> Drop for NewVma<'_, S> {
    fn drop(&mut self) {
        S::undo(&self.vma);
        // SAFETY: By the type invariant nobody else has it, and it holds no references now.
        unsafe { bindings::vm_area_free(self.vma.as_raw()) };
    }
}
