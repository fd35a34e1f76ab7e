// SPDX-License-Identifier: GPL-2.0

//! What is done to an address space.

use super::{
    leaves::{
        Failure,
        Watch, //
    },
    request::Request,
    Backing,
    Context,
    Seeing,
    TestMm,
    TestName,
    TestPolicy, //
};
use crate::vma::{
    compat::Side,
    extent::Range,
    merge::{
        IfNoMemory,
        Unmerged, //
    },
    modify::Outcome,
    plan::Plan,
    sys::{
        MmapWriteGuard,
        VmaFlags, //
    },
};
use kernel::prelude::*;

/// Which code serves a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Engine {
    /// The C function of this kernel.
    C,
    /// Ours.
    Rust,
    /// Ours, asked as C asks: through a request.
    RustByRequest,
}

/// What is done with a range.
pub(crate) enum Action<'a> {
    /// It gets flags and loses others, as by madvise, mprotect, mlock and mseal:
    /// `vma_modify_flags()`.
    Flags {
        /// What it gets.
        set: VmaFlags,
        /// What it loses.
        clear: VmaFlags,
    },
    /// It gets this name, as by prctl: `vma_modify_name()`.
    Name(Option<&'a TestName>),
    /// It gets this name, and its flags stay: `vma_modify_flags_name()` of Linux 6.7, which is
    /// `vma_modify_name()` then.
    FlagsName(Option<&'a TestName>),
    /// It gets this policy, as by mbind: `vma_modify_policy()`.
    Policy(Option<&'a TestPolicy>),
    /// It is registered with this userfaultfd, or no longer with any: `vma_modify_flags_uffd()`.
    Userfaultfd(Option<Context>, IfNoMemory),
    /// The VMA before grows over it, as by mremap: `vma_merge_extend()`.
    Extend,
    /// The VMA that it is the end of gives it up, as by execve: `vma_shrink()`.
    Shrink,
    /// Its VMA is cut where it begins, and becomes new on this side: `split_vma()`.
    Split(Side),
    /// It is moved there from that address, as by mremap: `copy_vma()`.
    Move {
        /// Where it comes from (bytes).
        from: usize,
        /// Whether the VMA that it comes from stays.
        keeps_source: bool,
    },
    /// What the C function is asked through a request.
    Ask(Ask<'a>),
}

/// What a C function is asked through a request.
#[derive(Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// The range is mapped, as by mmap: `vma_merge_new_range()`.
    Map {
        /// What is mapped.
        backing: &'a Backing<'a>,
        /// The flags.
        flags: VmaFlags,
        /// From where on in the file (pages).
        pgoff: usize,
    },
    /// The heap grows over the range, as by brk: `vma_merge_new_range()`.
    Brk(VmaFlags),
    /// The range is moved there from that address, as by mremap: `vma_merge_copied_range()`.
    Copy {
        /// Where it comes from (bytes).
        from: usize,
        /// Whether the VMA that it comes from stays.
        keeps_source: bool,
    },
    /// The VMA above grows down over the range, as by execve: `vma_expand()`.
    Down,
    /// The VMA below grows over the range and over the VMA above: `vma_expand()`.
    Over,
    /// The VMA below grows over the range, and the VMA above is named and stays: `vma_expand()`.
    Towards,
}

/// What Rust says it has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// It has made a range ready for a change.
    Modified(Outcome),
    /// A new range has become part of a VMA.
    Merged(Plan),
    /// A new range has not.
    NotMerged(Unmerged),
    /// It has done what it was asked for.
    Done,
    /// It would have merged, by this plan, but there is no memory.
    NoMemory(Plan),
    /// It had to cut a VMA, and could not.
    SplitFailed(Error),
    /// It had to cut a VMA twice, and could only once.
    SecondSplitFailed(Error),
    /// It could not do what it was asked for.
    Failed(Error),
}

/// What came of a call: what it returned, and what Rust says it has done.
pub(super) type Came = (Result<Option<usize>, i32>, Option<Said>);

impl Action<'_> {
    /// What is asked, if C is asked through a request.
    pub(crate) fn ask(&self) -> Option<Ask<'_>> {
        match self {
            Self::Ask(ask) => Some(*ask),
            _ => None,
        }
    }
}

impl TestMm {
    /// Does something with `range`, and tells all that can be seen afterwards, and what Rust says
    /// it has done. One of the leaves may be made to fail.
    pub(crate) fn act(
        &self,
        engine: Engine,
        action: &Action<'_>,
        range: Range,
        failure: Option<Failure>,
    ) -> Result<(Seeing, Option<Said>)> {
        let mut guard = MmapWriteGuard::lock_killable(self.mm())?;
        let mut iter = guard.iter_at(range.start());
        let mut request = match action.ask() {
            Some(ask) => Some(Request::new(self, &mut iter, &ask, range)?),
            None => None,
        };

        let watch = Watch::begin(failure);
        let (result, said) = match (engine, &mut request) {
            (Engine::C, None) => (self.act_in_c(&mut iter, action, range), None),
            (Engine::C, Some(request)) => (request.serve_in_c(), None),
            (Engine::RustByRequest, None) => return Err(EINVAL),
            (Engine::RustByRequest, Some(request)) => (request.serve_in_rust(), None),
            (Engine::Rust, None) => self.act_in_rust(&mut iter, action, range)?,
            (Engine::Rust, Some(request)) => request.fulfil_in_rust(&mut iter)?,
        };
        let calls = watch.end();

        let seen_request = match (engine, request) {
            // That was only read.
            (Engine::Rust, _) | (_, None) => None,
            (_, Some(request)) => Some(request.seen()),
        };
        // The iterator of `copy_vma()` is its own.
        let used = !matches!(action, Action::Move { .. });
        let seeing = Seeing::new(self, &mut iter, used, result, seen_request, calls)?;
        Ok((seeing, said))
    }

    /// Lets C do something with `range`, and looks at nothing.
    pub(crate) fn prepare_in_c(&self, action: &Action<'_>, range: Range) -> Result {
        let mut guard = MmapWriteGuard::lock_killable(self.mm())?;
        let mut iter = guard.iter_at(range.start());
        let done = self.act_in_c(&mut iter, action, range);
        done.map(|_| ()).map_err(Error::from_errno)
    }
}
