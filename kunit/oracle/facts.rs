// SPDX-License-Identifier: GPL-2.0

//! Flaws for all facts that are compared.

use super::{
    comes_to,
    ANONYMOUS,
    FILE,
    HUGE_FILE,
    REQUEST,
    THIRD, //
};
use crate::{
    fixture::{
        Engine,
        Flaw,
        What, //
    },
    twin::{
        Complaint,
        Player,
        Scenario, //
    },
};
use kernel::prelude::*;

/// The number of links of one VMA's chain that have facts.
const LINKS: usize = 4;
/// The first link of the third VMA.
const LINK: usize = THIRD * LINKS;

/// Returns whether these facts differ if Rust has this flaw, and also if C has it.
fn differs(scenario: Scenario<'_>, flaw: Flaw, facts: &[(What, usize)]) -> Result<bool> {
    let mut expected = KVec::new();
    for (what, of) in facts {
        let complaint = Complaint::Differs(Engine::Rust, *what, *of);
        expected.push(complaint, GFP_KERNEL)?;
    }
    let right = comes_to(
        &scenario.with_rust(Player::flawed(Engine::Rust, flaw)),
        &expected,
    );
    let itself = Player::new(Engine::Rust);
    let c = Player::flawed(Engine::C, flaw);
    Ok(right & comes_to(&scenario.with_rust(itself).with_c(c), &expected))
}

/// A scenario, a flaw, and the facts in which the flaw shows.
struct Row(Scenario<'static>, Flaw, &'static [(What, usize)]);

/// Returns rows with flaws in the third VMA of a scenario, each of which shows in the fact that it falsifies.
macro_rules! third {
    ($scenario:expr, $($what:ident),+) => {
        [$(Row($scenario, Flaw::Vma(THIRD, What::$what), &[(What::$what, THIRD)])),+]
    };
}

/// Returns rows with flaws in the anon_vma of the third VMA, each of which shows in the fact that it
/// falsifies.
macro_rules! link {
    ($($what:ident),+) => {
        [$(Row(ANONYMOUS, Flaw::Vma(THIRD, What::$what), &[(What::$what, LINK)])),+]
    };
}

const IN_A_VMA: [Row; 7] = third!(
    ANONYMOUS,
    VmaStart,
    VmaEnd,
    VmaPgoff,
    VmaAnonPgoff,
    VmaFlags,
    VmaContext,
    VmaChainLength
);
const IN_A_POLICY: [Row; 3] = third!(
    ANONYMOUS,
    VmaPolicyMode,
    VmaPolicyNodes,
    VmaPolicyReferences
);
const IN_A_NAME: [Row; 1] = third!(ANONYMOUS, VmaNameReferences);
const IN_A_FILE_TREE: [Row; 1] = third!(FILE, VmaPlaceInFile);
const IN_A_LINK: [Row; 4] = link!(LinkPlace, LinkUsers, LinkChildren, LinkReferences);

/// Flaws that remove an object, so that its facts are missing as well.
const WITHOUT_AN_OBJECT: [Row; 5] = [
    Row(
        ANONYMOUS,
        Flaw::Vma(THIRD, What::VmaAnonVma),
        &[(What::VmaAnonVma, THIRD)],
    ),
    Row(
        ANONYMOUS,
        Flaw::Vma(THIRD, What::LinkAnonVma),
        &[
            (What::LinkAnonVma, LINK),
            (What::LinkPlace, LINK),
            (What::LinkUsers, LINK),
            (What::LinkChildren, LINK),
            (What::LinkReferences, LINK),
        ],
    ),
    Row(
        ANONYMOUS,
        Flaw::Vma(THIRD, What::VmaPolicy),
        &[
            (What::VmaPolicy, THIRD),
            (What::VmaPolicyMode, THIRD),
            (What::VmaPolicyNodes, THIRD),
            (What::VmaPolicyReferences, THIRD),
        ],
    ),
    Row(
        ANONYMOUS,
        Flaw::Vma(THIRD, What::VmaName),
        &[(What::VmaName, THIRD), (What::VmaNameReferences, THIRD)],
    ),
    Row(
        FILE,
        Flaw::Vma(THIRD, What::VmaFile),
        &[(What::VmaFile, THIRD), (What::VmaPlaceInFile, THIRD)],
    ),
];

/// A flaw in the VMA that was cut, which is write-locked.
const IN_A_LOCK: [Row; 1] = [Row(
    ANONYMOUS,
    Flaw::Vma(0, What::VmaWriteLocked),
    &[(What::VmaWriteLocked, 0)],
)];

/// Flaws in an iterator that stands on the first of three VMAs. With the status of an iterator that was just
/// set to its index, a step forward leads to the first VMA. If the iterator stands on the second VMA, a step
/// forward leads to the third VMA, and a step back to the first.
const IN_THE_ITERATOR: [Row; 5] = [
    Row(
        ANONYMOUS,
        Flaw::Iterator(What::IteratorIndex),
        &[(What::IteratorIndex, 0)],
    ),
    Row(
        ANONYMOUS,
        Flaw::Iterator(What::IteratorLast),
        &[(What::IteratorLast, 0)],
    ),
    Row(
        ANONYMOUS,
        Flaw::Iterator(What::IteratorStatus),
        &[(What::IteratorStatus, 0), (What::IteratorNext, 0)],
    ),
    Row(
        ANONYMOUS,
        Flaw::Iterator(What::IteratorHoldsMemory),
        &[(What::IteratorHoldsMemory, 0)],
    ),
    Row(
        ANONYMOUS,
        Flaw::Iterator(What::IteratorNext),
        &[(What::IteratorNext, 0), (What::IteratorPrev, 0)],
    ),
];

const BESIDE: [Row; 14] = [
    Row(ANONYMOUS, Flaw::Returned, &[(What::Returned, 0)]),
    Row(ANONYMOUS, Flaw::MapCount, &[(What::MapCount, 0)]),
    Row(
        FILE,
        Flaw::File(0, What::FileReferences),
        &[(What::FileReferences, 0)],
    ),
    Row(
        FILE,
        Flaw::File(1, What::FileReferences),
        &[(What::FileReferences, 1)],
    ),
    Row(
        FILE,
        Flaw::File(0, What::FileWriters),
        &[(What::FileWriters, 0)],
    ),
    Row(
        FILE,
        Flaw::File(2, What::FileOpened),
        &[(What::FileOpened, 2)],
    ),
    Row(
        FILE,
        Flaw::File(2, What::FileClosed),
        &[(What::FileClosed, 2)],
    ),
    Row(
        HUGE_FILE,
        Flaw::File(3, What::FileReferences),
        &[(What::FileReferences, 3)],
    ),
    Row(ANONYMOUS, Flaw::Policy(0), &[(What::PolicyReferences, 0)]),
    Row(ANONYMOUS, Flaw::Policy(1), &[(What::PolicyReferences, 1)]),
    Row(ANONYMOUS, Flaw::Policy(2), &[(What::PolicyReferences, 2)]),
    Row(ANONYMOUS, Flaw::Name(0), &[(What::NameReferences, 0)]),
    Row(ANONYMOUS, Flaw::Name(1), &[(What::NameReferences, 1)]),
    Row(ANONYMOUS, Flaw::Name(2), &[(What::NameReferences, 2)]),
];

/// All rows.
const ROWS: [&[Row]; 9] = [
    &IN_A_VMA,
    &IN_A_POLICY,
    &IN_A_NAME,
    &IN_A_FILE_TREE,
    &IN_A_LINK,
    &WITHOUT_AN_OBJECT,
    &IN_A_LOCK,
    &IN_THE_ITERATOR,
    &BESIDE,
];

/// The facts in a request; [`in_requests`] has a flaw for each.
const OF_A_REQUEST: [What; 7] = [
    What::RequestState,
    What::RequestTarget,
    What::RequestStart,
    What::RequestEnd,
    What::RequestPgoff,
    What::RequestAnonPgoff,
    What::RequestFlags,
];

/// The facts about calls; [`super::calls`] has flaws for them.
const OF_CALLS: [What; 2] = [What::Leaf, What::LeafArgument];

/// Returns whether each of these flaws is found in exactly its facts.
fn are_found(rows: &[Row]) -> bool {
    rows.iter().fold(true, |all, Row(scenario, flaw, facts)| {
        let found = differs(*scenario, *flaw, facts) == Ok(true);
        if !found {
            pr_err!("{flaw:?} was not found as it should be\n");
        }
        all & found
    })
}

#[kunit_tests(rust_vma_oracle_facts)]
mod each_fact {
    use super::*;

    #[test]
    fn of_a_vma() {
        assert!(are_found(&IN_A_VMA));
    }

    #[test]
    fn of_a_policy() {
        assert!(are_found(&IN_A_POLICY));
    }

    #[test]
    fn of_a_name() {
        assert!(are_found(&IN_A_NAME));
    }

    #[test]
    fn of_a_file_tree() {
        assert!(are_found(&IN_A_FILE_TREE));
    }

    #[test]
    fn of_a_link() {
        assert!(are_found(&IN_A_LINK));
    }

    #[test]
    fn without_an_object() {
        assert!(are_found(&WITHOUT_AN_OBJECT));
    }

    #[test]
    fn of_a_lock() {
        assert!(are_found(&IN_A_LOCK));
    }

    #[test]
    fn of_the_iterator() {
        assert!(are_found(&IN_THE_ITERATOR));
    }

    #[test]
    fn of_all_else() {
        assert!(are_found(&BESIDE));
    }

    #[test]
    fn that_are_all_there_are() {
        for what in What::ALL {
            let shows = |Row(_, _, facts): &Row| facts.iter().any(|(fact, _)| fact == what);
            let found = ROWS.iter().any(|rows| rows.iter().any(shows));
            assert!(found || OF_A_REQUEST.contains(what) || OF_CALLS.contains(what));
        }
    }
}

#[kunit_tests(rust_vma_oracle_requests)]
mod in_requests {
    use super::*;

    #[test]
    fn each_fact() {
        for what in OF_A_REQUEST {
            let rust = Player::flawed(Engine::Rust, Flaw::Request(what));
            let expected = [Complaint::Differs(Engine::RustByRequest, what, 0)];
            assert!(comes_to(&REQUEST.with_rust(rust), &expected));
        }
    }

    #[test]
    fn returned_values_by_either_way() {
        let rust = Player::flawed(Engine::Rust, Flaw::Returned);
        let expected = [
            Complaint::Differs(Engine::Rust, What::Returned, 0),
            Complaint::Differs(Engine::RustByRequest, What::Returned, 0),
        ];
        assert!(comes_to(&REQUEST.with_rust(rust), &expected));
    }
}
