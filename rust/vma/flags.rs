// SPDX-License-Identifier: GPL-2.0

//! VMA flags: sets of bits, and the names of single flags and of groups of flags.

use super::host::{
    self,
    FLAG_WORDS as WORDS, //
};

const BITS_PER_WORD: usize = usize::BITS as usize;

/// A set of VMA flags. Answers to `vma_flags_t`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct VmaFlags([usize; WORDS]);

/// Not copied to a child at fork. `VM_DONTCOPY`, as `MADV_DONTFORK` sets it.
pub(crate) const DONTCOPY: VmaFlags = VmaFlags::of(&[host::VMA_DONTCOPY_BIT]);
/// Left out of core dumps. `VM_DONTDUMP`.
pub(crate) const DONTDUMP: VmaFlags = VmaFlags::of(&[host::VMA_DONTDUMP_BIT]);
/// Expected to be accessed sequentially. `VM_SEQ_READ`.
pub(crate) const SEQ_READ: VmaFlags = VmaFlags::of(&[host::VMA_SEQ_READ_BIT]);
/// Expected to be accessed in random order. `VM_RAND_READ`.
pub(crate) const RAND_READ: VmaFlags = VmaFlags::of(&[host::VMA_RAND_READ_BIT]);
/// May be dropped by the kernel under memory pressure. `VM_DROPPABLE`.
pub(crate) const DROPPABLE: VmaFlags = VmaFlags::of(&[host::VMA_DROPPABLE_BIT]);
/// Backed by huge pages of hugetlbfs. `VM_HUGETLB`.
pub(crate) const HUGETLB: VmaFlags = VmaFlags::of(&[host::VMA_HUGETLB_BIT]);
/// Grows down like a stack. `VM_GROWSDOWN`.
pub(crate) const GROWSDOWN: VmaFlags = VmaFlags::of(&[host::VMA_GROWSDOWN_BIT]);
/// Readable. `VM_READ`.
pub(crate) const READ: VmaFlags = VmaFlags::of(&[host::VMA_READ_BIT]);
/// Writable. `VM_WRITE`.
pub(crate) const WRITE: VmaFlags = VmaFlags::of(&[host::VMA_WRITE_BIT]);
/// Executable. `VM_EXEC`.
pub(crate) const EXEC: VmaFlags = VmaFlags::of(&[host::VMA_EXEC_BIT]);
/// Shared. `VM_SHARED`.
pub(crate) const SHARED: VmaFlags = VmaFlags::of(&[host::VMA_SHARED_BIT]);
/// Mapped with `MAP_SHARED`, though `VM_SHARED` may be clear. `VM_MAYSHARE`.
pub(crate) const MAYSHARE: VmaFlags = VmaFlags::of(&[host::VMA_MAYSHARE_BIT]);
/// Protected from changes by `mseal()`. `VM_SEALED`.
pub(crate) const SEALED: VmaFlags = VmaFlags::of(&[host::VMA_SEALED_BIT]);

/// The bits of the protection key. `ARCH_VM_PKEY_FLAGS`.
pub(crate) const PROTECTION_KEY: VmaFlags = VmaFlags::of(host::PROTECTION_KEY_BITS);

/// Counted against the limit on committed memory. `VM_ACCOUNT`.
pub(crate) const ACCOUNT: VmaFlags = VmaFlags::of(&[host::VMA_ACCOUNT_BIT]);
/// Mapped with `MAP_NORESERVE`. `VM_NORESERVE`.
pub(crate) const NORESERVE: VmaFlags = VmaFlags::of(&[host::VMA_NORESERVE_BIT]);
/// Empty in a child after fork. `VM_WIPEONFORK`.
pub(crate) const WIPEONFORK: VmaFlags = VmaFlags::of(&[host::VMA_WIPEONFORK_BIT]);
/// KSM may merge the pages. `VM_MERGEABLE`.
pub(crate) const MERGEABLE: VmaFlags = VmaFlags::of(&[host::VMA_MERGEABLE_BIT]);
/// Advice for or against huge pages. `VM_HUGEPAGE`, `VM_NOHUGEPAGE`.
pub(crate) const HUGE_PAGES: VmaFlags =
    VmaFlags::of(&[host::VMA_HUGEPAGE_BIT, host::VMA_NOHUGEPAGE_BIT]);
/// Locked in memory. `VM_LOCKED_MASK`.
pub(crate) const LOCKED: VmaFlags =
    VmaFlags::of(&[host::VMA_LOCKED_BIT, host::VMA_LOCKONFAULT_BIT]);
/// Events that are reported to a userfaultfd. `VM_UFFD_MISSING`, `VM_UFFD_WP`, `VM_UFFD_MINOR`.
pub(crate) const USERFAULTFD: VmaFlags = VmaFlags::of(&[
    host::VMA_UFFD_MISSING_BIT,
    host::VMA_UFFD_WP_BIT,
    host::VMA_UFFD_MINOR_BIT,
]);
/// Accesses are reported to a userfaultfd. `VM_UFFD_RWP`.
pub(crate) const UFFD_RWP: VmaFlags = VmaFlags::of(&[host::VMA_UFFD_RWP_BIT]);

/// May be made readable. `VM_MAYREAD`.
pub(crate) const MAYREAD: VmaFlags = VmaFlags::of(&[host::VMA_MAYREAD_BIT]);
/// May be made writable. `VM_MAYWRITE`.
pub(crate) const MAYWRITE: VmaFlags = VmaFlags::of(&[host::VMA_MAYWRITE_BIT]);
/// May be made executable. `VM_MAYEXEC`.
pub(crate) const MAYEXEC: VmaFlags = VmaFlags::of(&[host::VMA_MAYEXEC_BIT]);
/// The access rights. `VM_ACCESS_FLAGS`.
pub(crate) const ACCESS: VmaFlags = READ.union(WRITE).union(EXEC);
/// Locked in memory, immediately or from the first fault on. `VM_LOCKED`.
pub(crate) const LOCK: VmaFlags = VmaFlags::of(&[host::VMA_LOCKED_BIT]);
/// Indirect branches may only target marked instructions, on arm64. `VM_ARM64_BTI`.
pub(crate) const BRANCH_TARGETS: VmaFlags = if host::ARCH_1_IS_BTI {
    VmaFlags::of(&[host::VMA_ARCH_1_BIT])
} else {
    VmaFlags::EMPTY
};
/// Maps page frames that may not be RAM. `VM_PFNMAP`, `VM_MIXEDMAP`.
pub(crate) const PAGE_FRAMES: VmaFlags =
    VmaFlags::of(&[host::VMA_PFNMAP_BIT, host::VMA_MIXEDMAP_BIT]);
/// Flags that each prevent a VMA from growing. `VM_DONTEXPAND`, `VM_PFNMAP`.
pub(crate) const FIXED_SIZE: VmaFlags =
    VmaFlags::of(&[host::VMA_DONTEXPAND_BIT, host::VMA_PFNMAP_BIT]);

/// Flags that each make a VMA special: its pages are not ordinary memory. `VM_SPECIAL`.
pub(crate) const SPECIAL: VmaFlags = VmaFlags::of(&[
    host::VMA_IO_BIT,
    host::VMA_DONTEXPAND_BIT,
    host::VMA_PFNMAP_BIT,
    host::VMA_MIXEDMAP_BIT,
]);

/// Flags for the kind of memory that a VMA maps. No change alters them. `VM_PFNMAP`, `VM_MIXEDMAP`,
/// `VM_HUGETLB`, `VM_SHARED`, `VM_MAYSHARE`.
pub(crate) const KIND: VmaFlags = PAGE_FRAMES.union(HUGETLB).union(SHARED).union(MAYSHARE);

/// Flags that a merged VMA has if any of its parts had them. `VMA_STICKY_FLAGS`.
pub(crate) const STICKY: VmaFlags = if host::TRACKS_SOFT_DIRTY {
    VmaFlags::of(&[host::VMA_SOFTDIRTY_BIT, host::VMA_MAYBE_GUARD_BIT])
} else {
    VmaFlags::of(&[host::VMA_MAYBE_GUARD_BIT])
};

/// Flags in which two VMAs may differ and still merge: the merged VMA keeps them. `VMA_IGNORE_MERGE_FLAGS`.
pub(crate) const IGNORED_BY_MERGES: VmaFlags = STICKY;

/// Flags that are advice: changing them changes no page table and no accounting.
pub(crate) const ADVICE: VmaFlags = DONTCOPY.union(DONTDUMP).union(SEQ_READ).union(RAND_READ);

impl VmaFlags {
    /// All bits, including those without a meaning.
    pub(crate) const ALL: Self = Self([usize::MAX; WORDS]);

    /// No flags.
    pub(crate) const EMPTY: Self = Self([0; WORDS]);

    /// Returns the set of the flags with these bit numbers, without the bits that do not fit into this
    /// kernel's `vma_flags_t`.
    pub(crate) const fn of(bits: &[u32]) -> Self {
        let mut words = [0; WORDS];
        let mut i = 0;
        while i < bits.len() {
            let bit = bits[i] as usize;
            if bit / BITS_PER_WORD < WORDS {
                words[bit / BITS_PER_WORD] |= 1 << (bit % BITS_PER_WORD);
            }
            i += 1;
        }
        Self(words)
    }

    /// Returns the set with these words, the lowest bits first.
    pub(crate) const fn from_words(words: [usize; WORDS]) -> Self {
        Self(words)
    }

    /// Returns the words of the set, the lowest bits first.
    pub(crate) const fn words(self) -> [usize; WORDS] {
        self.0
    }

    /// The number of bits in a set.
    pub(crate) const BITS: usize = WORDS * BITS_PER_WORD;

    /// Returns whether the flag with this bit number is in this set.
    pub(crate) const fn has_bit(self, bit: usize) -> bool {
        bit < Self::BITS && self.0[bit / BITS_PER_WORD] & 1 << (bit % BITS_PER_WORD) != 0
    }

    /// Returns the bit numbers of the flags in this set, in ascending order.
    pub(crate) fn bits(mut self) -> impl Iterator<Item = usize> {
        core::iter::from_fn(move || {
            let mut words = self.0.iter_mut().enumerate();
            let (index, word) = words.find(|(_, word)| **word != 0)?;
            let bit = word.trailing_zeros() as usize;
            *word &= *word - 1;
            Some(index * BITS_PER_WORD + bit)
        })
    }

    /// Returns the flags that are in either set.
    pub(crate) const fn union(self, other: Self) -> Self {
        let mut words = self.0;
        let mut i = 0;
        while i < WORDS {
            words[i] |= other.0[i];
            i += 1;
        }
        Self(words)
    }

    /// Returns the flags that are in both sets.
    pub(crate) const fn intersection(self, other: Self) -> Self {
        let mut words = self.0;
        let mut i = 0;
        while i < WORDS {
            words[i] &= other.0[i];
            i += 1;
        }
        Self(words)
    }

    /// Returns the flags that are in exactly one of the two sets.
    pub(crate) const fn difference(self, other: Self) -> Self {
        let mut words = self.0;
        let mut i = 0;
        while i < WORDS {
            words[i] ^= other.0[i];
            i += 1;
        }
        Self(words)
    }

    /// Returns the flags of this set that are not in `other`.
    pub(crate) const fn without(self, other: Self) -> Self {
        self.difference(self.intersection(other))
    }

    /// Returns whether the sets have a flag in common.
    pub(crate) fn intersects(self, other: Self) -> bool {
        self.intersection(other) != Self::EMPTY
    }

    /// Returns whether all flags of `other` are in this set.
    pub(crate) fn contains(self, other: Self) -> bool {
        self.intersection(other) == other
    }

    /// Returns the number of the protection key, as `pkey_mprotect()` takes it.
    pub(crate) fn protection_key(self) -> usize {
        let bits = host::PROTECTION_KEY_BITS.iter().enumerate();
        bits.filter(|(_, bit)| self.has_bit(**bit as usize))
            .fold(0, |key, (place, _)| key | 1 << place)
    }

    /// Returns whether a write to a mapping with these flags may copy the page first: the mapping is private,
    /// and is writable or may be made writable. Answers to `vma_flags_is_cow_mapping()`.
    pub(crate) fn is_cow_mapping(self) -> bool {
        self.contains(MAYWRITE) && !self.contains(SHARED)
    }
}

impl core::fmt::LowerHex for VmaFlags {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut words = self.0.iter().rev();
        if let Some(first) = words.next() {
            write!(f, "{first:x}")?;
        }
        words.try_for_each(|word| write!(f, "{word:016x}"))
    }
}
