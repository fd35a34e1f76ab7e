// SPDX-License-Identifier: GPL-2.0

//! Merging a changed range into the VMA beside it.

use super::{
    compat::{
        never_merges,
        Attributes,
        Candidate, //
    },
    extent::Range,
    plan::{
        plan,
        Blockers,
        Decision,
        Plan,
        Shape, //
    },
    sys::{
        Adjustment,
        Grown,
        Result,
        Site,
        Vma,
        VmaFlags,
        VmaIter,
        EINVAL, //
    },
};

/// What came of an attempt to merge.
pub(super) enum Attempt<'i, 'g> {
    /// It merged; this VMA covers the range now.
    Merged(Vma<'i>, Plan),
    /// It did not, for these reasons, and nothing has changed but the place of the iterator.
    NotMerged(Site<'i, 'g>, Unmerged),
}

/// Why nothing merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unmerged {
    /// No neighbour takes the range.
    Blocked(Blockers),
    /// A neighbour would, in this shape, but the VMA that would disappear must not.
    MustNotDisappear(Shape),
}

/// Merges the part `range` of the VMA at `site`, which is to have these flags, into the VMAs beside
/// it, if they can take it over.
///
/// Sleeps. The mmap lock is held for write, as the site shows. `range` lies within the VMA.
///
/// If there is no memory it fails with `ENOMEM`: nothing has changed, and the iterator stands at
/// the start of `range`. If nothing merges, the iterator stands where C leaves it: on the VMA
/// before, if that one would have taken the range and a close hook forbade it.
///
/// Answers to `vma_merge_existing_range()`.
pub(super) fn merge_existing_range<'i, 'g>(
    mut site: Site<'i, 'g>,
    range: Range,
    flags: VmaFlags,
) -> Result<Attempt<'i, 'g>> {
    if let Some(blocker) = never_merges(flags, range, site.middle()) {
        let blockers = Blockers {
            left: blocker,
            right: blocker,
        };
        return Ok(Attempt::NotMerged(site, Unmerged::Blocked(blockers)));
    }
    if range.end() == site.middle().extent().range.end() {
        site.look_right();
    }

    let middle = site.middle();
    let candidate = Candidate {
        flags,
        ..Candidate::part_of(middle, middle.extent().seen_through(range))
    };
    match plan(&candidate, site.prev(), middle, site.next()) {
        Decision::Keep(blockers) => Ok(Attempt::NotMerged(site, Unmerged::Blocked(blockers))),
        Decision::Abandon(shape) => {
            if shape.grows_prev() {
                site.step_back();
            }
            Ok(Attempt::NotMerged(site, Unmerged::MustNotDisappear(shape)))
        }
        Decision::Merge(plan) => {
            if plan.shape.grows_prev() {
                site.step_back();
            }
            let (iter, prev, middle, next) = site.into_parts();
            carry_out(iter, prev, middle, next, &plan, flags)
                .map(|merged| Attempt::Merged(merged, plan))
                .inspect_err(|_| {
                    iter.set(range.start());
                    iter.load();
                })
        }
    }
}

/// Carries out `plan`, which was made for these VMAs, and returns the one that has grown.
///
/// The commit point is the beginning of the adjustment: what can fail comes before it and is
/// undone, and nothing after it fails.
///
/// Answers to the second half of `vma_merge_existing_range()` and to `commit_merge()`.
fn carry_out<'i>(
    iter: &mut VmaIter<'_>,
    prev: Option<Vma<'i>>,
    mut middle: Vma<'i>,
    next: Option<Vma<'i>>,
    plan: &Plan,
    flags: VmaFlags,
) -> Result<Vma<'i>> {
    let (grown, mut next) = match plan.shape {
        Shape::Both => (prev, next),
        Shape::LeftWhole | Shape::LeftPart { .. } => (prev, None),
        Shape::RightWhole | Shape::RightPart { .. } => (next, None),
    };
    // A plan that was made for these VMAs names none that is not there.
    let mut grown = grown.ok_or(EINVAL)?;

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
    let cloned = grown.adopt_anon_vma(source)?;
    let reserved = match iter.reserve(plan.grown.range, &grown) {
        Ok(reserved) => reserved,
        Err(error) => {
            grown.give_back(cloned);
            return Err(error);
        }
    };

    let mut merged = match plan.shape {
        Shape::Both | Shape::LeftWhole | Shape::RightWhole => {
            let mut adjustment = Adjustment::begin(grown, None);
            adjustment.resize(plan.grown, None);
            adjustment.store(reserved, Grown::Primary);
            adjustment.finish([Some(middle), next], Grown::Primary)
        }
        Shape::LeftPart { rest } => {
            let mut adjustment = Adjustment::begin(grown, Some(middle));
            adjustment.resize(plan.grown, Some(rest));
            adjustment.store(reserved, Grown::Primary);
            adjustment.finish([None, None], Grown::Primary)
        }
        Shape::RightPart { rest } => {
            let mut adjustment = Adjustment::begin(middle, Some(grown));
            adjustment.resize(rest, Some(plan.grown));
            adjustment.store(reserved, Grown::Adjacent);
            adjustment.finish([None, None], Grown::Adjacent)
        }
    };
    merged.add_sticky(parts);
    merged.notify_khugepaged(flags);
    Ok(merged)
}
