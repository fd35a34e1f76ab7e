// SPDX-License-Identifier: GPL-2.0

//! An imagined address space, for `plan`: the same decisions, and nothing is carried out.
//!
//! Of the VMAs that a verb still looks at, a change reaches only the one below the next part. So the state of
//! that VMA, and the number of VMAs, are all that is carried forward from one part of a range to the next.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    forecasts::{
        before,
        Forecasts, //
    },
    imagined_vma::{
        ImaginedVma,
        VmaState, //
    },
    new,
    range_change::{
        HelperCall,
        RangeChange, //
    },
    space::{
        AddressSpace,
        Changed, //
    },
};
use crate::{
    process::sys::find::Process,
    vma::{
        compat::{
            Attributes,
            Candidate,
            Reach,
            Source, //
        },
        cut::Split,
        extent::Range,
        flags::VmaFlags,
        forecast::{
            Before,
            Layout, //
        },
        merge::{
            decide,
            Unmerged, //
        },
        modify::ModifyError,
        plan::Decision,
        split::limit_allows_one_more,
        sys::{
            map_count,
            Around,
            MmWithUser,
            VmaWalk, //
        },
    },
};
use kernel::task::Task;

/// The address space of a process, with its mmap lock held for read, as changes would leave it.
pub(super) struct Imagined<'t, 'd> {
    walk: VmaWalk<'t>,
    process: &'t Process,
    /// The state in which the last part would be left, if that part changes.
    below: Option<VmaState>,
    /// How many more VMAs there would be.
    added: i32,
    forecasts: &'t mut Forecasts<'d>,
}

impl<'t, 'd> Imagined<'t, 'd> {
    /// Takes the mmap lock of a process.
    pub(super) fn lock(
        process: &'t Process,
        forecasts: &'t mut Forecasts<'d>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            walk: VmaWalk::lock_killable(&process.mm, 0).map_err(|_| Failure::Killed)?,
            process,
            below: None,
            added: 0,
            forecasts,
        })
    }
}

impl<'t> AddressSpace<'t> for Imagined<'t, '_> {
    /// So that the lock is not held for long.
    const MOST_CHECKED: usize = 4096;

    fn mm(&self) -> &'t MmWithUser {
        &self.process.mm
    }

    fn task(&self) -> &'t Task {
        &self.process.task
    }

    fn around(&mut self, addr: usize) -> Around<'_> {
        self.walk.around(addr)
    }

    fn goes_on(&mut self) -> bool {
        self.forecasts.have_room()
    }

    fn keep(&mut self, part: Range) {
        self.below = None;
        self.forecasts.unchanged(part);
    }

    fn modify<C: RangeChange>(
        &mut self,
        part: Range,
        change: &C,
        call: HelperCall<'_>,
    ) -> Result<Changed, Obstacle> {
        let change_of_part = call.change();
        let vmas = map_count(self.mm()).saturating_add(self.added);
        let Around { prev, at, next } = self.walk.around(part.start());
        let middle = ImaginedVma::of(at.ok_or(Obstacle::Modify(ModifyError::NotWithinVma))?);
        let next = next.map(ImaginedVma::of);
        let prev = prev.map(|prev| match self.below {
            None => ImaginedVma::of(prev),
            Some(state) => ImaginedVma::changed(prev, state, &change_of_part),
        });

        let candidate = change_of_part.of(&middle, part);
        let reach = Reach::of_part(part, candidate.flags, &middle);
        let (prev, next) = (prev.as_ref(), next.as_ref());
        let decision = decide(&change_of_part, part, reach, prev, &middle, next);
        let whole = middle.extent().range;
        let before = before(whole, prev, Some(&middle), next);
        let may_cut = |_, others| limit_allows_one_more(vmas.saturating_add(others));
        let forecast = before.modified(&decision, part, may_cut);

        if let Some(error) = forecast.stopped_by {
            let reasons = Unmerged::after(decision).reasons();
            let obstacle = change.failed(match forecast.halfway {
                Some(_) => ModifyError::SecondSplit(error, reasons),
                None => ModifyError::Split(error, reasons),
            });
            if let Some(half) = obstacle.leaves() {
                self.forecasts.half(part, half, &before, forecast.layout);
            }
            return Err(obstacle);
        }

        self.forecasts.modified(
            &candidate,
            reach,
            [prev, next],
            &decision,
            &before,
            forecast.layout,
        );

        let state = VmaState::after(&candidate, &decision, prev, &middle, next);
        self.below = Some(state);
        self.added += added(&before, &forecast.layout);
        Ok(Changed {
            end: state.extent.range.end(),
            flags: state.flags,
        })
    }

    fn map(&mut self, range: Range, flags: VmaFlags) -> Result<(), Obstacle> {
        let Around { prev, at, .. } = self.walk.around(range.start());
        self.forecasts
            .placed(&new::candidate(range, flags), prev, at);
        Ok(())
    }

    fn extend(&mut self, range: Range) -> Result<(), Obstacle> {
        let Around { prev, at, .. } = self.walk.around(range.start());
        let vma = prev.ok_or(Obstacle::NothingBelow)?;
        let extent = vma.extent().seen_through(range);
        let candidate = Candidate::like(vma, extent, Source::New);
        match self.forecasts.placed(&candidate, prev, at) {
            Decision::Merge(_) => Ok(()),
            Decision::Abandon(plan) => Err(Obstacle::Unmerged(Unmerged::MustNotDisappear(plan))),
            Decision::Keep(blockers) => Err(Obstacle::Unmerged(Unmerged::Blocked(blockers))),
        }
    }

    fn cut(&mut self, whole: Range, cut: Split) -> Result<(), Failure> {
        limit_allows_one_more(map_count(self.mm()))
            .map_err(|error| Failure::Split(whole, error))?;
        let Around { prev, at, next } = self.walk.around(cut.addr());
        let before = before(whole, prev, at, next);
        self.forecasts.cut(whole, cut, &before);
        Ok(())
    }
}

/// Returns how many more VMAs there are after a change.
fn added(before: &Before, after: &Layout) -> i32 {
    let count = |layout: &Layout| i32::try_from(layout.count()).unwrap_or(0);
    count(after) - count(&before.layout())
}
