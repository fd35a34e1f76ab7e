// SPDX-License-Identifier: GPL-2.0

//! Flaws in everything besides the facts of a call by which a play is judged.

use super::{
    comes_to,
    is_noticed,
    ANONYMOUS,
    FILE,
    FORKED,
    HUGE_FILE,
    LOW,
    REQUEST,
    SET,
    START,
    THIRD,
    WHOLE, //
};
use crate::{
    fixture::{
        Engine,
        Flaw,
        Leaf,
        Object,
        What,
        HUGEPAGE, //
    },
    twin::{
        Complaint,
        Expect,
        Kind,
        Pages,
        Player,
        Scenario,
        Spared,
        Step,
        HUGE, //
    },
};
use kernel::prelude::*;

#[kunit_tests(rust_vma_oracle)]
mod all_else {
    use super::*;

    #[test]
    fn a_right_engine() {
        for scenario in [ANONYMOUS, FILE, HUGE_FILE, FORKED, REQUEST, WHOLE] {
            assert!(comes_to(&scenario, &[]));
        }
    }

    #[test]
    fn twins_that_differ_from_the_start() {
        let rust = Player::flawed(Engine::Rust, Flaw::Before(THIRD - 1, What::VmaFlags));
        assert!(comes_to(
            &ANONYMOUS.with_rust(rust),
            &[Complaint::TwinsDiffer]
        ));
    }

    #[test]
    fn a_difference_in_the_other_process() {
        let rust = Player::flawed(Engine::Rust, Flaw::KinVma(0, What::VmaFlags));
        let expected = [Complaint::KinDiffers(Engine::Rust, What::VmaFlags, 0)];
        assert!(comes_to(&FORKED.with_rust(rust), &expected));
    }

    #[test]
    fn a_vma_too_many() {
        let rust = Player {
            instead: Some(START),
            ..Player::new(Engine::Rust)
        };
        let vma = Complaint::Differs(Engine::Rust, What::VmaStart, THIRD);
        assert!(is_noticed(&WHOLE.with_rust(rust), vma));
    }

    #[test]
    fn a_vma_too_few() {
        let rust = Player {
            instead: Some(LOW),
            ..Player::new(Engine::Rust)
        };
        let vma = Complaint::Differs(Engine::Rust, What::VmaStart, THIRD);
        assert!(is_noticed(&ANONYMOUS.with_rust(rust), vma));
    }

    #[test]
    fn something_else_is_done_than_expected() {
        let rust = Player {
            instead: Some(START),
            ..Player::new(Engine::Rust)
        };
        assert!(is_noticed(&WHOLE.with_rust(rust), Complaint::Unexpected));
    }

    #[test]
    fn c_is_not_asked() {
        let c = Player::new(Engine::Rust);
        let expected = [Complaint::CWasNotAsked(Engine::Rust)];
        assert!(comes_to(&ANONYMOUS.with_c(c), &expected));
    }

    #[test]
    fn c_is_not_asked_through_a_request() {
        let c = Player::new(Engine::RustByRequest);
        let expected = [
            Complaint::CWasNotAsked(Engine::Rust),
            Complaint::CWasNotAsked(Engine::RustByRequest),
        ];
        assert!(comes_to(&REQUEST.with_c(c), &expected));
    }

    #[test]
    fn rust_asks_c() {
        let rust = Player::new(Engine::C);
        let expected = [Complaint::Unexpected, Complaint::AskedC(Engine::Rust)];
        assert!(comes_to(&ANONYMOUS.with_rust(rust), &expected));
    }

    #[test]
    fn nothing_fails() {
        let expected = [Complaint::DidNotFailOnce(Engine::Rust)];
        let scenario = ANONYMOUS.failing(Leaf::AreaDup, 2);
        assert!(comes_to(&scenario, &expected));
    }

    #[test]
    fn only_one_of_them_fails() {
        const FAILS: Scenario<'_> = Scenario::new(
            &[Step::Map(Kind::Anonymous, LOW)],
            START,
            SET,
            Expect::SplitFails(ENOMEM),
        )
        .failing(Leaf::AreaDup, 1);
        let spared = |engine| Player {
            spared: Spared::Yes,
            ..Player::new(engine)
        };
        let complaint = Complaint::DidNotFailOnce(Engine::Rust);
        assert!(comes_to(&FAILS, &[]));
        assert!(is_noticed(
            &FAILS.with_rust(spared(Engine::Rust)),
            complaint
        ));
        assert!(is_noticed(&FAILS.with_c(spared(Engine::C)), complaint));
    }

    #[test]
    fn a_huge_page_is_not_there() {
        let expected = [
            Complaint::HugePage(Engine::Rust, 0),
            Complaint::HugePage(Engine::C, 0),
        ];
        assert!(comes_to(&ANONYMOUS.leaves_huge(&[(0, true)]), &expected));
        assert!(comes_to(&ANONYMOUS.leaves_huge(&[(0, false)]), &[]));
    }

    #[test]
    fn a_huge_page_is_still_there() {
        const BOTH: Pages = Pages(0, 2 * HUGE);
        const CUT_BETWEEN: Scenario<'_> = Scenario::new(
            &[
                Step::Map(Kind::Anonymous, BOTH),
                Step::Force(0, HUGEPAGE),
                Step::Write(BOTH),
                Step::IsHuge(0),
                Step::IsHuge(HUGE),
            ],
            Pages(0, HUGE),
            SET,
            Expect::SplitEnd,
        );
        let expected = [
            Complaint::HugePage(Engine::Rust, HUGE),
            Complaint::HugePage(Engine::C, HUGE),
        ];
        let one_is_split = [(0, true), (HUGE, false)];
        assert!(comes_to(&CUT_BETWEEN.leaves_huge(&one_is_split), &expected));
    }

    #[test]
    fn contents_are_lost() {
        let rust = Player::flawed(Engine::Rust, Flaw::Page(8));
        let expected = [Complaint::ContentsLost(Engine::Rust)];
        assert!(comes_to(&ANONYMOUS.with_rust(rust), &expected));
        let c = Player::flawed(Engine::C, Flaw::Page(11));
        let expected = [Complaint::ContentsLost(Engine::C)];
        assert!(comes_to(&ANONYMOUS.with_c(c), &expected));
    }

    #[test]
    fn contents_of_the_other_process_are_lost() {
        let rust = Player::flawed(Engine::Rust, Flaw::KinPage(3));
        let expected = [Complaint::ContentsLost(Engine::Rust)];
        assert!(comes_to(&FORKED.with_rust(rust), &expected));
    }

    #[test]
    fn something_is_left_over() {
        for object in [Object::File, Object::Policy, Object::Name] {
            let rust = Player::flawed(Engine::Rust, Flaw::Keeps(object));
            let expected = [Complaint::NotAllGone(Engine::Rust)];
            assert!(comes_to(&ANONYMOUS.with_rust(rust), &expected));
            let c = Player::flawed(Engine::C, Flaw::Keeps(object));
            let expected = [Complaint::NotAllGone(Engine::C)];
            assert!(comes_to(&ANONYMOUS.with_c(c), &expected));
        }
    }

    #[test]
    fn something_is_left_over_after_a_request() {
        let rust = Player::flawed(Engine::Rust, Flaw::Keeps(Object::File));
        let expected = [
            Complaint::NotAllGone(Engine::RustByRequest),
            Complaint::NotAllGone(Engine::Rust),
        ];
        assert!(comes_to(&REQUEST.with_rust(rust), &expected));
    }
}
