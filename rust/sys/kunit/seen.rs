// SPDX-License-Identifier: GPL-2.0

//! What can be seen of an address space after a call, without addresses of kernel objects, so that
//! it can be compared with another one.

use super::{
    facts::{
        Difference,
        Facts,
        What, //
    },
    flaw::{
        while_false,
        Flaw, //
    },
    leaves::Calls,
    reach::{
        nth,
        raw_iter, //
    },
    TestMm, //
};
use crate::vma::{
    compat::Attributes,
    sys::{
        bindings,
        MmapWriteGuard,
        VmaIter,
        VmaRef, //
    },
};
use core::ptr::NonNull;
use kernel::prelude::*;

/// How many links of an anon_vma chain are looked at.
const LINKS: usize = 4;

/// All that can be seen after a call.
pub(crate) struct Seeing {
    /// The start of the VMA that was returned, if one was; or the errno.
    pub(crate) result: Result<Option<usize>, i32>,
    /// The leaves that were called.
    pub(crate) calls: Calls,
    /// What the caller finds in its request, if there was one.
    request: Option<Facts>,
    facts: Facts,
}

impl Seeing {
    /// Looks at everything. `iter` is where the call has left it, if it was used.
    pub(super) fn new(
        mm: &TestMm,
        iter: &mut VmaIter<'_>,
        iter_was_used: bool,
        result: Result<Option<usize>, i32>,
        request: Option<Facts>,
        calls: Calls,
        flaw: Option<Flaw>,
    ) -> Result<Self> {
        let raw = mm.mm().as_raw();
        // SAFETY: The iterator shows that the lock is held for write.
        unsafe { bindings::rust_vma_validate_mm(raw) };
        let mut facts = Facts::new();
        facts.note_all(&calls.facts)?;
        facts.note(What::Returned, 0, number_of(result))?;
        if iter_was_used {
            let position = match flaw {
                Some(Flaw::Iterator(what)) => {
                    let raw = raw_iter(iter);
                    // SAFETY: It is the only iterator at the tree.
                    unsafe { while_false(what, raw.cast(), || position(raw))? }
                }
                _ => position(raw_iter(iter))?,
            };
            facts.note_all(&position)?;
        }
        let map_count = || {
            // SAFETY: The iterator shows that the lock is held for write.
            Ok(unsafe { bindings::rust_vma_map_count(raw) })
        };
        let map_count = match flaw {
            // SAFETY: As above.
            Some(Flaw::MapCount) => unsafe { while_false(What::MapCount, raw.cast(), map_count)? },
            _ => map_count()?,
        };
        facts.note(What::MapCount, 0, map_count as usize)?;
        let vmas = match flaw {
            Some(Flaw::Vma(number, what)) => look_at_false(iter, number, what)?,
            _ => look(iter)?,
        };
        facts.note_all(&vmas)?;
        Ok(Self {
            result,
            calls,
            request: request.map(Facts::in_order),
            facts: facts.in_order(),
        })
    }

    /// In what this differs from the other one. Who is asked without a request leaves none, and is not
    /// compared in that.
    pub(crate) fn differences(&self, other: &Self) -> Result<KVec<Difference>> {
        let mut found = self.facts.differences(&other.facts)?;
        if let Some(ours) = &self.request {
            let none = Facts::new();
            let theirs = other.request.as_ref().unwrap_or(&none);
            found.extend_from_slice(&ours.differences(theirs)?, GFP_KERNEL)?;
        }
        Ok(found)
    }
}

/// What was returned, as a number.
fn number_of(result: Result<Option<usize>, i32>) -> usize {
    match result {
        Ok(start) => start.unwrap_or(0),
        Err(errno) => errno as usize,
    }
}

/// A number for something that may be missing.
fn number_or_none(number: Option<usize>) -> usize {
    number.map_or(0, |number| number + 1)
}

/// Flags, as a number. They are one word on the architectures that there are.
fn word_of(flags: bindings::vma_flags_t) -> usize {
    let [word] = flags.__vma_flags;
    word
}

/// What the caller finds in its request.
pub(super) fn request(request: &bindings::vma_merge_struct) -> Result<Facts> {
    let target = NonNull::new(request.target);
    // SAFETY: A target is a VMA that would grow, and so is still there.
    let target = target.map(|vma| unsafe { VmaRef::from_raw(vma.as_ptr()) }.start());
    let mut facts = Facts::new();
    facts.note(What::RequestState, 0, request.state as usize)?;
    facts.note(What::RequestTarget, 0, number_or_none(target))?;
    facts.note(What::RequestStart, 0, request.start)?;
    facts.note(What::RequestEnd, 0, request.end)?;
    facts.note(What::RequestPgoff, 0, request.pgoff)?;
    facts.note(What::RequestAnonPgoff, 0, request.anon_pgoff)?;
    // SAFETY: The union has two names for the same bits.
    let flags = unsafe {
        (&raw const request.__bindgen_anon_1)
            .cast::<bindings::vma_flags_t>()
            .read()
    };
    facts.note(What::RequestFlags, 0, word_of(flags))?;
    Ok(facts)
}

/// Where an iterator is, and where it goes from there.
fn position(iter: *const bindings::vma_iterator) -> Result<Facts> {
    // SAFETY: The iterator is valid. It is moved as a copy, which is as good.
    let (stands, mut forward, mut back) = unsafe { (iter.read(), iter.read(), iter.read()) };
    // SAFETY: The iterator is valid and its lock held; VMAs of the tree are valid.
    let (holds_memory, next, prev) = unsafe {
        (
            bindings::rust_vma_kunit_holds_memory(iter),
            start_of(bindings::rust_vma_next(&mut forward)),
            start_of(bindings::rust_vma_prev(&mut back)),
        )
    };
    let mut facts = Facts::new();
    facts.note(What::IteratorIndex, 0, stands.mas.index)?;
    facts.note(What::IteratorLast, 0, stands.mas.last)?;
    facts.note(What::IteratorStatus, 0, stands.mas.status as usize)?;
    facts.note(What::IteratorHoldsMemory, 0, holds_memory.into())?;
    facts.note(What::IteratorNext, 0, number_or_none(next))?;
    facts.note(What::IteratorPrev, 0, number_or_none(prev))?;
    Ok(facts)
}

/// The start of a VMA, if there is one.
///
/// # Safety
///
/// The pointer is null or a valid VMA whose mmap lock is held.
unsafe fn start_of(vma: *const bindings::vm_area_struct) -> Option<usize> {
    // SAFETY: The caller's promise.
    (!vma.is_null()).then(|| unsafe { VmaRef::from_raw(vma) }.start())
}

impl TestMm {
    /// Looks at all VMAs; if so wanted, while one of them, counted from zero, is false in something.
    pub(crate) fn look(&self, flaw: Option<(usize, What)>) -> Result<Facts> {
        let mut guard = MmapWriteGuard::lock_killable(self.mm())?;
        let mut iter = guard.iter_at(0);
        let vmas = match flaw {
            Some((number, what)) => look_at_false(&mut iter, number, what)?,
            None => look(&mut iter)?,
        };
        Ok(vmas.in_order())
    }
}

/// Looks at all VMAs while one of them, counted from zero, is false in something.
fn look_at_false(iter: &mut VmaIter<'_>, number: usize, what: What) -> Result<Facts> {
    let vma = nth(iter, number)?;
    // SAFETY: The VMA is valid, and the iterator shows that the lock is held for write.
    unsafe { while_false(what, vma.cast(), || look(iter)) }
}

/// Numbers objects in the order in which they turn up.
struct Numbers<T>(KVec<(T, usize)>);

impl<T: PartialEq + Copy> Numbers<T> {
    const fn new() -> Self {
        Self(KVec::new())
    }

    /// The number that the object had when it turned up first; this time it would be `number`.
    fn first(&mut self, object: T, number: usize) -> Result<usize> {
        if let Some((_, first)) = self.0.iter().find(|(known, _)| *known == object) {
            return Ok(*first);
        }
        self.0.push((object, number), GFP_KERNEL)?;
        Ok(number)
    }
}

/// The objects that VMAs refer to.
struct Objects {
    files: Numbers<NonNull<bindings::file>>,
    anon_vmas: Numbers<NonNull<bindings::anon_vma>>,
    links: Numbers<NonNull<bindings::anon_vma>>,
    policies: Numbers<NonNull<bindings::mempolicy>>,
    names: Numbers<NonNull<bindings::anon_vma_name>>,
}

/// Looks at all VMAs.
fn look(iter: &mut VmaIter<'_>) -> Result<Facts> {
    let mut facts = Facts::new();
    let mut objects = Objects {
        files: Numbers::new(),
        anon_vmas: Numbers::new(),
        links: Numbers::new(),
        policies: Numbers::new(),
        names: Numbers::new(),
    };

    iter.set(0);
    let mut number = 0;
    while let Some(vma) = iter.find(usize::MAX) {
        objects.look_at(&vma, number, &mut facts)?;
        number += 1;
    }
    Ok(facts)
}

impl Objects {
    /// Looks at the VMA with this number, whose mmap lock is held for write.
    fn look_at(&mut self, vma: &VmaRef, number: usize, facts: &mut Facts) -> Result {
        let raw = vma.as_ptr();
        let extent = vma.extent();
        facts.note(What::VmaStart, number, extent.range.start())?;
        facts.note(What::VmaEnd, number, extent.range.end())?;
        facts.note(What::VmaPgoff, number, extent.pgoff.pages())?;
        facts.note(What::VmaAnonPgoff, number, extent.anon_pgoff.pages())?;
        let flags = vma.vma_flags().into_raw();
        facts.note(What::VmaFlags, number, word_of(flags))?;
        if let Some(file) = vma.file() {
            let first = self.files.first(file, number)?;
            // SAFETY: The VMA is valid and its lock held.
            let place = unsafe { bindings::rust_vma_kunit_place_in_file(raw) };
            facts.note(What::VmaFile, number, first)?;
            facts.note(What::VmaPlaceInFile, number, place as usize)?;
        }
        if let Some(anon_vma) = vma.anon_vma() {
            let first = self.anon_vmas.first(anon_vma, number)?;
            facts.note(What::VmaAnonVma, number, first)?;
        }
        // SAFETY: The VMA is valid and its lock held.
        let (chain_length, context, write_locked) = unsafe {
            (
                bindings::rust_vma_kunit_chain_length(raw),
                bindings::rust_vma_kunit_context_of(raw),
                bindings::rust_vma_kunit_is_write_locked(raw),
            )
        };
        facts.note(What::VmaChainLength, number, chain_length as usize)?;
        facts.note(What::VmaContext, number, context as usize)?;
        facts.note(What::VmaWriteLocked, number, write_locked.into())?;
        for index in 0..LINKS {
            self.look_at_link(vma, number, index, facts)?;
        }
        self.look_at_policy(vma, number, facts)?;
        self.look_at_name(vma, number, facts)
    }

    /// Looks at a link of the chain of the VMA with this number, if there is such a link.
    fn look_at_link(
        &mut self,
        vma: &VmaRef,
        number: usize,
        index: usize,
        facts: &mut Facts,
    ) -> Result {
        let (raw, nth) = (vma.as_ptr(), index as u32);
        // SAFETY: The VMA is valid and its lock held.
        let anon_vma = unsafe { bindings::rust_vma_kunit_linked(raw, nth) };
        let Some(anon_vma) = NonNull::new(anon_vma) else {
            return Ok(());
        };
        let link = number * LINKS + index;
        let first = self.links.first(anon_vma, link)?;
        // SAFETY: The anon_vma is one that a valid VMA is linked to.
        let (place, users, children, references) = unsafe {
            (
                bindings::rust_vma_kunit_place_in_anon_vma(raw, nth),
                bindings::rust_vma_kunit_anon_vma_users(anon_vma.as_ptr()),
                bindings::rust_vma_kunit_anon_vma_children(anon_vma.as_ptr()),
                bindings::rust_vma_kunit_anon_vma_count(anon_vma.as_ptr()),
            )
        };
        facts.note(What::LinkAnonVma, link, first)?;
        facts.note(What::LinkPlace, link, place as usize)?;
        facts.note(What::LinkUsers, link, users)?;
        facts.note(What::LinkChildren, link, children)?;
        facts.note(What::LinkReferences, link, references as usize)
    }

    /// Looks at the policy of the VMA with this number, if it has one.
    fn look_at_policy(&mut self, vma: &VmaRef, number: usize, facts: &mut Facts) -> Result {
        // SAFETY: The VMA is valid and its lock held.
        let policy = unsafe { bindings::rust_vma_policy(vma.as_ptr()) };
        let Some(policy) = NonNull::new(policy) else {
            return Ok(());
        };
        let first = self.policies.first(policy, number)?;
        // SAFETY: The policy is that of a valid VMA.
        let (mode, nodes, references) = unsafe {
            (
                bindings::rust_vma_kunit_policy_mode(policy.as_ptr()),
                bindings::rust_vma_kunit_policy_nodes(policy.as_ptr()),
                bindings::rust_vma_kunit_policy_count(policy.as_ptr()),
            )
        };
        facts.note(What::VmaPolicy, number, first)?;
        facts.note(What::VmaPolicyMode, number, mode as usize)?;
        facts.note(What::VmaPolicyNodes, number, nodes)?;
        facts.note(What::VmaPolicyReferences, number, references as usize)
    }

    /// Looks at the name of the VMA with this number, if it has one.
    fn look_at_name(&mut self, vma: &VmaRef, number: usize, facts: &mut Facts) -> Result {
        // SAFETY: The VMA is valid and its lock held.
        let Some(name) = NonNull::new(unsafe { bindings::rust_vma_anon_vma_name(vma.as_ptr()) })
        else {
            return Ok(());
        };
        let first = self.names.first(name, number)?;
        // SAFETY: The name is that of a valid VMA.
        let references = unsafe { bindings::rust_vma_kunit_name_count(name.as_ptr()) };
        facts.note(What::VmaName, number, first)?;
        facts.note(What::VmaNameReferences, number, references as usize)
    }
}
