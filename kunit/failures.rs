// SPDX-License-Identifier: GPL-2.0

//! Failing allocations, each in turn, in every shape of merge and split.
//!
//! The scene is that of `shapes.rs`. Rust leaves the layout, the iterator, the references and the contents as
//! C leaves them. (The middle has a policy and a name, because undoing a split has to drop both.)

use crate::{
    fixture::{
        Backing,
        Context,
        Engine,
        Leaf,
        Placement,
        TestMm, //
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
        flags::DONTCOPY,
        merge::IfNoMemory, //
    },
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 12);
const PREV: Pages = Pages(0, 4);
const MIDDLE: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);

/// A function that returns a step which gives pages an attribute.
type Give = fn(Pages) -> Step;

/// Makes a suite for one change of memory of one kind.
macro_rules! failures {
    (
        suite: $suite:ident, module: $module:ident, kind: $kind:expr,
        same: $same:expr, act: $act:expr $(,)?
    ) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            const SAME: Give = $same;
            const NO_STEP: Step = Step::Read(Pages(0, 0));

            /// Plays the scene with neighbours that have the new attribute of the middle. The pages `written`
            /// are written to first.
            fn merge(shape: &'static Expect, written: Pages, pages: Pages, leaf: Leaf) -> bool {
                let (prev, next) = match shape {
                    Expect::Both => (SAME(PREV), SAME(NEXT)),
                    Expect::PrevWhole | Expect::PrevPart => (SAME(PREV), NO_STEP),
                    _ => (NO_STEP, SAME(NEXT)),
                };
                let before = [Step::Map($kind, ALL), prev, next, Step::Write(written)];
                Scenario::new(&before, pages, $act, Expect::NoMemoryFor(shape))
                    .failing(leaf, 1)
                    .play()
            }

            /// Plays the scene with a middle that has a name and a policy, unless the change itself gives it
            /// one.
            fn split(pages: Pages, leaf: Leaf, nth: u32) -> bool {
                let before = [
                    Step::Map($kind, ALL),
                    match $act {
                        Act::Name(_) => NO_STEP,
                        _ => Step::Name(ALL, Title::Stack),
                    },
                    match $act {
                        Act::Place(_) => NO_STEP,
                        _ => Step::Place(ALL, Placement::Interleaved),
                    },
                    Step::Write(ALL),
                ];
                let expect = match nth {
                    1 => Expect::SplitFails(ENOMEM),
                    _ => Expect::SecondSplitFails(ENOMEM),
                };
                Scenario::new(&before, pages, $act, expect)
                    .failing(leaf, nth)
                    .play()
            }

            #[test]
            fn merge_with_both_without_a_store() {
                assert!(merge(&Expect::Both, PREV, MIDDLE, Leaf::Preallocate));
            }

            #[test]
            fn merge_with_both_without_a_clone_of_the_middle() {
                assert!(merge(&Expect::Both, MIDDLE, MIDDLE, Leaf::AnonVmaClone));
            }

            #[test]
            fn merge_with_both_without_a_clone_of_next() {
                assert!(merge(&Expect::Both, NEXT, MIDDLE, Leaf::AnonVmaClone));
            }

            #[test]
            fn merge_with_both_with_a_clone_and_without_a_store() {
                assert!(merge(&Expect::Both, NEXT, MIDDLE, Leaf::Preallocate));
            }

            #[test]
            fn merge_with_prev_without_a_store() {
                assert!(merge(
                    &Expect::PrevWhole,
                    PREV,
                    Pages(4, 12),
                    Leaf::Preallocate
                ));
            }

            #[test]
            fn merge_with_prev_without_a_clone() {
                assert!(merge(
                    &Expect::PrevWhole,
                    Pages(4, 12),
                    Pages(4, 12),
                    Leaf::AnonVmaClone
                ));
            }

            #[test]
            fn merge_with_prev_with_a_clone_and_without_a_store() {
                assert!(merge(
                    &Expect::PrevWhole,
                    Pages(4, 12),
                    Pages(4, 12),
                    Leaf::Preallocate
                ));
            }

            #[test]
            fn merge_part_with_prev_without_a_store() {
                assert!(merge(
                    &Expect::PrevPart,
                    PREV,
                    Pages(4, 5),
                    Leaf::Preallocate
                ));
            }

            #[test]
            fn merge_part_with_prev_without_a_clone() {
                assert!(merge(
                    &Expect::PrevPart,
                    MIDDLE,
                    Pages(4, 5),
                    Leaf::AnonVmaClone
                ));
            }

            #[test]
            fn merge_part_with_prev_with_a_clone_and_without_a_store() {
                assert!(merge(
                    &Expect::PrevPart,
                    MIDDLE,
                    Pages(4, 5),
                    Leaf::Preallocate
                ));
            }

            #[test]
            fn merge_with_next_without_a_store() {
                assert!(merge(
                    &Expect::NextWhole,
                    NEXT,
                    Pages(0, 8),
                    Leaf::Preallocate
                ));
            }

            #[test]
            fn merge_with_next_without_a_clone() {
                assert!(merge(
                    &Expect::NextWhole,
                    MIDDLE,
                    Pages(0, 8),
                    Leaf::AnonVmaClone
                ));
            }

            #[test]
            fn merge_with_next_with_a_clone_and_without_a_store() {
                assert!(merge(
                    &Expect::NextWhole,
                    MIDDLE,
                    Pages(0, 8),
                    Leaf::Preallocate
                ));
            }

            #[test]
            fn merge_part_with_next_without_a_store() {
                assert!(merge(
                    &Expect::NextPart,
                    NEXT,
                    Pages(7, 8),
                    Leaf::Preallocate
                ));
            }

            #[test]
            fn merge_part_with_next_without_a_clone() {
                assert!(merge(
                    &Expect::NextPart,
                    MIDDLE,
                    Pages(7, 8),
                    Leaf::AnonVmaClone
                ));
            }

            #[test]
            fn merge_part_with_next_with_a_clone_and_without_a_store() {
                assert!(merge(
                    &Expect::NextPart,
                    MIDDLE,
                    Pages(7, 8),
                    Leaf::Preallocate
                ));
            }

            #[test]
            fn split_at_start_without_a_vma() {
                assert!(split(Pages(4, 12), Leaf::AreaDup, 1));
            }

            #[test]
            fn split_at_start_without_a_store() {
                assert!(split(Pages(4, 12), Leaf::Preallocate, 1));
            }

            #[test]
            fn split_at_start_without_a_policy() {
                assert!(split(Pages(4, 12), Leaf::DupPolicy, 1));
            }

            #[test]
            fn split_at_start_without_a_clone() {
                assert!(split(Pages(4, 12), Leaf::AnonVmaClone, 1));
            }

            #[test]
            fn split_at_end_without_a_vma() {
                assert!(split(Pages(0, 8), Leaf::AreaDup, 1));
            }

            #[test]
            fn split_at_end_without_a_store() {
                assert!(split(Pages(0, 8), Leaf::Preallocate, 1));
            }

            #[test]
            fn split_at_end_without_a_policy() {
                assert!(split(Pages(0, 8), Leaf::DupPolicy, 1));
            }

            #[test]
            fn split_at_end_without_a_clone() {
                assert!(split(Pages(0, 8), Leaf::AnonVmaClone, 1));
            }

            #[test]
            fn second_split_without_a_vma() {
                assert!(split(MIDDLE, Leaf::AreaDup, 2));
            }

            #[test]
            fn second_split_without_a_store() {
                assert!(split(MIDDLE, Leaf::Preallocate, 2));
            }

            #[test]
            fn second_split_without_a_policy() {
                assert!(split(MIDDLE, Leaf::DupPolicy, 2));
            }

            #[test]
            fn second_split_without_a_clone() {
                assert!(split(MIDDLE, Leaf::AnonVmaClone, 2));
            }
        }
    };
}

failures! {
    suite: rust_vma_failures_flags,
    module: flags,
    kind: Kind::Anonymous,
    same: |pages| Step::Set(pages, DONTCOPY),
    act: Act::Set(DONTCOPY),
}
failures! {
    suite: rust_vma_failures_flags_private,
    module: flags_private,
    kind: Kind::Private,
    same: |pages| Step::Set(pages, DONTCOPY),
    act: Act::Set(DONTCOPY),
}
failures! {
    suite: rust_vma_failures_name,
    module: name,
    kind: Kind::Anonymous,
    same: |pages| Step::Name(pages, Title::Heap),
    act: Act::Name(Some(Title::Heap)),
}
failures! {
    suite: rust_vma_failures_policy,
    module: policy,
    kind: Kind::Anonymous,
    same: |pages| Step::Place(pages, Placement::Node0),
    act: Act::Place(Some(Placement::Node0)),
}
failures! {
    suite: rust_vma_failures_userfaultfd,
    module: userfaultfd,
    kind: Kind::Anonymous,
    same: |pages| Step::Register(pages, Context::Staying),
    act: Act::Register(Some(Context::Staying), IfNoMemory::Fail),
}

/// The callers that must not fail: they go on as if nothing could merge.
#[kunit_tests(rust_vma_failures_given_up)]
mod given_up {
    use super::*;

    const UNREGISTER: Act = Act::Register(None, IfNoMemory::GiveUp);

    /// Plays the scene in which `registered` is unregistered after writes to `written`.
    fn scene(registered: Pages, written: Pages, leaf: Leaf) -> bool {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Register(registered, Context::Following),
            Step::Write(written),
        ];
        Scenario::new(&before, registered, UNREGISTER, Expect::GaveUp)
            .failing(leaf, 1)
            .play()
    }

    /// The request of a caller that gives up does not report the lack of memory.
    #[test]
    fn expansion_without_a_store() {
        let grow = |engine| {
            let mm = TestMm::new()?;
            mm.map(&Backing::Anonymous, NEXT.range()?, 0)?;
            mm.ask_to_grow_or_give_up(engine, MIDDLE.range()?)
        };
        let in_c = grow(Engine::C);
        assert!(matches!(in_c, Ok((Err(errno), _)) if errno == ENOMEM.to_errno()));
        assert_eq!(grow(Engine::Rust), in_c);
    }

    #[test]
    fn merge_with_both_without_a_store() {
        assert!(scene(MIDDLE, ALL, Leaf::Preallocate));
    }

    #[test]
    fn merge_with_both_without_a_clone() {
        assert!(scene(MIDDLE, MIDDLE, Leaf::AnonVmaClone));
    }

    #[test]
    fn merge_with_prev_without_a_store() {
        assert!(scene(NEXT, ALL, Leaf::Preallocate));
    }

    #[test]
    fn merge_with_prev_with_a_clone_and_without_a_store() {
        assert!(scene(NEXT, NEXT, Leaf::Preallocate));
    }

    #[test]
    fn merge_with_next_without_a_store() {
        assert!(scene(PREV, ALL, Leaf::Preallocate));
    }

    #[test]
    fn merge_with_next_without_a_clone() {
        assert!(scene(PREV, PREV, Leaf::AnonVmaClone));
    }
}
