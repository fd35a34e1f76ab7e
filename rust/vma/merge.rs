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

/// What is to change about a range of a real VMA.
pub(crate) type Change<'c> = change::Change<Policy<'c>, Name<'c>, UserfaultfdContext>;

/// The result of an attempt to merge.
pub(crate) enum Attempt<'i, 'g> {
    /// It merged; this VMA covers the range now.
    Merged(Vma<'i, 'g>, Plan),
    /// It did not, for these reasons, and nothing has changed but the place of the cursor.
    NotMerged(Cursor<'i, 'g>, Vma<'i, 'g>, Unmerged),
}

/// Why nothing merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unmerged {
    /// No neighbour takes the range.
    Blocked(Blockers),
    /// A neighbour would, by this plan, but the VMA that would disappear must not.
    MustNotDisappear(Plan),
    /// It could merge, by this plan, but there is no memory, and that is no reason to fail.
    GaveUp(Plan),
}

impl Unmerged {
    /// Returns the reason why nothing merged after this decision. Without memory, a merge is given up.
    pub(crate) const fn after(decision: Decision) -> Self {
        match decision {
            Decision::Merge(plan) => Self::GaveUp(plan),
            Decision::Abandon(plan) => Self::MustNotDisappear(plan),
            Decision::Keep(blockers) => Self::Blocked(blockers),
        }
    }

    /// Returns the reasons in short. Without memory there are none.
    #[inline(always)]
    pub(crate) fn reasons(&self) -> Reasons {
        match self {
            Self::Blocked(blockers) => Reasons::of_blockers(*blockers),
            Self::MustNotDisappear(plan) => Reasons::of_abandoned(plan),
            Self::GaveUp(_) => Reasons::NONE,
        }
    }
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
/// If there is no memory it fails: nothing has changed, and the cursor stands at the start of
/// `range`. If nothing merges, the cursor stands where C leaves it: on the VMA before, if that one
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
    match reach {
        Err(blocker) => Decision::Keep(Blockers::on_both_sides(blocker)),
        Ok(reach) => plan_part(&change.of(middle, range), &reach, prev, middle, next),
    }
}

/// Lets a VMA take over the one in the middle, or a part of it, that is to have these flags. Returns the VMA that has
/// grown; or, if there is no memory, the one in the middle, as it was.
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
