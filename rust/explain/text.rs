// SPDX-License-Identifier: GPL-2.0

//! The answer for people.

use super::{
    cause::CauseSet,
    flag_names::Names,
    sides::{
        Described,
        File,
        Side, //
    },
    Pair,
    Sides,
    Tally, //
};
use crate::{
    bounded::{
        Bounded,
        Full,
        Room, //
    },
    vma::{
        compat::{
            Blocker,
            BlockerSet, //
        },
        flags::VmaFlags,
    },
};
use core::fmt;

/// A line about a pair:
///
/// ```text
/// 700000000000-700000004000-700000008000 apart: flags differ (only above: dc); names differ (one, none)
/// 700000008000-70000000a000-70000000c000 may be one; nothing has asked for it yet
/// ```
pub(crate) fn pair(
    pair: &Pair,
    sides: &Sides<'_, impl Described>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    let before = text.as_bytes().len();
    append_pair(pair, sides, text).inspect_err(|_| text.truncate(before))
}

/// There may be a million of these lines, so what most of them consist of is written without formatting.
fn append_pair(
    pair: &Pair,
    sides: &Sides<'_, impl Described>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
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
    sides: &Sides<'_, impl Described>,
    blocker: Blocker,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    let Sides { lower, upper } = sides;
    match blocker {
        Blocker::Name => text.append(format_args!(
            "names differ ({}, {})",
            Name(lower),
            Name(upper)
        )),
        Blocker::File => text.append(format_args!(
            "files differ ({}, {})",
            Path(lower),
            Path(upper)
        )),
        Blocker::Policy => text.append(format_args!(
            "NUMA policies differ ({}, {})",
            lower.policy(),
            upper.policy()
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
        Blocker::PageOffset => text.append(format_args!(
            "page offset {:x}, not {:x}",
            pair.upper.pgoff.pages(),
            pair.lower.end_pgoff().pages()
        )),
        Blocker::AnonPageOffset => text.append(format_args!(
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

struct Name<'a, V>(&'a Side<'a, V>);

impl<V: Described> fmt::Display for Name<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            None => f.write_str("none"),
            Some(name) => write!(f, "\"{}\"", Printable(name)),
        }
    }
}

struct Path<'a, V>(&'a Side<'a, V>);

impl<V> fmt::Display for Path<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.file {
            File::None => f.write_str("none"),
            File::Unnamed => f.write_str("a very long path"),
            File::At(path) => Printable(path).fmt(f),
        }
    }
}

/// Bytes, of which those that are not printable ASCII are escaped.
struct Printable<'a>(&'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            match byte {
                b'\t' => f.write_str("\\t")?,
                b'\n' => f.write_str("\\n")?,
                b'\r' => f.write_str("\\r")?,
                b' '..=b'~' => write!(f, "{}", char::from(byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
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
pub(crate) fn summary(tally: &Tally, most: i32, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    let apart = tally.touching - tally.mergeable;
    match tally.ranking().next() {
        None => text.append(format_args!("nothing keeps VMAs apart that touch\n"))?,
        Some(first) => {
            let share = first.pairs.saturating_mul(100) / apart.max(1);
            text.append(format_args!(
                "main cause: {}, in {} of {apart} pairs ({share}%); ",
                first.cause.name(),
                first.pairs
            ))?;
            if first.without == tally.remaining() {
                text.append(format_args!(
                    "but no cause is enough by itself to keep any apart\n"
                ))?;
            } else {
                text.append(format_args!(
                    "without it, {} would remain, not {}\n",
                    Vmas(first.without),
                    tally.remaining()
                ))?;
            }
        }
    }
    text.append(format_args!(
        "{} of at most {most} (vm.max_map_count); {} pairs touch, {} of them may be one\n",
        Vmas(tally.vmas),
        tally.touching,
        tally.mergeable
    ))?;
    if tally.remaining() != tally.vmas {
        text.append(format_args!(
            "{} would remain if those that may be one were\n",
            Vmas(tally.remaining())
        ))?;
    }
    if apart == 0 {
        return Ok(());
    }
    text.append(format_args!("     pairs  by itself  would remain\n"))?;
    for ranked in tally.ranking() {
        text.append(format_args!(
            "{:10} {:10} {:13}  {}\n",
            ranked.pairs,
            ranked.alone,
            ranked.without,
            ranked.cause.name()
        ))?;
    }
    text.append(format_args!("longest runs\n"))?;
    for run in tally.runs() {
        text.append(format_args!(
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
            vmas => write!(f, "{vmas} VMAs"),
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
