// SPDX-License-Identifier: GPL-2.0

//! The answer for people.

use super::{
    attribution::CauseSet,
    details::{
        reasons,
        values,
        Value, //
    },
    sides::{
        Described,
        MappedFile, //
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
    vma::causes::{
        DetailKind,
        Details, //
    },
};
use core::fmt;

/// What is said of two VMAs that nothing keeps apart.
pub(super) const MERGEABLE: &str = "mergeable, but no operation has tried";

/// A line about a pair:
///
/// ```text
/// 700000000000-700000004000-700000008000 apart: flags differ (only above: dc); names differ (below: "one", above: none)
/// 700000008000-70000000a000-70000000c000 mergeable, but no operation has tried
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
    let (prev, next) = (pair.prev.range, pair.next.range);
    text.append_address(prev.start(), b'-')?;
    text.append_address(next.start(), b'-')?;
    text.append_address(next.end(), b' ')?;

    let mut separator = "apart: ";
    for (_, said) in reasons(pair) {
        text.append_str(separator)?;
        text.append_str(said.words)?;
        append_details(said.details, pair, sides, text)?;
        separator = "; ";
    }
    if pair.is_mergeable() {
        text.append_str(MERGEABLE)?;
    }
    text.append_str("\n")
}

/// What is told of the two in brackets; of flags, only those that one of them lacks.
fn append_details(
    details: Details,
    pair: &Pair,
    sides: &Sides<'_, impl Described>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    let told = values(details, pair, sides)
        .filter(|(_, value)| !matches!(value, Value::Flags(flags) if flags.is_empty()));
    let mut separator = " (";
    for (detail, value) in told {
        text.append_str(separator)?;
        text.append_str(detail.words)?;
        text.append_str(": ")?;
        match (value, detail.kind) {
            (Value::Flags(flags), _) => flags.write_to(text).map_err(|_| Full)?,
            (value, kind) => text.append(format_args!("{}", InWords(value, kind)))?,
        }
        separator = ", ";
    }
    if separator == ", " {
        text.append_str(")")?;
    }
    Ok(())
}

/// A detail.
struct InWords<'a>(Value<'a>, DetailKind);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match self.0 {
            Value::Flags(flags) => return flags.write_to(f),
            Value::Offset(pages) => return write!(f, "{pages:x}"),
            Value::Policy(policy) => return policy.fmt(f),
            Value::File(MappedFile::Unnamed) => return f.write_str("a very long path"),
            Value::Name(None) | Value::File(MappedFile::None) => return f.write_str("none"),
            Value::Name(Some(bytes)) | Value::File(MappedFile::At(bytes)) => Printable(bytes),
        };
        match self.1 {
            DetailKind::Name => write!(f, "\"{bytes}\""),
            DetailKind::Flags | DetailKind::Plain => bytes.fmt(f),
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
/// 41877 VMAs of at most 65530 (vm.max_map_count); 41876 pairs touch, 0 of them are mergeable
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
        "{} of at most {most} (vm.max_map_count); {} pairs touch, {} of them are mergeable\n",
        Vmas(tally.vmas),
        tally.touching,
        tally.mergeable
    ))?;
    if tally.remaining() != tally.vmas {
        text.append(format_args!(
            "{} would remain if those that are mergeable merged\n",
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
            CausesInText(run.causes)
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
struct CausesInText(CauseSet);

impl fmt::Display for CausesInText {
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
