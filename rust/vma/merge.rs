// SPDX-License-Identifier: GPL-2.0

//! Merging a changed range into the VMA beside it.

use super::{
    change,
    compat::{
        Attributes,
        Blocker,
        Reach, //
    },
    extent::Range,
    flags::VmaFlags,
    plan::{
        plan_part,
        Blockers,
        Decision,
        Plan, //
    },
    reason::Reasons,
    sys::{
        Asking,
        Cursor,
        Growth,
        Name,
        Policy,
        Site,
        UserfaultfdContext,
        Vma, //
    },
};

/// A change to the attributes of a range of a real VMA.
pub(crate) type Change<'c> = change::Change<Policy<'c>, Name<'c>, UserfaultfdContext>;

/// The result of an attempt to merge.
pub(crate) enum Attempt<'i, 'g> {
    /// The range merged; this VMA covers it now.
    Merged(Vma<'i, 'g>, Plan),
    /// The range did not merge, for these reasons. Nothing has changed but the position of the cursor.
    NotMerged(Cursor<'i, 'g>, Vma<'i, 'g>, Unmerged),
}

/// The reason why nothing merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unmerged {
    /// No neighbour takes the range.
    Blocked(Blockers),
    /// A neighbour would take the range, by this plan, but a `close` hook forbids the removal of a VMA.
    MustNotDisappear(Plan),
    /// The range could merge, by this plan, but memory ran out, which does not make the call fail.
    GaveUp(Plan),
}

impl Unmerged {
    /// Returns the reason why nothing merged after this decision. If the decision was to merge, memory ran
    /// out.
    pub(crate) const fn after(decision: Decision) -> Self {
        match decision {
            Decision::Merge(plan) => Self::GaveUp(plan),
            Decision::Abandon(plan) => Self::MustNotDisappear(plan),
            Decision::Keep(blockers) => Self::Blocked(blockers),
        }
    }

    /// Returns the reasons in short form; none if memory ran out.
    #[inline(always)]
    pub(crate) fn reasons(&self) -> Reasons {
        match self {
            Self::Blocked(blockers) => Reasons::of_blockers(*blockers),
            Self::MustNotDisappear(plan) => Reasons::of_abandoned(plan),
            Self::GaveUp(_) => Reasons::NONE,
        }
    }
}

/// A merge by this plan that failed because memory ran out. Nothing has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoMemory(pub(crate) Plan);

/// The caller's choice in case memory runs out for a merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IfNoMemory {
    /// The call fails.
    Fail,
    /// The call goes on as if nothing could merge: the caller must not fail. Answers to `give_up_on_oom`.
    GiveUp,
}

impl IfNoMemory {
    /// Returns the choice that C expresses with `give_up_on_oom`.
    pub(crate) const fn from_c(give_up_on_oom: bool) -> Self {
        if give_up_on_oom {
            Self::GiveUp
        } else {
            Self::Fail
        }
    }
}

/// Merges the part `range` of the VMA at `site`, as it will be after `change`, into the VMAs beside it, if
/// they can take it over.
///
/// Sleeps. The mmap lock is held for write, as the site proves. `range` lies within the VMA.
///
/// If memory runs out, nothing changes, the cursor is positioned at the start of `range`, and `if_no_memory`
/// decides whether this function fails. If nothing merges, the cursor is positioned where C leaves it: at the
/// VMA below, if that VMA would have taken the range and a `close` hook forbade it.
///
/// Answers to `vma_merge_existing_range()`.
#[inline(always)]
pub(crate) fn merge_existing_range<'i, 'g>(
    mut site: Site<'i, 'g>,
    range: Range,
    change: &Change<'_>,
    if_no_memory: IfNoMemory,
) -> Result<Attempt<'i, 'g>, NoMemory> {
    let asking = Asking::about(&mut site, range, change);
    let (mut cursor, prev, middle, next) = site.into_parts();
    let takeover = match asking.takeover(prev, &middle, next) {
        Ok(takeover) => takeover,
        Err(blockers) => {
            let unmerged = Unmerged::Blocked(blockers);
            return Ok(Attempt::NotMerged(cursor, middle.alone(), unmerged));
        }
    };
    let growth = Growth::of(&asking, takeover, middle);
    let plan = *growth.plan();
    if plan.shape.grows_prev() {
        cursor.step_back();
    }
    if growth.is_forbidden() {
        let unmerged = Unmerged::MustNotDisappear(plan);
        return Ok(Attempt::NotMerged(
            cursor,
            growth.into_middle().alone(),
            unmerged,
        ));
    }
    match carry_out(&mut cursor, growth, asking.flags()) {
        Ok(merged) => Ok(Attempt::Merged(merged, plan)),
        Err(vma) => {
            cursor.go_to(range.start());
            match if_no_memory {
                IfNoMemory::Fail => Err(NoMemory(plan)),
                IfNoMemory::GiveUp => Ok(Attempt::NotMerged(cursor, vma, Unmerged::GaveUp(plan))),
            }
        }
    }
}

/// Decides whether the part `range` of `middle`, as it will be after `change`, merges, and into which VMA.
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
    match reach {
        Err(blocker) => Decision::Keep(Blockers::on_both_sides(blocker)),
        Ok(reach) => plan_part(&change.of(middle, range), &reach, prev, middle, next),
    }
}

/// Carries out the growth of a VMA over the middle, or over a part of it. The part will have these `flags`.
/// Returns the VMA that has grown, or, if memory runs out, the middle, unchanged.
///
/// Answers to the second half of `vma_merge_existing_range()` and to `commit_merge()`.
#[inline(always)]
fn carry_out<'i, 'g>(
    cursor: &mut Cursor<'_, 'g>,
    growth: Growth<'i, 'g>,
    flags: VmaFlags,
) -> Result<Vma<'i, 'g>, Vma<'i, 'g>> {
    let prepared = growth.prepare(cursor)?;
    let parts = prepared
        .next()
        .map_or(flags, |next| flags.union(next.vma_flags()));
    let mut merged = prepared.commit();
    merged.add_sticky(parts);
    merged.notify_khugepaged(flags);
    Ok(merged.into_vma())
}
