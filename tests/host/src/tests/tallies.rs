// SPDX-License-Identifier: GPL-2.0

//! Figures about many VMAs, compared with a count that visits all of them again for each set of causes.

use super::{
    causes::names,
    fake::{
        extent,
        Dice,
        Fake, //
    },
};
use crate::{
    explain::{
        answer::Entry,
        cause_set::CauseSet,
        counts::{
            Count,
            SETS, //
        },
        Answer,
        Boundary, //
    },
    vma::{
        causes::Cause,
        flags::VmaFlags, //
    },
};

pub(super) type Tally = crate::explain::Tally<Vec<Option<Count>>>;

/// Returns the number of layouts to try: the environment variable LAYOUTS, or `regular` without it.
pub(super) fn layouts(regular: usize) -> usize {
    match std::env::var("LAYOUTS") {
        Ok(number) => number.parse().expect("LAYOUTS is a number"),
        Err(_) => regular,
    }
}

/// Returns some VMAs, one above the other, with a few kinds of differences, and with holes.
pub(super) fn some_vmas(dice: &mut Dice, most: usize) -> Vec<Fake> {
    let mut page = 10;
    let kinds = dice.roll(8);
    let holes = [0, 4, 9][dice.roll(3)];
    // VMAs with the same anon_vma have a common origin, so that either all of them are inherited or none.
    let forked = [dice.roll(3) == 0, dice.roll(3) == 0, dice.roll(3) == 0];
    let roots = [Some(1 + dice.roll(2) as u8), Some(2), None];
    (0..1 + dice.roll(most))
        .map(|_| {
            page += usize::from(holes > 0 && dice.roll(holes) == 0);
            let pages = 1 + dice.roll(3);
            let shift = usize::from(dice.roll(12) == 0);
            let place = extent(page, page + pages, page + shift, page);
            page += pages;
            let mut bits = Vec::new();
            if kinds > 0 && dice.roll(2) == 0 {
                bits.push(17);
            }
            if kinds > 2 && dice.roll(2) == 0 {
                bits.push(26);
            }
            if kinds > 4 {
                // Three flags that occur together.
                bits.extend([[13, 31, 25].as_slice(), &[]][dice.roll(2)]);
            }
            let anon_vma = [None, None, Some(1), Some(1), Some(2), Some(3)][dice.roll(6)];
            let of_anon_vma = |number: u8| usize::from(number - 1);
            Fake {
                flags: VmaFlags::of(&bits),
                anon_vma,
                forked: anon_vma.is_some_and(|number| forked[of_anon_vma(number)]),
                root: anon_vma.and_then(|number| roots[of_anon_vma(number)]),
                name: u8::from(kinds > 3 && dice.roll(4) == 0),
                closes: kinds == 5 && dice.roll(2) == 0,
                file: (kinds == 6).then(|| u8::from(dice.roll(5) == 0)),
                policy: u8::from(kinds == 7 && dice.roll(4) == 0),
                userfaultfd: u8::from(kinds == 7 && dice.roll(4) == 0),
                ..Fake::at(place)
            }
        })
        .collect()
}

/// Returns how many VMAs remain without these causes. From below, the last VMA of those that have merged is
/// compared with the next one. If that VMA has no anon_vma, it has the anon_vma of the VMA below it.
pub(super) fn remaining(vmas: &[Fake], without: CauseSet) -> usize {
    let mut count = 0;
    let mut last: Option<Fake> = None;
    for vma in vmas {
        let joins = |last: &Fake| Boundary::between(last, vma).causes.is_within(without);
        let joins = last.as_ref().is_some_and(joins);
        let mut merged = vma.clone();
        match last {
            Some(last) if joins && vma.anon_vma.is_none() => {
                (merged.anon_vma, merged.forked, merged.root) =
                    (last.anon_vma, last.forked, last.root);
            }
            _ => {}
        }
        count += usize::from(!joins);
        last = Some(merged);
    }
    count
}

/// Returns the tally with room for all possible sets: one for each boundary, and two for each anon_vma.
pub(super) fn tally(vmas: &[Fake]) -> Tally {
    tally_with_room(vmas, SETS.min(3 * vmas.len()))
}

/// Returns the answer, in which a step has to be worth at least `least` VMAs.
pub(super) fn answer(tally: &Tally, least: usize) -> Answer {
    let mut table = vec![Entry::NOTHING; Answer::table_length(tally)];
    Answer::find(tally, least, &mut table)
}

pub(super) fn tally_with_room(vmas: &[Fake], sets: usize) -> Tally {
    let mut tally = Tally::new(vec![None; sets]);
    let mut last = None;
    for vma in vmas {
        let boundary = last.map(|last| Boundary::between(last, vma));
        tally.add(vma, boundary.as_ref());
        last = Some(vma);
    }
    tally.end();
    tally
}

/// Returns the causes of each boundary, from below.
pub(super) fn boundaries(vmas: &[Fake]) -> Vec<CauseSet> {
    vmas.windows(2)
        .map(|two| Boundary::between(&two[0], &two[1]).causes)
        .collect()
}

/// Returns all causes that occur, one by one.
pub(super) fn occurring(boundaries: &[CauseSet]) -> Vec<Cause> {
    let all = boundaries
        .iter()
        .fold(CauseSet::NONE, |all, set| all.union(*set));
    all.iter().collect()
}

/// Returns all sets of these causes.
pub(super) fn all_sets(causes: &[Cause]) -> impl Iterator<Item = CauseSet> + '_ {
    (0..1_usize << causes.len()).map(|bits| {
        let members = causes.iter().enumerate();
        members
            .filter(|(place, _)| bits & 1 << place != 0)
            .fold(CauseSet::NONE, |set, (_, cause)| set.with(*cause))
    })
}

pub(super) fn told(vmas: &[Fake]) -> String {
    vmas.iter()
        .map(|vma| {
            let Fake {
                extent,
                flags,
                anon_vma,
                forked,
                name,
                closes,
                ..
            } = vma;
            format!("{extent:?} {flags:x} {anon_vma:?} {forked} {name} {closes}\n")
        })
        .collect()
}

#[test]
fn figures() {
    let mut dice = Dice::new(3);
    let mut ties = 0;
    let mut differing = 0;
    for _ in 0..60_000 {
        let vmas = some_vmas(&mut dice, 9);
        let tally = tally(&vmas);
        let boundaries = boundaries(&vmas);

        assert_eq!(tally.vmas, vmas.len());
        assert_eq!(tally.boundaries, boundaries.len());
        let touching: Vec<bool> = vmas
            .windows(2)
            .map(|two| two[0].extent.range.end() == two[1].extent.range.start())
            .collect();
        assert_eq!(
            tally.touching,
            touching.iter().filter(|touches| **touches).count()
        );
        let touches_none = |place: &usize| {
            let touches = |boundary: Option<usize>| {
                boundary.and_then(|place| touching.get(place)) == Some(&true)
            };
            !touches(place.checked_sub(1)) && !touches(Some(*place))
        };
        assert_eq!(tally.alone, (0..vmas.len()).filter(touches_none).count());
        let mergeable = boundaries
            .iter()
            .filter(|causes| **causes == CauseSet::NONE);
        assert_eq!(tally.mergeable, mergeable.count());
        let all_asked = remaining(&vmas, CauseSet::NONE);
        assert_eq!(tally.remaining(), all_asked);

        let mut expected = Vec::new();
        for cause in Cause::ALL {
            let with = |causes: &&CauseSet| causes.contains(cause);
            let count = boundaries.iter().filter(with).count();
            let alone = boundaries
                .iter()
                .filter(with)
                .filter(|causes| causes.is_one());
            let without = remaining(&vmas, CauseSet::NONE.with(cause));
            if count > 0 || without < all_asked {
                expected.push((cause, count, alone.count(), without));
            }
        }
        // The sort is stable, so that causes of equal rank stay in their order.
        expected.sort_by_key(|(_, boundaries, _, without)| (*without, usize::MAX - boundaries));
        ties += usize::from(
            expected
                .windows(2)
                .any(|two| (two[0].1, two[0].3) == (two[1].1, two[1].3)),
        );
        differing += usize::from(
            expected
                .iter()
                .any(|(_, _, _, without)| *without != all_asked),
        );
        let found: Vec<_> = tally
            .ranking()
            .map(|ranked| {
                (
                    ranked.cause,
                    ranked.boundaries,
                    ranked.by_itself,
                    ranked.without,
                )
            })
            // Two different anon_vmas may matter only after other causes are removed.
            .filter(|(_, boundaries, _, without)| *boundaries > 0 || *without < all_asked)
            .collect();
        assert!(found == expected, "{}", told(&vmas));
    }
    // Both cases have to occur.
    assert!(ties > 1000 && differing > 1000, "{ties} {differing}");
}

/// For each set of causes, as many VMAs remain as if the VMAs merged one after another.
#[test]
fn without_each_set_of_causes() {
    let mut dice = Dice::new(6);
    let mut conflicts = 0;
    for _ in 0..12_000 {
        let vmas = some_vmas(&mut dice, 9);
        let tally = tally(&vmas);
        let boundaries = boundaries(&vmas);
        let causes: Vec<Cause> = tally.ranking().map(|ranked| ranked.cause).collect();
        for set in all_sets(&causes) {
            let expected = remaining(&vmas, set);
            assert_eq!(
                tally.without(set),
                expected,
                "{:?}\n{}",
                names(set),
                told(&vmas)
            );
            let of_boundaries = boundaries.iter().filter(|causes| causes.is_within(set));
            conflicts += usize::from(vmas.len() - of_boundaries.count() != expected);
        }
    }
    // The boundaries alone do not determine the number.
    assert!(conflicts > 500, "{conflicts}");
}

/// Sets that do not fit into the table stay apart, because they may have any causes.
#[test]
fn more_sets_than_there_is_room_for() {
    let mut dice = Dice::new(7);
    let mut beyond = 0;
    for _ in 0..2_000 {
        let vmas = some_vmas(&mut dice, 30);
        let all = tally(&vmas);
        let causes = occurring(&boundaries(&vmas));
        // A tie that does not fit is not counted; for each, one VMA too few may remain.
        let ties = vmas.iter().filter(|vma| vma.anon_vma.is_some()).count();
        for room in [0, 1, 3, 5] {
            let small = tally_with_room(&vmas, room);
            assert_eq!(small.boundaries, all.boundaries);
            let mut counted = 0;
            for causes in all_sets(&causes) {
                assert!(small.without(causes) + ties >= all.without(causes));
                counted += small.with_just(causes);
            }
            assert_eq!(counted + small.beyond(), all.boundaries);
            beyond += small.beyond();
        }
    }
    assert!(beyond > 1000, "{beyond}");
}

/// Two adjacent VMAs are kept apart only by the causes of their boundary.
#[test]
fn anon_vmas_of_special_memory() {
    let huge = |page: usize, anon_vma: u8| Fake {
        flags: VmaFlags::of(&[18, 22]),
        anon_vma: Some(anon_vma),
        ..Fake::at(extent(page, page + 1, page, page))
    };
    let tally = tally(&[huge(1, 1), huge(2, 2)]);
    assert_eq!(tally.remaining(), 2);
    assert_eq!(tally.without(CauseSet::NONE.with(Cause::HugeTlb)), 1);
}

/// Half as many sets as the table has entries all find a place.
#[test]
fn many_sets() {
    // One bit of each of eight causes.
    let bits = [0, 17, 26, 25, 15, 29, 31, 13];
    let vmas: Vec<_> = (0..512)
        .map(|page: usize| {
            // Every second VMA has none of these flags.
            let set = if page % 2 == 0 { 0 } else { page / 2 };
            let flags = bits.iter().enumerate();
            let flags: Vec<_> = flags
                .filter(|(place, _)| set & 1 << place != 0)
                .map(|(_, bit)| *bit)
                .collect();
            Fake {
                flags: VmaFlags::of(&flags),
                ..Fake::at(extent(page, page + 1, page, page))
            }
        })
        .collect();
    let tally = tally_with_room(&vmas, SETS);
    assert_eq!((tally.boundaries, tally.beyond()), (511, 0));
}

#[test]
fn runs() {
    let mut dice = Dice::new(4);
    let mut full = 0;
    for _ in 0..20_000 {
        let vmas = some_vmas(&mut dice, 30);
        // The first and the last VMA of the run, and its causes.
        let mut expected: Vec<(usize, usize, CauseSet)> = Vec::new();
        for (place, causes) in boundaries(&vmas).into_iter().enumerate() {
            if causes == CauseSet::NONE {
                continue;
            }
            match expected.last_mut() {
                Some((_, to, why)) if *to == place && *why == causes => *to = place + 1,
                _ => expected.push((place, place + 1, causes)),
            }
        }
        expected.sort_by_key(|(from, to, _)| usize::MAX - (to - from));
        full += usize::from(expected.len() > 5);
        expected.truncate(5);

        let found: Vec<_> = tally(&vmas)
            .runs()
            .map(|run| (run.range, run.vmas, names(run.causes)))
            .collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(from, to, causes)| {
                let range = vmas[from].extent.range.through(vmas[to].extent.range);
                (range, to - from + 1, names(causes))
            })
            .collect();
        assert_eq!(found, expected, "{}", told(&vmas));
    }
    assert!(full > 1000, "{full}");
}

/// A VMA whose neighbour below went away unseen has no boundary below.
#[test]
fn vmas_that_come_without_a_boundary() {
    let vmas: Vec<Fake> = [Some(1), None, Some(2)]
        .into_iter()
        .enumerate()
        .map(|(page, anon_vma)| Fake {
            anon_vma,
            ..Fake::at(extent(page, page + 1, page, page))
        })
        .collect();
    let mut tally = Tally::new(vec![None; SETS]);
    for vma in &vmas {
        tally.add(vma, None);
    }
    tally.end();
    assert_eq!((tally.vmas, tally.boundaries, tally.remaining()), (3, 0, 3));
}
