// SPDX-License-Identifier: GPL-2.0

//! The names of VMA flags in the VmFlags line of smaps, and the words and cause of each flag.

use super::rights;
use crate::vma::{
    causes::Cause,
    flags::{
        self,
        VmaFlags, //
    },
    host, //
};
use core::fmt;

/// A flag with its name, words and cause.
pub(crate) struct Named {
    /// The name of the flag in smaps.
    pub(crate) name: &'static str,
    /// The number of the flag's bit.
    pub(crate) bit: u32,
    /// The call that sets the flag, or the meaning of the flag.
    pub(super) words: &'static str,
    /// The cause of a difference in the flag, in people's terms.
    cause: Cause,
}

/// Defines a table of flags: the name, the bit, the cause, the words.
macro_rules! named {
    ($($name:expr, $bit:ident, $cause:expr, $words:expr;)*) => {{
        use Cause::*;
        &[$(Named {
            name: $name,
            bit: host::$bit,
            words: $words,
            cause: $cause,
        }),*]
    }};
}

/// The name, the words and the cause of the flag whose meaning depends on the architecture.
const ARCH_1: (&str, &str, Cause) = if host::ARCH_1_IS_BTI {
    ("bt", "PROT_BTI", Cause::BranchTargets)
} else {
    ("ar", "a flag of this architecture", Cause::UnnamedFlags)
};

/// The flags that have a name in smaps, and three flags that have a name only here: `mt-`, `uc` and `ar`.
pub(crate) const NAMED: &[Named] = named![
    "rd",     VMA_READ_BIT,               AccessRights,    rights::READ.words;
    "wr",     VMA_WRITE_BIT,              AccessRights,    rights::WRITE.words;
    "ex",     VMA_EXEC_BIT,               AccessRights,    rights::EXECUTE.words;
    "sh",     VMA_SHARED_BIT,             PossibleRights,  "shared, and may be written";
    "mr",     VMA_MAYREAD_BIT,            PossibleRights,  "mprotect may allow to read";
    "mw",     VMA_MAYWRITE_BIT,           PossibleRights,  "mprotect may allow to write";
    "me",     VMA_MAYEXEC_BIT,            PossibleRights,  "mprotect may allow to execute";
    "ms",     VMA_MAYSHARE_BIT,           Sharing,         "MAP_SHARED";
    "gd",     VMA_GROWSDOWN_BIT,          GrowsDown,       "MAP_GROWSDOWN";
    "um",     VMA_UFFD_MISSING_BIT,       Userfaultfd,     "userfaultfd, missing pages";
    "pf",     VMA_PFNMAP_BIT,             SpecialMappings, "page frames of a driver";
    "gu",     VMA_MAYBE_GUARD_BIT,        UnnamedFlags,    "MADV_GUARD_INSTALL was used";
    "uw",     VMA_UFFD_WP_BIT,            Userfaultfd,     "userfaultfd, write-protected";
    "lo",     VMA_LOCKED_BIT,             Locked,          "mlock";
    "io",     VMA_IO_BIT,                 SpecialMappings, "memory of a device";
    "sr",     VMA_SEQ_READ_BIT,           ReadAhead,       "MADV_SEQUENTIAL";
    "rr",     VMA_RAND_READ_BIT,          ReadAhead,       "MADV_RANDOM";
    "dc",     VMA_DONTCOPY_BIT,           DontFork,        "MADV_DONTFORK";
    "de",     VMA_DONTEXPAND_BIT,         SpecialMappings, "mremap cannot enlarge it";
    "lf",     VMA_LOCKONFAULT_BIT,        Locked,          "MLOCK_ONFAULT";
    "ac",     VMA_ACCOUNT_BIT,            Accounting,      "accounted as committed memory";
    "nr",     VMA_NORESERVE_BIT,          NoReserve,       "MAP_NORESERVE";
    "ht",     VMA_HUGETLB_BIT,            HugeTlb,         "MAP_HUGETLB";
    "sf",     VMA_SYNC_BIT,               Sync,            "MAP_SYNC";
    ARCH_1.0, VMA_ARCH_1_BIT,             ARCH_1.2,        ARCH_1.1;
    "wf",     VMA_WIPEONFORK_BIT,         WipeOnFork,      "MADV_WIPEONFORK";
    "dd",     VMA_DONTDUMP_BIT,           DontDump,        "MADV_DONTDUMP";
    "sd",     VMA_SOFTDIRTY_BIT,          UnnamedFlags,    "soft-dirty";
    "mm",     VMA_MIXEDMAP_BIT,           SpecialMappings, "pages of a driver";
    "hg",     VMA_HUGEPAGE_BIT,           HugePages,       "MADV_HUGEPAGE";
    "nh",     VMA_NOHUGEPAGE_BIT,         HugePages,       "MADV_NOHUGEPAGE";
    "mg",     VMA_MERGEABLE_BIT,          Mergeable,       "MADV_MERGEABLE";
    "mt",     MTE_BIT,                    MemoryTags,      "PROT_MTE";
    "mt-",    MTE_ALLOWED_BIT,            MemoryTags,      "may have memory tags";
    "ss",     SHADOW_STACK_BIT,           ShadowStack,     "a shadow stack";
    "uc",     VMA_ALLOW_ANY_UNCACHED_BIT, SpecialMappings, "a guest may map it uncached";
    "dp",     VMA_DROPPABLE_BIT,          Droppable,       "MAP_DROPPABLE";
    "ui",     VMA_UFFD_MINOR_BIT,         Userfaultfd,     "userfaultfd, minor faults";
    "sl",     VMA_SEALED_BIT,             Sealed,          "mseal";
    "ur",     VMA_UFFD_RWP_BIT,           Userfaultfd,     "userfaultfd, accesses";
];

/// The word that precedes the bit number of a flag without a name, and the meaning of the word.
pub(super) const UNNAMED: (&str, &str) = ("bit", "a flag that this module has no name for");

/// The word that precedes the number of a protection key, and the meaning of the word. smaps shows keys on a separate
/// line.
pub(super) const KEY: (&str, &str) = ("key", "the protection key");

/// The name of the flag with each bit, or an empty string if the flag has no name.
static NAME_OF: [&str; VmaFlags::BITS] = {
    let mut names = [""; VmaFlags::BITS];
    let mut i = 0;
    while i < NAMED.len() {
        let Named { name, bit, .. } = NAMED[i];
        if (bit as usize) < VmaFlags::BITS {
            names[bit as usize] = name;
        }
        i += 1;
    }
    names
};

/// Returns the cause of a difference in the flag with this bit, in people's terms.
pub(super) const fn cause_of_flag(bit: usize) -> Cause {
    if flags::PROTECTION_KEY.has_bit(bit) {
        return Cause::ProtectionKeys;
    }
    let mut i = 0;
    while i < NAMED.len() {
        if NAMED[i].bit as usize == bit {
            return NAMED[i].cause;
        }
        i += 1;
    }
    Cause::UnnamedFlags
}

/// The flags that one VMA has and another VMA lacks, and the VMA's protection key if the other's key differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Distinctive {
    pub(crate) flags: VmaFlags,
    pub(crate) key: Option<usize>,
}

impl Distinctive {
    /// The empty value.
    pub(crate) const NONE: Self = Self {
        flags: VmaFlags::EMPTY,
        key: None,
    };

    /// Returns the flags of `one` that `other` lacks and that matter when the two merge.
    pub(crate) fn of(one: VmaFlags, other: VmaFlags) -> Self {
        let differing = one.difference(other).without(flags::IGNORED_BY_MERGES);
        Self {
            flags: differing.intersection(one).without(flags::PROTECTION_KEY),
            key: differing
                .intersects(flags::PROTECTION_KEY)
                .then(|| one.protection_key()),
        }
    }

    /// Returns whether there are no flags and no key.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Writes the names of the flags in the order of their bits, separated by blanks, and the key at the end. A flag
    /// without a name is written as `bit:` and the number of its bit.
    pub(crate) fn write_to(self, out: &mut impl fmt::Write) -> fmt::Result {
        let mut separator = "";
        for bit in self.flags.bits() {
            out.write_str(core::mem::replace(&mut separator, " "))?;
            match NAME_OF.get(bit) {
                Some(name) if !name.is_empty() => out.write_str(name)?,
                _ => write!(out, "{}:{bit}", UNNAMED.0)?,
            }
        }
        match self.key {
            Some(key) => write!(out, "{separator}{}:{key}", KEY.0),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Distinctive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}
