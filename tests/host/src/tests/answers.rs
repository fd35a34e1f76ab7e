// SPDX-License-Identifier: GPL-2.0

//! The causes that the answer names, compared with all other sets of causes.

use super::{
    causes::names,
    fake::{
        extent,
        Dice,
        Fake, //
    },
    tallies::{
        all_sets,
        answer,
        boundaries,
        layouts,
        remaining,
        some_vmas,
        tally,
        tally_with_room,
        told,
        Tally, //
    },
};
use crate::{
    explain::{
        cause_set::CauseSet,
        counts::SETS,
        Answer,
        Segments, //
    },
    vma::{
        causes::Cause,
        flags::VmaFlags, //
    },
};

/// Returns the set that is worth most, of the sets whose causes act together and which no smaller set equals.
/// Visits all sets and all of their parts.
fn best_set(
    causes: &[Cause],
    removed: CauseSet,
    least: usize,
    worth: impl Fn(CauseSet) -> usize,
) -> Option<(CauseSet, usize)> {
    let sets: Vec<(CauseSet, usize)> = all_sets(causes)
        .filter(|set| *set != CauseSet::NONE && set.minus(removed) == *set)
        .map(|set| (set, worth(set)))
        .collect();
    let is_good = |(set, worth): &&(CauseSet, usize)| {
        sets.iter().all(|(other, others)| {
            let is_part = other.is_within(*set) && other != set && *others >= least;
            let share = |worth: usize, set: &CauseSet| 16 * worth / set.count();
            let act_together = !is_part || 10 * share(*others, other) < 7 * share(*worth, set);
            let is_larger = other.count() >= set.count() || others < worth;
            act_together && is_larger
        })
    };
    let good: Vec<_> = sets.iter().filter(is_good).collect();
    let most = good.iter().map(|(_, worth)| *worth).max()?;
    good.into_iter().find(|(_, worth)| *worth == most).copied()
}

#[test]
fn no_other_set_does_better() {
    let mut dice = Dice::new(8);
    let mut sizes = [0; 16];
    let mut numbers = [0; 8];
    for round in 0..layouts(8_000) {
        let vmas = some_vmas(&mut dice, [12, 12, 12, 120][round % 4]);
        let tally = tally(&vmas);
        let boundaries = boundaries(&vmas);
        // An anon_vma may cost VMAs even if it is not a cause of any boundary.
        let causes: Vec<Cause> = tally.ranking().map(|ranked| ranked.cause).collect();
        if causes.len() > 6 {
            continue;
        }
        let least = 1 + dice.roll(4);
        let answer = answer(&tally, least);
        assert!(!answer.is_partial);

        let mut removed = CauseSet::NONE;
        let mut left = remaining(&vmas, removed);
        for step in answer.steps() {
            let all = removed.union(step.causes);
            let worth = left - remaining(&vmas, all);
            assert_eq!(step.remaining, remaining(&vmas, all), "{}", told(&vmas));
            let with_all = boundaries.iter().filter(|set| step.causes.is_within(**set));
            assert_eq!(step.boundaries, with_all.count());
            let but_one = step
                .causes
                .iter()
                .map(|cause| remaining(&vmas, all.without(cause)));
            assert_eq!(Some(step.if_one_stays), but_one.min());

            assert!(worth >= least);
            let best = best_set(&causes, removed, least, |set| {
                left - remaining(&vmas, removed.union(set))
            });
            let (best, most) = best.expect("there is one");
            // Among several sets that are worth the same, the answer may name any.
            assert_eq!(
                most,
                worth,
                "{:?} {:?}\n{}",
                names(best),
                names(step.causes),
                told(&vmas)
            );
            sizes[step.causes.count()] += 1;
            (removed, left) = (all, step.remaining);
        }
        let steps = answer.steps().count();
        numbers[steps] += 1;
        // No more steps: the rest is worth too little, or the answer has the maximum number of steps.
        if steps < 5 {
            let best = best_set(&causes, removed, least, |set| {
                left - remaining(&vmas, removed.union(set))
            });
            assert!(
                best.is_none_or(|(_, worth)| worth < least),
                "{}",
                told(&vmas)
            );
        }
    }
    assert!(sizes[1..4].iter().all(|size| *size > 100), "{sizes:?}");
    assert!(
        numbers[..4].iter().all(|number| *number > 100),
        "{numbers:?}"
    );
}

/// Returns VMAs that have these sets of flags alternately.
fn alternating(causes: &[&[u32]], turns: usize) -> Vec<Fake> {
    (0..turns)
        .map(|turn| Fake {
            flags: VmaFlags::of(causes[turn % causes.len()]),
            ..Fake::at(extent(turn, turn + 1, turn, turn))
        })
        .collect()
}

fn sizes_of_steps(vmas: &[Fake], least: usize) -> Vec<usize> {
    let answer = answer(&tally(vmas), least);
    answer.steps().map(|step| step.causes.count()).collect()
}

fn steps(vmas: &[Fake]) -> Vec<(Vec<&'static str>, usize)> {
    let answer = answer(&tally(vmas), 1);
    answer
        .steps()
        .map(|step| (names(step.causes), step.remaining))
        .collect()
}

/// Three flags that always occur together are one step.
#[test]
fn causes_that_act_together() {
    let vmas = alternating(&[&[], &[17, 26, 31]], 20);
    let together = vec!["MADV_DONTFORK", "MADV_DONTDUMP", "MADV_MERGEABLE"];
    assert_eq!(steps(&vmas), [(together, 1)]);
}

/// Two flags that occur separately are two steps, the worse one first.
#[test]
fn causes_that_act_by_themselves() {
    let mut vmas = alternating(&[&[], &[17]], 20);
    vmas.extend(alternating(&[&[], &[26]], 50).drain(20..));
    assert_eq!(
        steps(&vmas),
        [(vec!["MADV_DONTDUMP"], 21), (vec!["MADV_DONTFORK"], 1)]
    );
}

/// Three flags that occur together are worth more than a separate fourth one, though not per cause.
#[test]
fn the_larger_one_of_two_sets() {
    let mut vmas = alternating(&[&[], &[17, 26, 31]], 60);
    vmas.extend(alternating(&[&[], &[0]], 80).drain(60..));
    let together = vec!["MADV_DONTFORK", "MADV_DONTDUMP", "MADV_MERGEABLE"];
    assert_eq!(
        steps(&vmas),
        [(together, 20), (vec!["access rights (mprotect)"], 1)]
    );
}

/// Parts of a set that are worth too little alone do not hide the whole set.
#[test]
fn little_parts_of_a_large_whole() {
    let mut vmas = alternating(&[&[], &[17]], 8);
    vmas.extend(alternating(&[&[], &[17, 26]], 14).drain(8..));
    for (least, expected) in [
        (5, vec![1, 1]),
        (8, vec![1]),
        (9, vec![2]),
        (13, vec![2]),
        (14, vec![]),
    ] {
        assert_eq!(sizes_of_steps(&vmas, least), expected, "{least}");
    }
}

/// Causes that are worth little do not hide causes that are worth more.
#[test]
fn little_ones_are_passed_over() {
    let mut vmas = alternating(&[&[], &[17, 26]], 14);
    vmas.extend(alternating(&[&[], &[0]], 21).drain(14..));
    for (least, expected) in [
        (1, vec![2, 1]),
        (6, vec![2, 1]),
        (7, vec![2]),
        (14, vec![2]),
        // Neither set is worth a step, but both together are.
        (15, vec![3]),
        (20, vec![3]),
        (21, vec![]),
    ] {
        assert_eq!(sizes_of_steps(&vmas, least), expected, "{least}");
    }
}

/// Guard pages keep as many VMAs apart as anon_vmas would without them.
#[test]
fn guards_first_and_then_anon_vmas() {
    let mut vmas = alternating(&[&[0, 1], &[]], 40);
    for (turn, vma) in vmas.iter_mut().enumerate().step_by(2) {
        vma.anon_vma = Some(turn as u8 + 1);
    }
    assert_eq!(
        steps(&vmas),
        [
            (vec!["access rights (mprotect)"], 20),
            (vec!["anon_vmas (written before they were neighbours)"], 1),
        ]
    );
}

/// Huge pages between memory with other rights: without the huge pages, there would be as many VMAs.
#[test]
fn huge_pages_and_other_rights() {
    let huge = alternating(&[&[0, 1, 18, 22], &[]], 40);
    assert_eq!(
        steps(&huge),
        [(vec!["access rights (mprotect)", "MAP_HUGETLB"], 1)]
    );
    let alike = alternating(&[&[0, 1, 18, 22], &[0, 1, 20]], 40);
    assert_eq!(steps(&alike), [(vec!["MAP_HUGETLB"], 1)]);
}

/// Sets of more than sixteen causes are not compared.
#[test]
fn too_many_causes() {
    // One bit of each of seventeen causes; all but the first occur a second time.
    let bits = [
        0, 32, 20, 21, 7, 4, 17, 26, 25, 15, 29, 31, 13, 42, 9, 8, 40,
    ];
    for (count, is_partial) in [(16, false), (17, true)] {
        let mut vmas = Vec::new();
        for (place, bit) in bits[..count].iter().chain(&bits[1..count]).enumerate() {
            for (half, flags) in [vec![], vec![*bit]].into_iter().enumerate() {
                let page = 2 * place + half;
                vmas.push(Fake {
                    flags: VmaFlags::of(&flags),
                    ..Fake::at(extent(page, page + 1, page, page))
                });
            }
        }
        let tally = tally(&vmas);
        assert_eq!(Answer::table_length(&tally), 1 << 16);
        let answer = answer(&tally, 1);
        assert_eq!(answer.is_partial, is_partial);
        for step in answer.steps() {
            // The rarest cause is left out.
            assert!(!is_partial || !step.causes.contains(Cause::AccessRights));
            assert!(step.causes.is_one());
        }
        assert_eq!(answer.steps().count(), 5);
    }
}

/// Of two causes that are worth the same, the one that occurs at more boundaries comes first.
#[test]
fn two_that_are_worth_the_same() {
    let flags = [(17, "MADV_DONTFORK"), (26, "MADV_DONTDUMP")];
    for [(often, first), (seldom, second)] in [flags, [flags[1], flags[0]]] {
        let mut vmas = alternating(&[&[], &[seldom]], 21);
        vmas.extend(alternating(&[&[], &[often]], 41).drain(21..));
        vmas.extend(alternating(&[&[], &[often, 0]], 51).drain(41..));
        let told: Vec<_> = steps(&vmas).into_iter().map(|(causes, _)| causes).collect();
        assert_eq!(told[..2], [[first], [second]]);
    }
}

/// Of two causes that are also equally frequent, the order of the causes decides.
#[test]
fn two_that_are_alike() {
    for [one, other] in [[17, 26], [26, 17]] {
        let mut vmas = alternating(&[&[], &[one]], 21);
        vmas.extend(alternating(&[&[], &[other]], 41).drain(21..));
        let told: Vec<_> = steps(&vmas).into_iter().map(|(causes, _)| causes).collect();
        assert_eq!(told, [["MADV_DONTFORK"], ["MADV_DONTDUMP"]]);
    }
}

/// Returns the tally of libraries of two segments each, side by side, with this many boundaries.
pub(super) fn tally_of_libraries(boundaries: usize) -> Tally {
    let mut vmas = alternating(&[&[0, 2], &[0]], boundaries + 1);
    for (turn, vma) in vmas.iter_mut().enumerate() {
        vma.file = Some(1 + u8::from(turn % 4 < 2));
    }
    let mut segments = Segments::new();
    let mut tally = Tally::new(vec![None; SETS]);
    for (turn, vma) in vmas.iter().enumerate() {
        let below = turn.checked_sub(1).map(|below| &vmas[below]);
        let boundary = segments.look(below, vma, vmas.get(turn + 1));
        tally.add(vma, boundary.as_ref());
    }
    tally.end();
    tally
}

/// Segments, which every process has, are named only if there are many of them.
#[test]
fn segments_by_their_number() {
    for (count, is_told) in [(1, false), (999, false), (1000, true), (3000, true)] {
        let answer = answer(&tally_of_libraries(count), 1);
        let first = answer.steps().next().map(|step| step.causes);
        let expected = is_told.then_some(CauseSet::NONE.with(Cause::Segments));
        assert_eq!(first, expected, "{count}");
    }
}

/// Boundaries that were not counted by their causes make an answer partial if they may be worth a step.
#[test]
fn boundaries_that_were_not_counted() {
    let vmas = alternating(&[&[], &[17]], 8);
    let tally = tally_with_room(&vmas, 0);
    assert_eq!(tally.beyond(), 7);
    for (least, is_partial) in [(7, true), (8, false)] {
        assert_eq!(answer(&tally, least).is_partial, is_partial, "{least}");
    }
}
