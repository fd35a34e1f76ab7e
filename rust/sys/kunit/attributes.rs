// SPDX-License-Identifier: GPL-2.0

//! What a VMA can be given beside flags: policies, names, userfaultfd contexts.

use super::{
    facts::{
        Facts,
        What, //
    },
    flaw::while_false, //
};
use crate::vma::sys::{
    bindings,
    Name,
    Policy,
    UserfaultfdContext, //
};
use core::{
    ffi::c_void,
    ptr::{
        null_mut,
        NonNull, //
    },
};
use kernel::{
    error::from_err_ptr,
    prelude::*, //
};

/// Where a policy places memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Placement {
    /// On node 0 and nowhere else.
    Node0,
    /// On node 1 and nowhere else.
    Node1,
    /// On both in turn.
    Interleaved,
}

/// A NUMA policy.
///
/// # Invariants
///
/// `ptr` is a policy of which we own a reference.
pub(crate) struct TestPolicy {
    ptr: NonNull<bindings::mempolicy>,
}

impl TestPolicy {
    /// A policy. Fails if this machine has fewer than two nodes.
    pub(crate) fn new(placement: Placement) -> Result<Self> {
        let which = match placement {
            Placement::Node0 => 0,
            Placement::Node1 => 1,
            Placement::Interleaved => 2,
        };
        // SAFETY: There is nothing to hold.
        let policy = from_err_ptr(unsafe { bindings::rust_vma_kunit_policy_new(which) })?;
        // INVARIANT: The callee made it for us.
        Ok(Self {
            ptr: NonNull::new(policy).ok_or(ENOMEM)?,
        })
    }

    /// What C calls a policy, or none.
    pub(super) fn raw(policy: Option<&Self>) -> *mut bindings::mempolicy {
        policy.map_or(null_mut(), |policy| policy.ptr.as_ptr())
    }

    /// What the engine calls a policy, or none.
    pub(super) fn of(policy: Option<&Self>) -> Policy<'_> {
        // SAFETY: The policy is borrowed, and valid by the type invariant.
        unsafe { Policy::from_raw(Self::raw(policy)) }
    }

    /// Takes another reference to it.
    pub(crate) fn again(&self) -> Self {
        // SAFETY: The policy is valid by the type invariant.
        unsafe { bindings::rust_vma_kunit_policy_get(self.ptr.as_ptr()) };
        // INVARIANT: It was taken just above.
        Self { ptr: self.ptr }
    }

    /// Notes the references to it, as those to policy `number`; while that is false, if so wanted.
    pub(crate) fn note(&self, number: usize, facts: &mut Facts, flaw: Option<What>) -> Result {
        let policy = self.ptr.as_ptr();
        let mut note = || {
            // SAFETY: The policy is valid by the type invariant.
            let references = unsafe { bindings::rust_vma_kunit_policy_count(policy) };
            facts.note(What::PolicyReferences, number, references as usize)
        };
        match flaw {
            // SAFETY: As above.
            Some(what) => unsafe { while_false(what, policy.cast(), note) },
            None => note(),
        }
    }
}

impl Drop for TestPolicy {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours.
        unsafe { bindings::rust_vma_mpol_put(self.ptr.as_ptr()) };
    }
}

/// A name.
///
/// # Invariants
///
/// `ptr` is a name of which we own a reference.
pub(crate) struct TestName {
    ptr: NonNull<bindings::anon_vma_name>,
}

impl TestName {
    /// A name that reads so.
    pub(crate) fn new(text: &CStr) -> Result<Self> {
        // SAFETY: The text is valid, and copied.
        let name = unsafe { bindings::rust_vma_kunit_name_new(text.as_char_ptr()) };
        // INVARIANT: The callee made it for us.
        Ok(Self {
            ptr: NonNull::new(name).ok_or(ENOMEM)?,
        })
    }

    /// What C calls a name, or none.
    pub(super) fn raw(name: Option<&Self>) -> *mut bindings::anon_vma_name {
        name.map_or(null_mut(), |name| name.ptr.as_ptr())
    }

    /// What the engine calls a name, or none.
    pub(super) fn of(name: Option<&Self>) -> Name<'_> {
        // SAFETY: The name is borrowed, and valid by the type invariant.
        unsafe { Name::from_raw(Self::raw(name)) }
    }

    /// Takes another reference to it.
    pub(crate) fn again(&self) -> Self {
        // SAFETY: The name is valid by the type invariant.
        unsafe { bindings::rust_vma_kunit_count_name(self.ptr.as_ptr(), 1) };
        // INVARIANT: It was taken just above.
        Self { ptr: self.ptr }
    }

    /// Notes the references to it, as those to name `number`; while that is false, if so wanted.
    pub(crate) fn note(&self, number: usize, facts: &mut Facts, flaw: Option<What>) -> Result {
        let name = self.ptr.as_ptr();
        let mut note = || {
            // SAFETY: The name is valid by the type invariant.
            let references = unsafe { bindings::rust_vma_kunit_name_count(name) };
            facts.note(What::NameReferences, number, references as usize)
        };
        match flaw {
            // SAFETY: As above.
            Some(what) => unsafe { while_false(what, name.cast(), note) },
            None => note(),
        }
    }
}

impl Drop for TestName {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours.
        unsafe { bindings::rust_vma_kunit_name_put(self.ptr.as_ptr()) };
    }
}

/// A userfaultfd context, with which nothing is really registered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Context {
    /// It stays behind when a mapping moves.
    Staying,
    /// It follows when a mapping moves.
    Following,
}

impl Context {
    /// What C calls a context, or none.
    pub(super) fn raw(context: Option<Self>) -> *mut c_void {
        let which = match context {
            None => return null_mut(),
            Some(Self::Staying) => 0,
            Some(Self::Following) => 1,
        };
        // SAFETY: There is nothing to hold; they exist for ever.
        unsafe { bindings::rust_vma_kunit_context(which) }.cast()
    }

    /// What the engine calls a context, or none.
    pub(super) fn of(context: Option<Self>) -> UserfaultfdContext {
        UserfaultfdContext::from_raw(Self::raw(context))
    }
}
