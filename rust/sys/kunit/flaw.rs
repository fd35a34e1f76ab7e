// SPDX-License-Identifier: GPL-2.0

//! Flaws: what an engine does wrong on purpose, so that it can be seen that the oracle notices.
//!
//! A flaw is real: what it is about is changed where it is, then looked at, and put right again, as
//! an address space that is wrong cannot be taken down.

use super::{
    facts::What,
    reach::{
        nth,
        raw_iter, //
    },
};
use crate::vma::sys::{
    bindings,
    VmaIter, //
};
use core::ffi::c_void;
use kernel::prelude::*;

/// What an engine does wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    /// It returns something else.
    Returned,
    /// It makes these calls besides, in this order.
    Calls(&'static [Call]),
    /// It leaves its caller's request wrong in this.
    Request(What),
    /// It leaves the iterator wrong in this.
    Iterator(What),
    /// It counts a VMA that is not there.
    MapCount,
    /// It leaves this VMA, counted from zero, wrong in this.
    Vma(usize, What),
    /// The same, in the other process's address space.
    KinVma(usize, What),
    /// The VMA was like that before the call.
    Before(usize, What),
    /// It leaves this file wrong in this.
    File(usize, What),
    /// It takes a reference too much to this policy.
    Policy(usize),
    /// It takes a reference too much to this name.
    Name(usize),
    /// It never gives back a reference to an object of this kind.
    Keeps(Object),
    /// It overwrites this page.
    Page(usize),
    /// It overwrites this page of the other process.
    KinPage(usize),
}

/// A kind of object that VMAs refer to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Object {
    /// A file.
    File,
    /// A policy.
    Policy,
    /// A name.
    Name,
}

/// A call of a leaf that does nothing where it is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    /// `uprobe_munmap()`, of this VMA, counted from zero, and these addresses.
    UprobeMunmap(usize, usize, usize),
    /// `uprobe_mmap()`, of this VMA.
    UprobeMmap(usize),
}

impl Call {
    /// Makes it, on one of the VMAs of this iterator's address space, which is left as it was.
    pub(super) fn make(self, iter: &mut VmaIter<'_>) -> Result {
        let raw = raw_iter(iter);
        // SAFETY: It is the only iterator at the tree.
        let before = unsafe { raw.read() };
        let (Self::UprobeMunmap(number, ..) | Self::UprobeMmap(number)) = self;
        let vma = nth(iter, number)?;
        // SAFETY: The VMA is valid, and the iterator shows that the lock is held for write. Nothing is
        // probed in a test's address space.
        unsafe {
            match self {
                Self::UprobeMunmap(_, start, end) => {
                    bindings::rust_vma_uprobe_munmap(vma, start, end)
                }
                Self::UprobeMmap(_) => bindings::rust_vma_uprobe_mmap(vma),
            }
        }
        // SAFETY: The tree is as it was.
        unsafe { raw.write(before) };
        Ok(())
    }
}

/// Calls `look` while a fact about `subject` is not true.
///
/// # Safety
///
/// `subject` is what that fact is about: a valid request, iterator, mm, VMA, file (of the test's driver
/// if its driver is meant), policy or name; for a link, a VMA that has one. Nobody else uses it, and the
/// mmap lock of its mm, if it has one, is held for write.
pub(super) unsafe fn while_false<R>(
    what: What,
    subject: *mut c_void,
    look: impl FnOnce() -> Result<R>,
) -> Result<R> {
    let flaw = in_c(what).ok_or(EINVAL)?;
    // SAFETY: The caller's promise.
    unsafe { bindings::rust_vma_kunit_falsify(flaw, subject, 1) };
    let seen = look();
    // SAFETY: As above; this undoes it.
    unsafe { bindings::rust_vma_kunit_falsify(flaw, subject, -1) };
    seen
}

/// The number that C has for a fact that it can falsify.
fn in_c(what: What) -> Option<u32> {
    Some(match what {
        What::RequestState => bindings::RUST_VMA_FLAW_REQUEST_STATE,
        What::RequestTarget => bindings::RUST_VMA_FLAW_REQUEST_TARGET,
        What::RequestStart => bindings::RUST_VMA_FLAW_REQUEST_START,
        What::RequestEnd => bindings::RUST_VMA_FLAW_REQUEST_END,
        What::RequestPgoff => bindings::RUST_VMA_FLAW_REQUEST_PGOFF,
        What::RequestAnonPgoff => bindings::RUST_VMA_FLAW_REQUEST_ANON_PGOFF,
        What::RequestFlags => bindings::RUST_VMA_FLAW_REQUEST_FLAGS,
        What::IteratorIndex => bindings::RUST_VMA_FLAW_ITERATOR_INDEX,
        What::IteratorLast => bindings::RUST_VMA_FLAW_ITERATOR_LAST,
        What::IteratorStatus => bindings::RUST_VMA_FLAW_ITERATOR_STATUS,
        What::IteratorHoldsMemory => bindings::RUST_VMA_FLAW_ITERATOR_HOLDS_MEMORY,
        What::IteratorNext | What::IteratorPrev => bindings::RUST_VMA_FLAW_ITERATOR_OFFSET,
        What::MapCount => bindings::RUST_VMA_FLAW_MAP_COUNT,
        What::VmaStart => bindings::RUST_VMA_FLAW_VMA_START,
        What::VmaEnd => bindings::RUST_VMA_FLAW_VMA_END,
        What::VmaPgoff => bindings::RUST_VMA_FLAW_VMA_PGOFF,
        What::VmaAnonPgoff => bindings::RUST_VMA_FLAW_VMA_ANON_PGOFF,
        What::VmaFlags => bindings::RUST_VMA_FLAW_VMA_FLAGS,
        What::VmaFile => bindings::RUST_VMA_FLAW_VMA_FILE,
        What::VmaPlaceInFile => bindings::RUST_VMA_FLAW_VMA_PLACE_IN_FILE,
        What::VmaAnonVma => bindings::RUST_VMA_FLAW_VMA_ANON_VMA,
        What::VmaChainLength => bindings::RUST_VMA_FLAW_VMA_CHAIN_LENGTH,
        What::VmaPolicy => bindings::RUST_VMA_FLAW_VMA_POLICY,
        What::VmaPolicyMode => bindings::RUST_VMA_FLAW_VMA_POLICY_MODE,
        What::VmaPolicyNodes => bindings::RUST_VMA_FLAW_VMA_POLICY_NODES,
        What::VmaPolicyReferences => bindings::RUST_VMA_FLAW_VMA_POLICY_REFERENCES,
        What::VmaName => bindings::RUST_VMA_FLAW_VMA_NAME,
        What::VmaNameReferences => bindings::RUST_VMA_FLAW_VMA_NAME_REFERENCES,
        What::VmaContext => bindings::RUST_VMA_FLAW_VMA_CONTEXT,
        What::VmaWriteLocked => bindings::RUST_VMA_FLAW_VMA_WRITE_LOCKED,
        What::LinkAnonVma => bindings::RUST_VMA_FLAW_LINK_ANON_VMA,
        What::LinkPlace => bindings::RUST_VMA_FLAW_LINK_PLACE,
        What::LinkUsers => bindings::RUST_VMA_FLAW_LINK_USERS,
        What::LinkChildren => bindings::RUST_VMA_FLAW_LINK_CHILDREN,
        What::LinkReferences => bindings::RUST_VMA_FLAW_LINK_REFERENCES,
        What::FileReferences => bindings::RUST_VMA_FLAW_FILE_REFERENCES,
        What::FileWriters => bindings::RUST_VMA_FLAW_FILE_WRITERS,
        What::FileOpened => bindings::RUST_VMA_FLAW_FILE_OPENED,
        What::FileClosed => bindings::RUST_VMA_FLAW_FILE_CLOSED,
        What::PolicyReferences => bindings::RUST_VMA_FLAW_POLICY_REFERENCES,
        What::NameReferences => bindings::RUST_VMA_FLAW_NAME_REFERENCES,
        What::Returned | What::Leaf | What::LeafArgument => return None,
    })
}
