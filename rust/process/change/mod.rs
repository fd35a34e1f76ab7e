// SPDX-License-Identifier: GPL-2.0

//! The verbs: changes to the memory of a process. Each verb does to any process what the corresponding system call
//! does to its caller, with merging and splitting in Rust. Each verb is described in its file:
//!
//! ```text
//!   flags.rs    like madvise()                new.rs      like mmap()
//!   protect.rs  like mprotect()               extend.rs   like mremap(), in place
//!   name.rs     like prctl(PR_SET_VMA)        split.rs    like the first step of munmap()
//!   policy.rs   like mbind()
//!   uffd.rs     like UFFDIO_REGISTER and UFFDIO_UNREGISTER
//!   merge.rs    like an operation that changes nothing
//!
//!   only predicted:
//!   unmap.rs    like munmap()                 relocate.rs like mremap(), to another address
//!
//!   range_change.rs  the description of a change to a range
//!   range.rs         the walk over the VMAs of a range
//!   space.rs         the address space that a verb works on
//!   live.rs            the real address space, which changes
//!   imagined.rs        an imagined address space; imagined_vma.rs describes its VMAs, and overlay.rs the part that
//!                      changes have reached
//!   subject.rs       the properties of a real or an imagined VMA that a verb checks
//!   progress.rs      sentences about the VMAs that were changed; pair_counts.rs contains those about pairs
//!   forecasts.rs     sentences about the VMAs that would result; drawing.rs draws the VMAs
//!   differing.rs     the flags in which a range differs from the VMAs beside it, for both kinds of sentences
//!   failure.rs       reasons why a command was not carried out
//! ```
//!
//! If the range has a hole, most of those system calls change the VMAs below the hole and then fail. A verb finds the
//! hole first, and changes nothing.

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
mod merge;
mod name;
mod new;
mod overlay;
mod pair_counts;
mod policy;
mod progress;
mod protect;
mod range;
mod range_change;
mod relocate;
mod space;
mod split;
mod subject;
mod uffd;
mod unmap;

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
    live::{
        merge_in_batches,
        Live, //
    },
    name::{
        make_name,
        NewName, //
    },
    policy::{
        make_policy,
        NewPolicy, //
    },
    progress::Progress,
    protect::NewProtection,
    range::change_range,
    space::AddressSpace,
    uffd::{
        Register,
        Unregister, //
    },
};
use super::sys::{
    find::{
        Access,
        Pid,
        Process,
        Who, //
    },
    name::OwnedName,
    policy::OwnedPolicy, //
};
use crate::{
    text::Text,
    vma::{
        extent::Range,
        sys::MmapReadGuard, //
    },
};
use kernel::prelude::*;

/// A change to the memory of a process. A range may cover several VMAs.
///
/// The compiler rejects a verb that no command uses, and a verb that [`perform`] leaves out.
#[derive(Clone, Copy, Debug)]
#[deny(dead_code)]
pub(crate) enum Verb<'a> {
    /// Sets and clears advice flags.
    Flags(Range, FlagChange),
    /// Allows these accesses and no others.
    Protect(Range, Protection),
    /// Gives memory this name, or removes its name.
    Name(Range, Option<&'a str>),
    /// Gives memory this NUMA policy.
    Policy(Range, PolicySpec),
    /// Registers memory with the userfaultfd of this descriptor for these faults, or unregisters it if there are none.
    Userfaultfd(Range, u32, Modes),
    /// Maps memory in a free range.
    New(Range, Protection),
    /// Adds the range to the VMA that ends where the range starts.
    Extend(Range),
    /// Cuts a VMA in two at this address (bytes).
    Split(usize),
    /// Merges the VMAs that are mergeable, but that no operation has tried to merge.
    Merge(Range),
}

/// A change that `plan` predicts.
///
/// The compiler rejects a verb that no command uses, and a verb that [`foresee`] leaves out.
#[derive(Clone, Copy, Debug)]
#[deny(dead_code)]
pub(crate) enum Prospect<'a> {
    /// A change that `ctl` can carry out.
    Verb(Verb<'a>),
    /// Unmaps a range.
    Unmap(Range),
    /// Moves a range to this address (bytes).
    Move(Range, usize),
}

impl<'a> From<Verb<'a>> for Prospect<'a> {
    fn from(verb: Verb<'a>) -> Self {
        Self::Verb(verb)
    }
}

impl<'a> Prospect<'a> {
    /// Returns the change for `ctl` to carry out. Fails if only the process itself can make the change.
    fn verb(&self) -> Result<&Verb<'a>, Failure> {
        match self {
            Self::Verb(verb) => Ok(verb),
            Self::Unmap(_) => Err(Failure::UnmapsItself),
            Self::Move(..) => Err(Failure::MovesItself),
        }
    }
}

/// Changes a process, and writes the result for each VMA into `details`.
pub(crate) fn carry_out(
    who: Who,
    change: &Prospect<'_>,
    details: &mut Text,
) -> (Result<(), Failure>, PartCounts) {
    match change.verb() {
        Ok(verb) => carry_out_in(|| find(who), verb, details),
        Err(failure) => (Err(failure), PartCounts::default()),
    }
}

/// Changes the process that `find` returns, like [`carry_out`].
pub(crate) fn carry_out_in(
    find: impl FnOnce() -> Result<Process, Failure>,
    verb: &Verb<'_>,
    details: &mut Text,
) -> (Result<(), Failure>, PartCounts) {
    let mut progress = Progress::new(details);
    let result = carry_out_made(find, verb, &mut progress);
    (result, progress.finish())
}

fn carry_out_made(
    find: impl FnOnce() -> Result<Process, Failure>,
    verb: &Verb<'_>,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let made = Made::by(&(*verb).into())?;
    let process = find()?;
    if let Verb::Merge(range) = *verb {
        return merge_in_batches(&process, range, progress);
    }
    let mut space = Live::lock(&process, progress)?;
    perform(verb, &made, &mut space)
}

/// The maximum number of successive changes in one prediction.
pub(crate) const MOST_CHANGES: usize = 8;

/// The result and the predicted effect of each change.
pub(crate) type Forecast = KVec<(Result<(), Failure>, Foreseen)>;

/// Writes into `details` what [`carry_out`] would do for these changes in order, up to the first change that fails.
/// Fails if not even the first change can be examined. Predicts at most [`MOST_CHANGES`] changes.
///
/// The function takes the mmap lock for read, once, and reads a bounded number of VMAs. The prediction leaves out
/// three things: the answer of the driver and the overcommit limit, because checking them has side effects, and a lack
/// of memory. Otherwise the prediction is exact, unless the process changes before the verb is carried out.
pub(crate) fn foresee<'a>(
    who: Who,
    changes: impl Iterator<Item = Prospect<'a>> + Clone,
    details: &mut Text,
) -> Result<Forecast, Failure> {
    let changes = changes.take(MOST_CHANGES);
    let count = changes.clone().count();
    let no_memory = |_| Failure::NotImagined;
    let mut forecast = KVec::with_capacity(count, GFP_KERNEL).map_err(no_memory)?;
    let mut all_made = KVec::with_capacity(count, GFP_KERNEL).map_err(no_memory)?;
    for change in changes.clone() {
        let made = match Made::by(&change) {
            Err(failure) if all_made.is_empty() => return Err(failure),
            made => made,
        };
        // The capacity suffices for every element.
        let _ = all_made.push_within_capacity(made);
    }
    let process = find(who)?;
    let unmade = foresee_each(&process, changes, &all_made, details, &mut forecast)?;
    if let Some((index, foreseen)) = unmade {
        if let Ok(Err(failure)) = all_made.remove(index) {
            let _ = forecast.push_within_capacity((Err(failure), foreseen));
        }
    }
    Ok(forecast)
}

/// Predicts these changes, and adds the result of each. If the objects for a change could not be created, returns the
/// index of that change and the state before it.
fn foresee_each<'a>(
    process: &Process,
    changes: impl Iterator<Item = Prospect<'a>> + Clone,
    all_made: &[Result<Made, Failure>],
    details: &mut Text,
    forecast: &mut Forecast,
) -> Result<Option<(usize, Foreseen)>, Failure> {
    let guard = MmapReadGuard::lock_killable(&process.mm).map_err(|_| Failure::Killed)?;
    let mut forecasts = Forecasts::new(details);
    let mut space = Imagined::of(process, &guard, &mut forecasts)?;
    for (index, (change, made)) in changes.zip(all_made).enumerate() {
        if all_made.len() > 1 {
            space.begin(index + 1);
        }
        let Ok(made) = made else {
            return Ok(Some((index, space.finish())));
        };
        let result = foresee_one(&change, made, &mut space);
        let foreseen = space.finish();
        let ends = result.is_err() || foreseen.is_cut_short;
        let _ = forecast.push_within_capacity((result, foreseen));
        if ends {
            break;
        }
    }
    Ok(None)
}

#[inline(never)]
fn foresee_one<'s>(
    change: &Prospect<'_>,
    made: &'s Made,
    space: &mut Imagined<'s, '_>,
) -> Result<(), Failure> {
    match *change {
        Prospect::Verb(ref verb) => perform(verb, made, space),
        Prospect::Unmap(range) => unmap::unmap(space, range),
        Prospect::Move(range, to) => relocate::relocate(space, range, to),
    }
}

fn find(who: Who) -> Result<Process, Failure> {
    Pid::find(who)
        .and_then(|pid| pid.process(Access::Attach))
        .map_err(Failure::NoAddressSpace)
}

/// The objects that a change gives to VMAs. Failures that do not depend on the process occur when the objects are
/// created.
struct Made {
    name: Option<OwnedName>,
    policy: OwnedPolicy,
}

impl Made {
    /// No objects.
    const NOTHING: Self = Self {
        name: None,
        policy: OwnedPolicy::DEFAULT,
    };

    /// Creates the objects of a change.
    fn by(change: &Prospect<'_>) -> Result<Self, Failure> {
        let mut made = Self::NOTHING;
        match *change {
            Prospect::Verb(Verb::Name(_, Some(text))) => made.name = Some(make_name(text)?),
            Prospect::Verb(Verb::Policy(_, spec)) => made.policy = make_policy(spec)?,
            _ => {}
        }
        Ok(made)
    }
}

/// Carries out or predicts a verb in this address space.
#[inline(never)]
fn perform<'t, A: AddressSpace<'t>>(
    verb: &Verb<'_>,
    made: &'t Made,
    space: &mut A,
) -> Result<(), Failure> {
    match *verb {
        Verb::Flags(range, change) => change_range(space, range, &NewFlags(change)),
        Verb::Protect(range, protection) => {
            let (mm, task, mapped) = (space.mm(), space.task(), space.mapped());
            let change = NewProtection::new(mm, task, mapped, protection);
            let result = change_range(space, range, &change);
            if let Some(range) = change.to_populate() {
                space.populate(range);
            }
            result
        }
        Verb::Name(range, _) => change_range(space, range, &NewName(made.name.as_ref())),
        Verb::Policy(range, PolicySpec { mode, .. }) => {
            let policy = &made.policy;
            change_range(space, range, &NewPolicy { policy, mode })
        }
        Verb::Userfaultfd(range, descriptor, modes) => {
            let userfaultfd = uffd::find(space.mm(), space.task(), range, descriptor, modes)?;
            if modes == Modes::NONE {
                change_range(space, range, &Unregister::new(&userfaultfd, range))
            } else {
                change_range(space, range, &Register::new(&userfaultfd, range, modes))
            }
        }
        Verb::New(range, protection) => new::map(space, range, protection),
        Verb::Extend(range) => extend::extend(space, range),
        Verb::Split(addr) => split::split(space, addr),
        Verb::Merge(range) => merge::merge(space, range),
    }
}
