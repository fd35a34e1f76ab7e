// SPDX-License-Identifier: GPL-2.0

//! Transparent huge pages: a huge page that contains a new border of a VMA is split first, and keeps its
//! contents.
//!
//! The scene is six megabytes of anonymous memory: three huge pages.

use crate::{
    fixture::HUGEPAGE,
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step,
        HUGE, //
    },
    vma::flags::DONTCOPY,
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 3 * HUGE);
const MIDDLE: Pages = Pages(HUGE, 2 * HUGE);

const MAPPED: [Step; 6] = [
    Step::Map(Kind::Anonymous, ALL),
    Step::Force(0, HUGEPAGE),
    Step::Write(ALL),
    Step::IsHuge(0),
    Step::IsHuge(HUGE),
    Step::IsHuge(2 * HUGE),
];

/// Returns, for the first page of each huge page, whether a huge page is expected there at the end.
const fn still(huge: [bool; 3]) -> [(usize, bool); 3] {
    [(0, huge[0]), (HUGE, huge[1]), (2 * HUGE, huge[2])]
}

fn scene(more: Option<Step>, pages: Pages, act: Act, expect: Expect, huge: [bool; 3]) -> bool {
    let [map, advise, write, first, second, third] = MAPPED;
    let more = more.unwrap_or(third);
    let before = [map, advise, write, first, second, third, more];
    Scenario::new(&before, pages, act, expect)
        .leaves_huge(&still(huge))
        .play()
}

const SET: Act = Act::Set(DONTCOPY);

#[kunit_tests(rust_vma_huge_pages)]
mod borders {
    use super::*;

    #[test]
    fn a_split_within() {
        let pages = Pages(HUGE + 100, 3 * HUGE);
        assert!(scene(
            None,
            pages,
            SET,
            Expect::SplitStart,
            [true, false, true]
        ));
    }

    #[test]
    fn a_split_within_from_the_other_end() {
        let pages = Pages(0, HUGE + 1);
        assert!(scene(
            None,
            pages,
            SET,
            Expect::SplitEnd,
            [true, false, true]
        ));
    }

    #[test]
    fn a_split_between() {
        let pages = Pages(HUGE, 3 * HUGE);
        assert!(scene(None, pages, SET, Expect::SplitStart, [true; 3]));
    }

    #[test]
    fn two_splits_between() {
        assert!(scene(None, MIDDLE, SET, Expect::SplitBoth, [true; 3]));
    }

    #[test]
    fn two_splits_within_two() {
        let pages = Pages(HUGE - 1, 2 * HUGE + 1);
        assert!(scene(
            None,
            pages,
            SET,
            Expect::SplitBoth,
            [false, true, false]
        ));
    }

    #[test]
    fn two_splits_within_one() {
        let pages = Pages(HUGE + 200, HUGE + 300);
        assert!(scene(
            None,
            pages,
            SET,
            Expect::SplitBoth,
            [true, false, true]
        ));
    }

    #[test]
    fn a_border_moves_up_into_one() {
        let prev = Some(Step::Set(Pages(0, HUGE), DONTCOPY));
        let pages = Pages(HUGE, HUGE + 7);
        assert!(scene(
            prev,
            pages,
            SET,
            Expect::PrevPart,
            [true, false, true]
        ));
    }

    #[test]
    fn a_border_moves_down_into_one() {
        let next = Some(Step::Set(Pages(2 * HUGE, 3 * HUGE), DONTCOPY));
        let pages = Pages(2 * HUGE - 7, 2 * HUGE);
        assert!(scene(
            next,
            pages,
            SET,
            Expect::NextPart,
            [true, false, true]
        ));
    }

    #[test]
    fn a_border_moves_over_one() {
        let prev = Some(Step::Set(Pages(0, HUGE), DONTCOPY));
        assert!(scene(prev, MIDDLE, SET, Expect::PrevPart, [true; 3]));
    }

    #[test]
    fn a_border_goes() {
        let prev = Some(Step::Set(Pages(0, HUGE), DONTCOPY));
        let pages = Pages(HUGE, 3 * HUGE);
        assert!(scene(prev, pages, SET, Expect::PrevWhole, [true; 3]));
    }

    #[test]
    fn two_borders_go() {
        let middle = Some(Step::Set(MIDDLE, DONTCOPY));
        assert!(scene(
            middle,
            MIDDLE,
            Act::Clear(DONTCOPY),
            Expect::Both,
            [true; 3]
        ));
    }

    #[test]
    fn cut_within_and_new_below() {
        let pages = Pages(HUGE + 511, 3 * HUGE);
        assert!(scene(
            None,
            pages,
            Act::SplitBelow,
            Expect::Done,
            [true, false, true]
        ));
    }

    #[test]
    fn cut_within_and_new_above() {
        let pages = Pages(2 * HUGE + 1, 3 * HUGE);
        assert!(scene(
            None,
            pages,
            Act::SplitAbove,
            Expect::Done,
            [true, true, false]
        ));
    }

    #[test]
    fn cut_between() {
        assert!(scene(
            None,
            Pages(HUGE, 3 * HUGE),
            Act::SplitBelow,
            Expect::Done,
            [true; 3]
        ));
    }

    #[test]
    fn shrinks_to_within() {
        let pages = Pages(2 * HUGE + 9, 3 * HUGE);
        assert!(scene(
            None,
            pages,
            Act::Shrink,
            Expect::Done,
            [true, true, false]
        ));
    }

    #[test]
    fn shrinks_to_between() {
        assert!(scene(
            None,
            Pages(2 * HUGE, 3 * HUGE),
            Act::Shrink,
            Expect::Done,
            [true; 3]
        ));
    }

    #[test]
    fn something_new_comes_between() {
        let gap = Some(Step::Unmap(MIDDLE));
        assert!(scene(
            gap,
            MIDDLE,
            Act::Extend,
            Expect::Both,
            [true, false, true]
        ));
    }
}
