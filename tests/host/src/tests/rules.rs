// SPDX-License-Identifier: GPL-2.0

//! One candidate and one neighbour, in every possible relation.

use super::fake::{
    extent,
    for_each_state,
    Fake, //
};
use crate::vma::{
    compat::{
        all_blockers,
        blocker_between,
        taker,
        Blocker,
        BlockerSet,
        Candidate,
        Joining,
        Reach,
        Side,
        Source, //
    },
    flags::{
        self,
        VmaFlags, //
    },
};
use std::collections::BTreeMap;

const MAYWRITE: VmaFlags = VmaFlags::of(&[5]);
const MAYBE_GUARD: VmaFlags = VmaFlags::of(&[11]);

/// The sizes of the dimensions, in the order of the fields of [`Relation`].
const SIZES: [usize; 15] = [2, 2, 2, 4, 5, 2, 2, 2, 3, 3, 2, 2, 2, 2, 3];

/// A state as named fields.
struct Relation {
    side: Side,
    touch: bool,
    same_policy: bool,
    /// 0: equal; 1: the candidate has one more; 2: the neighbour has one more; 3: a sticky flag differs.
    flags: usize,
    /// 0: no files; 1: the same file; 2: different files; 3: only the candidate has one; 4: only the
    /// neighbour has one.
    files: usize,
    same_userfaultfd: bool,
    same_name: bool,
    candidate_anon_vma: Option<u8>,
    neighbour_anon_vma: Option<u8>,
    /// 0: new pages; 1: pages of another VMA; 2: pages of the neighbour.
    source: usize,
    source_forked: bool,
    neighbour_forked: bool,
    pgoff_continues: bool,
    anon_pgoff_continues: bool,
    /// 0: private and writable; 1: shared; 2: private and never writable.
    mapping: usize,
}

impl Relation {
    fn of(state: [usize; 15]) -> Self {
        let anon_vma = |which: usize| [None, Some(1), Some(2)][which];
        Self {
            side: [Side::Below, Side::Above][state[0]],
            touch: state[1] == 0,
            same_policy: state[2] == 0,
            flags: state[3],
            files: state[4],
            same_userfaultfd: state[5] == 0,
            same_name: state[6] == 0,
            candidate_anon_vma: anon_vma(state[7]),
            neighbour_anon_vma: anon_vma(state[8]),
            source: state[9],
            source_forked: state[10] == 1,
            neighbour_forked: state[11] == 1,
            pgoff_continues: state[12] == 0,
            anon_pgoff_continues: state[13] == 0,
            mapping: state[14],
        }
    }

    /// Returns whether each test of mm/vma.c, in its order, lets the merge pass.
    fn tests_of_c(&self) -> [(bool, Blocker); 9] {
        // The result of vma_is_fork_child() for the VMA that the candidate's pages are in.
        let source_is_fork_child = match self.source {
            0 => false,
            1 => self.source_forked,
            // The source is the neighbour, and counts only if the neighbour has an anon_vma at all.
            _ => self.neighbour_forked && self.neighbour_anon_vma.is_some(),
        };
        let anon = match (self.candidate_anon_vma, self.neighbour_anon_vma) {
            (Some(_), None) => (!source_is_fork_child, Blocker::RangeForked),
            (None, Some(_)) => (!self.neighbour_forked, Blocker::NeighbourForked),
            (ours, theirs) => (ours == theirs, Blocker::AnonVma),
        };
        let candidate_has_file = matches!(self.files, 1..=3);
        let looks_at_anon_pgoff = candidate_has_file && self.mapping == 0;
        [
            (self.touch, Blocker::NotAdjacent),
            (self.same_policy, Blocker::Policy),
            (matches!(self.flags, 0 | 3), Blocker::Flags),
            (matches!(self.files, 0 | 1), Blocker::File),
            (self.same_userfaultfd, Blocker::UserfaultfdContext),
            (self.same_name, Blocker::Name),
            anon,
            (self.pgoff_continues, Blocker::PageOffset),
            (
                !looks_at_anon_pgoff || self.anon_pgoff_continues,
                Blocker::AnonPageOffset,
            ),
        ]
    }

    fn neighbour(&self) -> Fake {
        // The candidate is pages 10 to 14, at offsets 100 and 200.
        let gap = usize::from(!self.touch);
        let off = 7 * usize::from(!self.pgoff_continues);
        let anon_off = 9 * usize::from(!self.anon_pgoff_continues);
        let place = match self.side {
            Side::Below => extent(7 - gap, 10 - gap, 97 + off, 197 + anon_off),
            Side::Above => extent(14 + gap, 16 + gap, 104 + off, 204 + anon_off),
        };
        let extra = match self.flags {
            2 => flags::DONTDUMP,
            _ => VmaFlags::EMPTY,
        };
        Fake {
            flags: self.mapping_flags().union(extra),
            file: [None, Some(1), Some(2), None, Some(1)][self.files],
            anon_vma: self.neighbour_anon_vma,
            forked: self.neighbour_forked,
            ..Fake::at(place)
        }
    }

    fn candidate<'a>(&self, source: &'a Fake, neighbour: &'a Fake) -> Candidate<'a, Fake> {
        let extra = match self.flags {
            1 => flags::DONTDUMP,
            3 => MAYBE_GUARD,
            _ => VmaFlags::EMPTY,
        };
        Candidate {
            extent: extent(10, 14, 100, 200),
            flags: self.mapping_flags().union(extra),
            file: [None, Some(1), Some(1), Some(1), None][self.files],
            anon_vma: self.candidate_anon_vma,
            policy: u8::from(!self.same_policy),
            userfaultfd_context: u8::from(!self.same_userfaultfd),
            name: u8::from(!self.same_name),
            source: match self.source {
                0 => Source::New,
                1 => Source::Leaving(source),
                _ => Source::Leaving(neighbour),
            },
        }
    }

    fn mapping_flags(&self) -> VmaFlags {
        [MAYWRITE, MAYWRITE.union(flags::SHARED), VmaFlags::EMPTY][self.mapping]
    }
}

#[test]
fn every_relation() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let count = for_each_state(SIZES, |state| {
        let relation = Relation::of(state);
        let neighbour = relation.neighbour();
        let source = Fake {
            anon_vma: Some(1),
            forked: relation.source_forked,
            ..Fake::at(extent(50, 54, 0, 0))
        };
        let candidate = relation.candidate(&source, &neighbour);
        let reach = Reach::of_new(&candidate, Joining::EitherSide);
        let reach = reach.unwrap_or_else(|blocker| panic!("{state:?}: {blocker:?}"));

        let all = relation
            .tests_of_c()
            .into_iter()
            .filter(|(passes, _)| !passes)
            .fold(BlockerSet::NONE, |all, (_, blocker)| all.with(blocker));
        let reach_again = Reach::of_new(&candidate, Joining::EitherSide);
        let found = all_blockers(&candidate, reach_again, relation.side, &neighbour);
        assert_eq!(found, all, "{state:?}");

        let expected = relation
            .tests_of_c()
            .into_iter()
            .find(|(passes, _)| !passes);
        let answer = taker(&candidate, &reach, relation.side, Some(&neighbour));
        match (expected, answer) {
            (None, Ok(found)) => assert!(std::ptr::eq(found, &neighbour)),
            (Some((_, blocker)), Err(found)) => assert_eq!(found, blocker, "{state:?}"),
            (expected, answer) => panic!("{state:?}: {:?}, not {expected:?}", answer.err()),
        }
        let name = answer
            .err()
            .map_or("none".into(), |blocker| format!("{blocker:?}"));
        *seen.entry(name).or_default() += 1;
    });
    assert_eq!(
        count,
        2 * 2 * 2 * 4 * 5 * 2 * 2 * 2 * 3 * 3 * 2 * 2 * 2 * 2 * 3
    );
    // All eleven results, and none, have to occur: agreement says nothing about a result that never occurs.
    assert_eq!(seen.len(), 12, "{seen:?}");
    println!("{count} relations: {seen:?}");
}

#[test]
fn nobody_there() {
    let alike = Fake::at(extent(10, 14, 0, 0));
    let candidate = Candidate::like(&alike, alike.extent, Source::New);
    let reach = Reach::of_new(&candidate, Joining::EitherSide).ok();
    for side in [Side::Below, Side::Above] {
        let reach = reach.as_ref().expect("nothing is in the way");
        let answer = taker(&candidate, reach, side, None::<&Fake>);
        assert_eq!(answer.err(), Some(Blocker::NotAdjacent));
    }
}

#[test]
fn neighbours_among_each_other() {
    let anon_vmas = [None, Some(1), Some(2)];
    for ours in anon_vmas {
        for theirs in anon_vmas {
            let with = |anon_vma| Fake {
                anon_vma,
                ..Fake::at(extent(0, 1, 0, 0))
            };
            let differ = ours.is_some() && theirs.is_some() && ours != theirs;
            assert_eq!(
                blocker_between(&with(ours), &with(theirs)),
                differ.then_some(Blocker::NeighboursAnonVma)
            );
        }
    }
}

/// The position of the range in its VMA, and whether it is special, decide why it may not merge at all, or on
/// which sides it may.
#[test]
fn reach_of_a_part() {
    let middle = Fake::at(extent(10, 20, 0, 0));
    for first in 10..20 {
        for last in first + 1..=20 {
            for special in [14, 18, 10, 28].map(Some).into_iter().chain([None]) {
                let flags = special.map_or(MAYWRITE, |bit| VmaFlags::of(&[bit, 5]));
                let reach = Reach::of_part(extent(first, last, 0, 0).range, flags, &middle);
                let expected = match (special, first == 10, last == 20) {
                    (Some(_), ..) => Err(Blocker::SpecialMapping),
                    (None, false, false) => Err(Blocker::TouchesNeitherEnd),
                    (None, below, above) => Ok((below, above)),
                };
                let or_rest = |end: bool| end.then_some(()).ok_or(Blocker::RestOfVma);
                match (reach, expected) {
                    (Err(found), Err(blocker)) => assert_eq!(found, blocker),
                    (Ok(reach), Ok((below, above))) => {
                        assert_eq!(reach.to(Side::Below), or_rest(below));
                        assert_eq!(reach.to(Side::Above), or_rest(above));
                    }
                    (reach, _) => panic!("{first} {last} {special:?} {:?}", reach.err()),
                }
            }
        }
    }
}

#[test]
fn reach_of_what_is_new() {
    let place = extent(10, 14, 0, 0);
    let count = for_each_state([2, 2, 2, 2], |[special, joining, source, loses]| {
        let moved_from = Fake {
            loses_userfaultfd: loses == 1,
            ..Fake::at(extent(50, 54, 0, 0))
        };
        let source = match source {
            0 => Source::New,
            _ => Source::Leaving(&moved_from),
        };
        let moves = source.vma().is_some();
        let candidate = Candidate {
            flags: [MAYWRITE, VmaFlags::of(&[10])][special],
            ..Candidate::like(&moved_from, place, source)
        };
        let joining = [Joining::EitherSide, Joining::ExpandOnly][joining];
        let reach = Reach::of_new(&candidate, joining);
        if moves && loses == 1 {
            assert_eq!(reach.err(), Some(Blocker::MovedUnderUserfaultfd));
        } else if special == 1 {
            assert_eq!(reach.err(), Some(Blocker::SpecialMapping));
        } else {
            let reach = reach.unwrap_or_else(|blocker| panic!("{blocker:?}"));
            let above = match joining {
                Joining::EitherSide => Ok(()),
                Joining::ExpandOnly => Err(Blocker::ExpandOnly),
            };
            assert_eq!(reach.to(Side::Below), Ok(()));
            assert_eq!(reach.to(Side::Above), above);
        }
    });
    assert_eq!(count, 16);
}
