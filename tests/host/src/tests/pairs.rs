// SPDX-License-Identifier: GPL-2.0

//! Two adjacent VMAs in every possible relation: would C merge them if an operation asked for one of them,
//! and changed nothing?

use super::fake::{
    extent,
    for_each_state,
    Fake, //
};
use crate::vma::{
    compat::{
        Blocker,
        BlockerSet, //
    },
    flags::{
        self,
        VmaFlags, //
    },
    pair::{
        mergeable,
        Apart, //
    },
};

const MAYWRITE: VmaFlags = VmaFlags::of(&[5]);
const MAYBE_GUARD: VmaFlags = VmaFlags::of(&[11]);
const IO: VmaFlags = VmaFlags::of(&[14]);

/// Returns the blockers that keep C from merging `vma` into its neighbour: the tests of mm/vma.c, written a
/// second time.
fn tests_of_c(vma: &Fake, neighbour: &Fake, continues: [bool; 2]) -> BlockerSet {
    let differing = vma.flags.difference(neighbour.flags);
    let anon = match (vma.anon_vma, neighbour.anon_vma) {
        (Some(_), None) => vma.forked.then_some(Blocker::RangeForked),
        (None, Some(_)) => neighbour.forked.then_some(Blocker::NeighbourForked),
        (ours, theirs) => (ours != theirs).then_some(Blocker::AnonVma),
    };
    let looks_at_anon_pgoff =
        vma.file.is_some() && vma.flags.contains(MAYWRITE) && !vma.flags.contains(flags::SHARED);
    [
        vma.flags.intersects(IO).then_some(Blocker::SpecialMapping),
        (vma.policy != neighbour.policy).then_some(Blocker::Policy),
        (differing != VmaFlags::EMPTY && differing != MAYBE_GUARD).then_some(Blocker::Flags),
        (vma.file != neighbour.file).then_some(Blocker::File),
        (vma.userfaultfd != neighbour.userfaultfd).then_some(Blocker::UserfaultfdContext),
        (vma.name != neighbour.name).then_some(Blocker::Name),
        anon,
        (!continues[0]).then_some(Blocker::PageOffset),
        (looks_at_anon_pgoff && !continues[1]).then_some(Blocker::AnonPageOffset),
    ]
    .into_iter()
    .flatten()
    .fold(BlockerSet::NONE, BlockerSet::with)
}

#[test]
fn every_pair() {
    let sizes = [2, 4, 4, 2, 2, 3, 3, 2, 2, 2, 2, 3, 2, 2, 2];
    let mut merges = [0; 3];
    let mut seen = BlockerSet::NONE;
    let count = for_each_state(sizes, |state| {
        let anon_vma = |which: usize| [None, Some(1), Some(2)][which];
        let mapping = [MAYWRITE, MAYWRITE.union(flags::SHARED), VmaFlags::EMPTY][state[11]];
        let special = [VmaFlags::EMPTY, IO][state[14]];
        let continues = [state[9] == 0, state[10] == 0];
        let prev = Fake {
            flags: mapping.union(special).union(match state[1] {
                1 => flags::DONTDUMP,
                _ => VmaFlags::EMPTY,
            }),
            file: [None, Some(1), Some(1), None][state[2]],
            anon_vma: anon_vma(state[5]),
            forked: state[7] == 1,
            closes: state[12] == 1,
            ..Fake::at(extent(10, 14, 100, 200))
        };
        let next = Fake {
            flags: mapping.union(special).union(match state[1] {
                2 => flags::DONTDUMP,
                3 => MAYBE_GUARD,
                _ => VmaFlags::EMPTY,
            }),
            file: [None, Some(1), Some(2), Some(1)][state[2]],
            anon_vma: anon_vma(state[6]),
            forked: state[8] == 1,
            closes: state[13] == 1,
            policy: u8::from(state[0] == 1),
            userfaultfd: u8::from(state[3] == 1),
            name: u8::from(state[4] == 1),
            ..Fake::at(extent(
                14,
                16,
                104 + 7 * usize::from(!continues[0]),
                204 + 9 * usize::from(!continues[1]),
            ))
        };

        let down = tests_of_c(&next, &prev, continues);
        let up = tests_of_c(&prev, &next, continues);
        seen = down.iter().fold(seen, BlockerSet::with);
        let expected =
            if down == BlockerSet::NONE && !next.closes || up == BlockerSet::NONE && !prev.closes {
                Ok(())
            } else {
                Err(Apart {
                    blockers: down,
                    must_not_disappear: prev.closes && next.closes,
                })
            };
        assert_eq!(mergeable(&prev, &next), expected, "{state:?}");
        merges[match expected {
            Ok(()) => 0,
            Err(apart) if apart.blockers == BlockerSet::NONE => 1,
            Err(_) => 2,
        }] += 1;
    });
    assert_eq!(count, sizes.iter().product());
    assert!(merges.iter().all(|&times| times > 0), "{merges:?}");
    println!("{count} pairs: {merges:?} mergeable, must not disappear, not mergeable");

    // A rule that can keep a pair apart, but is missing from `tests_of_c()`, would not be tested here. (These
    // VMAs are adjacent; causes.rs has VMAs that are not.)
    let seen = seen.with(Blocker::NotAdjacent);
    for blocker in Blocker::ALL {
        assert_eq!(
            seen.contains(blocker),
            blocker.of_pair().is_some(),
            "{blocker:?}"
        );
    }
}

/// Of two sets of reasons, the difference has those of the first that the second lacks.
#[test]
fn reasons_beyond_others() {
    let set = |blockers: &[Blocker], must_not_disappear| Apart {
        blockers: blockers
            .iter()
            .copied()
            .fold(BlockerSet::NONE, BlockerSet::with),
        must_not_disappear,
    };
    let both = [Blocker::Name, Blocker::Policy];
    for (one, other, expected) in [
        (true, true, false),
        (true, false, true),
        (false, true, false),
        (false, false, false),
    ] {
        assert_eq!(
            set(&both, one).minus(set(&[Blocker::Policy, Blocker::File], other)),
            set(&[Blocker::Name], expected)
        );
    }
}
