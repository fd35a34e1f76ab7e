// SPDX-License-Identifier: GPL-2.0

//! The causes of what keeps two VMAs apart: of each rule, and of each flag that differs.

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

/// The relation of the files of two VMAs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    /// Both map one, through one descriptor, or none.
    Same,
    /// Both map one, which was opened anew for one of them.
    OpenedAnew,
    /// They map two, or one of them maps none.
    Two,
}

impl Files {
    /// Looks at the files of two VMAs that these rules keep apart.
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

/// The causes of all that keeps two VMAs apart, as far as it says something.
pub(super) fn causes_of<V: Described>(apart: Apart, files: Files, prev: &V, next: &V) -> CauseSet {
    let differing = prev.vma_flags().difference(next.vma_flags());
    if let Some(never) = Never::of(prev.vma_flags(), next.vma_flags()) {
        return causes_beside(never, apart.blockers, differing, prev, next).with(never.cause());
    }
    let mut causes = causes_of_rules(apart.blockers, files, prev, next);
    // Two files, or two openings of one, have drivers of their own.
    if apart.must_not_disappear && files == Files::Same {
        causes = causes.with_any(cause_of_rule(Reduction::NextStays.of_pair()));
    }
    if apart.blockers.contains(Blocker::Flags) {
        causes = causes.union(causes_of_flags(differing));
    }
    causes
}

/// Why two VMAs never merge, of which one at least is special.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Never {
    /// All that is special is huge pages.
    HugePages,
    /// Memory of a device, page frames.
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

    /// The rules that concern such memory as they do any other. Its files, offsets and anon_vmas are its own.
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

    /// The flags that programs can set and clear of such memory as of any other. The driver, or the kernel, decides
    /// about the rest.
    const fn flags(self) -> VmaFlags {
        const OF_ALL: VmaFlags = flags::ACCESS
            .union(flags::PROTECTION_KEY)
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

/// The causes that keep two VMAs apart beside the reason why they never merge: in these, the two would differ as well if
/// both were ordinary memory.
fn causes_beside<V: Described>(
    never: Never,
    blockers: BlockerSet,
    differing: VmaFlags,
    prev: &V,
    next: &V,
) -> CauseSet {
    // Every process has these.
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

/// The cause that a rule has in its table.
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
            // Two files could be anywhere.
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

/// The cause of page offsets that do not continue.
fn cause_of_offsets<V: Described>(blocker: Blocker, prev: &V, next: &V) -> Option<Cause> {
    // execve() moves the stack, which keeps its offsets.
    let is_stack = |vma: &V| vma.file().is_none() && vma.used_as() == Use::Stack;
    match blocker {
        _ if is_stack(prev) || is_stack(next) => None,
        Blocker::PageOffset if next.file().is_some() => Some(Cause::PageOffsets),
        // Nobody chooses the page offsets of anonymous memory: they are those of the address where it was mapped.
        _ => Some(Cause::Moved),
    }
}

/// The cause of two anon_vmas that differ, if they do.
///
/// Where one was inherited, a fork has made two of them: each VMA of a child gets one of its own, though its
/// memory is that of the parent. But if they do not even have a root in common, both were inherited from
/// memory that was kept apart before.
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

/// Flags that come with others: where VMAs differ in one of the first, a difference in the second says nothing.
const COME_WITH: [(VmaFlags, VmaFlags); 4] = [
    // Memory that was mapped with MAP_SHARED has VM_MAYSHARE. If its file was opened to be read only, it lacks VM_SHARED,
    // and VM_MAYWRITE as well, which private memory has all the same.
    (flags::MAYSHARE, flags::SHARED.union(flags::MAYWRITE)),
    // Only private memory is accounted that may be written, and was not mapped with MAP_NORESERVE.
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

/// The causes of these flags, in which two VMAs differ, as far as each has a cause of its own.
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

/// The cause of each flag, looked up once: there may be a million boundaries.
static CAUSES_OF_FLAGS: [CauseSet; VmaFlags::BITS] = {
    let mut causes = [CauseSet::NONE; VmaFlags::BITS];
    let mut bit = 0;
    while bit < VmaFlags::BITS {
        causes[bit] = CauseSet::NONE.with(cause_of_flag(bit));
        bit += 1;
    }
    causes
};
