// SPDX-License-Identifier: GPL-2.0

//! Flags that are more than advice: mlocked memory, sealed mappings, memory that KSM may merge.

use crate::{
    fixture::{
        LOCKED,
        MAYBE_GUARD,
        MERGEABLE, //
    },
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step, //
    },
    vma::flags::{
        VmaFlags,
        DONTDUMP,
        SEALED, //
    },
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 12);
const MIDDLE: Pages = Pages(4, 8);

/// Makes a suite in which pages that were written to get and lose a flag.
macro_rules! kinds {
    (suite: $suite:ident, module: $module:ident, kind: $kind:expr, flag: $flag:expr $(,)?) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            const FLAG: VmaFlags = $flag;
            const START: [Step; 2] = [Step::Map($kind, ALL), Step::Write(ALL)];

            /// Plays the scene after the pages `having` got the flag.
            fn scene(having: &[Pages], pages: Pages, act: Act, expect: Expect) -> bool {
                let mut before = [START[0], START[1], START[1], START[1]];
                let mut steps = 2;
                for (step, pages) in before.iter_mut().skip(2).zip(having) {
                    *step = Step::Set(*pages, FLAG);
                    steps += 1;
                }
                let before = before.get(..steps).unwrap_or(&before);
                Scenario::new(before, pages, act, expect).play()
            }

            #[test]
            fn comes_between_two_that_have_it() {
                let around = [Pages(0, 4), Pages(8, 12)];
                assert!(scene(&around, MIDDLE, Act::Set(FLAG), Expect::Both));
            }

            #[test]
            fn spreads_up() {
                assert!(scene(
                    &[Pages(0, 4)],
                    Pages(4, 6),
                    Act::Set(FLAG),
                    Expect::PrevPart
                ));
            }

            #[test]
            fn spreads_down() {
                assert!(scene(
                    &[Pages(8, 12)],
                    Pages(6, 8),
                    Act::Set(FLAG),
                    Expect::NextPart
                ));
            }

            #[test]
            fn comes_to_the_start() {
                assert!(scene(&[], Pages(0, 4), Act::Set(FLAG), Expect::SplitEnd));
            }

            #[test]
            fn comes_to_the_end() {
                assert!(scene(&[], Pages(8, 12), Act::Set(FLAG), Expect::SplitStart));
            }

            #[test]
            fn comes_to_the_middle() {
                assert!(scene(&[], MIDDLE, Act::Set(FLAG), Expect::SplitBoth));
            }

            #[test]
            fn comes_to_all() {
                assert!(scene(&[], ALL, Act::Set(FLAG), Expect::NOTHING_BESIDE));
            }

            #[test]
            fn goes_from_between() {
                assert!(scene(&[MIDDLE], MIDDLE, Act::Clear(FLAG), Expect::Both));
            }

            #[test]
            fn goes_from_the_middle() {
                assert!(scene(&[ALL], MIDDLE, Act::Clear(FLAG), Expect::SplitBoth));
            }

            #[test]
            fn spreads_from_one_with_guards() {
                let before = [
                    START[0],
                    START[1],
                    Step::Set(Pages(0, 4), FLAG),
                    Step::Force(0, MAYBE_GUARD),
                ];
                let act = Act::Set(FLAG);
                assert!(Scenario::new(&before, Pages(4, 6), act, Expect::PrevPart).play());
            }

            #[test]
            fn stays_while_another_comes() {
                let mut before = [START[0]; 5];
                before[1] = START[1];
                before[2] = Step::Set(MIDDLE, FLAG);
                before[3] = Step::Set(Pages(0, 4), DONTDUMP);
                before[4] = Step::Set(Pages(8, 12), DONTDUMP);
                let act = Act::Set(DONTDUMP);
                assert!(Scenario::new(&before, MIDDLE, act, Expect::FLAGS_DIFFER).play());
            }
        }
    };
}

kinds! {
    suite: rust_vma_locked_anonymous,
    module: locked_anonymous,
    kind: Kind::Anonymous,
    flag: LOCKED,
}
kinds! {
    suite: rust_vma_locked_shared,
    module: locked_shared,
    kind: Kind::Shared,
    flag: LOCKED,
}
kinds! {
    suite: rust_vma_sealed,
    module: sealed,
    kind: Kind::Private,
    flag: SEALED,
}
kinds! {
    suite: rust_vma_mergeable,
    module: mergeable,
    kind: Kind::Anonymous,
    flag: MERGEABLE,
}
