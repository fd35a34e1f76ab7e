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
    forecasts::Forecasts,
    imagined::Imagined,
    live::Live,
    progress::Progress,
    range::change_range,
    space::AddressSpace, //
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

/// The result of an action that was carried out.
pub(crate) struct Done {
    /// Whether it was carried out to its end.
    pub(crate) result: Result<(), Failure>,
    /// How many VMAs were treated in which way.
    pub(crate) counts: Counts,
    /// For how many of them there was no room for a line.
    pub(crate) unlisted: usize,
}

/// Carries out an action on the process with this id, and tells in `details` what becomes of each VMA.
pub(crate) fn carry_out(pid: i32, action: &Action<'_>, details: &mut Text) -> Done {
    let mut progress = Progress::new(details);
    let result = perform(&mut CarryOut(&mut progress), pid, action);
    let (counts, unlisted) = progress.finish();
    Done {
        result,
        counts,
        unlisted,
    }
}

/// The result that an action would have.
pub(crate) struct Foreseen {
    /// Whether it would be carried out to its end.
    pub(crate) result: Result<(), Failure>,
    /// Whether anything would change, at the end or before it is stopped.
    pub(crate) would_change: bool,
    /// How many VMAs are told of.
    pub(crate) parts: usize,
    /// Whether there are others.
    pub(crate) is_cut_short: bool,
}

/// Tells in `details` what an action would do.
///
/// This takes the mmap lock for read, once, and looks at a bounded number of VMAs. Drivers are not asked and
/// nothing is charged for, as both may be changed by that; and there may be no memory. Otherwise it is exact,
/// unless the process changes before the action is carried out.
pub(crate) fn foresee(pid: i32, action: &Action<'_>, details: &mut Text) -> Foreseen {
    let mut forecasts = Forecasts::new(details);
    let result = perform(&mut Foresee(&mut forecasts), pid, action);
    Foreseen {
        result,
        would_change: forecasts.would_change(),
        parts: forecasts.parts(),
        is_cut_short: forecasts.is_cut_short(),
    }
}

/// A way to treat an action.
trait Way {
    /// The place to tell what becomes of each part.
    type Tale;
    /// The kind of address space that it works on.
    type Space<'t>: AddressSpace<'t, Tale = Self::Tale>;

    /// Lets `act` work on the address space of a process.
    fn enter(
        &mut self,
        pid: i32,
        act: impl FnOnce(&mut Self::Space<'_>, &mut Self::Tale) -> Result<(), Failure>,
    ) -> Result<(), Failure>;
}

/// It is carried out.
struct CarryOut<'p, 'a>(&'p mut Progress<'a>);

impl<'a> Way for CarryOut<'_, 'a> {
    type Tale = Progress<'a>;
    type Space<'t> = Live<'t, 'a>;

    fn enter(
        &mut self,
        pid: i32,
        act: impl FnOnce(&mut Live<'_, 'a>, &mut Progress<'a>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        Live::enter(&find(pid)?, |live| act(live, self.0))
    }
}

/// It is thought through.
struct Foresee<'p, 'a>(&'p mut Forecasts<'a>);

impl<'a> Way for Foresee<'_, 'a> {
    type Tale = Forecasts<'a>;
    type Space<'t> = Imagined<'t, 'a>;

    fn enter(
        &mut self,
        pid: i32,
        act: impl FnOnce(&mut Imagined<'_, 'a>, &mut Forecasts<'a>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        act(&mut Imagined::of(&find(pid)?)?, self.0)
    }
}

fn find(pid: i32) -> Result<Process, Failure> {
    Pid::find(pid)
        .and_then(|pid| pid.process(Access::Attach))
        .map_err(Failure::NoAddressSpace)
}

/// Treats an action: every verb, once.
fn perform<W: Way>(way: &mut W, pid: i32, action: &Action<'_>) -> Result<(), Failure> {
    match *action {
        Action::Flags(range, change) => way.enter(pid, |space, tale| {
            change_range(space, tale, range, &flags::NewFlags(change))
        }),
        Action::Protect(range, protection) => way.enter(pid, |space, tale| {
            let change = protect::NewProtection::new(space.mm(), space.task(), protection);
            let result = change_range(space, tale, range, &change);
            if let Some(range) = change.to_populate() {
                space.populate(range);
            }
            result
        }),
        Action::Name(range, text) => {
            let change = name::NewName::new(text)?;
            way.enter(pid, |space, tale| change_range(space, tale, range, &change))
        }
        Action::Policy(range, spec) => {
            let change = policy::NewPolicy::new(spec)?;
            way.enter(pid, |space, tale| change_range(space, tale, range, &change))
        }
        Action::Userfaultfd(range, descriptor, modes) => way.enter(pid, |space, tale| {
            let userfaultfd = uffd::find(space.mm(), space.task(), range, descriptor, modes)?;
            if modes == Modes::NONE {
                let change = uffd::Unregister::new(&userfaultfd, range);
                change_range(space, tale, range, &change)
            } else {
                let change = uffd::Register::new(&userfaultfd, range, modes);
                change_range(space, tale, range, &change)
            }
        }),
        Action::New(range, protection) => way.enter(pid, |space, tale| {
            new::map(space, tale, range, protection)
            //
        }),
        Action::Extend(range) => way.enter(pid, |space, tale| extend::extend(space, tale, range)),
        Action::Split(addr) => way.enter(pid, |space, tale| split::split(space, tale, addr)),
    }
}
