// SPDX-License-Identifier: GPL-2.0

//! The answer for people.

use super::{
    cause::CauseSet,
    sides::{
        File,
        Side, //
    },
    Pair,
    Sides,
    Tally, //
};
use crate::{
    sys::flag_names::Names,
    text::{
        Full,
        Text, //
    },
    vma::{
        compat::{
            Blocker,
            BlockerSet, //
        },
        sys::VmaFlags,
    },
};
use kernel::{
    fmt,
    prelude::*,
    str::BStr, //
};

/// A line about a pair:
///
/// ```text
/// 700000000000-700000004000-700000008000 apart: flags differ (only above: dc); names differ (one, none)
/// 700000008000-70000000a000-70000000c000 may be one; nothing has asked for it yet
/// ```
pub(crate) fn pair(pair: &Pair, sides: &Sides<'_>, text: &mut Text) -> Result<(), Full> {
    let before = text.as_bytes().len();
    append_pair(pair, sides, text).inspect_err(|_| text.truncate(before))
}

/// There may be a million of these lines, so what most of them consist of is written without formatting.
fn append_pair(pair: &Pair, sides: &Sides<'_>, text: &mut Text) -> Result<(), Full> {
    let (lower, upper) = (pair.lower.range, pair.upper.range);
    text.append_address(lower.start(), b'-')?;
    text.append_address(upper.start(), b'-')?;
    text.append_address(upper.end(), b' ')?;

    let mut separator = "apart: ";
    if pair.must_not_disappear {
        text.append_str("apart: the drivers of both have to see them closed")?;
        separator = "; ";
    } else if pair.blockers == BlockerSet::NONE {
        return text.append_str("may be one; nothing has asked for it yet\n");
    }
    for blocker in pair.blockers.iter() {
        text.append_str(separator)?;
        separator = "; ";
        append_detail(pair, sides, blocker, text)?;
    }
    text.append_str("\n")
}

/// A blocker, with what can be said of it: the upper VMA is the range, the lower one its neighbour.
fn append_detail(
    pair: &Pair,
    sides: &Sides<'_>,
    blocker: Blocker,
    text: &mut Text,
) -> Result<(), Full> {
    let Sides { lower, upper } = sides;
    match blocker {
        Blocker::Name => text.append(fmt!("names differ ({}, {})", Name(lower), Name(upper))),
        Blocker::File => text.append(fmt!("files differ ({}, {})", Path(lower), Path(upper))),
        Blocker::Policy => text.append(fmt!(
            "NUMA policies differ ({}, {})",
            lower.placement(),
            upper.placement()
        )),
        Blocker::Flags => {
            let (below, above) = (pair.only_lower, pair.only_upper);
            if below != VmaFlags::EMPTY {
                text.append_str("flags differ (only below: ")?;
                Names(below).write_to(text).map_err(|_| Full)?;
            }
            if above != VmaFlags::EMPTY {
                text.append_str(if below == VmaFlags::EMPTY {
                    "flags differ (only above: "
                } else {
                    ", only above: "
                })?;
                Names(above).write_to(text).map_err(|_| Full)?;
            }
            text.append_str(")")
        }
        Blocker::PageOffset => text.append(fmt!(
            "page offset {:x}, not {:x}",
            pair.upper.pgoff.pages(),
            pair.lower.end_pgoff().pages()
        )),
        Blocker::AnonPageOffset => text.append(fmt!(
            "anonymous page offset {:x}, not {:x}",
            pair.upper.anon_pgoff.pages(),
            pair.lower.end_anon_pgoff().pages()
        )),
        Blocker::RangeForked => text.append_str("the upper one's anon_vma was inherited by fork"),
        Blocker::NeighbourForked => {
            text.append_str("the lower one's anon_vma was inherited by fork")
        }
        _ => text.append_str(blocker.describe()),
    }
}

struct Name<'a>(&'a Side<'a>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            None => f.write_str("none"),
            Some(name) => f.write_fmt(fmt!("\"{}\"", BStr::from_bytes(name.to_bytes()))),
        }
    }
}

struct Path<'a>(&'a Side<'a>);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.file {
            File::None => f.write_str("none"),
            File::Unnamed => f.write_str("a very long path"),
            File::At(path) => f.write_fmt(fmt!("{}", BStr::from_bytes(path))),
        }
    }
}

/// What it all amounts to:
///
/// ```text
/// main cause: MADV_DONTFORK, in 41565 of 41876 pairs (99%); without it, 312 VMAs would remain, not 41877
/// 41877 VMAs of at most 65530 (vm.max_map_count); 41876 pairs touch, 0 of them may be one
///      pairs  by itself  would remain
///      41565      41565           312  MADV_DONTFORK
/// longest runs
/// 200000000000-20000a3a0000 41565 VMAs: MADV_DONTFORK
/// ```
pub(crate) fn summary(tally: &Tally, most: i32, text: &mut Text) -> Result<(), Full> {
    let apart = tally.touching - tally.mergeable;
    match tally.ranking().next() {
        None => text.append(fmt!("nothing keeps VMAs apart that touch\n"))?,
        Some(first) => {
            let share = first.pairs.saturating_mul(100) / apart.max(1);
            text.append(fmt!(
                "main cause: {}, in {} of {apart} pairs ({share}%); ",
                first.cause.name(),
                first.pairs
            ))?;
            if first.without == tally.remaining() {
                text.append(fmt!("but no cause is enough by itself to keep any apart\n"))?;
            } else {
                text.append(fmt!(
                    "without it, {} would remain, not {}\n",
                    Vmas(first.without),
                    tally.remaining()
                ))?;
            }
        }
    }
    text.append(fmt!(
        "{} of at most {most} (vm.max_map_count); {} pairs touch, {} of them may be one\n",
        Vmas(tally.vmas),
        tally.touching,
        tally.mergeable
    ))?;
    if tally.remaining() != tally.vmas {
        text.append(fmt!(
            "{} would remain if those that may be one were\n",
            Vmas(tally.remaining())
        ))?;
    }
    if apart == 0 {
        return Ok(());
    }
    text.append(fmt!("     pairs  by itself  would remain\n"))?;
    for ranked in tally.ranking() {
        text.append(fmt!(
            "{:10} {:10} {:13}  {}\n",
            ranked.pairs,
            ranked.alone,
            ranked.without,
            ranked.cause.name()
        ))?;
    }
    text.append(fmt!("longest runs\n"))?;
    for run in tally.runs() {
        text.append(fmt!(
            "{:012x}-{:012x} {} VMAs: {}\n",
            run.range.start(),
            run.range.end(),
            run.vmas,
            Causes(run.causes)
        ))?;
    }
    Ok(())
}

/// So many VMAs.
struct Vmas(usize);

impl fmt::Display for Vmas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 VMA"),
            vmas => f.write_fmt(fmt!("{vmas} VMAs")),
        }
    }
}

/// Causes, with commas between them.
struct Causes(CauseSet);

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for cause in self.0.iter() {
            f.write_str(separator)?;
            f.write_str(cause.name())?;
            separator = ", ";
        }
        Ok(())
    }
}
