// SPDX-License-Identifier: GPL-2.0

//! Merging a changed range into the VMA beside it.

use super::{
    change,
    compat::{
        Attributes,
        Blocker,
        Reach,
        Side, //
    },
    extent::Range,
    flags::VmaFlags,
    plan::{
        plan_part,
        Blockers,
        Decision,
        Plan,
        Shape,
        Takers, //
    },
    sys::{
        Down,
        Name,
        Over,
        Policy,
        Resizing,
        Site,
        Up,
        Uprobes,
        UserfaultfdContext,
        Vma,
        VmaIter, //
    },
};
use core::ops::Deref;

/// What is to change about a range of a real VMA.
pub(crate) type Change<'c> = change::Change<Policy<'c>, Name<'c>, UserfaultfdContext>;

/// The result of an attempt to merge.
pub(crate) enum Attempt<'i, 'g> {
    /// It merged; this VMA covers the range now.
    Merged(Vma<'i>, Plan),
    /// It did not, for these reasons, and nothing has changed but the place of the iterator.
    NotMerged(&'i mut VmaIter<'g>, Vma<'i>, Unmerged),
}

/// Why nothing merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unmerged {
    /// No neighbour takes the range.
    Blocked(Blockers),
    /// A neighbour would, in this shape, but the VMA that would disappear must not.
    MustNotDisappear(Shape),
    /// It could merge, by this plan, but there is no memory, and that is no reason to fail.
    GaveUp(Plan),
}

/// It would have merged, by this plan, but there is no memory. Nothing has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoMemory(pub(crate) Plan);

/// What a caller wants if a merge is possible but there is no memory for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IfNoMemory {
    /// To fail.
    Fail,
    /// To go on as if nothing could merge: the caller must not fail. Answers to `give_up_on_oom`.
    GiveUp,
}

impl IfNoMemory {
    /// Returns what C says with `give_up_on_oom`.
    pub(crate) const fn from_c(give_up_on_oom: bool) -> Self {
        if give_up_on_oom {
            Self::GiveUp
        } else {
            Self::Fail
        }
    }
}

/// Merges the part `range` of the VMA at `site`, which is to change like this, into the VMAs beside
/// it, if they can take it over.
///
/// Sleeps. The mmap lock is held for write, as the site shows. `range` lies within the VMA.
///
/// If there is no memory it fails: nothing has changed, and the iterator stands at the start of
/// `range`. If nothing merges, the iterator stands where C leaves it: on the VMA before, if that one
/// would have taken the range and a close hook forbade it.
///
/// Answers to `vma_merge_existing_range()`.
#[inline(always)]
pub(crate) fn merge_existing_range<'i, 'g>(
    mut site: Site<'i, 'g>,
    range: Range,
    change: &Change<'_>,
    if_no_memory: IfNoMemory,
) -> Result<Attempt<'i, 'g>, NoMemory> {
    let flags = change.flags_of(site.middle());
    let reach = Reach::of_part(range, flags, site.middle());
    if matches!(&reach, Ok(reach) if reach.to(Side::Above).is_ok()) {
        site.look_above();
    }
    let (iter, prev, middle, next) = site.into_parts();
    let (middle, unmerged) = match decide_part(change, range, reach, prev, &*middle, next) {
        Decision::Keep(blockers) => (middle, Unmerged::Blocked(blockers)),
        Decision::Abandon(shape) => {
            if shape.grows_prev() {
                iter.step_back();
            }
            (middle, Unmerged::MustNotDisappear(shape))
        }
        Decision::Merge((plan, takers)) => {
            let (grown, next) = match takers {
                Takers::Prev(grown, _) => {
                    iter.step_back();
                    (grown, None)
                }
                Takers::Both(grown, next) => {
                    iter.step_back();
                    (grown, Some(next))
                }
                Takers::Next(grown, _) => (grown, None),
            };
            match carry_out(iter, grown, middle, next, &plan, flags) {
                Ok(merged) => return Ok(Attempt::Merged(merged, plan)),
                Err(middle) => {
                    iter.set(range.start());
                    iter.load();
                    match if_no_memory {
                        IfNoMemory::Fail => return Err(NoMemory(plan)),
                        IfNoMemory::GiveUp => (middle, Unmerged::GaveUp(plan)),
                    }
                }
            }
        }
    };
    Ok(Attempt::NotMerged(iter, middle, unmerged))
}

/// Decides whether the part `range` of `middle`, changed so, merges, and into which VMA.
///
/// Answers to the first half of `vma_merge_existing_range()`.
pub(crate) fn decide<'m, V, Policy: Copy, Name: Copy, Context: Copy>(
    change: &change::Change<Policy, Name, Context>,
    range: Range,
    reach: Result<Reach, Blocker>,
    prev: Option<&V>,
    middle: &'m V,
    next: Option<&V>,
) -> Decision
where
    V: Attributes<Policy<'m> = Policy, Name<'m> = Name, UserfaultfdContext = Context>,
{
    decide_part(change, range, reach, prev, middle, next).map(|(plan, _)| plan)
}

/// [`decide`], with the neighbours that the plan is about.
#[inline(always)]
fn decide_part<'m, V, Prev, Next, Policy: Copy, Name: Copy, Context: Copy>(
    change: &change::Change<Policy, Name, Context>,
    range: Range,
    reach: Result<Reach, Blocker>,
    prev: Option<Prev>,
    middle: &'m V,
    next: Option<Next>,
) -> Decision<(Plan, Takers<Prev, Next>)>
where
    V: Attributes<Policy<'m> = Policy, Name<'m> = Name, UserfaultfdContext = Context>,
    Prev: Deref<Target = V>,
    Next: Deref<Target = V>,
{
    match reach {
        Err(blocker) => Decision::Keep(Blockers::on_both_sides(blocker)),
        Ok(reach) => {
            let candidate = change.of(middle, range);
            plan_part(&candidate, &reach, prev, middle, next)
        }
    }
}

/// Carries out `plan`, by which `grown` takes over `middle`, or a part of it, and `next`, if it names
/// that. Returns the one that has grown; or, if there is no memory, the one in the middle, as it was.
///
/// The commit point is the beginning of the section: what can fail comes before it and is
/// undone, and nothing after it fails.
///
/// Answers to the second half of `vma_merge_existing_range()` and to `commit_merge()`.
#[inline(always)]
fn carry_out<'i>(
    iter: &mut VmaIter<'_>,
    mut grown: Vma<'i>,
    mut middle: Vma<'i>,
    mut next: Option<Vma<'i>>,
    plan: &Plan,
    flags: VmaFlags,
) -> Result<Vma<'i>, Vma<'i>> {
    middle.start_write();
    let mut parts = flags;
    if let Some(next) = &mut next {
        next.start_write();
        parts = parts.union(next.vma_flags());
    }
    grown.start_write();

    let source = match &next {
        Some(next) if next.anon_vma().is_some() => next,
        _ => &middle,
    };
    let Ok(cloned) = grown.adopt_anon_vma(source) else {
        return Err(middle);
    };
    let Ok(reserved) = iter.reserve(plan.grown.range, &grown) else {
        grown.give_back(cloned);
        return Err(middle);
    };

    let grown = Resizing {
        vma: grown,
        to: plan.grown,
    };
    let mut merged = match plan.shape {
        Shape::Both | Shape::PrevWhole | Shape::NextWhole => {
            let gone = [Some(middle), next];
            Over { grown, gone }.merge(reserved, Uprobes::Install)
        }
        Shape::PrevPart { rest } => {
            let shrunk = Resizing {
                vma: middle,
                to: rest,
            };
            Up { grown, shrunk }.merge(reserved, Uprobes::Install)
        }
        Shape::NextPart { rest } => {
            let shrunk = Resizing {
                vma: middle,
                to: rest,
            };
            Down { grown, shrunk }.merge(reserved, Uprobes::Install)
        }
    };
    merged.add_sticky(parts);
    merged.notify_khugepaged(flags);
    Ok(merged)
}
