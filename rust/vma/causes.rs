// SPDX-License-Identifier: GPL-2.0

//! The causes that keep VMAs from merging, in terms of actions by people, or by the programs that they run.
//!
//! Several rules may share one cause, and the rule about flags has several. The table of the rules
//! (blocker.rs) gives the cause of each other rule, and the table of the flags (explain/flag_names.rs) gives
//! the cause of each flag.

use crate::vocabulary::vocabulary;

/// The name and the words of a cause.
struct SaidOfCause {
    /// The name, for people and for programs.
    name: &'static str,
    /// The calls that create the cause.
    set_by: &'static str,
    /// The call that undoes the cause, if there is one.
    undone_by: Option<&'static str>,
    /// Advice on what to do about the cause.
    advice: &'static str,
}

vocabulary! {
    /// A cause that keeps two VMAs from merging. The causes of a pair are reported in the order of this list.
    pub(crate) enum Cause: SaidOfCause {
        /// The access rights differ.
        AccessRights {
            name: "access rights (mprotect)",
            set_by: "mprotect(), or mmap() with other rights",
            undone_by: Some("mprotect()"),
            advice: "give neighbours the same rights; a guard made by mprotect() takes two VMAs, one made by \
                     madvise(MADV_GUARD_INSTALL), from Linux 6.13 on, none",
        },
        /// The two have different protection keys.
        ProtectionKeys {
            name: "protection keys (pkey_mprotect)",
            set_by: "pkey_mprotect()",
            undone_by: Some("pkey_mprotect() with the key of the neighbour"),
            advice: "give a whole area one key; neighbours with different keys never merge",
        },
        /// Memory that was once writable stays accounted, and one of the two was never writable.
        Accounting {
            name: "accounting (memory that was writable once)",
            set_by: "mmap() or mprotect() with PROT_WRITE, of private memory",
            undone_by: None,
            advice: "make a whole area writable at once, or map it again with mmap(MAP_FIXED): mprotect() \
                     leaves VM_ACCOUNT on written memory when it removes the right to write",
        },
        /// One of the two was mapped with `MAP_NORESERVE`.
        NoReserve {
            name: "MAP_NORESERVE",
            set_by: "mmap(MAP_NORESERVE)",
            undone_by: None,
            advice: "map a whole area either with it or without it",
        },
        /// One of the two is shared.
        Sharing {
            name: "MAP_SHARED beside MAP_PRIVATE",
            set_by: "mmap(MAP_SHARED)",
            undone_by: None,
            advice: "map neighbours in the same way; a mapping cannot be changed from one to the other",
        },
        /// `mprotect()` can give the two different rights, because their files were opened in different
        /// modes.
        PossibleRights {
            name: "rights that mprotect may give (how a file was opened)",
            set_by: "open() for reading or for reading and writing, before mmap()",
            undone_by: None,
            advice: "open a file with the same access mode for all its mappings",
        },
        /// One of the two is not inherited by children.
        DontFork {
            name: "MADV_DONTFORK",
            set_by: "madvise(MADV_DONTFORK)",
            undone_by: Some("madvise(MADV_DOFORK)"),
            advice: "call madvise(MADV_DOFORK) when a buffer is no longer registered",
        },
        /// One of the two is left out of core dumps.
        DontDump {
            name: "MADV_DONTDUMP",
            set_by: "madvise(MADV_DONTDUMP)",
            undone_by: Some("madvise(MADV_DODUMP)"),
            advice: "set it for a whole area, or undo it with madvise(MADV_DODUMP)",
        },
        /// One of the two is empty in a child after fork.
        WipeOnFork {
            name: "MADV_WIPEONFORK",
            set_by: "madvise(MADV_WIPEONFORK)",
            undone_by: Some("madvise(MADV_KEEPONFORK)"),
            advice: "keep such memory in one place, or undo it with madvise(MADV_KEEPONFORK)",
        },
        /// The advice on the order of accesses differs.
        ReadAhead {
            name: "MADV_SEQUENTIAL or MADV_RANDOM",
            set_by: "madvise(MADV_SEQUENTIAL) or madvise(MADV_RANDOM)",
            undone_by: Some("madvise(MADV_NORMAL)"),
            advice: "give a whole area the same advice, or undo it with madvise(MADV_NORMAL)",
        },
        /// The advice on huge pages differs.
        HugePages {
            name: "advice on huge pages (madvise, MAP_STACK)",
            set_by: "madvise(MADV_HUGEPAGE), madvise(MADV_NOHUGEPAGE) or mmap(MAP_STACK)",
            undone_by: Some("madvise() with the advice of the neighbour, if the neighbour has any"),
            advice: "give a whole area the same advice",
        },
        /// KSM may merge the pages of one of the two.
        Mergeable {
            name: "MADV_MERGEABLE",
            set_by: "madvise(MADV_MERGEABLE) or prctl(PR_SET_MEMORY_MERGE)",
            undone_by: Some("madvise(MADV_UNMERGEABLE)"),
            advice: "set it for a whole area, or undo it with madvise(MADV_UNMERGEABLE)",
        },
        /// One of the two is locked in memory.
        Locked {
            name: "mlock",
            set_by: "mlock(), mlockall() or mmap(MAP_LOCKED)",
            undone_by: Some("munlock()"),
            advice: "lock a whole area, or unlock the parts that no longer need it with munlock()",
        },
        /// One of the two is sealed.
        Sealed {
            name: "mseal",
            set_by: "mseal()",
            undone_by: None,
            advice: "seal a whole area at once; no seal can be removed",
        },
        /// The two are registered with different userfaultfds, or in different ways.
        Userfaultfd {
            name: "userfaultfd",
            set_by: "ioctl(UFFDIO_REGISTER)",
            undone_by: Some("ioctl(UFFDIO_UNREGISTER)"),
            advice: "register neighbours with one userfaultfd, in the same modes",
        },
        /// One of the two grows down, like a stack.
        GrowsDown {
            name: "MAP_GROWSDOWN",
            set_by: "mmap(MAP_GROWSDOWN)",
            undone_by: None,
            advice: "map memory without it, as large as it may ever become",
        },
        /// The kernel may drop the pages of one of the two.
        Droppable {
            name: "MAP_DROPPABLE",
            set_by: "mmap(MAP_DROPPABLE)",
            undone_by: None,
            advice: "map all such memory as one area; it cannot be removed from a mapping",
        },
        /// One of the two is a shadow stack.
        ShadowStack {
            name: "shadow stacks (map_shadow_stack)",
            set_by: "map_shadow_stack(), or clone() of a thread that has a shadow stack",
            undone_by: None,
            advice: "use fewer threads: each of them takes a VMA for its shadow stack",
        },
        /// One of the two is backed by huge pages of hugetlbfs.
        HugeTlb {
            name: "MAP_HUGETLB",
            set_by: "mmap() of huge pages: MAP_HUGETLB, MFD_HUGETLB, SHM_HUGETLB or a file of hugetlbfs",
            undone_by: None,
            advice: "map all huge pages as one area: no two of their mappings ever merge",
        },
        /// Write faults in one of the two wait until the file's metadata is on storage.
        Sync {
            name: "MAP_SYNC",
            set_by: "mmap(MAP_SYNC)",
            undone_by: None,
            advice: "map a whole file either with it or without it",
        },
        /// One of the two is protected by branch target identification.
        BranchTargets {
            name: "PROT_BTI",
            set_by: "mmap() or mprotect() with PROT_BTI",
            undone_by: Some("mprotect() without PROT_BTI"),
            advice: "give a whole area the same rights",
        },
        /// One of the two has memory tags, or can have them.
        MemoryTags {
            name: "memory tags (PROT_MTE)",
            set_by: "mmap() or mprotect() with PROT_MTE, or mmap() of memory that cannot have tags",
            undone_by: None,
            advice: "give a whole area PROT_MTE; it cannot be removed",
        },
        /// The two differ in flags for which this module has no name.
        UnnamedFlags {
            name: "flags without a name",
            set_by: "something that this module does not know",
            undone_by: Some("an operation that include/linux/mm.h of this kernel may name"),
            advice: "look the bits up in include/linux/mm.h of this kernel",
        },
        /// The names differ.
        Names {
            name: "names (PR_SET_VMA_ANON_NAME)",
            set_by: "prctl(PR_SET_VMA_ANON_NAME)",
            undone_by: Some("prctl(PR_SET_VMA_ANON_NAME) with the name of the neighbour, or with none"),
            advice: "give neighbours one name: name the kind of memory, not each piece",
        },
        /// The NUMA policies differ.
        Policies {
            name: "NUMA policies (mbind)",
            set_by: "mbind()",
            undone_by: Some("mbind(MPOL_DEFAULT)"),
            advice: "bind a whole area at once, or set the policy of the thread with set_mempolicy()",
        },
        /// The files differ.
        Files {
            name: "files",
            set_by: "mmap() of different files, of which each shared anonymous mapping is one",
            undone_by: None,
            advice: "map one large file instead of many, through one open descriptor",
        },
        /// The two map one file that was opened twice.
        OpenedAnew {
            name: "one file, opened anew",
            set_by: "open() of a file that is mapped already, before mmap()",
            undone_by: None,
            advice: "open it once, and map all parts of it through that descriptor",
        },
        /// The page offsets are not contiguous.
        PageOffsets {
            name: "page offsets",
            set_by: "mmap() of parts of a file at addresses in another order than their offsets",
            undone_by: None,
            advice: "map parts of a file side by side in their order; hand out offsets of a memfd in the order \
                     of addresses",
        },
        /// `mremap()` has moved anonymous memory, which keeps its old page offsets.
        Moved {
            name: "memory moved by mremap (it keeps its page offsets)",
            set_by: "mremap() of memory that was written",
            undone_by: None,
            advice: "copy into new memory instead of moving, or move only memory that was never written",
        },
        /// The two have different anon_vmas.
        AnonVmas {
            name: "anon_vmas (written before they were neighbours)",
            set_by: "the first write to each of them, while something else kept them apart",
            undone_by: None,
            advice: "make an area usable from one end on, so that new memory merges with the rest before \
                     it is written",
        },
        /// One of the two inherited its anon_vma by fork.
        Fork {
            name: "fork (an inherited anon_vma)",
            set_by: "fork()",
            undone_by: None,
            advice: "let the child call execve(), keep memory from it with madvise(MADV_DONTFORK), or let it use \
                     inherited memory instead of new memory beside it",
        },
        /// There is a hole between the two.
        Holes {
            name: "holes (munmap)",
            set_by: "munmap(), or mmap() at scattered addresses",
            undone_by: Some("mmap(MAP_FIXED_NOREPLACE) of the hole"),
            advice: "keep the memory between with madvise(MADV_DONTNEED), or hand it out again first",
        },
        /// One of the two is a special mapping.
        SpecialMappings {
            name: "special mappings",
            set_by: "mmap() of a device, or of something else that the kernel provides",
            undone_by: None,
            advice: "map memory of a device as a whole; no two of its mappings ever merge",
        },
        /// Both have a driver with a `close` hook.
        Closing {
            name: "drivers that watch for closing",
            set_by: "mmap() of an object of such a driver",
            undone_by: None,
            advice: "map the object as a whole; its driver has to see each of its VMAs closed",
        },
        /// One of the two is a segment of a program or a library.
        Segments {
            name: "segments of programs and libraries",
            set_by: "execve() and dlopen()",
            undone_by: Some("dlclose()"),
            advice: "load fewer libraries, or link them into the program",
        },
    }
}

impl Cause {
    /// Returns the name, for people and for programs.
    pub(crate) const fn name(self) -> &'static str {
        self.said().name
    }

    /// Returns the calls that create the cause.
    pub(crate) const fn set_by(self) -> &'static str {
        self.said().set_by
    }

    /// Returns the call that undoes the cause, if there is one.
    pub(crate) const fn undone_by(self) -> Option<&'static str> {
        self.said().undone_by
    }

    /// Returns the advice on what to do about the cause.
    pub(crate) const fn advice(self) -> &'static str {
        self.said().advice
    }
}

/// A detail about two VMAs that is reported in addition to the words of the rule that forbids their merge.
pub(crate) struct Detail {
    /// The name for programs.
    pub(crate) member: &'static str,
    /// The name and the punctuation before the value in a line of JSON: a constant, because there may be a
    /// million lines.
    pub(crate) before_value: &'static str,
    /// The name for people.
    pub(crate) words: &'static str,
    /// The format of the value.
    pub(crate) kind: DetailKind,
}

/// The format of the value of a detail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DetailKind {
    /// Names of flags, separated by spaces.
    Flags,
    /// A name, or none.
    Name,
    /// Any other text, verbatim, or nothing.
    Plain,
}

impl DetailKind {
    /// Returns the name for programs; `None` if the format is plain.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Flags => Some("flags"),
            Self::Name => Some("name"),
            Self::Plain => None,
        }
    }
}

/// The details that are reported with a rule.
struct SaidOfDetails {
    /// At most three details, in the order in which they are reported.
    details: &'static [Detail],
}

macro_rules! detail {
    ($member:literal, $words:literal, $kind:expr) => {
        Detail {
            member: $member,
            before_value: concat!(",\"", $member, "\":"),
            words: $words,
            kind: $kind,
        }
    };
}

/// Returns a detail of this kind for each of the two VMAs.
const fn of_either(kind: DetailKind) -> [Detail; 2] {
    [
        detail!("lower", "below", kind),
        detail!("upper", "above", kind),
    ]
}

/// The offset of the VMA above, and the offset that would continue the VMA below.
const OFFSETS: [Detail; 2] = [
    detail!("found", "found", DetailKind::Plain),
    detail!("expected", "expected", DetailKind::Plain),
];

vocabulary! {
    /// The details of two VMAs that a rule reports.
    pub(crate) enum Details: SaidOfDetails {
        /// No details.
        None { details: &[] },
        /// The flags of each VMA that the other lacks.
        Flags {
            details: &[
                detail!("only_lower", "only below", DetailKind::Flags),
                detail!("only_upper", "only above", DetailKind::Flags),
            ],
        },
        /// The files, and whether they are one file that was opened twice or two files that look alike.
        Files {
            details: &[
                detail!("lower", "below", DetailKind::Plain),
                detail!("upper", "above", DetailKind::Plain),
                detail!("relation", "which are", DetailKind::Plain),
            ],
        },
        /// The size of the hole between the two.
        Hole { details: &[detail!("size", "size", DetailKind::Plain)] },
        /// The page offset of the VMA above, and the page offset that would continue the VMA below.
        PageOffsets { details: &OFFSETS },
        /// The anonymous page offset of the VMA above, and the anonymous page offset that would continue the
        /// VMA below.
        AnonPageOffsets { details: &OFFSETS },
        /// The names.
        Names { details: &of_either(DetailKind::Name) },
        /// The NUMA policies, and whether they are two policies that look alike.
        Policies {
            details: &[
                detail!("lower", "below", DetailKind::Plain),
                detail!("upper", "above", DetailKind::Plain),
                detail!("relation", "which are", DetailKind::Plain),
            ],
        },
    }
}

impl Details {
    /// Returns at most three details, in the order in which they are reported.
    pub(crate) const fn each(self) -> &'static [Detail] {
        self.said().details
    }
}
