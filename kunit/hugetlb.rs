// SPDX-License-Identifier: GPL-2.0

//! Mappings of hugetlbfs: they are cut only between huge pages, and never merge.
//!
//! The scene is three huge pages, each of which is written to in one place.

use crate::{
    fixture::Leaf,
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step,
        HUGE, //
    },
    vma::{
        compat::Blocker,
        flags::DONTCOPY, //
    },
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 3 * HUGE);
const SET: Act = Act::Set(DONTCOPY);

/// Makes a suite for private or shared mappings.
macro_rules! hugetlb {
    (suite: $suite:ident, module: $module:ident, kind: $kind:expr $(,)?) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            const BEFORE: [Step; 4] = [
                Step::Map($kind, ALL),
                Step::Write(Pages(17, 18)),
                Step::Write(Pages(HUGE, HUGE + 1)),
                Step::Write(Pages(3 * HUGE - 1, 3 * HUGE)),
            ];

            fn scene(pages: Pages, act: Act, expect: Expect) -> bool {
                Scenario::new(&BEFORE, pages, act, expect).play()
            }

            #[test]
            fn a_split_between() {
                assert!(scene(Pages(HUGE, 3 * HUGE), SET, Expect::SplitStart));
            }

            #[test]
            fn a_split_between_from_the_other_end() {
                assert!(scene(Pages(0, 2 * HUGE), SET, Expect::SplitEnd));
            }

            #[test]
            fn two_splits() {
                assert!(scene(Pages(HUGE, 2 * HUGE), SET, Expect::SplitBoth));
            }

            #[test]
            fn a_split_within_is_refused() {
                assert!(scene(
                    Pages(HUGE + 1, 3 * HUGE),
                    SET,
                    Expect::SplitFails(EINVAL)
                ));
            }

            #[test]
            fn the_second_split_is_refused() {
                assert!(scene(
                    Pages(HUGE, 2 * HUGE - 1),
                    SET,
                    Expect::SecondSplitFails(EINVAL)
                ));
            }

            #[test]
            fn is_cut_and_new_below() {
                assert!(scene(Pages(HUGE, 3 * HUGE), Act::SplitBelow, Expect::Done));
            }

            #[test]
            fn is_cut_and_new_above() {
                assert!(scene(
                    Pages(2 * HUGE, 3 * HUGE),
                    Act::SplitAbove,
                    Expect::Done
                ));
            }

            #[test]
            fn a_cut_within_is_refused() {
                assert!(scene(
                    Pages(HUGE - 1, 3 * HUGE),
                    Act::SplitBelow,
                    Expect::Fails(EINVAL)
                ));
            }

            fn fails(pages: Pages, expect: Expect, leaf: Leaf, nth: u32) -> bool {
                Scenario::new(&BEFORE, pages, SET, expect)
                    .failing(leaf, nth)
                    .play()
            }

            #[test]
            fn no_memory_for_a_split() {
                let (pages, expect) = (Pages(HUGE, 3 * HUGE), Expect::SplitFails(ENOMEM));
                assert!(fails(pages, expect, Leaf::AreaDup, 1));
                assert!(fails(pages, expect, Leaf::Preallocate, 1));
                assert!(fails(pages, expect, Leaf::DupPolicy, 1));
                assert!(fails(pages, expect, Leaf::AnonVmaClone, 1));
            }

            #[test]
            fn no_memory_for_the_second_split() {
                let (pages, expect) = (Pages(HUGE, 2 * HUGE), Expect::SecondSplitFails(ENOMEM));
                assert!(fails(pages, expect, Leaf::AreaDup, 2));
                assert!(fails(pages, expect, Leaf::AnonVmaClone, 2));
            }

            #[test]
            fn no_room_for_a_split() {
                let pages = Pages(HUGE, 3 * HUGE);
                let scenario = Scenario::new(&BEFORE, pages, SET, Expect::SplitFails(ENOMEM));
                assert!(scenario.with_room(0).play());
            }

            #[test]
            fn becoming_alike_is_not_enough() {
                let mut before = [BEFORE[0]; 5];
                for (step, first) in before.iter_mut().zip(BEFORE) {
                    *step = first;
                }
                before[4] = Step::Set(Pages(0, HUGE), DONTCOPY);
                let apart = Expect::Apart(Blocker::SpecialMapping, Blocker::SpecialMapping);
                let pages = Pages(HUGE, 3 * HUGE);
                assert!(Scenario::new(&before, pages, SET, apart).play());
            }
        }
    };
}

hugetlb! {
    suite: rust_vma_hugetlb_shared,
    module: shared,
    kind: Kind::HugeShared,
}
hugetlb! {
    suite: rust_vma_hugetlb_private,
    module: private,
    kind: Kind::HugePrivate,
}
