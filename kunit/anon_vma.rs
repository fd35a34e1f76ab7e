// SPDX-License-Identifier: GPL-2.0

//! The anon_vma that a merged VMA gets, and pairs of anon_vmas that cannot merge.
//!
//! The scene is that of `shapes.rs`: prev and next have the flags that the middle gets. The flags of the
//! three VMAs differ while they are written to, so each of the written VMAs gets its own anon_vma.

use crate::{
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step, //
    },
    vma::{
        compat::Blocker,
        flags::DONTCOPY, //
    },
};
use kernel::prelude::*;

const ANON_VMAS_DIFFER: Expect = Expect::Apart(Blocker::AnonVma, Blocker::AnonVma);

const PREV: Pages = Pages(0, 4);
const MIDDLE: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);

/// Makes a suite for memory of one kind.
macro_rules! anon_vmas {
    (suite: $suite:ident, module: $module:ident, kind: $kind:expr $(,)?) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            /// Plays the scene with these VMAs written to.
            fn scene(written: &[Pages], pages: Pages, expect: Expect) -> bool {
                let mut before = [Step::Map($kind, Pages(0, 0)); 6];
                before[0] = Step::Map($kind, Pages(0, 12));
                before[1] = Step::Set(PREV, DONTCOPY);
                before[2] = Step::Set(NEXT, DONTCOPY);
                let mut steps = 3;
                for pages in written {
                    before[steps] = Step::Write(*pages);
                    steps += 1;
                }
                Scenario::new(&before[..steps], pages, Act::Set(DONTCOPY), expect).play()
            }

            #[test]
            fn prev_has_one() {
                assert!(scene(&[PREV], MIDDLE, Expect::Both));
            }

            #[test]
            fn middle_has_one() {
                assert!(scene(&[MIDDLE], MIDDLE, Expect::Both));
            }

            #[test]
            fn next_has_one() {
                assert!(scene(&[NEXT], MIDDLE, Expect::Both));
            }

            #[test]
            fn neighbours_have_different_ones() {
                assert!(scene(&[PREV, NEXT], MIDDLE, Expect::PrevWhole));
            }

            #[test]
            fn prev_and_middle_have_different_ones() {
                assert!(scene(&[PREV, MIDDLE], MIDDLE, Expect::NextWhole));
            }

            #[test]
            fn middle_and_next_have_different_ones() {
                assert!(scene(&[MIDDLE, NEXT], MIDDLE, Expect::PrevWhole));
            }

            #[test]
            fn all_have_different_ones() {
                assert!(scene(&[PREV, MIDDLE, NEXT], MIDDLE, ANON_VMAS_DIFFER));
            }

            #[test]
            fn prev_takes_part_of_middle_with_its() {
                assert!(scene(&[MIDDLE], Pages(4, 5), Expect::PrevPart));
            }

            #[test]
            fn prev_with_its_takes_part_of_middle() {
                assert!(scene(&[PREV], Pages(4, 5), Expect::PrevPart));
            }

            #[test]
            fn next_takes_part_of_middle_with_its() {
                assert!(scene(&[MIDDLE], Pages(6, 8), Expect::NextPart));
            }

            #[test]
            fn next_with_its_takes_part_of_middle() {
                assert!(scene(&[NEXT], Pages(6, 8), Expect::NextPart));
            }
        }
    };
}

anon_vmas! {
    suite: rust_vma_anon_vma_anonymous,
    module: anonymous,
    kind: Kind::Anonymous,
}
anon_vmas! {
    suite: rust_vma_anon_vma_private,
    module: private,
    kind: Kind::Private,
}
