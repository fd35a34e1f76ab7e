// SPDX-License-Identifier: GPL-2.0

//! Why a command was not carried out, or not to its end: an errno for programs, that of the system
//! call of the same meaning, and a sentence for people.

use crate::{
    errno::ErrnoName,
    process::sys::{
        find::NoAddressSpace,
        userfaultfd::BadDescriptor, //
    },
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

/// Why a command was not carried out, or not to its end.
pub(crate) enum Failure {
    /// There is no address space to work on.
    NoAddressSpace(NoAddressSpace),
    /// The writer was killed while it waited for the mmap lock.
    Killed,
    /// No VMA is at this address.
    Hole(usize, Error),
    /// No VMA is in this range.
    NothingMapped(Range, Error),
    /// This part of a VMA could not be changed, or this range not mapped.
    Stopped(Range, Obstacle),
    /// A name could not be made.
    Name(Error),
    /// A policy could not be made.
    Policy(Error),
    /// The descriptor is not that of a userfaultfd.
    BadDescriptor(u32, BadDescriptor),
    /// The userfaultfd is for another address space.
    OtherAddressSpace(u32),
    /// The userfaultfd, or the kernel, cannot do that.
    NoSuchModes(u32),
    /// No VMA has this address inside it.
    NotInside(usize),
    /// The VMA that covers this range could not be cut.
    Split(Range, SplitError),
}

/// Why a part of a VMA could not be changed, or a range not mapped.
pub(crate) enum Obstacle {
    /// It is special, and madvise does not let this flag be cleared there.
    Special,
    /// It may be dropped by the kernel, and so is kept out of core dumps.
    Droppable,
    /// It is sealed.
    Sealed,
    /// It may never be accessed so.
    Access,
    /// The process has asked that nothing that was writable becomes executable.
    WriteExec,
    /// The architecture does not allow the flags.
    Architecture,
    /// It takes a protection key that only the process itself can make.
    ProtectionKey,
    /// A security module says no.
    Security(Error),
    /// The driver says no.
    Driver(Error),
    /// The process may not have so much memory.
    Limit,
    /// The process may not lock so much memory.
    LockedLimit,
    /// The machine has promised too much memory already.
    Overcommit,
    /// It has the path of the file for a name.
    HasPath,
    /// It was made ready, and could not be given the policy then.
    Policy(Error),
    /// Its pages are no longer protected by its userfaultfd, but it could not be made ready to be without one.
    HalfUnregistered(ModifyError),
    /// It lies beyond where the address space ends, which is here, and userfaultfd says so differently.
    OutOfReach(usize),
    /// Faults there cannot be left to a userfaultfd.
    NotForUserfaultfd,
    /// It can never be written, and a userfaultfd would.
    NeverWritable,
    /// Another userfaultfd is told of it.
    OtherUserfaultfd,
    /// It was registered, by another userfaultfd.
    NotByThisUserfaultfd,
    /// Pages of it were protected by the userfaultfd.
    StillProtected,
    /// Its pages have this size, in bytes, and the range does not keep to it.
    HugePages(usize),
    /// Something is mapped there, from this address on.
    Occupied(usize),
    /// As above, for what wants to grow.
    InTheWay(usize),
    /// It lies beyond where the address space ends, which is here.
    BeyondEnd(usize),
    /// The process has more VMAs than this limit.
    TooMany(i32),
    /// No VMA ends where the range starts.
    NothingBelow,
    /// The VMA cannot grow.
    FixedSize,
    /// The VMA has huge pages, and cannot grow.
    FixedHugePages,
    /// The page offsets would wrap around.
    PageOffsets,
    /// The VMA may not take it.
    Unmerged(Unmerged),
    /// There is no memory.
    NoMemory,
    /// It could not be merged or split.
    Modify(ModifyError),
}

impl From<ModifyError> for Obstacle {
    fn from(error: ModifyError) -> Self {
        Self::Modify(error)
    }
}

impl Failure {
    /// Returns the errno for programs.
    pub(crate) fn errno(&self) -> Error {
        match self {
            Self::NoAddressSpace(none) => none.errno(),
            Self::Killed => EINTR,
            Self::Hole(_, errno) | Self::NothingMapped(_, errno) => *errno,
            Self::Stopped(_, obstacle) => obstacle.errno(),
            Self::Name(errno) | Self::Policy(errno) => *errno,
            Self::BadDescriptor(_, BadDescriptor::NotOpen) => EBADF,
            Self::BadDescriptor(_, BadDescriptor::NotReady)
            | Self::OtherAddressSpace(_)
            | Self::NoSuchModes(_)
            | Self::NotInside(_) => EINVAL,
            Self::Split(_, error) => (*error).into(),
        }
    }
}

impl Obstacle {
    fn errno(&self) -> Error {
        match self {
            Self::Special
            | Self::Droppable
            | Self::Architecture
            | Self::NotForUserfaultfd
            | Self::NotByThisUserfaultfd
            | Self::HugePages(_)
            | Self::FixedHugePages
            | Self::OutOfReach(_)
            | Self::PageOffsets => EINVAL,
            Self::Sealed | Self::NeverWritable => EPERM,
            Self::Access | Self::WriteExec => EACCES,
            Self::ProtectionKey => EOPNOTSUPP,
            Self::Security(errno) | Self::Driver(errno) | Self::Policy(errno) => *errno,
            Self::LockedLimit => EAGAIN,
            Self::HasPath => EBADF,
            Self::OtherUserfaultfd | Self::StillProtected => EBUSY,
            Self::Occupied(_) => EEXIST,
            Self::NothingBelow | Self::FixedSize => EFAULT,
            Self::Limit
            | Self::Overcommit
            | Self::InTheWay(_)
            | Self::BeyondEnd(_)
            | Self::TooMany(_)
            | Self::Unmerged(_)
            | Self::NoMemory => ENOMEM,
            Self::Modify(error) | Self::HalfUnregistered(error) => (*error).into(),
        }
    }

    /// Returns the state in which the part is left, if that is neither as it was nor as it was to be.
    pub(super) fn leaves(&self) -> Option<Half> {
        match self {
            Self::Modify(ModifyError::SecondSplit(_)) => Some(Half::Split),
            Self::Policy(_) | Self::HalfUnregistered(_) => Some(Half::Changed),
            _ => None,
        }
    }
}

/// How a part was left half way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// It was split at its start and could not be at its end, so it was not changed.
    Split,
    /// It is not as it was, and not as it was to be.
    Changed,
}

impl Half {
    /// Returns words for people, to follow the range.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Split => "split at its start only, and not changed",
            Self::Changed => "changed in part only",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddressSpace(none) => none.fmt(f),
            Self::Killed => write!(f, "killed while waiting for the mmap lock"),
            Self::Hole(addr, _) => write!(
                f,
                "nothing is mapped at {addr:x}; the whole range has to be mapped"
            ),
            Self::NothingMapped(range, _) => write!(
                f,
                "nothing is mapped in {:x}-{:x}",
                range.start(),
                range.end()
            ),
            Self::Stopped(part, obstacle) => {
                write!(f, "{:x}-{:x} ", part.start(), part.end())?;
                obstacle.fmt(f)
            }
            Self::Name(EINVAL) => write!(f, "this kernel has no names for VMAs"),
            Self::Name(_) => write!(f, "the name could not be made: no memory"),
            Self::Policy(EINVAL) => write!(
                f,
                "there is no such policy; it has to name nodes that have memory which you may use"
            ),
            Self::Policy(errno) => {
                write!(f, "the policy could not be made: ")?;
                ErrnoName(*errno).fmt(f)
            }
            Self::BadDescriptor(number, BadDescriptor::NotOpen) => {
                write!(f, "the process has no descriptor {number}")
            }
            Self::BadDescriptor(number, BadDescriptor::NotReady) => write!(
                f,
                "its descriptor {number} is not that of a userfaultfd that has been through UFFDIO_API"
            ),
            Self::OtherAddressSpace(number) => write!(
                f,
                "its descriptor {number} is a userfaultfd for another address space; \
                 a child has to open its own"
            ),
            Self::NoSuchModes(number) => write!(
                f,
                "the kernel, or the userfaultfd behind descriptor {number}, cannot tell of that"
            ),
            Self::NotInside(addr) => write!(
                f,
                "no VMA starts below {addr:x} and ends above it, so there is none to cut there"
            ),
            Self::Split(whole, error) => {
                write!(
                    f,
                    "{:x}-{:x} could not be split: ",
                    whole.start(),
                    whole.end()
                )?;
                error.fmt(f)
            }
        }
    }
}

// A sentence that follows the range.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Special => "is a special mapping, of which this flag cannot be cleared",
            Self::Droppable => "may be dropped by the kernel, so it stays out of core dumps",
            Self::Sealed => "is sealed (mseal)",
            Self::Access => "may not be accessed so: it was mapped without that right",
            Self::WriteExec => {
                "would be executable after it was writable, \
                 which the process has forbidden (PR_SET_MDWE)"
            }
            Self::Architecture => "cannot be accessed so on this architecture",
            Self::ProtectionKey => {
                "would need a protection key to be executable only, \
                 which none but the process itself can make"
            }
            Self::Limit => "would be more than the process may have (RLIMIT_AS, RLIMIT_DATA)",
            Self::LockedLimit => "would be more than the process may lock (RLIMIT_MEMLOCK)",
            Self::Overcommit => "would be more memory than can be promised (vm.overcommit_memory)",
            Self::HasPath => "maps a file, whose path it has for a name",
            Self::NotForUserfaultfd => "is memory that a userfaultfd cannot be told of so",
            Self::NeverWritable => "can never be written, which a userfaultfd has to",
            Self::OtherUserfaultfd => "is registered with another userfaultfd",
            Self::NotByThisUserfaultfd => "was registered with another userfaultfd",
            Self::StillProtected => {
                "has pages that the userfaultfd has protected; unregister it first (none)"
            }
            Self::NothingBelow => "is not where a VMA ends; there is nothing to extend",
            Self::FixedSize => "follows a special mapping, which cannot grow",
            Self::FixedHugePages => "follows huge pages, which cannot grow",
            Self::PageOffsets => "would have page offsets that wrap around",
            Self::NoMemory => "could not be mapped: no memory",
            Self::Modify(ModifyError::NotWithinVma) => "is not part of one VMA",
            Self::Modify(ModifyError::NoMemory(_)) => "could not be merged: no memory",

            Self::Security(errno) => {
                write!(f, "is refused by a security module, which says ")?;
                return ErrnoName(*errno).fmt(f);
            }
            Self::Driver(errno) => {
                write!(f, "is refused by its driver, which says ")?;
                return ErrnoName(*errno).fmt(f);
            }
            Self::Policy(errno) => {
                write!(f, "was made ready, but its policy could not be replaced: ")?;
                return ErrnoName(*errno).fmt(f);
            }
            Self::HugePages(size) => {
                return write!(
                    f,
                    "does not keep to its huge pages, of {size:x} bytes; start and end at one"
                )
            }
            Self::Occupied(addr) => {
                return write!(f, "is not free: something is mapped at {addr:x}");
            }
            Self::InTheWay(addr) => {
                return write!(f, "is not free: something is mapped at {addr:x}");
            }
            Self::BeyondEnd(end) | Self::OutOfReach(end) => {
                return write!(f, "reaches beyond the address space, which ends at {end:x}");
            }
            Self::TooMany(limit) => {
                return write!(
                    f,
                    "would bring the process beyond, or too near, the {limit} VMAs that \
                     vm.max_map_count allows"
                );
            }
            Self::Unmerged(unmerged) => {
                write!(f, "cannot join the VMA below: ")?;
                return unmerged.fmt(f);
            }
            Self::HalfUnregistered(error) => {
                let error = ErrnoName((*error).into());
                write!(f, "is protected no longer, but still registered: it says ")?;
                return error.fmt(f);
            }
            Self::Modify(ModifyError::Split(error)) => {
                write!(f, "could not be split: ")?;
                return error.fmt(f);
            }
            Self::Modify(ModifyError::SecondSplit(error)) => {
                write!(f, "was split at its start, but could not be at its end: ")?;
                return error.fmt(f);
            }
        };
        f.write_str(sentence)
    }
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMemory => write!(f, "no memory"),
            Self::TooManyVmas(limit) => write!(
                f,
                "the process has all the {limit} VMAs that vm.max_map_count allows"
            ),
            Self::Driver(error) => {
                write!(f, "its driver says ")?;
                ErrnoName(*error).fmt(f)
            }
        }
    }
}
