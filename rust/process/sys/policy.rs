// SPDX-License-Identifier: GPL-2.0

//! The parts of `mbind()` besides merging and splitting.

use crate::vma::sys::{
    bindings,
    Policy,
    Vma, //
};
use core::ptr::{
    null_mut,
    NonNull, //
};
use kernel::{
    error::{
        from_err_ptr,
        to_result, //
    },
    prelude::*, //
};

/// The way in which a policy places memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// The policy of the process applies.
    Default,
    /// Memory is placed only on the given nodes.
    Bind,
    /// Memory is placed on the given node while that node has free memory.
    Preferred,
    /// Memory is placed on the given nodes in turn.
    Interleave,
}

/// A NUMA policy to give to VMAs.
///
/// # Invariants
///
/// `ptr` is a policy to which we own a reference, or `None` for the default policy.
pub(crate) struct OwnedPolicy {
    ptr: Option<NonNull<bindings::mempolicy>>,
}

impl OwnedPolicy {
    /// The default policy.
    // INVARIANT: The default policy needs no reference.
    pub(crate) const DEFAULT: Self = Self { ptr: None };

    /// Creates a policy that places memory on `nodes`, one bit each.
    ///
    /// Fails with `EINVAL` if none of the nodes has memory that the caller may use, with `ENOMEM`, or with `EOPNOTSUPP`
    /// on a kernel without CONFIG_NUMA. Answers to the first steps of `do_mbind()`.
    pub(crate) fn new(mode: Mode, nodes: usize) -> Result<Self> {
        let mode = match mode {
            Mode::Default => bindings::RUST_VMA_POLICY_DEFAULT,
            Mode::Bind => bindings::RUST_VMA_POLICY_BIND,
            Mode::Preferred => bindings::RUST_VMA_POLICY_PREFERRED,
            Mode::Interleave => bindings::RUST_VMA_POLICY_INTERLEAVE,
        };
        // SAFETY: The call has no requirements.
        let policy = from_err_ptr(unsafe { bindings::rust_vma_policy_new(mode, nodes) })?;
        // INVARIANT: The callee returned a reference that is ours.
        Ok(Self {
            ptr: NonNull::new(policy),
        })
    }

    fn raw(&self) -> *mut bindings::mempolicy {
        self.ptr.map_or(null_mut(), NonNull::as_ptr)
    }

    /// Returns the policy as the engine's type.
    pub(crate) fn as_policy(&self) -> Policy<'_> {
        // SAFETY: The policy is borrowed, and valid by the type invariant.
        unsafe { Policy::from_raw(self.raw()) }
    }
}

impl Drop for OwnedPolicy {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours, or the policy is the default one.
        unsafe { bindings::rust_vma_mpol_put(self.raw()) };
    }
}

/// Gives a VMA this policy. Fails with `ENOMEM`, or with the errno of its driver, without changing anything. Answers
/// to `vma_replace_policy()`.
pub(crate) fn replace_policy(vma: &mut Vma<'_, '_>, policy: &OwnedPolicy) -> Result {
    vma.start_write();
    // SAFETY: The VMA is valid and write-locked. The callee copies the policy.
    to_result(unsafe { bindings::rust_vma_replace_policy(vma.as_raw(), policy.raw()) })
}
