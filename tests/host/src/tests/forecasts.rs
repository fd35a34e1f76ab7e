// SPDX-License-Identifier: GPL-2.0

//! The layouts that decisions lead to, compared with a map of the owner of each page.

use super::fake::{
    extent,
    for_each_state, //
};
use crate::vma::{
    compat::{
        Blocker,
        Side, //
    },
    cut::{
        Split,
        SplitError, //
    },
    extent::{
        Extent,
        Range,
        PAGE_SIZE, //
    },
    forecast::{
        Answer,
        Before,
        Forecast,
        Layout,
        WhichVma, //
    },
    host::{
        Error,
        ENOMEM, //
    },
    plan::{
        Blockers,
        Decision,
        Plan,
        Shape, //
    },
};

// Prev is pages 4 to 10, the middle 10 to 20, next 20 to 26. The page offset of each page is its number plus
// a thousand.
const PREV: (usize, usize) = (4, 10);
const MIDDLE: (usize, usize) = (10, 20);
const NEXT: (usize, usize) = (20, 26);

fn place((first, last): (usize, usize)) -> Extent {
    extent(first, last, 1000 + first, 2000 + first)
}

fn range((first, last): (usize, usize)) -> Range {
    place((first, last)).range
}

fn before(prev: usize, next: usize) -> Before {
    Before {
        prev: (prev == 1).then_some(place(PREV)),
        middle: Some(place(MIDDLE)),
        next: (next == 1).then_some(place(NEXT)),
    }
}

/// Returns the owner of each page as a letter, from page 0 on, or a dot for none. A new VMA below the middle
/// has a capital letter.
fn drawn(layout: &Layout) -> String {
    let mut pages = vec!['.'; 30];
    let mut end = 0;
    let mut middle_seen = false;
    for piece in layout.pieces() {
        let extent = piece.extent;
        let (first, last) = (
            extent.range.start() / PAGE_SIZE,
            extent.range.end() / PAGE_SIZE,
        );
        assert!(first >= end, "out of order");
        end = last;
        assert_eq!(extent.pgoff.pages(), 1000 + first);
        assert_eq!(extent.anon_pgoff.pages(), 2000 + first);
        middle_seen |= piece.who == WhichVma::Middle;
        let letter = match piece.who {
            WhichVma::Prev => 'p',
            WhichVma::Middle => 'm',
            WhichVma::Next => 'n',
            WhichVma::New if middle_seen => 'x',
            WhichVma::New => 'X',
        };
        pages[first..last].fill(letter);
    }
    assert_eq!(layout.pieces().count(), layout.count());
    pages.into_iter().collect()
}

/// Returns the same map, drawn from the letter and the pages of each VMA.
fn expected(pieces: &[(char, (usize, usize))]) -> String {
    let mut pages = vec!['.'; 30];
    for (letter, (first, last)) in pieces {
        pages[*first..*last].fill(*letter);
    }
    pages.into_iter().collect()
}

/// Returns the map of these pieces, and of prev and next if they are there.
fn beside(prev: usize, next: usize, more: &[(char, (usize, usize))]) -> String {
    let mut pieces = more.to_vec();
    if prev == 1 {
        pieces.push(('p', PREV));
    }
    if next == 1 {
        pieces.push(('n', NEXT));
    }
    expected(&pieces)
}

const KEEP: Decision = Decision::Keep(Blockers {
    prev: Blocker::Flags,
    next: Blocker::Flags,
});

fn plan(shape: Shape, grown: (usize, usize)) -> Plan {
    Plan {
        shape,
        grown: place(grown),
        other_side: None,
    }
}

fn merge(shape: Shape, grown: (usize, usize)) -> Decision {
    Decision::Merge(plan(shape, grown))
}

fn abandon() -> Decision {
    Decision::Abandon(plan(Shape::Both, (PREV.0, NEXT.1)))
}

#[test]
fn merges() {
    let allowed = |_: usize, _: i32| -> Result<(), SplitError> { panic!("nothing is cut") };
    // The shape, the pages that change, the pages of the VMA that grows, and the resulting pieces.
    type Pages = (usize, usize);
    type Case<'a> = (Shape, Pages, Pages, WhichVma, &'a [(char, Pages)]);
    let rest = |pages| place(pages);
    let cases: [Case<'_>; 5] = [
        (
            Shape::Both,
            MIDDLE,
            (4, 26),
            WhichVma::Prev,
            &[('p', (4, 26))],
        ),
        (
            Shape::PrevWhole,
            MIDDLE,
            (4, 20),
            WhichVma::Prev,
            &[('p', (4, 20)), ('n', NEXT)],
        ),
        (
            Shape::PrevPart {
                rest: rest((14, 20)),
            },
            (10, 14),
            (4, 14),
            WhichVma::Prev,
            &[('p', (4, 14)), ('m', (14, 20)), ('n', NEXT)],
        ),
        (
            Shape::NextWhole,
            MIDDLE,
            (10, 26),
            WhichVma::Next,
            &[('p', PREV), ('n', (10, 26))],
        ),
        (
            Shape::NextPart {
                rest: rest((10, 15)),
            },
            (15, 20),
            (15, 26),
            WhichVma::Next,
            &[('p', PREV), ('m', (10, 15)), ('n', (15, 26))],
        ),
    ];
    for (shape, part, grown, who, pieces) in cases {
        let forecast = before(1, 1).modified(&merge(shape, grown), range(part), allowed);
        assert_eq!(forecast.answer, Answer::Vma(who));
        assert_eq!(drawn(&forecast.layout), expected(pieces), "{shape:?}");
        assert_eq!(forecast.first_of_two, None);
        // A new range has no middle, but the layout is the same.
        let placed = Before {
            middle: None,
            ..before(1, 1)
        };
        if matches!(shape, Shape::Both | Shape::PrevWhole | Shape::NextWhole) {
            let forecast = placed.placed(&merge(shape, grown));
            assert_eq!(forecast.answer, Answer::Vma(who));
            assert_eq!(drawn(&forecast.layout), expected(pieces), "{shape:?}");
        }
    }
}

/// Parts that do not merge, with and without each neighbour, and with each cut allowed or refused.
#[test]
fn cuts_of_what_changes() {
    let refusals = [
        (SplitError::TooManyVmas(7), ENOMEM),
        (SplitError::Driver(Error(16)), Error(16)),
    ];
    let count = for_each_state([2, 2, 10, 11, 3, 3, 3], |state| {
        let [prev, next, first, last, first_allowed, second_allowed, decision] = state;
        if first >= last {
            return;
        }
        let (first, last) = (10 + first, 10 + last);
        let decision = [KEEP, abandon(), KEEP][decision];
        let (cuts_start, cuts_end) = (first > 10, last < 20);
        let mut asked = Vec::new();
        let answers = [first_allowed, second_allowed];
        let forecast =
            before(prev, next).modified(&decision, range((first, last)), |addr, others| {
                asked.push((addr / PAGE_SIZE, others));
                let which = usize::from(addr / PAGE_SIZE == last);
                match answers[which] {
                    0 => Ok(()),
                    refusal => Err(refusals[refusal - 1].0),
                }
            });

        let refused = |allowed: usize| allowed.checked_sub(1).map(|which| refusals[which].1);
        let start_refused = Some(first_allowed).filter(|_| cuts_start).and_then(refused);
        let end_refused = Some(second_allowed).filter(|_| cuts_end).and_then(refused);
        // The second cut is not tried if the first is refused.
        let mut expected_asked = Vec::new();
        if cuts_start {
            expected_asked.push((first, 0));
        }
        if cuts_end && start_refused.is_none() {
            expected_asked.push((last, i32::from(cuts_start)));
        }
        assert_eq!(asked, expected_asked, "{state:?}");

        let error = start_refused.or(end_refused);
        let stopped_by = forecast.stopped_by.map(Error::from);
        assert_eq!(stopped_by, error, "{state:?}");
        let answer = error.map_or(Answer::Vma(WhichVma::Middle), Answer::Fails);
        assert_eq!(forecast.answer, answer, "{state:?}");

        let one_cut = beside(prev, next, &[('X', (10, first)), ('m', (first, 20))]);
        let is_start_cut = cuts_start && start_refused.is_none();
        let is_end_cut = cuts_end && error.is_none();
        let end = if is_end_cut { last } else { 20 };
        let start = if is_start_cut { first } else { 10 };
        let layout = beside(
            prev,
            next,
            &[('X', (10, start)), ('m', (start, end)), ('x', (end, 20))],
        );
        assert_eq!(drawn(&forecast.layout), layout, "{state:?}");
        let halfway = (is_start_cut && cuts_end).then_some(one_cut);
        assert_eq!(
            before(prev, next).halfway(&forecast).as_ref().map(drawn),
            halfway,
            "{state:?}"
        );
    });
    assert_eq!(count, 2 * 2 * 10 * 11 * 27);
}

#[test]
fn a_new_range_that_does_not_merge() {
    for (prev, next) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let before = Before {
            middle: None,
            ..before(prev, next)
        };
        for decision in [KEEP, abandon()] {
            let forecast = before.placed(&decision);
            assert_eq!(forecast.answer, Answer::NotMerged);
            assert_eq!(drawn(&forecast.layout), beside(prev, next, &[]));
            let modified = before.modified(&decision, range(MIDDLE), |_, _| Ok(()));
            assert_eq!(modified.answer, Answer::NotMerged);
            assert_eq!(drawn(&modified.layout), beside(prev, next, &[]));
        }
    }
}

#[test]
fn splits_and_sizes() {
    for page in 11..20 {
        for (prev, next) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            for side in [Side::Below, Side::Above] {
                let cut = Split::at(range(MIDDLE), page * PAGE_SIZE, side).expect("inside");
                let (below, above) = match side {
                    Side::Below => ('X', 'm'),
                    Side::Above => ('m', 'x'),
                };
                let before = before(prev, next);
                let done = before.split(cut, Ok(()));
                assert_eq!(done.answer, Answer::Done);
                let pieces = [(below, (10, page)), (above, (page, 20))];
                assert_eq!(drawn(&done.layout), beside(prev, next, &pieces));
                assert_eq!(done.first_of_two, None);
                let refused = before.split(cut, Err(SplitError::Driver(Error(16))));
                assert_eq!(refused.answer, Answer::Fails(Error(16)));
                assert_eq!(drawn(&refused.layout), beside(prev, next, &[('m', MIDDLE)]));
            }
        }
        let resized = before(1, 1).resized(place((10, page)));
        assert_eq!(resized.answer, Answer::Done);
        assert_eq!(drawn(&resized.layout), expected(&[('m', (10, page))]));
    }
}

#[test]
fn an_unmapped_range_goes() {
    let (first, last) = MIDDLE;
    for_each_state(
        [2, 2, last - first, last - first],
        |[prev, next, from, pages]| {
            let part = (first + from, (first + from + 1 + pages).min(last));
            let layout = before(prev, next).removed(range(part));
            // The pieces below and above the part; either may be empty.
            let left = [('X', (first, part.0)), ('X', (part.1, last))];
            assert_eq!(drawn(&layout), beside(prev, next, &left));
            let cuts = usize::from(part.0 > first) + usize::from(part.1 < last);
            assert_eq!(layout.count(), prev + next + cuts);
        },
    );
}

#[test]
fn a_layout_counts_what_it_has_no_room_for() {
    let mut layout = Layout::new();
    for count in 0..9 {
        assert_eq!(layout.count(), count);
        assert_eq!(layout.pieces().count(), count.min(5));
        layout.push(WhichVma::New, place((count, count + 1)));
    }
}

#[test]
fn predicates_of_answers() {
    let layout = Layout::new();
    assert_eq!(Forecast::new(Answer::Done, layout).first_of_two, None);
    for (answer, merge, failure, no_memory) in [
        (Answer::Fails(ENOMEM), false, false, true),
        (Answer::Fails(Error(22)), false, true, false),
        (Answer::Done, false, false, false),
        (Answer::NotMerged, false, false, false),
        (Answer::Vma(WhichVma::Prev), true, false, false),
        (Answer::Vma(WhichVma::Middle), false, false, false),
        (Answer::Vma(WhichVma::Next), true, false, false),
        (Answer::Vma(WhichVma::New), false, false, false),
    ] {
        assert_eq!(answer.is_merge(), merge);
        assert_eq!(answer.is_failure_but_no_memory(), failure);
        assert_eq!(answer.is_no_memory(), no_memory);
    }
    assert_eq!(
        [
            WhichVma::Prev,
            WhichVma::Middle,
            WhichVma::Next,
            WhichVma::New
        ]
        .map(WhichVma::name),
        ["prev", "middle", "next", "new"]
    );
}
