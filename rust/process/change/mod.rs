// SPDX-License-Identifier: GPL-2.0

//! The verbs: changes of the memory of a process. Each does to any process what the system call of the same
//! meaning does to its caller, with merging and splitting by Rust. One file describes a verb:
//!
//! ```text
//!   flags.rs    as madvise()                  new.rs      as mmap()
//!   protect.rs  as mprotect()                 extend.rs   as mremap(), in place
//!   name.rs     as prctl(PR_SET_VMA)          split.rs    as the first step of munmap()
//!   policy.rs   as mbind()
//!   uffd.rs     as UFFDIO_REGISTER and UFFDIO_UNREGISTER
//!
//!   range_change.rs  the description of a change of a range
//!   range.rs         the walk over the VMAs of a range
//!   space.rs         the address space that a verb works on, which is one of
//!   live.rs            the real one, which changes
//!   imagined.rs        an imagined one, of the VMAs in imagined_vma.rs
//!   progress.rs      sentences about the VMAs that were changed
//!   forecasts.rs     sentences about the VMAs that would be; drawing.rs draws them
//!   differing.rs     for both, the flags in which a range differs from the VMAs beside it
//!   failure.rs       reasons why a command was not carried out
//! ```
//!
//! Most of those system calls change the VMAs below a hole in the range and then fail. A verb finds the hole
//! first, and changes nothing.

mod differing;
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
    progress::PartCounts, //
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
    Process,
    Who, //
};
use crate::{
    text::Text,
    vma::extent::Range, //
};

/// A change of the memory of a process. A range may be that of several VMAs.
///
/// A verb that no command stands for does not compile, nor does one that [`perform`] leaves out.
#[derive(Clone, Copy, Debug)]
#[deny(dead_code)]
pub(crate) enum Verb<'a> {
    /// Sets and clears flags that are advice.
    Flags(Range, FlagChange),
    /// Allows these accesses, and no others.
    Protect(Range, Protection),
    /// Gives this name, or none.
    Name(Range, Option<&'a str>),
    /// Gives a policy like this.
    Policy(Range, PolicySpec),
    /// Registers memory with the userfaultfd of this descriptor, for these faults; for none, unregisters it.
    Userfaultfd(Range, u32, Modes),
    /// Maps memory where nothing is mapped.
    New(Range, Protection),
    /// Adds the range to the VMA that ends where it starts.
    Extend(Range),
    /// Cuts the VMA there in two, at this address (bytes).
    Split(usize),
}

/// Changes a process, and writes into `details` what became of each VMA.
pub(crate) fn carry_out(
    who: Who,
    verb: &Verb<'_>,
    details: &mut Text,
) -> (Result<(), Failure>, PartCounts) {
    carry_out_in(|| find(who), verb, details)
}

/// Changes the process that `find` finds, as [`carry_out`] does.
pub(crate) fn carry_out_in(
    find: impl FnOnce() -> Result<Process, Failure>,
    verb: &Verb<'_>,
    details: &mut Text,
) -> (Result<(), Failure>, PartCounts) {
    let mut progress = Progress::new(details);
    let mut process = None;
    let result = perform(verb, || Live::lock(process.insert(find()?), &mut progress));
    (result, progress.finish())
}

/// Writes into `details` what [`carry_out`] would do.
///
/// This takes the mmap lock for read, once, and looks at a bounded number of VMAs. Three things are left out:
/// the driver's answer and the overcommit limit, as asking changes something, and a lack of memory. Otherwise
/// the prediction is exact, unless the process changes before the verb is carried out.
pub(crate) fn foresee(
    who: Who,
    verb: &Verb<'_>,
    details: &mut Text,
) -> (Result<(), Failure>, Foreseen) {
    let mut forecasts = Forecasts::new(details);
    let mut process = None;
    let result = perform(verb, || {
        Imagined::lock(process.insert(find(who)?), &mut forecasts)
    });
    (result, forecasts.finish())
}

fn find(who: Who) -> Result<Process, Failure> {
    Pid::find(who)
        .and_then(|pid| pid.process(Access::Attach))
        .map_err(Failure::NoAddressSpace)
}

/// Carries out or foresees a verb, in the address space of the process that `lock` finds. What does not depend on
/// the process is refused before.
fn perform<'t, A: AddressSpace<'t>>(
    verb: &Verb<'_>,
    lock: impl FnOnce() -> Result<A, Failure>,
) -> Result<(), Failure> {
    match *verb {
        Verb::Flags(range, change) => change_range(&mut lock()?, range, &NewFlags(change)),
        Verb::Protect(range, protection) => {
            let mut space = lock()?;
            let change = NewProtection::new(space.mm(), space.task(), protection);
            let result = change_range(&mut space, range, &change);
            if let Some(range) = change.to_populate() {
                space.populate(range);
            }
            result
        }
        Verb::Name(range, text) => {
            let change = NewName::new(text)?;
            change_range(&mut lock()?, range, &change)
        }
        Verb::Policy(range, spec) => {
            let change = NewPolicy::new(spec)?;
            change_range(&mut lock()?, range, &change)
        }
        Verb::Userfaultfd(range, descriptor, modes) => {
            let mut space = lock()?;
            let userfaultfd = uffd::find(space.mm(), space.task(), range, descriptor, modes)?;
            if modes == Modes::NONE {
                change_range(&mut space, range, &Unregister::new(&userfaultfd, range))
            } else {
                let change = Register::new(&userfaultfd, range, modes);
                change_range(&mut space, range, &change)
            }
        }
        Verb::New(range, protection) => new::map(&mut lock()?, range, protection),
        Verb::Extend(range) => extend::extend(&mut lock()?, range),
        Verb::Split(addr) => split::split(&mut lock()?, addr),
    }
}
