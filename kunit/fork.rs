// SPDX-License-Identifier: GPL-2.0

//! Merges and splits after a fork, with inherited pages, and with pages that were written afterwards.
//!
//! The scene is that of `shapes.rs`. It is forked as one VMA, so that all pages that were written before have
//! related anon_vmas. A page that is written afterwards is copied first. The pages of both processes are
//! compared.

use crate::{
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step,
        Who, //
    },
    vma::{
        compat::Blocker,
        flags::{
            VmaFlags,
            RAND_READ,
            SEQ_READ, //
        },
    },
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 12);
const PREV: Pages = Pages(0, 4);
const MIDDLE: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);

const SAME: VmaFlags = SEQ_READ;
const OTHER: VmaFlags = RAND_READ;

/// Makes a suite for memory of one kind, in which one of the two processes makes the change.
macro_rules! forks {
    (suite: $suite:ident, module: $module:ident, kind: $kind:expr, who: $who:expr $(,)?) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            /// Plays the scene with these flags on prev and on next, after writes that copy all pages of the
            /// middle.
            fn scene(prev: VmaFlags, next: VmaFlags, pages: Pages, expect: Expect) -> bool {
                let before = [
                    Step::Map($kind, ALL),
                    Step::Write(ALL),
                    Step::Fork($who),
                    Step::Rewrite(Pages(2, 6)),
                    Step::Set(PREV, prev),
                    Step::Set(NEXT, next),
                    Step::Rewrite(Pages(6, 10)),
                ];
                Scenario::new(&before, pages, Act::Set(SAME), expect).play()
            }

            #[test]
            fn merges_with_both() {
                assert!(scene(SAME, SAME, MIDDLE, Expect::Both));
            }

            #[test]
            fn merges_with_prev() {
                assert!(scene(SAME, OTHER, MIDDLE, Expect::PrevWhole));
            }

            #[test]
            fn merges_part_with_prev() {
                assert!(scene(SAME, OTHER, Pages(4, 5), Expect::PrevPart));
            }

            #[test]
            fn merges_with_next() {
                assert!(scene(OTHER, SAME, MIDDLE, Expect::NextWhole));
            }

            #[test]
            fn merges_part_with_next() {
                assert!(scene(OTHER, SAME, Pages(5, 8), Expect::NextPart));
            }

            #[test]
            fn splits_off_start() {
                assert!(scene(OTHER, OTHER, Pages(4, 7), Expect::SplitEnd));
            }

            #[test]
            fn splits_out_the_middle() {
                assert!(scene(SAME, SAME, Pages(5, 7), Expect::SplitBoth));
            }

            #[test]
            fn is_cut() {
                let before = [Step::Map($kind, ALL), Step::Write(ALL), Step::Fork($who)];
                let cut = Scenario::new(&before, Pages(3, 12), Act::SplitBelow, Expect::Done);
                assert!(cut.play());
            }

            #[test]
            fn shrinks() {
                let before = [Step::Map($kind, ALL), Step::Write(ALL), Step::Fork($who)];
                let shrunk = Scenario::new(&before, Pages(3, 12), Act::Shrink, Expect::Done);
                assert!(shrunk.play());
            }
        }
    };
}

forks! {
    suite: rust_vma_fork_child_anonymous,
    module: child_anonymous,
    kind: Kind::Anonymous,
    who: Who::Child,
}
forks! {
    suite: rust_vma_fork_child_private,
    module: child_private,
    kind: Kind::Private,
    who: Who::Child,
}
forks! {
    suite: rust_vma_fork_parent_anonymous,
    module: parent_anonymous,
    kind: Kind::Anonymous,
    who: Who::Parent,
}
forks! {
    suite: rust_vma_fork_parent_private,
    module: parent_private,
    kind: Kind::Private,
    who: Who::Parent,
}
forks! {
    suite: rust_vma_fork_parent_alone,
    module: parent_alone,
    kind: Kind::Anonymous,
    who: Who::ParentAlone,
}

/// The scenes in which only some VMAs were written to before the fork.
#[kunit_tests(rust_vma_fork)]
mod partly_written {
    use super::*;

    /// Plays the scene, which is forked as three VMAs, with these steps before and after the fork.
    fn scene(written: Pages, who: Who, later: Step, act: (Pages, Act), expect: Expect) -> bool {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Set(PREV, SAME),
            Step::Set(NEXT, SAME),
            Step::Write(written),
            Step::Fork(who),
            later,
        ];
        let (pages, act) = act;
        Scenario::new(&before, pages, act, expect).play()
    }

    const SET: (Pages, Act) = (MIDDLE, Act::Set(SAME));
    const MAP: (Pages, Act) = (MIDDLE, Act::Map(Kind::Anonymous, SAME));
    const NOTHING: Step = Step::Read(ALL);
    const UNMAP: Step = Step::Unmap(MIDDLE);

    #[test]
    fn an_inherited_middle_keeps_apart() {
        let apart = Expect::Apart(Blocker::RangeForked, Blocker::RangeForked);
        assert!(scene(MIDDLE, Who::Child, NOTHING, SET, apart));
    }

    #[test]
    fn an_inherited_prev_keeps_apart() {
        assert!(scene(PREV, Who::Child, NOTHING, SET, Expect::NextWhole));
    }

    #[test]
    fn an_inherited_next_keeps_apart() {
        assert!(scene(NEXT, Who::Child, NOTHING, SET, Expect::PrevWhole));
    }

    #[test]
    fn inherited_as_three_they_have_three() {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Write(ALL),
            Step::Set(PREV, SAME),
            Step::Set(NEXT, SAME),
            Step::Fork(Who::Child),
        ];
        let apart = Expect::Apart(Blocker::AnonVma, Blocker::AnonVma);
        assert!(Scenario::new(&before, MIDDLE, Act::Set(SAME), apart).play());
    }

    #[test]
    fn the_parents_middle_merges() {
        assert!(scene(MIDDLE, Who::Parent, NOTHING, SET, Expect::Both));
    }

    #[test]
    fn the_parents_prev_merges() {
        assert!(scene(PREV, Who::Parent, NOTHING, SET, Expect::Both));
    }

    #[test]
    fn the_parents_next_merges_when_alone() {
        assert!(scene(NEXT, Who::ParentAlone, NOTHING, SET, Expect::Both));
    }

    #[test]
    fn something_new_beside_what_is_inherited() {
        assert!(scene(PREV, Who::Child, UNMAP, MAP, Expect::NextWhole));
    }

    #[test]
    fn something_new_between_what_is_inherited() {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Write(ALL),
            Step::Fork(Who::Child),
            Step::Unmap(MIDDLE),
        ];
        let apart = Expect::Apart(Blocker::NeighbourForked, Blocker::NeighbourForked);
        let act = Act::Map(Kind::Anonymous, VmaFlags::EMPTY);
        assert!(Scenario::new(&before, MIDDLE, act, apart).play());
    }

    #[test]
    fn something_new_beside_the_parents() {
        assert!(scene(PREV, Who::Parent, UNMAP, MAP, Expect::Both));
    }

    #[test]
    fn inherited_memory_grows_in_place() {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Write(ALL),
            Step::Fork(Who::Child),
            Step::Unmap(MIDDLE),
        ];
        assert!(Scenario::new(&before, MIDDLE, Act::Extend, Expect::Both).play());
    }
}
