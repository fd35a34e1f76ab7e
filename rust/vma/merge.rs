// SPDX-License-Identifier: GPL-2.0

//! Merging a changed range into the VMA beside it.

use super::{
    compat::{
        Attributes,
        Candidate,
        Reach,
        Side, //
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
        MergeSection,
        Merging,
        Resizing,
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
    NotMerged(&'i mut VmaIter<'g>, Vma<'i>, Unmerged),
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
    let decision = match Reach::of(range, flags, site.middle()) {
        Err(blocker) => Decision::Keep(Blockers {
            left: blocker,
            right: blocker,
        }),
        Ok(reach) => {
            if reach.to(Side::Right) {
                site.look_right();
            }
            let middle = site.middle();
            let candidate = Candidate {
                flags,
                ..Candidate::part_of(middle, middle.extent().seen_through(range))
            };
            plan(&candidate, &reach, site.prev(), middle, site.next())
        }
    };

    let (iter, prev, middle, next) = site.into_parts();
    match decision {
        Decision::Keep(blockers) => {
            let unmerged = Unmerged::Blocked(blockers);
            Ok(Attempt::NotMerged(iter, middle, unmerged))
        }
        Decision::Abandon(shape) => {
            if shape.grows_prev() {
                iter.step_back();
            }
            let unmerged = Unmerged::MustNotDisappear(shape);
            Ok(Attempt::NotMerged(iter, middle, unmerged))
        }
        Decision::Merge(plan) => {
            if plan.shape.grows_prev() {
                iter.step_back();
            }
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
/// The commit point is the beginning of the section: what can fail comes before it and is
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

    let grown = Resizing {
        vma: grown,
        to: plan.grown,
    };
    let (merging, gone) = match plan.shape {
        Shape::Both | Shape::LeftWhole | Shape::RightWhole => {
            (Merging::Over(grown), [Some(middle), next])
        }
        Shape::LeftPart { rest } => {
            let shrunk = Resizing {
                vma: middle,
                to: rest,
            };
            (Merging::Up { grown, shrunk }, [None, None])
        }
        Shape::RightPart { rest } => {
            let shrunk = Resizing {
                vma: middle,
                to: rest,
            };
            (Merging::Down { grown, shrunk }, [None, None])
        }
    };
    let mut merged = MergeSection::begin(merging)
        .resize()
        .store(reserved)
        .finish(gone);
    merged.add_sticky(parts);
    merged.notify_khugepaged(flags);
    Ok(merged)
}
