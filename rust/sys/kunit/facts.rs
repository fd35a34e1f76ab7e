// SPDX-License-Identifier: GPL-2.0

//! Facts: the numbers that the oracle compares.
//!
//! All that is seen of an address space, and of a call, is said in numbers: an object of the kernel
//! is the number of the first VMA that has it, so that twins can be compared. There is one comparison,
//! [`Facts::differences`], and it leaves nothing out.

use core::ops::Range;
use kernel::prelude::*;

/// Makes [`What`].
macro_rules! table {
    ($($(#[$doc:meta])+ $what:ident,)+) => {
        /// What a fact says.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub(crate) enum What {
            $($(#[$doc])+ $what,)+
        }

        impl What {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$what,)+];
        }
    };
}

table! {
    /// The start of the VMA that was returned, or the errno.
    Returned,
    /// The state that the caller finds in its request.
    RequestState,
    /// The start of the VMA that the request names as its target.
    RequestTarget,
    /// The start of the range in the request.
    RequestStart,
    /// The end of the range in the request.
    RequestEnd,
    /// The page offset in the request.
    RequestPgoff,
    /// The anonymous page offset in the request.
    RequestAnonPgoff,
    /// The flags in the request.
    RequestFlags,
    /// The index of the iterator.
    IteratorIndex,
    /// The last index of the iterator.
    IteratorLast,
    /// The status of the iterator.
    IteratorStatus,
    /// Whether the iterator holds memory for a store.
    IteratorHoldsMemory,
    /// The start of the VMA that a step forward comes to.
    IteratorNext,
    /// The start of the VMA that a step back comes to.
    IteratorPrev,
    /// The leaf that is called, for each call in turn.
    Leaf,
    /// The number of arguments, and all that is recorded of them, for each call in turn.
    LeafArgument,
    /// `map_count` of the address space.
    MapCount,
    /// The start of each VMA.
    VmaStart,
    /// The end of each VMA.
    VmaEnd,
    /// The page offset of each VMA.
    VmaPgoff,
    /// The anonymous page offset of each VMA.
    VmaAnonPgoff,
    /// The flags of each VMA.
    VmaFlags,
    /// The first VMA that maps the same file.
    VmaFile,
    /// The place of the VMA in its file's rmap tree.
    VmaPlaceInFile,
    /// The first VMA that has the same anon_vma.
    VmaAnonVma,
    /// The length of the VMA's chain of anon_vmas.
    VmaChainLength,
    /// The first VMA that has the same policy, not only one that places alike.
    VmaPolicy,
    /// The mode of the VMA's policy.
    VmaPolicyMode,
    /// The nodes of the VMA's policy.
    VmaPolicyNodes,
    /// The references to the VMA's policy.
    VmaPolicyReferences,
    /// The first VMA that has the same name, not only one that reads alike.
    VmaName,
    /// The references to the VMA's name.
    VmaNameReferences,
    /// Which of the test's userfaultfd contexts the VMA has.
    VmaContext,
    /// Whether the VMA is write-locked.
    VmaWriteLocked,
    /// The first link of any VMA that leads to the same anon_vma.
    LinkAnonVma,
    /// The place of the VMA in the anon_vma's tree.
    LinkPlace,
    /// The VMAs that have the anon_vma.
    LinkUsers,
    /// The children of the anon_vma.
    LinkChildren,
    /// The references to the anon_vma.
    LinkReferences,
    /// The references to a file: the test's, and one for each VMA that maps it.
    FileReferences,
    /// The mappings that may write to a file.
    FileWriters,
    /// The mappings that the test's driver has seen opened.
    FileOpened,
    /// The mappings that the test's driver has seen closed.
    FileClosed,
    /// The references to a policy of the test's.
    PolicyReferences,
    /// The references to a name of the test's.
    NameReferences,
}

/// A fact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Fact {
    what: What,
    /// Of which VMA, link, call, argument or object, counted from zero.
    of: usize,
    value: usize,
}

/// Facts about a subject.
#[derive(Debug)]
pub(crate) struct Facts(KVec<Fact>);

/// A fact in which two lists differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Difference {
    /// What the fact says.
    pub(crate) what: What,
    /// Of which one.
    pub(crate) of: usize,
    /// The value here; `None` if the fact is missing.
    pub(crate) ours: Option<usize>,
    /// The value in the other list.
    pub(crate) theirs: Option<usize>,
}

impl Facts {
    /// No facts.
    pub(crate) const fn new() -> Self {
        Self(KVec::new())
    }

    /// Adds a fact, of which there is one for each `of`.
    pub(crate) fn note(&mut self, what: What, of: usize, value: usize) -> Result {
        Ok(self.0.push(Fact { what, of, value }, GFP_KERNEL)?)
    }

    /// Adds the facts of `other`.
    pub(crate) fn note_all(&mut self, other: &Self) -> Result {
        Ok(self.0.extend_from_slice(&other.0, GFP_KERNEL)?)
    }

    /// Whether each of these facts has this value.
    pub(crate) fn are_all(&self, what: What, value: usize) -> bool {
        self.0
            .iter()
            .filter(|fact| fact.what == what)
            .all(|fact| fact.value == value)
    }

    /// The values of these facts, as far as they are there.
    pub(crate) fn values(&self, what: What, of: Range<usize>) -> Result<KVec<usize>> {
        let mut values = KVec::new();
        for fact in &self.0 {
            if fact.what == what && of.contains(&fact.of) {
                values.push(fact.value, GFP_KERNEL)?;
            }
        }
        Ok(values)
    }

    /// Puts them in order, for [`Facts::differences`].
    pub(crate) fn in_order(mut self) -> Self {
        self.0.sort_unstable();
        self
    }

    /// The differences between this list and the other one. Both are in order.
    pub(crate) fn differences(&self, theirs: &Self) -> Result<KVec<Difference>> {
        let mut found = KVec::new();
        let mut ours = self.0.iter().peekable();
        let mut theirs = theirs.0.iter().peekable();
        loop {
            let key = |fact: &&Fact| (fact.what, fact.of);
            let (what, of) = match (ours.peek().map(key), theirs.peek().map(key)) {
                (Some(one), Some(other)) => one.min(other),
                (Some(key), None) | (None, Some(key)) => key,
                (None, None) => return Ok(found),
            };
            let is_it = |fact: &&Fact| (fact.what, fact.of) == (what, of);
            let difference = Difference {
                what,
                of,
                ours: ours.next_if(is_it).map(|fact| fact.value),
                theirs: theirs.next_if(is_it).map(|fact| fact.value),
            };
            if difference.ours != difference.theirs {
                found.push(difference, GFP_KERNEL)?;
            }
        }
    }
}
