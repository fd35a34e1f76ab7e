// SPDX-License-Identifier: GPL-2.0

//! Reasons why a command was not carried out, or only in part. The errno is that of the corresponding system call.

use crate::{
    errno::ErrnoName,
    process::sys::{
        find::NoAddressSpace,
        userfaultfd::BadDescriptor, //
    },
    refusal::refusals,
    vma::{
        cut::SplitError,
        extent::Range,
        merge::Unmerged,
        modify::ModifyError, //
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

refusals! {
    /// The reason why a command was not carried out, or only in part.
    pub(crate) enum Failure {
        NoAddressSpace(none: NoAddressSpace) => none.errno(), ("{none}"),
        Killed => EINTR, ("killed while waiting for the mmap lock"),
        Hole(addr: usize, errno: Error) => *errno, (
            "nothing is mapped at {addr:x}; the whole range has to be mapped"
        ),
        NotAtStart(addr: usize) => EFAULT, (
            "nothing is mapped at {addr:x}, where the range starts"
        ),
        NothingMapped(range: Range, errno: Error) => *errno, ("nothing is mapped in {range:x}"),
        /// This part of a VMA could not be changed, or this range could not be mapped.
        Stopped(part: Range, obstacle: Obstacle) => obstacle.errno(), ("{part:x} {obstacle}"),
        NotImagined => ENOMEM, ("the outcome could not be foreseen: no memory"),
        NoNames => EINVAL, ("this kernel has no names for VMAs"),
        NameNotMade => ENOMEM, ("the name could not be made: no memory"),
        UnmapsItself => EOPNOTSUPP, (
            "only the process itself can unmap its memory, with munmap(); \
             write this to plan to see the effect"
        ),
        MovesItself => EOPNOTSUPP, (
            "only the process itself can move its memory, with mremap(); \
             write this to plan to see the effect"
        ),
        NoSuchPolicy => EINVAL, (
            "there is no such policy; name nodes with memory that you may use"
        ),
        PolicyNotMade(errno: Error) => *errno, (
            "the policy could not be made: {}", ErrnoName(*errno)
        ),
        Descriptor(bad: BadDescriptor) => bad.errno(), ("{bad}"),
        NotInside(addr: usize) => EINVAL, (
            "no VMA starts below {addr:x} and ends above it, so there is none to split there"
        ),
        /// The VMA that covers this range could not be cut.
        Split(whole: Range, error: SplitError) => (*error).into(), (
            "{whole:x} could not be split: {error}"
        ),
    }
}

refusals! {
    /// The reason why a part of a VMA could not be changed, or a range could not be mapped. The sentence follows the
    /// range.
    pub(crate) enum Obstacle {
        Special => EINVAL, ("is a special mapping, which has to keep this flag"),
        Droppable => EINVAL, ("may be dropped by the kernel, so it stays out of core dumps"),
        Sealed => EPERM, ("is sealed (mseal)"),
        Access => EACCES, ("cannot get this access: it was mapped without the right to it"),
        WriteExec => EACCES, (
            "would be executable after it was writable, \
             which the process has forbidden (PR_SET_MDWE)"
        ),
        Architecture => EINVAL, ("cannot get this access on this architecture"),
        ProtectionKey => EOPNOTSUPP, (
            "would need a protection key to be executable only, \
             which only the process itself can allocate"
        ),
        Security(errno: Error) => *errno, (
            "is refused by a security module, which says {}", ErrnoName(*errno)
        ),
        Driver(errno: Error) => *errno, (
            "is refused by its driver, which says {}", ErrnoName(*errno)
        ),
        Limit => ENOMEM, ("would be more than the process may have (RLIMIT_AS, RLIMIT_DATA)"),
        LockedLimit => EAGAIN, ("would be more than the process may lock (RLIMIT_MEMLOCK)"),
        Overcommit => ENOMEM, (
            "would commit more memory than allowed (vm.overcommit_memory)"
        ),
        HasPath => EBADF, ("maps a file, whose path is its name"),
        Policy(errno: Error) => *errno, (
            "was made ready, but its policy could not be replaced: {}", ErrnoName(*errno)
        ),
        HalfUnregistered(error: ModifyError) => (*error).into(), (
            "is no longer write-protected, but still registered: {}", ErrnoName((*error).into())
        ),
        NotForUserfaultfd => EINVAL, ("is memory that cannot be registered for these events"),
        NeverWritable => EPERM, ("can never be written, but a userfaultfd has to write it"),
        OtherUserfaultfd => EBUSY, ("is registered with another userfaultfd"),
        /// Like [`OtherUserfaultfd`](Self::OtherUserfaultfd), but with the errno of `UFFDIO_UNREGISTER`.
        NotByThisUserfaultfd => EINVAL, ("was registered with another userfaultfd"),
        StillProtected => EBUSY, (
            "has pages that the userfaultfd write-protects; unregister the range first (none)"
        ),
        HugePages(size: usize) => EINVAL, (
            "cuts its huge pages; start and end at multiples of {size:x}"
        ),
        NotAtHugePage(size: usize) => EINVAL, (
            "cuts its huge pages; start at a multiple of {size:x}"
        ),
        NoHugePageThere(to: usize, size: usize) => EINVAL, (
            "cannot be moved to {to:x}, which is not a multiple of {size:x}, its huge page size"
        ),
        Occupied(addr: usize) => EEXIST, ("is not free: something is mapped at {addr:x}"),
        /// Like [`Occupied`](Self::Occupied), but with the errno of `mremap()`.
        InTheWay(addr: usize) => ENOMEM, ("is not free: something is mapped at {addr:x}"),
        BeyondEnd(end: usize) => ENOMEM, (
            "reaches beyond the address space, which ends at {end:x}"
        ),
        /// Like [`BeyondEnd`](Self::BeyondEnd), but with the errno of userfaultfd.
        OutOfReach(end: usize) => EINVAL, (
            "reaches beyond the address space, which ends at {end:x}"
        ),
        TooMany(limit: i32) => ENOMEM, (
            "would bring the process beyond, or too near, the {limit} VMAs that \
             vm.max_map_count allows"
        ),
        NoSuchPlace(to: usize, end: usize) => EINVAL, (
            "cannot be moved to {to:x}, as the address space ends at {end:x}"
        ),
        Overlaps(target: Range) => EINVAL, ("overlaps {target:x}, where it would be moved to"),
        MovesAlone => EFAULT, (
            "can only be moved on its own: it is registered with a userfaultfd, or its driver chooses \
             where it is mapped"
        ),
        NothingBelow => EFAULT, ("does not start where a VMA ends; there is nothing to extend"),
        FixedSize => EFAULT, ("follows a special mapping, which cannot grow"),
        FixedHugePages => EINVAL, ("follows huge pages, which cannot grow"),
        PageOffsets => EINVAL, ("would have page offsets that wrap around"),
        Unmerged(unmerged: Unmerged) => ENOMEM, ("cannot join the VMA below: {unmerged}"),
        NoMemory => ENOMEM, ("could not be mapped: no memory"),
        Modify(error: ModifyError) => (*error).into(), ("{error}"),
    }
}

impl Obstacle {
    /// Returns the state of the part, if the part is neither unchanged nor completely changed.
    pub(super) fn leaves(&self) -> Option<Half> {
        match self {
            Self::Modify(ModifyError::SecondSplit(..)) => Some(Half::Split),
            Self::Policy(_) | Self::HalfUnregistered(_) => Some(Half::Changed),
            _ => None,
        }
    }
}

/// The state of a part whose change was not completed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// The part was split at its start, but not at its end, and so was not changed.
    Split,
    /// The part was changed, but not completely.
    Changed,
}

impl Half {
    /// Returns the words for people, which follow the range.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Split => "split at its start only, and not changed",
            Self::Changed => "changed in part only",
        }
    }
}

impl fmt::Display for ModifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sentence, error) = match self {
            Self::NotWithinVma => return f.write_str("is not part of one VMA"),
            Self::NoMemory(_) => return f.write_str("could not be merged: no memory"),
            Self::Split(error, _) => ("could not be split", error),
            Self::SecondSplit(error, _) => {
                ("was split at its start, but could not be at its end", error)
            }
        };
        f.write_fmt(fmt!("{sentence}: {error}"))
    }
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMemory => f.write_str("no memory"),
            Self::TooManyVmas(limit) => f.write_fmt(fmt!(
                "the process has all the {limit} VMAs that vm.max_map_count allows"
            )),
            Self::Driver(error) => f.write_fmt(fmt!("its driver says {}", ErrnoName(*error))),
        }
    }
}
