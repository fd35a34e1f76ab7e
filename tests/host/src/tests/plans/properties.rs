// SPDX-License-Identifier: GPL-2.0

//! Properties of every plan, whatever C does: no page belongs to two VMAs or to none, each keeps its offset, and a plan
//! exists if and only if a neighbour has no blocker.

use super::{
    decide,
    Scene, //
};
use crate::{
    tests::fake::Fake,
    vma::{
        compat::{
            all_blockers,
            Attributes,
            BlockerSet,
            Candidate,
            Reach,
            Side, //
        },
        extent::{
            Extent,
            PAGE_SIZE, //
        },
        plan::{
            Decision,
            Plan,
            Shape, //
        },
    },
};
use std::collections::BTreeMap;

/// The offset of each page that these VMAs map. Panics if two of them map a page.
fn pages_of(extents: impl IntoIterator<Item = Extent>) -> BTreeMap<usize, usize> {
    let mut pages = BTreeMap::new();
    for extent in extents {
        let first = extent.range.start() / PAGE_SIZE;
        for page in 0..extent.range.pages() {
            let other = pages.insert(first + page, extent.pgoff.forward(page).pages());
            assert_eq!(other, None, "page {} is in two VMAs", first + page);
        }
    }
    pages
}

/// The VMAs that a merge leaves.
fn left_by(plan: &Plan, prev: Option<&Fake>, next: Option<&Fake>) -> Vec<Extent> {
    let extent = |vma: Option<&Fake>| vma.map(Fake::extent);
    let rest = match plan.shape {
        Shape::PrevPart { rest } | Shape::NextPart { rest } => Some(rest),
        Shape::Both | Shape::PrevWhole | Shape::NextWhole => None,
    };
    let beside = match plan.shape {
        Shape::Both => [None, None],
        Shape::PrevWhole | Shape::PrevPart { .. } => [None, extent(next)],
        Shape::NextWhole | Shape::NextPart { .. } => [extent(prev), None],
    };
    beside
        .into_iter()
        .chain([rest, Some(plan.grown)])
        .flatten()
        .collect()
}

/// Checks a decision.
pub(super) fn check(
    scene: &Scene,
    candidate: &Candidate<'_, Fake>,
    vmas: [Option<&Fake>; 3],
    decision: &Decision,
) {
    let [prev, middle, next] = vmas;
    if let Decision::Merge(plan) = decision {
        let new = middle.is_none().then_some(candidate.extent);
        let before = vmas.into_iter().flatten().map(Fake::extent).chain(new);
        assert_eq!(pages_of(left_by(plan, prev, next)), pages_of(before));

        // The VMA grows by what it takes over: the range, and next if both neighbours join it.
        let grower = if plan.shape.grows_prev() { prev } else { next };
        let taken = match (plan.shape, next) {
            (Shape::Both, Some(next)) => next.extent().range.pages(),
            _ => 0,
        };
        let old = grower.map_or(0, |vma| vma.extent().range.pages());
        assert_eq!(
            plan.grown.range.pages(),
            old + taken + candidate.extent.range.pages()
        );
    }

    let reach = match middle {
        Some(middle) => Reach::of_part(candidate.extent.range, candidate.flags, middle),
        None => Reach::of_new(candidate, scene.joining),
    };
    let is_taken = |side, neighbour: Option<&Fake>| {
        let blockers = |vma| all_blockers(candidate, reach, side, vma);
        neighbour.is_some_and(|vma| blockers(vma) == BlockerSet::NONE)
    };
    let has_taker = is_taken(Side::Below, prev) || is_taken(Side::Above, next);
    let has_plan = !matches!(decision, Decision::Keep(_));
    assert_eq!(has_plan, has_taker);
    // The same question gets the same decision.
    assert_eq!(*decision, decide(scene, candidate, vmas));
}
