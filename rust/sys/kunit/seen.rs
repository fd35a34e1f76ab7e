// SPDX-License-Identifier: GPL-2.0

//! What can be seen of an address space after a call, without addresses of kernel objects, so that
//! it can be compared with another one.

use super::{
    leaves::Calls,
    raw_iter,
    TestMm, //
};
use crate::vma::{
    compat::Attributes,
    extent::Range,
    flags::VmaFlags,
    sys::{
        bindings,
        MmapWriteGuard,
        VmaIter,
        VmaRef, //
    },
};
use core::{
    fmt,
    ptr::NonNull, //
};
use kernel::prelude::*;

/// How many links of an anon_vma chain are looked at.
const LINKS: usize = 4;

/// What can be seen of a VMA.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    range: Range,
    pgoff: usize,
    anon_pgoff: usize,
    flags: VmaFlags,
    /// The first VMA that maps the same file, and this one's place in the file's rmap tree.
    file: Option<(usize, u32)>,
    /// The first VMA that has the same anon_vma.
    anon_vma: Option<usize>,
    chain_length: u32,
    chain: [Option<SeenLink>; LINKS],
    policy: Option<SeenPolicy>,
    /// The first VMA that has the same name (not only one that reads alike), and the references.
    name: Option<(usize, u32)>,
    /// Which of the test's userfaultfd contexts it has.
    context: i32,
    write_marked: bool,
}

/// What can be seen of a VMA's link to an anon_vma.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct SeenLink {
    /// The first link of any VMA that leads to the same anon_vma.
    to: usize,
    /// The VMA's place in the tree of the anon_vma.
    place: u32,
    /// The VMAs that have the anon_vma, its children, and the references to it.
    users: usize,
    children: usize,
    references: i32,
}

/// What can be seen of a policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct SeenPolicy {
    /// The first VMA that has the same one (not only one that places alike).
    first: usize,
    mode: u32,
    nodes: usize,
    references: i32,
}

/// Where an iterator is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Position {
    index: usize,
    last: usize,
    status: u32,
    holds_memory: bool,
    /// The start of the VMA that a step forward then comes to.
    next: Option<usize>,
}

/// What the caller finds in its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SeenRequest {
    state: u32,
    target: Option<usize>,
    start: usize,
    end: usize,
    pgoff: usize,
    anon_pgoff: usize,
}

/// All that can be seen after a call.
pub(crate) struct Seeing {
    /// The start of the VMA that was returned, if one was; or the errno.
    pub(crate) result: Result<Option<usize>, i32>,
    /// The request, if there was one.
    pub(crate) request: Option<SeenRequest>,
    /// The leaves that were called.
    pub(crate) calls: Calls,
    position: Option<Position>,
    map_count: i32,
    vmas: KVec<Seen>,
}

impl Seeing {
    /// Looks at everything. `iter` is where the call has left it, if it was ours.
    pub(super) fn new(
        mm: &TestMm,
        iter: &mut VmaIter<'_>,
        iter_was_used: bool,
        result: Result<Option<usize>, i32>,
        request: Option<SeenRequest>,
        calls: Calls,
    ) -> Result<Self> {
        // SAFETY: The iterator shows that the lock is held for write.
        unsafe { bindings::rust_vma_validate_mm(mm.mm().as_raw()) };
        Ok(Self {
            result,
            request,
            calls,
            position: iter_was_used.then(|| Position::of(iter)),
            // SAFETY: As above.
            map_count: unsafe { bindings::rust_vma_map_count(mm.mm().as_raw()) },
            vmas: look(iter)?,
        })
    }

    /// Whether all is as in the other, C's; says what is not.
    pub(crate) fn is_like(&self, c: &Self, who: &str) -> bool {
        let mut alike = true;
        let mut compare =
            |what: &str, ours: &dyn fmt::Debug, theirs: &dyn fmt::Debug, same: bool| {
                if !same {
                    pr_err!("{who} and C differ in {what}\n");
                    pr_err!("  {who}: {ours:?}\n");
                    pr_err!("  C: {theirs:?}\n");
                    alike = false;
                }
            };

        let same = self.result == c.result;
        compare("what is returned", &self.result, &c.result, same);
        // Who is asked without a request leaves none.
        let same = self.request.is_none() || self.request == c.request;
        compare("the request", &self.request, &c.request, same);
        let same = self.calls == c.calls && self.calls.are_all_known();
        compare("what is called", &self.calls, &c.calls, same);
        let same = self.position == c.position;
        compare("the iterator", &self.position, &c.position, same);
        let same = self.map_count == c.map_count;
        compare("map_count", &self.map_count, &c.map_count, same);
        let same = self.vmas.len() == c.vmas.len();
        compare("the number of VMAs", &self.vmas, &c.vmas, same);
        for (ours, theirs) in self.vmas.iter().zip(c.vmas.iter()) {
            compare("a VMA", ours, theirs, ours == theirs);
        }
        alike
    }
}

impl SeenRequest {
    /// Reads a request that was served.
    pub(super) fn of(request: &bindings::vma_merge_struct) -> Self {
        let target = NonNull::new(request.target);
        Self {
            state: request.state,
            // SAFETY: A target is a VMA that would grow, and so is still there.
            target: target.map(|vma| unsafe { VmaRef::from_raw(vma.as_ptr()) }.start()),
            start: request.start,
            end: request.end,
            pgoff: request.pgoff,
            anon_pgoff: request.anon_pgoff,
        }
    }
}

impl Position {
    /// Where an iterator is; it is moved by asking.
    fn of(iter: &mut VmaIter<'_>) -> Self {
        let raw = raw_iter(iter);
        // SAFETY: The iterator is valid.
        let (index, last, status, holds_memory) = unsafe {
            (
                (*raw).mas.index,
                (*raw).mas.last,
                (*raw).mas.status,
                bindings::rust_vma_kunit_holds_memory(raw),
            )
        };
        // SAFETY: The iterator is valid and its lock held; VMAs of the tree are valid.
        let next = unsafe {
            let next = bindings::rust_vma_next(raw);
            (!next.is_null()).then(|| VmaRef::from_raw(next).start())
        };
        Self {
            index,
            last,
            status,
            holds_memory,
            next,
        }
    }
}

impl TestMm {
    /// All VMAs.
    pub(crate) fn look(&self) -> Result<KVec<Seen>> {
        let mut guard = MmapWriteGuard::lock_killable(self.mm())?;
        look(&mut guard.iter_at(0))
    }
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

fn look(iter: &mut VmaIter<'_>) -> Result<KVec<Seen>> {
    let mut vmas: KVec<Seen> = KVec::new();
    let mut objects = Objects {
        files: Numbers::new(),
        anon_vmas: Numbers::new(),
        links: Numbers::new(),
        policies: Numbers::new(),
        names: Numbers::new(),
    };

    iter.set(0);
    while let Some(vma) = iter.find(usize::MAX) {
        let seen = objects.look_at(&vma, vmas.len())?;
        vmas.push(seen, GFP_KERNEL)?;
    }
    Ok(vmas)
}

impl Objects {
    /// Looks at the VMA with this number, whose mmap lock is held for write.
    fn look_at(&mut self, vma: &VmaRef, number: usize) -> Result<Seen> {
        let raw = vma.as_ptr();
        let extent = vma.extent();
        let file = match vma.file() {
            None => None,
            // SAFETY: The VMA is valid and its lock held.
            Some(file) => Some((self.files.first(file, number)?, unsafe {
                bindings::rust_vma_kunit_place_in_file(raw)
            })),
        };
        let anon_vma = match vma.anon_vma() {
            None => None,
            Some(anon_vma) => Some(self.anon_vmas.first(anon_vma, number)?),
        };
        let mut chain = [None; LINKS];
        for (index, link) in chain.iter_mut().enumerate() {
            *link = self.link(vma, number, index)?;
        }
        let policy = self.policy(vma, number)?;
        // SAFETY: The VMA is valid and its lock held.
        let name = match NonNull::new(unsafe { bindings::rust_vma_anon_vma_name(raw) }) {
            None => None,
            // SAFETY: The name is that of a valid VMA.
            Some(name) => Some((self.names.first(name, number)?, unsafe {
                bindings::rust_vma_kunit_name_count(name.as_ptr())
            })),
        };
        // SAFETY: The VMA is valid and its lock held.
        let (chain_length, context, write_marked) = unsafe {
            (
                bindings::rust_vma_kunit_chain_length(raw),
                bindings::rust_vma_kunit_context_of(raw),
                bindings::rust_vma_kunit_is_write_marked(raw),
            )
        };
        Ok(Seen {
            range: extent.range,
            pgoff: extent.pgoff.pages(),
            anon_pgoff: extent.anon_pgoff.pages(),
            flags: vma.vma_flags(),
            file,
            anon_vma,
            chain_length,
            chain,
            policy,
            name,
            context,
            write_marked,
        })
    }

    /// Looks at a link of the chain of the VMA with this number.
    fn link(&mut self, vma: &VmaRef, number: usize, index: usize) -> Result<Option<SeenLink>> {
        let (raw, nth) = (vma.as_ptr(), index as u32);
        // SAFETY: The VMA is valid and its lock held.
        let anon_vma = unsafe { bindings::rust_vma_kunit_linked(raw, nth) };
        let Some(anon_vma) = NonNull::new(anon_vma) else {
            return Ok(None);
        };
        let to = self.links.first(anon_vma, number * LINKS + index)?;
        // SAFETY: The anon_vma is one that a valid VMA is linked to.
        let link = unsafe {
            SeenLink {
                to,
                place: bindings::rust_vma_kunit_place_in_anon_vma(raw, nth),
                users: bindings::rust_vma_kunit_anon_vma_users(anon_vma.as_ptr()),
                children: bindings::rust_vma_kunit_anon_vma_children(anon_vma.as_ptr()),
                references: bindings::rust_vma_kunit_anon_vma_count(anon_vma.as_ptr()),
            }
        };
        Ok(Some(link))
    }

    /// Looks at the policy of the VMA with this number.
    fn policy(&mut self, vma: &VmaRef, number: usize) -> Result<Option<SeenPolicy>> {
        // SAFETY: The VMA is valid and its lock held.
        let policy = unsafe { bindings::rust_vma_policy(vma.as_ptr()) };
        let Some(policy) = NonNull::new(policy) else {
            return Ok(None);
        };
        let first = self.policies.first(policy, number)?;
        // SAFETY: The policy is that of a valid VMA.
        let policy = unsafe {
            SeenPolicy {
                first,
                mode: bindings::rust_vma_kunit_policy_mode(policy.as_ptr()),
                nodes: bindings::rust_vma_kunit_policy_nodes(policy.as_ptr()),
                references: bindings::rust_vma_kunit_policy_count(policy.as_ptr()),
            }
        };
        Ok(Some(policy))
    }
}
