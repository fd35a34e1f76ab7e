// SPDX-License-Identifier: GPL-2.0

//! One VMA grows, shrinks, or is cut in two, and its neighbours do not matter.

use crate::{
    fixture::{
        Placement,
        LOCKED,
        MAYBE_GUARD, //
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
    vma::flags::SEALED,
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 12);
const PREV: Pages = Pages(0, 4);
const GAP: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);

fn scene(before: &[Step], pages: Pages, act: Act, expect: Expect) -> bool {
    Scenario::new(before, pages, act, expect).play()
}

/// Makes a suite for VMAs that are mapped in one way.
macro_rules! resizes {
    (suite: $suite:ident, module: $module:ident, kind: $kind:expr, before: [$($more:expr),*]) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            const WHOLE: &[Step] = &[Step::Map($kind, ALL), $($more,)*];
            const WITH_A_GAP: &[Step] = &[Step::Map($kind, ALL), $($more,)* Step::Unmap(GAP)];

            #[test]
            fn is_cut_and_new_below() {
                assert!(scene(WHOLE, Pages(5, 12), Act::SplitBelow, Expect::Done));
            }

            #[test]
            fn is_cut_and_new_above() {
                assert!(scene(WHOLE, Pages(5, 12), Act::SplitAbove, Expect::Done));
            }

            #[test]
            fn is_cut_after_the_first_page() {
                assert!(scene(WHOLE, Pages(1, 12), Act::SplitAbove, Expect::Done));
            }

            #[test]
            fn is_cut_before_the_last_page() {
                assert!(scene(WHOLE, Pages(11, 12), Act::SplitBelow, Expect::Done));
            }

            #[test]
            fn shrinks() {
                assert!(scene(WHOLE, Pages(4, 12), Act::Shrink, Expect::Done));
            }

            #[test]
            fn shrinks_to_a_page() {
                assert!(scene(WHOLE, Pages(1, 12), Act::Shrink, Expect::Done));
            }

            #[test]
            fn shrinks_below_another() {
                assert!(scene(WITH_A_GAP, Pages(3, 4), Act::Shrink, Expect::Done));
            }

            #[test]
            fn grows_over_another() {
                assert!(scene(WITH_A_GAP, GAP, Act::Over, Expect::Done));
            }

            #[test]
            fn grows_up_to_another() {
                assert!(scene(WITH_A_GAP, GAP, Act::Towards, Expect::Done));
            }

            #[test]
            fn grows_towards_another() {
                assert!(scene(WITH_A_GAP, Pages(4, 6), Act::Towards, Expect::Done));
            }
        }
    };
}

resizes! {
    suite: rust_vma_resize_anonymous,
    module: anonymous,
    kind: Kind::Anonymous,
    before: []
}
resizes! {
    suite: rust_vma_resize_anonymous_faulted,
    module: anonymous_faulted,
    kind: Kind::Anonymous,
    before: [Step::Write(ALL)]
}
resizes! {
    suite: rust_vma_resize_private_faulted,
    module: private_faulted,
    kind: Kind::Private,
    before: [Step::Read(ALL), Step::Write(Pages(2, 10))]
}
resizes! {
    suite: rust_vma_resize_shared,
    module: shared,
    kind: Kind::Shared,
    before: [Step::Write(ALL)]
}
resizes! {
    suite: rust_vma_resize_locked,
    module: locked,
    kind: Kind::Anonymous,
    before: [Step::Force(0, LOCKED), Step::Write(ALL)]
}
resizes! {
    suite: rust_vma_resize_placed,
    module: placed,
    kind: Kind::Anonymous,
    before: [Step::Place(ALL, Placement::Interleaved), Step::Write(ALL)]
}
resizes! {
    suite: rust_vma_resize_named,
    module: named,
    kind: Kind::Anonymous,
    before: [Step::Name(ALL, Title::Heap), Step::Write(ALL)]
}

#[kunit_tests(rust_vma_resize)]
mod one_by_one {
    use super::*;

    #[test]
    fn a_stack_moves_down() {
        let before = [Step::Map(Kind::Anonymous, NEXT), Step::Write(NEXT)];
        assert!(scene(&before, Pages(5, 8), Act::Down, Expect::Done));
    }

    #[test]
    fn a_stack_moves_down_to_another() {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Write(ALL),
            Step::Unmap(GAP),
        ];
        assert!(scene(&before, GAP, Act::Down, Expect::Done));
    }

    #[test]
    fn a_stack_with_guards_moves_down() {
        let before = [
            Step::Map(Kind::Anonymous, NEXT),
            Step::Write(NEXT),
            Step::Force(8, MAYBE_GUARD),
        ];
        assert!(scene(&before, GAP, Act::Down, Expect::Done));
    }

    #[test]
    fn grows_over_one_that_was_written_to() {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Unmap(GAP),
            Step::Write(NEXT),
        ];
        assert!(scene(&before, GAP, Act::Over, Expect::Done));
    }

    #[test]
    fn grows_over_one_with_guards() {
        let before = [
            Step::Map(Kind::Private, ALL),
            Step::Unmap(GAP),
            Step::Write(PREV),
            Step::Force(8, MAYBE_GUARD),
        ];
        assert!(scene(&before, GAP, Act::Over, Expect::Done));
    }

    #[test]
    fn a_sealed_one_is_cut() {
        let before = [Step::Map(Kind::Anonymous, ALL), Step::Force(0, SEALED)];
        assert!(scene(&before, Pages(4, 12), Act::SplitBelow, Expect::Done));
    }

    #[test]
    fn one_that_must_not_disappear_is_cut() {
        let before = [Step::MapFrom(Kind::Closing, ALL, 8)];
        assert!(scene(&before, Pages(4, 12), Act::SplitAbove, Expect::Done));
    }

    #[test]
    fn no_room_for_a_cut() {
        let before = [Step::Map(Kind::Anonymous, ALL), Step::Write(ALL)];
        let scenario = Scenario::new(
            &before,
            Pages(4, 12),
            Act::SplitBelow,
            Expect::Fails(ENOMEM),
        );
        assert!(scenario.with_room(0).play());
    }

    #[test]
    fn room_for_a_cut() {
        let before = [Step::Map(Kind::Anonymous, ALL), Step::Write(ALL)];
        let scenario = Scenario::new(&before, Pages(4, 12), Act::SplitBelow, Expect::Done);
        assert!(scenario.with_room(1).play());
    }
}
