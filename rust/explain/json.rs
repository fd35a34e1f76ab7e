// SPDX-License-Identifier: GPL-2.0

//! The answer for programs: an object a line. Bytes of names and paths that are not printable ASCII
//! are told as the characters with these numbers.

use super::{
    cause::CauseSet,
    flag_names::Names,
    sides::{
        Described,
        File, //
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
    vma::compat::Blocker,
};
use core::fmt;

/// A pair:
///
/// ```text
/// {"lower":["200000000000","200000004000"],"upper":["200000004000","200000008000"],
///  "blockers":[{"rule":"flags","only_lower":"","only_upper":"dc"}],"causes":["MADV_DONTFORK"]}
/// ```
///
/// Addresses and offsets are hexadecimal, offsets in pages. No blockers: the two may be one.
pub(crate) fn pair(
    pair: &Pair,
    sides: &Sides<'_, impl Described>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    let (lower, upper) = (pair.lower.range, pair.upper.range);
    text.append(format_args!(
        "{{\"lower\":[\"{:x}\",\"{:x}\"],\"upper\":[\"{:x}\",\"{:x}\"],\"blockers\":[{}],\
         \"causes\":[{}]}}\n",
        lower.start(),
        lower.end(),
        upper.start(),
        upper.end(),
        Rules(pair, sides),
        Causes(pair.causes)
    ))
}

struct Rules<'a, V>(&'a Pair, &'a Sides<'a, V>);

impl<V: Described> fmt::Display for Rules<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if self.0.must_not_disappear {
            f.write_str("{\"rule\":\"close\"}")?;
            separator = ",";
        }
        for blocker in self.0.blockers.iter() {
            write!(
                f,
                "{separator}{{\"rule\":\"{}\"{}}}",
                rule(blocker),
                Detail(self.0, self.1, blocker)
            )?;
            separator = ",";
        }
        Ok(())
    }
}

struct Detail<'a, V>(&'a Pair, &'a Sides<'a, V>, Blocker);

/// A string, or null.
pub(crate) struct Quoted<'a>(pub(crate) Option<&'a [u8]>);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(bytes) = self.0 else {
            return f.write_str("null");
        };
        f.write_str("\"")?;
        for byte in bytes {
            match byte {
                b'"' | b'\\' => write!(f, "\\{}", char::from(*byte))?,
                b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
                _ => write!(f, "\\u{byte:04x}")?,
            }
        }
        f.write_str("\"")
    }
}

impl<V: Described> fmt::Display for Detail<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(pair, sides, blocker) = self;
        let Sides { lower, upper } = sides;
        let (expected, found) = match blocker {
            Blocker::Flags => {
                return write!(
                    f,
                    ",\"only_lower\":\"{}\",\"only_upper\":\"{}\"",
                    Names(pair.only_lower),
                    Names(pair.only_upper)
                )
            }
            Blocker::PageOffset => (pair.lower.end_pgoff().pages(), pair.upper.pgoff.pages()),
            Blocker::AnonPageOffset => (
                pair.lower.end_anon_pgoff().pages(),
                pair.upper.anon_pgoff.pages(),
            ),
            Blocker::Name => {
                return write!(
                    f,
                    ",\"lower\":{},\"upper\":{}",
                    Quoted(lower.name()),
                    Quoted(upper.name())
                );
            }
            Blocker::File => {
                return write!(
                    f,
                    ",\"lower\":{},\"upper\":{}",
                    Quoted(path(lower.file)),
                    Quoted(path(upper.file))
                )
            }
            Blocker::Policy => {
                return write!(
                    f,
                    ",\"lower\":\"{}\",\"upper\":\"{}\"",
                    lower.policy(),
                    upper.policy()
                )
            }
            Blocker::RangeForked => return f.write_str(",\"inherited\":\"upper\""),
            Blocker::NeighbourForked => return f.write_str(",\"inherited\":\"lower\""),
            _ => return Ok(()),
        };
        write!(f, ",\"expected\":\"{expected:x}\",\"found\":\"{found:x}\"")
    }
}

fn path(file: File<'_>) -> Option<&[u8]> {
    match file {
        File::None => None,
        File::Unnamed => Some(b"..."),
        File::At(path) => Some(path),
    }
}

/// What programs call a rule. Of a fork, the line says itself who has inherited.
fn rule(blocker: Blocker) -> &'static str {
    match blocker {
        Blocker::RangeForked | Blocker::NeighbourForked => "fork",
        _ => blocker.name().to_str().unwrap_or_default(),
    }
}

/// What it all amounts to, in the last line.
///
/// ```text
/// {"vmas":41877,"max_map_count":65530,"touching":41876,"mergeable":0,"remaining":41877,
///  "causes":[{"cause":"MADV_DONTFORK","pairs":41565,"alone":41565,"without":312}],
///  "runs":[{"range":["200000000000","20000a3a0000"],"vmas":41565,"causes":["MADV_DONTFORK"]}]}
/// ```
pub(crate) fn summary(tally: &Tally, most: i32, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    text.append(format_args!(
        "{{\"vmas\":{},\"max_map_count\":{most},\"touching\":{},\"mergeable\":{},\
         \"remaining\":{},\"causes\":[",
        tally.vmas,
        tally.touching,
        tally.mergeable,
        tally.remaining()
    ))?;
    let mut separator = "";
    for ranked in tally.ranking() {
        text.append(format_args!(
            "{separator}{{\"cause\":\"{}\",\"pairs\":{},\"alone\":{},\"without\":{}}}",
            ranked.cause.name(),
            ranked.pairs,
            ranked.alone,
            ranked.without
        ))?;
        separator = ",";
    }
    text.append(format_args!("],\"runs\":["))?;
    separator = "";
    for run in tally.runs() {
        text.append(format_args!(
            "{separator}{{\"range\":[\"{:x}\",\"{:x}\"],\"vmas\":{},\"causes\":[{}]}}",
            run.range.start(),
            run.range.end(),
            run.vmas,
            Causes(run.causes)
        ))?;
        separator = ",";
    }
    text.append(format_args!("]}}\n"))
}

struct Causes(CauseSet);

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for cause in self.0.iter() {
            write!(f, "{separator}\"{}\"", cause.name())?;
            separator = ",";
        }
        Ok(())
    }
}
