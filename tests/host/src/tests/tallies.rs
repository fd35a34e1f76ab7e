// SPDX-License-Identifier: GPL-2.0

//! Figures about many VMAs, against a count that goes over all of them once more for each cause.

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
        attribution::CauseSet,
        tally::Tally,
        Pair, //
    },
    vma::{
        causes::Cause,
        flags::VmaFlags, //
    },
};

/// Some VMAs, one above the other: a few kinds of differences, and holes.
fn some_vmas(dice: &mut Dice, most: usize) -> Vec<Fake> {
    let mut page = 10;
    let kinds = dice.roll(8);
    (0..1 + dice.roll(most))
        .map(|_| {
            page += usize::from(dice.roll(9) == 0);
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
            let anon_vma = [None, Some(1), Some(1), Some(2)][dice.roll(4)];
            Fake {
                flags: VmaFlags::of(&bits),
                anon_vma,
                // Whether it is inherited is a matter of the VMA, and not of the anon_vma alone.
                forked: anon_vma.is_some() && dice.roll(3) == 0,
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

fn pair(prev: Option<&Fake>, next: &Fake) -> Option<Pair> {
    prev.and_then(|prev| Pair::of(prev, next))
}

/// How many VMAs remain if those merge that `may`, from below: the last one of what has merged is compared
/// with the next, with the anon_vma that all of it has.
fn remaining(vmas: &[Fake], may: impl Fn(CauseSet) -> bool) -> usize {
    let mut count = 0;
    let mut last: Option<Fake> = None;
    for vma in vmas {
        let joins = pair(last.as_ref(), vma).is_some_and(|pair| may(pair.causes));
        let mut merged = vma.clone();
        match last {
            Some(last) if joins && last.anon_vma.is_some() => {
                (merged.anon_vma, merged.forked) = (last.anon_vma, last.forked);
            }
            _ => {}
        }
        count += usize::from(!joins);
        last = Some(merged);
    }
    count
}

fn tally(vmas: &[Fake]) -> Tally {
    let mut tally = Tally::new();
    let mut last = None;
    for vma in vmas {
        tally.add(last, vma, pair(last, vma).as_ref());
        last = Some(vma);
    }
    tally.end_run();
    tally
}

/// The causes of each pair that touches, from below; none for a hole.
fn pairs(vmas: &[Fake]) -> Vec<Option<CauseSet>> {
    vmas.windows(2)
        .map(|two| pair(Some(&two[0]), &two[1]).map(|pair| pair.causes))
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
        let pairs = pairs(&vmas);
        let touching: Vec<CauseSet> = pairs.iter().flatten().copied().collect();

        assert_eq!(tally.vmas, vmas.len());
        assert_eq!(tally.touching, touching.len());
        let mergeable = touching.iter().filter(|causes| **causes == CauseSet::NONE);
        assert_eq!(tally.mergeable, mergeable.count());
        let all_asked = remaining(&vmas, |causes| causes == CauseSet::NONE);
        assert_eq!(tally.remaining(), all_asked);

        let mut expected = Vec::new();
        for cause in Cause::ALL {
            let with = |causes: &&CauseSet| causes.iter().any(|other| other == cause);
            let count = touching.iter().filter(with).count();
            let alone = touching
                .iter()
                .filter(with)
                .filter(|causes| causes.is_one());
            if count > 0 {
                let without = remaining(&vmas, |causes| causes.without(cause) == CauseSet::NONE);
                expected.push((cause, count, alone.count(), without));
            }
        }
        // Those of one rank stay in their order.
        expected.sort_by_key(|(_, pairs, _, without)| (*without, usize::MAX - pairs));
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
            .map(|ranked| (ranked.cause, ranked.pairs, ranked.alone, ranked.without))
            .collect();
        assert!(found == expected, "{}", told(&vmas));
    }
    // All of that has to occur.
    assert!(ties > 1000 && differing > 1000, "{ties} {differing}");
}

fn told(vmas: &[Fake]) -> String {
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
fn runs() {
    let mut dice = Dice::new(4);
    let mut full = 0;
    for _ in 0..20_000 {
        let vmas = some_vmas(&mut dice, 30);
        let pairs = pairs(&vmas);
        // From, to (both included), why.
        let mut expected: Vec<(usize, usize, CauseSet)> = Vec::new();
        for (place, causes) in pairs.iter().enumerate() {
            let Some(causes) = causes.filter(|causes| *causes != CauseSet::NONE) else {
                continue;
            };
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
