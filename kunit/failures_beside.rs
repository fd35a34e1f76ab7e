// SPDX-License-Identifier: GPL-2.0

//! Failing allocations, each in turn, while a VMA is mapped, extended, shrunk or split.
//!
//! The scene is that of `new_range.rs`: prev, four free pages, and next.

use crate::{
    fixture::{
        Leaf,
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
    vma::flags::VmaFlags,
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 12);
const PREV: Pages = Pages(0, 4);
const GAP: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);
const SOURCE: Pages = Pages(20, 24);

const BOTH: Expect = Expect::NoMemoryFor(&Expect::Both);
const INTO_PREV: Expect = Expect::NoMemoryFor(&Expect::PrevWhole);
const INTO_NEXT: Expect = Expect::NoMemoryFor(&Expect::NextWhole);
const FAILS: Expect = Expect::Fails(ENOMEM);

/// Makes a suite for memory of one kind.
macro_rules! failures {
    (suite: $suite:ident, module: $module:ident, kind: $kind:expr $(,)?) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            const MAP: Act = Act::Map($kind, VmaFlags::EMPTY);
            const MAP_PREV: Step = Step::Map($kind, PREV);
            const MAP_NEXT: Step = Step::Map($kind, NEXT);

            fn scene(before: &[Step], act: Act, leaf: Leaf, expect: Expect) -> bool {
                let pages = match act {
                    Act::Shrink | Act::SplitBelow | Act::SplitAbove => Pages(5, 12),
                    _ => GAP,
                };
                Scenario::new(before, pages, act, expect)
                    .failing(leaf, 1)
                    .play()
            }

            fn new(before: &[Step], leaf: Leaf, expect: Expect) -> bool {
                scene(before, MAP, leaf, expect)
            }

            /// Plays a scene in which pages move back to their original place.
            fn copy(neighbours: &[Step], leaf: Leaf, expect: Expect) -> bool {
                let mut before = [
                    Step::MapFrom($kind, SOURCE, 4),
                    Step::CameFrom(20, 4),
                    Step::Write(SOURCE),
                    Step::Read(SOURCE),
                    Step::Read(SOURCE),
                ];
                for (step, neighbour) in before.iter_mut().skip(3).zip(neighbours) {
                    *step = *neighbour;
                }
                scene(&before, Act::Copy(20), leaf, expect)
            }

            /// Plays a scene in which the VMA has a reference of every kind that has to be dropped.
            fn cut(act: Act, leaf: Leaf) -> bool {
                let before = [
                    Step::Map($kind, ALL),
                    Step::Name(ALL, Title::Heap),
                    Step::Place(ALL, Placement::Node1),
                    Step::Write(ALL),
                ];
                scene(&before, act, leaf, FAILS)
            }

            #[test]
            fn joins_both_without_a_store() {
                assert!(new(&[MAP_PREV, MAP_NEXT], Leaf::Preallocate, BOTH));
            }

            #[test]
            fn joins_prev_without_a_store() {
                assert!(new(&[MAP_PREV], Leaf::Preallocate, INTO_PREV));
            }

            #[test]
            fn joins_next_without_a_store() {
                assert!(new(&[MAP_NEXT], Leaf::Preallocate, INTO_NEXT));
            }

            #[test]
            fn joins_both_without_a_clone() {
                let before = [MAP_PREV, MAP_NEXT, Step::Write(NEXT)];
                assert!(new(&before, Leaf::AnonVmaClone, Expect::GaveUp));
            }

            #[test]
            fn joins_both_with_a_clone_and_without_a_store() {
                let before = [MAP_PREV, MAP_NEXT, Step::Write(NEXT)];
                assert!(new(&before, Leaf::Preallocate, BOTH));
            }

            #[test]
            fn extends_without_a_store() {
                assert!(scene(
                    &[MAP_PREV],
                    Act::Extend,
                    Leaf::Preallocate,
                    INTO_PREV
                ));
            }

            #[test]
            fn extends_to_next_without_a_store() {
                let before = [MAP_PREV, MAP_NEXT];
                assert!(scene(&before, Act::Extend, Leaf::Preallocate, BOTH));
            }

            #[test]
            fn extends_to_next_without_a_clone() {
                let before = [MAP_PREV, MAP_NEXT, Step::Write(NEXT)];
                assert!(scene(
                    &before,
                    Act::Extend,
                    Leaf::AnonVmaClone,
                    Expect::GaveUp
                ));
            }

            #[test]
            fn copied_to_both_without_a_store() {
                let neighbours = [MAP_PREV, MAP_NEXT];
                assert!(copy(&neighbours, Leaf::Preallocate, BOTH));
            }

            #[test]
            fn copied_to_both_without_a_clone() {
                let neighbours = [MAP_PREV, MAP_NEXT];
                assert!(copy(&neighbours, Leaf::AnonVmaClone, Expect::GaveUp));
            }

            #[test]
            fn copied_to_prev_without_a_store() {
                assert!(copy(&[MAP_PREV], Leaf::Preallocate, INTO_PREV));
            }

            #[test]
            fn copied_to_prev_without_a_clone() {
                assert!(copy(&[MAP_PREV], Leaf::AnonVmaClone, Expect::GaveUp));
            }

            #[test]
            fn copied_to_next_without_a_store() {
                assert!(copy(&[MAP_NEXT], Leaf::Preallocate, INTO_NEXT));
            }

            #[test]
            fn copied_to_next_without_a_clone() {
                assert!(copy(&[MAP_NEXT], Leaf::AnonVmaClone, Expect::GaveUp));
            }

            #[test]
            fn grows_over_another_without_a_store() {
                let before = [MAP_PREV, MAP_NEXT];
                assert!(scene(&before, Act::Over, Leaf::Preallocate, FAILS));
            }

            #[test]
            fn grows_over_another_without_a_clone() {
                let before = [MAP_PREV, MAP_NEXT, Step::Write(NEXT)];
                assert!(scene(&before, Act::Over, Leaf::AnonVmaClone, FAILS));
            }

            #[test]
            fn grows_over_another_with_a_clone_and_without_a_store() {
                let before = [MAP_PREV, MAP_NEXT, Step::Write(NEXT)];
                assert!(scene(&before, Act::Over, Leaf::Preallocate, FAILS));
            }

            #[test]
            fn grows_down_without_a_store() {
                let before = [MAP_NEXT, Step::Write(NEXT)];
                assert!(scene(&before, Act::Down, Leaf::Preallocate, FAILS));
            }

            #[test]
            fn shrinks_without_a_store() {
                assert!(cut(Act::Shrink, Leaf::Preallocate));
            }

            #[test]
            fn is_cut_and_new_below_without_a_vma() {
                assert!(cut(Act::SplitBelow, Leaf::AreaDup));
            }

            #[test]
            fn is_cut_and_new_below_without_a_store() {
                assert!(cut(Act::SplitBelow, Leaf::Preallocate));
            }

            #[test]
            fn is_cut_and_new_below_without_a_policy() {
                assert!(cut(Act::SplitBelow, Leaf::DupPolicy));
            }

            #[test]
            fn is_cut_and_new_below_without_a_clone() {
                assert!(cut(Act::SplitBelow, Leaf::AnonVmaClone));
            }

            #[test]
            fn is_cut_and_new_above_without_a_vma() {
                assert!(cut(Act::SplitAbove, Leaf::AreaDup));
            }

            #[test]
            fn is_cut_and_new_above_without_a_store() {
                assert!(cut(Act::SplitAbove, Leaf::Preallocate));
            }

            #[test]
            fn is_cut_and_new_above_without_a_policy() {
                assert!(cut(Act::SplitAbove, Leaf::DupPolicy));
            }

            #[test]
            fn is_cut_and_new_above_without_a_clone() {
                assert!(cut(Act::SplitAbove, Leaf::AnonVmaClone));
            }
        }
    };
}

failures! {
    suite: rust_vma_failures_beside_anonymous,
    module: anonymous,
    kind: Kind::Anonymous,
}
failures! {
    suite: rust_vma_failures_beside_private,
    module: private,
    kind: Kind::Private,
}

#[kunit_tests(rust_vma_failures_brk)]
mod brk {
    use super::*;

    #[test]
    fn the_heap_grows_without_a_store() {
        let before = [Step::Map(Kind::Anonymous, PREV), Step::Write(PREV)];
        let scenario = Scenario::new(&before, GAP, Act::Brk, INTO_PREV);
        assert!(scenario.failing(Leaf::Preallocate, 1).play());
    }
}
