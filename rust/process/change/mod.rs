// SPDX-License-Identifier: GPL-2.0

//! The verbs: changes of the memory of a process. Each does what the system call of the same meaning does,
//! to any process, with merging and splitting by Rust. A file describes a verb, once:
//!
//! ```text
//!   flags.rs    as madvise()                  new.rs      as mmap()
//!   protect.rs  as mprotect()                 extend.rs   as mremap(), in place
//!   name.rs     as prctl(PR_SET_VMA)          split.rs    as none; what munmap() begins with
//!   policy.rs   as mbind()
//!   uffd.rs     as UFFDIO_REGISTER and UFFDIO_UNREGISTER
//!
//!   range_change.rs  what the description of a change says
//!   range.rs         one VMA of a range after the other
//!   space.rs         what a verb works on: an address space, which is one of
//!   live.rs            the real one, which changes
//!   imagined.rs        one in which the same is foreseen, of VMAs as in imagined_vma.rs
//!   progress.rs      what becomes of VMAs, in words
//!   forecasts.rs     what would become of them; drawing.rs draws it
//!   failure.rs       why something was not done, in words
//! ```
//!
//! Stricter than most of those system calls, a hole in the range is found before anything is changed.

mod drawing;
mod extend;
mod failure;
mod flag_change;
mod flags;
mod forecasts;
mod imagined;
mod imagined_vma;
mod live;
mod name;
mod new;
mod policy;
mod progress;
mod protect;
mod range;
mod range_change;
mod space;
mod split;
mod uffd;

pub(crate) use self::{
    failure::Failure,
    flag_change::{
        BadFlagChange,
        FlagChange, //
    },
    forecasts::Foreseen,
    name::LONGEST_NAME,
    policy::PolicySpec,
    progress::Counts, //
};
pub(crate) use super::sys::{
    policy::Mode,
    protection::Protection,
    userfaultfd::Modes, //
};

use self::{
    flags::NewFlags,
    forecasts::Forecasts,
    imagined::Imagined,
    live::Live,
    name::NewName,
    policy::NewPolicy,
    progress::Progress,
    protect::NewProtection,
    range::change_range,
    space::AddressSpace,
    uffd::{
        Register,
        Unregister, //
    },
};
use super::sys::find::{
    Access,
    Pid,
    Process, //
};
use crate::{
    text::Text,
    vma::extent::Range, //
};

/// A change of the memory of a process. A range may be that of several VMAs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action<'a> {
    /// Sets and clears flags that are advice.
    Flags(Range, FlagChange),
    /// Allows these accesses, and no others.
    Protect(Range, Protection),
    /// Gives this name, or none.
    Name(Range, Option<&'a str>),
    /// Places memory so.
    Policy(Range, PolicySpec),
    /// Lets the userfaultfd with this descriptor be told of these faults, or of none.
    Userfaultfd(Range, u32, Modes),
    /// Maps memory where nothing is mapped.
    New(Range, Protection),
    /// Adds the range to the VMA that ends where it starts.
    Extend(Range),
    /// Cuts the VMA there in two, at this address (bytes).
    Split(usize),
}

/// Carries out an action on the process with this id, and tells in `details` what becomes of each VMA.
pub(crate) fn carry_out(
    pid: i32,
    action: &Action<'_>,
    details: &mut Text,
) -> (Result<(), Failure>, Counts) {
    let mut progress = Progress::new(details);
    let result =
        find(pid).and_then(|process| perform(action, || Live::lock(&process, &mut progress)));
    (result, progress.finish())
}

/// Tells in `details` what an action would do.
///
/// This takes the mmap lock for read, once, and looks at a bounded number of VMAs. Drivers are not asked and
/// nothing is charged for, as both may be changed by that; and there may be no memory. Otherwise it is exact,
/// unless the process changes before the action is carried out.
pub(crate) fn foresee(
    pid: i32,
    action: &Action<'_>,
    details: &mut Text,
) -> (Result<(), Failure>, Foreseen) {
    let mut forecasts = Forecasts::new(details);
    let result =
        find(pid).and_then(|process| perform(action, || Imagined::lock(&process, &mut forecasts)));
    (result, forecasts.finish())
}

fn find(pid: i32) -> Result<Process, Failure> {
    Pid::find(pid)
        .and_then(|pid| pid.process(Access::Attach))
        .map_err(Failure::NoAddressSpace)
}

/// Does an action in the address space that `lock` returns.
fn perform<'t, A: AddressSpace<'t>>(
    action: &Action<'_>,
    lock: impl FnOnce() -> Result<A, Failure>,
) -> Result<(), Failure> {
    match *action {
        Action::Flags(range, change) => change_range(&mut lock()?, range, &NewFlags(change)),
        Action::Protect(range, protection) => {
            let mut space = lock()?;
            let change = NewProtection::new(space.mm(), space.task(), protection);
            let result = change_range(&mut space, range, &change);
            if let Some(range) = change.to_populate() {
                space.populate(range);
            }
            result
        }
        Action::Name(range, text) => {
            let change = NewName::new(text)?;
            change_range(&mut lock()?, range, &change)
        }
        Action::Policy(range, spec) => {
            let change = NewPolicy::new(spec)?;
            change_range(&mut lock()?, range, &change)
        }
        Action::Userfaultfd(range, descriptor, modes) => {
            let mut space = lock()?;
            let userfaultfd = uffd::find(space.mm(), space.task(), range, descriptor, modes)?;
            if modes == Modes::NONE {
                change_range(&mut space, range, &Unregister::new(&userfaultfd, range))
            } else {
                let change = Register::new(&userfaultfd, range, modes);
                change_range(&mut space, range, &change)
            }
        }
        Action::New(range, protection) => new::map(&mut lock()?, range, protection),
        Action::Extend(range) => extend::extend(&mut lock()?, range),
        Action::Split(addr) => split::split(&mut lock()?, addr),
    }
}
