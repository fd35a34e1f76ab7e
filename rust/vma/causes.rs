// SPDX-License-Identifier: GPL-2.0

//! What keeps VMAs apart, as people see it: what they, or the programs that they run, have done.
//!
//! Several rules may have one cause, and flags have several. Each rule names its cause in its own table
//! (blocker.rs), and so does each flag (explain/flag_names.rs).

use crate::vocabulary::vocabulary;

/// All that is said of a cause.
struct SaidOfCause {
    /// What people call it, and programs too.
    name: &'static str,
    /// What to do about it.
    advice: &'static str,
}

vocabulary! {
    /// A cause, in the order in which those of a pair are told.
    pub(crate) enum Cause: SaidOfCause {
        /// The access rights differ.
        AccessRights {
            name: "access rights (mprotect)",
            advice: "give neighbours the same rights; as guard pages, use madvise(MADV_GUARD_INSTALL), \
                     which splits nothing",
        },
        /// The two have different protection keys.
        ProtectionKeys {
            name: "protection keys (pkey_mprotect)",
            advice: "give a whole area one key; neighbours with different keys cannot be one VMA",
        },
        /// Memory that was writable once stays accounted, and one of the two never was.
        Accounting {
            name: "accounting (memory that was writable once)",
            advice: "make a whole area writable at once, or map it anew with mmap(MAP_FIXED): mprotect() \
                     leaves VM_ACCOUNT on when it takes the right to write back",
        },
        /// One of the two was mapped with `MAP_NORESERVE`.
        NoReserve {
            name: "MAP_NORESERVE",
            advice: "map a whole area with it, or without",
        },
        /// One of the two is shared.
        Sharing {
            name: "MAP_SHARED beside MAP_PRIVATE",
            advice: "map neighbours in one way; a mapping cannot be changed from one to the other",
        },
        /// `mprotect()` may give the two different rights, because of how their files were opened.
        PossibleRights {
            name: "rights that mprotect may give (how a file was opened)",
            advice: "open a file in one way for all mappings of it",
        },
        /// One of the two is not inherited by children.
        DontFork {
            name: "MADV_DONTFORK",
            advice: "call madvise(MADV_DOFORK) when a buffer is no longer registered",
        },
        /// One of the two is left out of core dumps.
        DontDump {
            name: "MADV_DONTDUMP",
            advice: "leave it on for a whole area, or take it back with madvise(MADV_DODUMP)",
        },
        /// One of the two is empty in children.
        WipeOnFork {
            name: "MADV_WIPEONFORK",
            advice: "keep such memory in one place, or take it back with madvise(MADV_KEEPONFORK)",
        },
        /// The two are expected to be read in different ways.
        ReadAhead {
            name: "MADV_SEQUENTIAL or MADV_RANDOM",
            advice: "give a whole area the same advice, or take it back with madvise(MADV_NORMAL)",
        },
        /// The advice on huge pages differs.
        HugePages {
            name: "advice on huge pages (madvise, MAP_STACK)",
            advice: "give a whole area the same advice",
        },
        /// KSM may look at one of the two.
        Mergeable {
            name: "MADV_MERGEABLE",
            advice: "set it for a whole area, or take it back with madvise(MADV_UNMERGEABLE)",
        },
        /// One of the two is kept in memory.
        Locked {
            name: "mlock",
            advice: "lock a whole area, or unlock with munlock() what is no longer needed",
        },
        /// One of the two is sealed.
        Sealed {
            name: "mseal",
            advice: "seal a whole area at once; no seal can be taken back",
        },
        /// The two are registered with different userfaultfds, or in different ways.
        Userfaultfd {
            name: "userfaultfd",
            advice: "register neighbours with one userfaultfd, in the same modes",
        },
        /// One of the two grows down, as a stack.
        GrowsDown {
            name: "MAP_GROWSDOWN",
            advice: "map memory without it, and no longer than it may become",
        },
        /// The kernel may drop the pages of one of the two.
        Droppable {
            name: "MAP_DROPPABLE",
            advice: "map all such memory as one area; what was mapped with it keeps it",
        },
        /// One of the two is a shadow stack.
        ShadowStack {
            name: "shadow stacks (map_shadow_stack)",
            advice: "use fewer threads: each of them takes a VMA for its shadow stack",
        },
        /// One of the two consists of huge pages.
        HugeTlb {
            name: "MAP_HUGETLB",
            advice: "map all huge pages as one area: no two of their mappings ever merge",
        },
        /// Page faults of one of the two wait for the storage.
        Sync {
            name: "MAP_SYNC",
            advice: "map a whole file with it, or without",
        },
        /// One of the two is guarded by branch target identification.
        BranchTargets {
            name: "PROT_BTI",
            advice: "give a whole area the same rights",
        },
        /// One of the two has memory tags, or can have them.
        MemoryTags {
            name: "memory tags (PROT_MTE)",
            advice: "give a whole area PROT_MTE; it cannot be taken back",
        },
        /// Flags differ that this module has no name for.
        UnnamedFlags {
            name: "flags without a name",
            advice: "look the bits up in include/linux/mm.h of this kernel",
        },
        /// The names differ.
        Names {
            name: "names (PR_SET_VMA_ANON_NAME)",
            advice: "give neighbours one name: of the kind of memory, not of each piece",
        },
        /// The NUMA policies differ.
        Policies {
            name: "NUMA policies (mbind)",
            advice: "bind a whole area at once, or set the policy of the thread with set_mempolicy()",
        },
        /// The files differ.
        Files {
            name: "files",
            advice: "map one large file in place of many, through one open descriptor",
        },
        /// The two map one file, through two descriptors.
        OpenedAnew {
            name: "one file, opened anew",
            advice: "open it once, and map all parts of it through that descriptor",
        },
        /// The page offsets do not continue each other.
        PageOffsets {
            name: "page offsets",
            advice: "map parts of a file side by side in their order; of a memfd, hand out offsets in the order \
                     of addresses",
        },
        /// `mremap()` has moved anonymous memory, which keeps the page offsets that it had.
        Moved {
            name: "memory moved by mremap (it keeps its page offsets)",
            advice: "copy into new memory in place of moving, or move only what has not been written yet",
        },
        /// The two have different anon_vmas.
        AnonVmas {
            name: "anon_vmas (written before they were neighbours)",
            advice: "make an area usable from one end on, so that new memory joins what is there before \
                     it is written",
        },
        /// One of the two inherited its anon_vma.
        Fork {
            name: "fork (an inherited anon_vma)",
            advice: "let the child call execve(), or use the memory that it inherited in place of new \
                     memory beside it",
        },
        /// There is a hole between the two.
        Holes {
            name: "holes (munmap)",
            advice: "keep what is between with madvise(MADV_DONTNEED), or hand it out again first",
        },
        /// One of the two is a special mapping.
        SpecialMappings {
            name: "special mappings",
            advice: "map memory of a device as a whole; no two of its mappings ever merge",
        },
        /// Both have a driver that watches for closing.
        Closing {
            name: "drivers that watch for closing",
            advice: "map the object as a whole; its driver has to see each of its VMAs closed",
        },
        /// One of the two is a segment of a program or a library.
        Segments {
            name: "segments of programs and libraries",
            advice: "load fewer libraries, or link them into the program",
        },
    }
}

impl Cause {
    /// What people call it, and programs too.
    pub(crate) const fn name(self) -> &'static str {
        self.said().name
    }

    /// What to do about it.
    pub(crate) const fn advice(self) -> &'static str {
        self.said().advice
    }
}

/// Something that is told of two VMAs beside the words of the rule that keeps them apart.
pub(crate) struct Detail {
    /// What programs call it.
    pub(crate) member: &'static str,
    /// What it is to people.
    pub(crate) words: &'static str,
    /// How it is written.
    pub(crate) kind: DetailKind,
}

/// How a detail is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DetailKind {
    /// Names of flags, with blanks between them.
    Flags,
    /// A name, or none.
    Name,
    /// Anything else, as it is, or nothing.
    Plain,
}

impl DetailKind {
    /// What programs call it, unless it is plain.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Flags => Some("flags"),
            Self::Name => Some("name"),
            Self::Plain => None,
        }
    }
}

/// All that is said of details.
struct SaidOfDetails {
    /// Three at most, in the order in which they are told.
    details: &'static [Detail],
}

const fn detail(member: &'static str, words: &'static str, kind: DetailKind) -> Detail {
    Detail {
        member,
        words,
        kind,
    }
}

/// One of either VMA.
const fn of_either(kind: DetailKind) -> [Detail; 2] {
    [
        detail("lower", "below", kind),
        detail("upper", "above", kind),
    ]
}

/// An offset, and the one that would have continued the VMA below.
const OFFSETS: [Detail; 2] = [
    detail("found", "found", DetailKind::Plain),
    detail("expected", "expected", DetailKind::Plain),
];

vocabulary! {
    /// The details of two VMAs that a rule asks for.
    pub(crate) enum Details: SaidOfDetails {
        /// There are none.
        None { details: &[] },
        /// The flags of each that the other lacks.
        Flags {
            details: &[
                detail("only_lower", "only below", DetailKind::Flags),
                detail("only_upper", "only above", DetailKind::Flags),
            ],
        },
        /// The files, and whether they are one that was opened anew, or two that look alike.
        Files {
            details: &[
                detail("lower", "below", DetailKind::Plain),
                detail("upper", "above", DetailKind::Plain),
                detail("relation", "which are", DetailKind::Plain),
            ],
        },
        /// The size of the hole between the two.
        Hole { details: &[detail("size", "size", DetailKind::Plain)] },
        /// The page offset of the upper one, and the one that would continue the lower one.
        PageOffsets { details: &OFFSETS },
        /// The same for anonymous page offsets.
        AnonPageOffsets { details: &OFFSETS },
        /// The names.
        Names { details: &of_either(DetailKind::Name) },
        /// The NUMA policies.
        Policies { details: &of_either(DetailKind::Plain) },
    }
}

impl Details {
    /// Three at most, in the order in which they are told.
    pub(crate) const fn each(self) -> &'static [Detail] {
        self.said().details
    }
}
