// SPDX-License-Identifier: GPL-2.0

//! Every shape of merge and split for changes of a name, a policy or a userfaultfd context.
//!
//! The scene is that of `shapes.rs`: twelve pages, as three VMAs that differ in the attribute that the
//! middle gets. A neighbour that merges with the middle has the same value already; any other neighbour
//! has a different one.

use crate::{
    fixture::{
        Context,
        Placement, //
    },
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step,
        Title, //
    },
    vma::{
        compat::Blocker,
        flags::DONTCOPY,
        merge::IfNoMemory, //
    },
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 12);
const PREV: Pages = Pages(0, 4);
const NEXT: Pages = Pages(8, 12);

/// A function that returns a step which gives pages an attribute.
type Give = fn(Pages) -> Step;

/// Makes a suite for one attribute of VMAs of one kind.
macro_rules! attributes {
    (
        suite: $suite:ident, module: $module:ident, before: [$($start:expr),+ $(,)?],
        same: $same:expr, other: $other:expr, act: $act:expr, blocker: $blocker:expr $(,)?
    ) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            const SAME: Give = $same;
            const OTHER: Give = $other;

            /// Plays the scene with these values on prev and on next.
            fn scene(prev: Give, next: Give, pages: Pages, act: Act, expect: Expect) -> bool {
                let before = [$($start,)+ prev(PREV), next(NEXT)];
                Scenario::new(&before, pages, act, expect).play()
            }

            #[test]
            fn merges_with_both() {
                assert!(scene(SAME, SAME, Pages(4, 8), $act, Expect::Both));
            }

            #[test]
            fn merges_with_prev() {
                assert!(scene(SAME, OTHER, Pages(4, 8), $act, Expect::PrevWhole));
            }

            #[test]
            fn merges_part_with_prev() {
                assert!(scene(SAME, SAME, Pages(4, 6), $act, Expect::PrevPart));
            }

            #[test]
            fn merges_with_next() {
                assert!(scene(OTHER, SAME, Pages(4, 8), $act, Expect::NextWhole));
            }

            #[test]
            fn merges_part_with_next() {
                assert!(scene(SAME, SAME, Pages(7, 8), $act, Expect::NextPart));
            }

            #[test]
            fn splits_off_start() {
                assert!(scene(OTHER, SAME, Pages(4, 6), $act, Expect::SplitEnd));
            }

            #[test]
            fn splits_off_end() {
                assert!(scene(SAME, OTHER, Pages(5, 8), $act, Expect::SplitStart));
            }

            #[test]
            fn splits_out_the_middle() {
                assert!(scene(SAME, SAME, Pages(5, 7), $act, Expect::SplitBoth));
            }

            #[test]
            fn stays_apart() {
                let apart = Expect::Apart($blocker, $blocker);
                assert!(scene(OTHER, OTHER, Pages(4, 8), $act, apart));
            }

            #[test]
            fn a_part_that_has_it_splits_off_for_flags() {
                let act = Act::Set(DONTCOPY);
                assert!(scene(SAME, OTHER, Pages(0, 2), act, Expect::SplitEnd));
            }

            #[test]
            fn flags_alike_are_not_enough() {
                let before = [
                    $($start,)+
                    SAME(PREV),
                    OTHER(NEXT),
                    Step::Set(PREV, DONTCOPY),
                    Step::Set(NEXT, DONTCOPY),
                ];
                let apart = Expect::Apart($blocker, $blocker);
                let act = Act::Set(DONTCOPY);
                assert!(Scenario::new(&before, Pages(4, 8), act, apart).play());
            }
        }
    };
}

attributes! {
    suite: rust_vma_name,
    module: name,
    before: [Step::Map(Kind::Anonymous, ALL)],
    same: |pages| Step::Name(pages, Title::Heap),
    other: |pages| Step::Name(pages, Title::Stack),
    act: Act::Name(Some(Title::Heap)),
    blocker: Blocker::Name,
}
attributes! {
    suite: rust_vma_name_faulted,
    module: name_faulted,
    before: [Step::Map(Kind::Anonymous, ALL), Step::Write(ALL)],
    // Names are compared by their text.
    same: |pages| Step::Name(pages, Title::HeapAgain),
    other: |pages| Step::Name(pages, Title::Stack),
    act: Act::Name(Some(Title::Heap)),
    blocker: Blocker::Name,
}
attributes! {
    suite: rust_vma_flags_name,
    module: flags_name,
    before: [Step::Map(Kind::Anonymous, ALL), Step::Write(ALL)],
    same: |pages| Step::Name(pages, Title::Heap),
    other: |pages| Step::Name(pages, Title::Stack),
    act: Act::FlagsName(Some(Title::Heap)),
    blocker: Blocker::Name,
}
attributes! {
    suite: rust_vma_policy,
    module: policy,
    before: [Step::Map(Kind::Anonymous, ALL)],
    same: |pages| Step::Place(pages, Placement::Node1),
    other: |pages| Step::Place(pages, Placement::Node0),
    act: Act::Place(Some(Placement::Node1)),
    blocker: Blocker::Policy,
}
attributes! {
    suite: rust_vma_policy_faulted,
    module: policy_faulted,
    before: [Step::Map(Kind::Anonymous, ALL), Step::Write(ALL)],
    same: |pages| Step::Place(pages, Placement::Interleaved),
    other: |pages| Step::Place(pages, Placement::Node1),
    act: Act::Place(Some(Placement::Interleaved)),
    blocker: Blocker::Policy,
}
attributes! {
    suite: rust_vma_policy_private,
    module: policy_private,
    before: [Step::Map(Kind::Private, ALL), Step::Write(ALL)],
    same: |pages| Step::Place(pages, Placement::Node0),
    other: |pages| Step::Place(pages, Placement::Interleaved),
    act: Act::Place(Some(Placement::Node0)),
    blocker: Blocker::Policy,
}
attributes! {
    suite: rust_vma_policy_shared,
    module: policy_shared,
    before: [Step::Map(Kind::Shared, ALL), Step::Write(ALL)],
    same: |pages| Step::Place(pages, Placement::Node0),
    other: |pages| Step::Place(pages, Placement::Node1),
    act: Act::Place(Some(Placement::Node0)),
    blocker: Blocker::Policy,
}
attributes! {
    suite: rust_vma_userfaultfd,
    module: userfaultfd,
    before: [Step::Map(Kind::Anonymous, ALL), Step::Write(ALL)],
    same: |pages| Step::Register(pages, Context::Following),
    other: |pages| Step::Register(pages, Context::Staying),
    act: Act::Register(Some(Context::Following), IfNoMemory::Fail),
    blocker: Blocker::UserfaultfdContext,
}
attributes! {
    suite: rust_vma_userfaultfd_shared,
    module: userfaultfd_shared,
    before: [Step::Map(Kind::Shared, ALL), Step::Write(ALL)],
    same: |pages| Step::Register(pages, Context::Staying),
    other: |pages| Step::Register(pages, Context::Following),
    act: Act::Register(Some(Context::Staying), IfNoMemory::Fail),
    blocker: Blocker::UserfaultfdContext,
}

/// The scenes in which all twelve pages are registered, and some are unregistered.
#[kunit_tests(rust_vma_attributes_lost)]
mod lost {
    use super::*;

    fn scene(give: Give, around: Pages, pages: Pages, act: Act, expect: Expect) -> bool {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Write(ALL),
            give(around),
        ];
        Scenario::new(&before, pages, act, expect).play()
    }

    const NAMED: Give = |pages| Step::Name(pages, Title::Heap);
    const PLACED: Give = |pages| Step::Place(pages, Placement::Node1);
    const REGISTERED: Give = |pages| Step::Register(pages, Context::Staying);
    const UNREGISTER: Act = Act::Register(None, IfNoMemory::GiveUp);

    #[test]
    fn a_name_and_all_are_one() {
        assert!(scene(
            NAMED,
            Pages(4, 8),
            Pages(4, 8),
            Act::Name(None),
            Expect::Both
        ));
    }

    #[test]
    fn a_name_in_the_middle() {
        assert!(scene(
            NAMED,
            ALL,
            Pages(4, 8),
            Act::Name(None),
            Expect::SplitBoth
        ));
    }

    #[test]
    fn a_name_in_part() {
        assert!(scene(
            NAMED,
            Pages(4, 8),
            Pages(6, 8),
            Act::Name(None),
            Expect::NextPart
        ));
    }

    #[test]
    fn a_policy_and_all_are_one() {
        assert!(scene(
            PLACED,
            Pages(4, 8),
            Pages(4, 8),
            Act::Place(None),
            Expect::Both
        ));
    }

    #[test]
    fn a_policy_in_the_middle() {
        assert!(scene(
            PLACED,
            ALL,
            Pages(4, 8),
            Act::Place(None),
            Expect::SplitBoth
        ));
    }

    #[test]
    fn a_policy_in_part() {
        assert!(scene(
            PLACED,
            Pages(4, 8),
            Pages(4, 5),
            Act::Place(None),
            Expect::PrevPart
        ));
    }

    #[test]
    fn a_registration_and_all_are_one() {
        assert!(scene(
            REGISTERED,
            Pages(4, 8),
            Pages(4, 8),
            UNREGISTER,
            Expect::Both
        ));
    }

    #[test]
    fn a_registration_and_one_side_is_one() {
        assert!(scene(
            REGISTERED,
            Pages(4, 12),
            Pages(4, 12),
            UNREGISTER,
            Expect::PrevWhole
        ));
    }

    #[test]
    fn the_last_registration() {
        assert!(scene(
            REGISTERED,
            ALL,
            ALL,
            UNREGISTER,
            Expect::NOTHING_BESIDE
        ));
    }
}
