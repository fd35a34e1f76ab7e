// SPDX-License-Identifier: GPL-2.0

//! The causes that keep two VMAs apart: a cause for each rule, and one for each flag that differs.

use super::{
    cause_set::CauseSet,
    flag_names::cause_of_flag,
    sides::{
        Described,
        SeenAnonVma,
        Use, //
    }, //
};
use crate::vma::{
    blocker::OfPair,
    causes::Cause,
    compat::{
        Blocker,
        BlockerSet,
        Reduction, //
    },
    flags::{
        self,
        VmaFlags, //
    },
    pair::Apart,
};

/// The relation between the files of two VMAs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    /// Both VMAs map the same file through the same descriptor, or both map none.
    Same,
    /// Both VMAs map the same file, but it was opened separately for each of them.
    OpenedAnew,
    /// The VMAs map two files, or only one of them maps a file.
    Two,
}

impl Files {
    /// Returns the relation between the files of two VMAs that these rules keep apart.
    pub(super) fn of<V: Described>(blockers: BlockerSet, prev: &V, next: &V) -> Self {
        if !blockers.contains(Blocker::File) {
            Self::Same
        } else if prev.inode_number() == next.inode_number() {
            Self::OpenedAnew
        } else {
            Self::Two
        }
    }
}

/// Returns the causes of everything that keeps two VMAs apart and that explains something.
pub(super) fn causes_of<V: Described>(apart: Apart, files: Files, prev: &V, next: &V) -> CauseSet {
    let differing = prev.vma_flags().difference(next.vma_flags());
    if let Some(never) = Never::of(prev.vma_flags(), next.vma_flags()) {
        return causes_beside(never, apart.blockers, differing, prev, next).with(never.cause());
    }
    let mut causes = causes_of_rules(apart.blockers, files, prev, next);
    // Two files, or one file opened twice, have separate drivers.
    if apart.must_not_disappear && files == Files::Same {
        causes = causes.with_any(cause_of_rule(Reduction::NextStays.of_pair()));
    }
    if apart.blockers.contains(Blocker::Flags) {
        causes = causes.union(causes_of_flags(differing));
    }
    causes
}

/// The reason why two VMAs never merge, at least one of which is special.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Never {
    /// Every special VMA of the two consists of huge pages.
    HugePages,
    /// A special VMA maps memory of a device or page frames.
    Special,
}

impl Never {
    fn of(prev: VmaFlags, next: VmaFlags) -> Option<Self> {
        let is_special = |flags: &VmaFlags| flags.intersects(flags::SPECIAL);
        let mut special = [prev, next].into_iter().filter(is_special).peekable();
        special.peek()?;
        // Huge pages are special as well.
        let are_huge = special.all(|flags| flags.intersects(flags::HUGETLB));
        Some(if are_huge {
            Self::HugePages
        } else {
            Self::Special
        })
    }

    const fn cause(self) -> Cause {
        match self {
            Self::HugePages => Cause::HugeTlb,
            Self::Special => Cause::SpecialMappings,
        }
    }

    /// Returns the rules that apply to this memory in the same way as to ordinary memory. Rules about files, offsets
    /// and anon_vmas do not, because this memory always has its own.
    const fn rules(self) -> &'static [Blocker] {
        match self {
            Self::HugePages => &[
                Blocker::NotAdjacent,
                Blocker::Policy,
                Blocker::UserfaultfdContext,
            ],
            Self::Special => &[],
        }
    }

    /// Returns the flags that programs can set and clear for this memory as for ordinary memory. The driver or the
    /// kernel controls the other flags.
    const fn flags(self) -> VmaFlags {
        const OF_ALL: VmaFlags = flags::ACCESS
            .union(flags::PROTECTION_KEY)
            .union(flags::BRANCH_TARGETS)
            .union(flags::SEALED)
            .union(flags::SEQ_READ)
            .union(flags::RAND_READ);
        match self {
            Self::HugePages => OF_ALL
                .union(flags::DONTCOPY)
                .union(flags::DONTDUMP)
                .union(flags::NORESERVE)
                .union(flags::USERFAULTFD)
                .union(flags::UFFD_RWP),
            Self::Special => OF_ALL,
        }
    }
}

/// Returns the causes that keep two VMAs apart in addition to the reason why they never merge: the causes that would
/// remain if both VMAs were ordinary memory.
fn causes_beside<V: Described>(
    never: Never,
    blockers: BlockerSet,
    differing: VmaFlags,
    prev: &V,
    next: &V,
) -> CauseSet {
    // Every process has special mappings that the kernel created.
    let is_of_kernel = |vma: &V| vma.file().is_none() && matches!(vma.used_as(), Use::Special(_));
    if is_of_kernel(prev) || is_of_kernel(next) {
        return CauseSet::NONE;
    }
    let rules = never.rules().iter();
    rules
        .filter(|rule| blockers.contains(**rule))
        .filter_map(|rule| cause_of_rule(rule.of_pair()))
        .fold(CauseSet::NONE, CauseSet::with)
        .union(causes_of_flags(differing.intersection(never.flags())))
}

/// Returns the cause that the table lists for a rule.
fn cause_of_rule(said: Option<&OfPair>) -> Option<Cause> {
    said.and_then(|said| said.cause)
}

fn causes_of_rules<V: Described>(
    blockers: BlockerSet,
    files: Files,
    prev: &V,
    next: &V,
) -> CauseSet {
    let mut causes = CauseSet::NONE;
    for blocker in blockers.iter() {
        let cause = match blocker {
            Blocker::File if files == Files::OpenedAnew => Some(Cause::OpenedAnew),
            // Mappings of two files have no reason to be adjacent.
            Blocker::NotAdjacent if files == Files::Two => None,
            Blocker::PageOffset | Blocker::AnonPageOffset => cause_of_offsets(blocker, prev, next),
            Blocker::AnonVma => prev
                .seen_anon_vma()
                .zip(next.seen_anon_vma())
                .and_then(|(prev, next)| cause_of_anon_vmas(prev, next)),
            _ => cause_of_rule(blocker.of_pair()),
        };
        causes = causes.with_any(cause);
    }
    causes
}

/// Returns the cause of page offsets that are not contiguous.
fn cause_of_offsets<V: Described>(blocker: Blocker, prev: &V, next: &V) -> Option<Cause> {
    // execve() moves the stack, which keeps its offsets.
    let is_stack = |vma: &V| vma.file().is_none() && vma.used_as() == Use::Stack;
    match blocker {
        _ if is_stack(prev) || is_stack(next) => None,
        Blocker::PageOffset if next.file().is_some() => Some(Cause::PageOffsets),
        // Nobody chooses the page offsets of anonymous memory: they follow from the address where it was mapped.
        _ => Some(Cause::Moved),
    }
}

/// Returns the cause of two different anon_vmas, or `None` if they are the same.
///
/// If one anon_vma was inherited, the cause is a fork: each VMA of a child gets its own anon_vma, although its memory
/// is the parent's. But if both were inherited and do not share a root, the memory was already kept apart before the
/// fork.
pub(super) const fn cause_of_anon_vmas(prev: SeenAnonVma, next: SeenAnonVma) -> Option<Cause> {
    if prev.number == next.number {
        return None;
    }
    let is_apart_for_longer = prev.is_forked && next.is_forked && prev.root != next.root;
    Some(
        if (prev.is_forked || next.is_forked) && !is_apart_for_longer {
            Cause::Fork
        } else {
            Cause::AnonVmas
        },
    )
}

/// Flags that follow from others: if VMAs differ in one of the first flags, a difference in the second flags explains
/// nothing.
const COME_WITH: [(VmaFlags, VmaFlags); 4] = [
    // Memory that was mapped with MAP_SHARED has VM_MAYSHARE. If its file was opened read-only, it lacks VM_SHARED
    // and VM_MAYWRITE. Private memory has VM_MAYWRITE even then.
    (flags::MAYSHARE, flags::SHARED.union(flags::MAYWRITE)),
    // Only private memory that may be written and was not mapped with MAP_NORESERVE is accounted.
    (
        flags::WRITE
            .union(flags::NORESERVE)
            .union(flags::SHARED)
            .union(flags::HUGETLB),
        flags::ACCOUNT,
    ),
    (
        flags::DROPPABLE,
        flags::NORESERVE
            .union(flags::ACCOUNT)
            .union(flags::WIPEONFORK)
            .union(flags::DONTDUMP),
    ),
    (flags::SPECIAL, flags::DONTDUMP),
];

/// Returns the causes of the flags in which two VMAs differ, leaving out flags that follow from others.
fn causes_of_flags(differing: VmaFlags) -> CauseSet {
    let differing = differing.without(flags::IGNORED_BY_MERGES);
    let says_nothing = COME_WITH
        .into_iter()
        .filter(|(flags, _)| differing.intersects(*flags))
        .fold(VmaFlags::EMPTY, |all, (_, others)| all.union(others));
    differing
        .without(says_nothing)
        .bits()
        .filter_map(|bit| CAUSES_OF_FLAGS.get(bit).copied())
        .fold(CauseSet::NONE, CauseSet::union)
}

/// The cause of a difference in each flag, computed at compile time because there may be a million boundaries.
static CAUSES_OF_FLAGS: [CauseSet; VmaFlags::BITS] = {
    let mut causes = [CauseSet::NONE; VmaFlags::BITS];
    let mut bit = 0;
    while bit < VmaFlags::BITS {
        causes[bit] = CauseSet::NONE.with(cause_of_flag(bit));
        bit += 1;
    }
    causes
};
