// SPDX-License-Identifier: GPL-2.0

//! VMAs that must not disappear because their driver has a close hook.
//!
//! The scene is that of `shapes.rs`: prev and next have the flags that the middle gets.

use crate::{
    fixture::Leaf,
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step, //
    },
    vma::flags::DONTCOPY,
};
use kernel::prelude::*;

/// The steps that leave three VMAs, all with a close hook.
const ALL: [Step; 3] = [
    Step::MapFrom(Kind::Closing, Pages(0, 12), 8),
    Step::Set(Pages(0, 4), DONTCOPY),
    Step::Set(Pages(8, 12), DONTCOPY),
];

/// The steps that leave three VMAs, of which only next has a close hook. Next is mapped first, because it
/// would otherwise merge into the others.
const NEXT: [Step; 4] = [
    Step::Map(Kind::Closing, Pages(8, 12)),
    Step::Set(Pages(8, 12), DONTCOPY),
    Step::Map(Kind::Closing, Pages(0, 8)),
    Step::Set(Pages(0, 4), DONTCOPY),
];

fn scene(before: &[Step], pages: Pages, expect: Expect) -> bool {
    Scenario::new(before, pages, Act::Set(DONTCOPY), expect).play()
}

#[kunit_tests(rust_vma_close_hooks)]
mod must_not_disappear {
    use super::*;

    #[test]
    fn middle_stays_between_both() {
        // Next has to stay as well, so that the middle merges into prev alone.
        assert!(scene(
            &ALL,
            Pages(4, 8),
            Expect::MustNot(&Expect::PrevWhole)
        ));
    }

    #[test]
    fn middle_stays_beside_prev() {
        assert!(scene(
            &ALL[..2],
            Pages(4, 12),
            Expect::MustNot(&Expect::PrevWhole)
        ));
    }

    #[test]
    fn middle_stays_beside_next() {
        let before = [ALL[0], ALL[2]];
        assert!(scene(
            &before,
            Pages(0, 8),
            Expect::MustNot(&Expect::NextWhole)
        ));
    }

    #[test]
    fn part_of_middle_goes_to_prev() {
        assert!(scene(&ALL, Pages(4, 6), Expect::PrevPart));
    }

    #[test]
    fn part_of_middle_goes_to_next() {
        assert!(scene(&ALL, Pages(6, 8), Expect::NextPart));
    }

    #[test]
    fn next_stays() {
        assert!(scene(&NEXT, Pages(4, 8), Expect::PrevWhole));
    }

    #[test]
    fn next_takes_middle() {
        let before = [NEXT[0], NEXT[1], NEXT[2]];
        assert!(scene(&before, Pages(0, 8), Expect::NextWhole));
    }

    #[test]
    fn next_takes_part_of_middle() {
        assert!(scene(&NEXT, Pages(6, 8), Expect::NextPart));
    }

    #[test]
    fn the_driver_hears_of_splits() {
        assert!(scene(&ALL[..1], Pages(4, 8), Expect::SplitBoth));
    }

    #[test]
    fn the_driver_hears_nothing_of_splits_that_fail() {
        let pages = Pages(4, 12);
        for leaf in [Leaf::Preallocate, Leaf::DupPolicy, Leaf::AnonVmaClone] {
            let act = Act::Set(DONTCOPY);
            let scenario = Scenario::new(&ALL[..1], pages, act, Expect::SplitFails(ENOMEM));
            assert!(scenario.failing(leaf, 1).play());
        }
    }
}
