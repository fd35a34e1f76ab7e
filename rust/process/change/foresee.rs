// SPDX-License-Identifier: GPL-2.0

//! What a command would do: the same decisions, with nothing carried out.
//!
//! It takes the mmap lock for reading, once, and looks at a bounded number of VMAs. Each VMA is looked at as it is now, not as the changes of those before
//! it would leave it. And when the command is given, things may be different: this is advice.

use super::{
    drawing::Drawing,
    failure::{
        Failure,
        Obstacle, //
    },
    flags,
    name,
    new,
    policy,
    protect,
    range::{
        part_of,
        Coverage,
        RangeChange, //
    },
    uffd, //
};
use crate::{
    debugfs::{
        command::{
            Action,
            Command, //
        },
        outcome::{
            ErrnoName,
            Outcome, //
        },
    },
    process::sys::{
        find::{
            Access,
            Pid,
            Process, //
        },
        userfaultfd::Modes,
    },
    text::{
        Full,
        Text, //
    },
    vma::{
        compat::{
            all_blockers,
            Attributes,
            Blocker,
            BlockerSet,
            Candidate,
            Joining,
            Reach,
            Side,
            Source, //
        },
        cut::{
            Split,
            SplitError, //
        },
        extent::Range,
        forecast::{
            Answer,
            Before,
            Forecast, //
        },
        merge,
        modify::{
            self,
            ModifyError, //
        },
        new_range,
        plan::{
            Decision,
            Shape, //
        },
        split::limit_allows_one_more,
        sys::{
            map_count,
            max_map_count,
            Around,
            VmaRef,
            VmaWalk, //
        },
    },
};
use kernel::prelude::*;

/// The most VMAs of a range that are told of.
const MOST: usize = 64;

/// The most VMAs of a range that are checked, so that the lock is not held for long.
const MOST_CHECKED: usize = 4096;

/// Tells in `outcome` what a command would do.
pub(crate) fn foresee(command: &Command<'_>, outcome: &mut Outcome) -> Result {
    let mut parts = 0;
    match foresee_action(command, &mut outcome.details, &mut parts) {
        Ok(End::All) => {
            outcome.summarize(fmt!(
                "as things are now, this would happen; nothing has changed"
            ));
            Ok(())
        }
        Ok(End::TooMany) => {
            outcome.summarize(fmt!(
                "as things are now, this would happen, and more: only the first {parts} VMAs of the \
                 range are listed; nothing has changed"
            ));
            Ok(())
        }
        Err(failure) if parts == 0 => {
            outcome.details.clear();
            outcome.refuse(failure.errno(), fmt!("as things are now, {failure}"))
        }
        Err(failure) => {
            let errno = failure.errno();
            outcome.summarize(fmt!(
                "as things are now, this would happen, and then it would be stopped ({}): {failure}; \
                 nothing has changed",
                ErrnoName(errno)
            ));
            Err(errno)
        }
    }
}

/// Whether all of a range was looked at.
enum End {
    All,
    TooMany,
}

fn foresee_action(
    command: &Command<'_>,
    text: &mut Text,
    parts: &mut usize,
) -> Result<End, Failure> {
    let process = Pid::find(command.pid)
        .and_then(|pid| pid.process(Access::Attach))
        .map_err(Failure::NoAddressSpace)?;
    let Process { task, mm } = &process;
    match command.action {
        Action::Flags(range, change) => {
            let change = flags::NewFlags(change);
            foresee_range(&process, range, &change, text, parts)
        }
        Action::Protect(range, protection) => {
            let change = protect::NewProtection::new(mm, task, protection);
            foresee_range(&process, range, &change, text, parts)
        }
        Action::Name(range, name) => {
            let change = name::NewName::new(name)?;
            foresee_range(&process, range, &change, text, parts)
        }
        Action::Policy(range, placement) => {
            let change = policy::NewPolicy::new(placement)?;
            foresee_range(&process, range, &change, text, parts)
        }
        Action::Userfaultfd(range, descriptor, modes) => {
            let userfaultfd = uffd::find(mm, task, range, descriptor, modes)?;
            if modes == Modes::NONE {
                let change = uffd::Unregister::new(&userfaultfd, range);
                foresee_range(&process, range, &change, text, parts)
            } else {
                let change = uffd::Register::new(&userfaultfd, range, modes);
                foresee_range(&process, range, &change, text, parts)
            }
        }
        Action::New(range, protection) => {
            let mut walk = VmaWalk::lock_killable(mm, 0).map_err(|_| Failure::Killed)?;
            let Around { prev, at, .. } = walk.around(range.start());
            let occupied = at
                .map(|vma| vma.start().max(range.start()))
                .filter(|&addr| addr < range.end());
            let flags = new::allowed(mm, task, range, occupied, protection)
                .map_err(|obstacle| Failure::Stopped(range, obstacle))?;
            let candidate = new::candidate(range, flags);
            place(&candidate, prev, at, range, text);
            Ok(End::All)
        }
        Action::Extend(range) => {
            let mut walk = VmaWalk::lock_killable(mm, 0).map_err(|_| Failure::Killed)?;
            let below = range.start().saturating_sub(1);
            let around = walk.around(below);
            let stopped = |obstacle| Failure::Stopped(range, obstacle);
            let vma = around.at.filter(|vma| vma.start() <= below);
            let vma = vma.ok_or(stopped(Obstacle::NothingBelow))?;
            super::extend::allowed(task, vma, around.next, range).map_err(stopped)?;
            let extent = vma.extent().seen_through(range);
            let candidate = Candidate::like(vma, extent, Source::New);
            place(&candidate, Some(vma), around.next, range, text);
            Ok(End::All)
        }
        Action::Split(addr) => {
            let mut walk = VmaWalk::lock_killable(mm, 0).map_err(|_| Failure::Killed)?;
            let Around { prev, at, next } = walk.around(addr);
            let vma = at.ok_or(Failure::NotInside(addr))?;
            let whole = vma.extent().range;
            let cut = Split::at(whole, addr, Side::Right).ok_or(Failure::NotInside(addr))?;
            may_cut(vma, 0).map_err(|error| Failure::Split(whole, error))?;
            let before = before(whole, prev, Some(vma), next);
            let forecast = before.split(cut, Ok(()));
            let _ = text
                .append(fmt!(
                    "  {:x}-{:x} split at {addr:x}\n",
                    whole.start(),
                    whole.end()
                ))
                .and_then(|()| Drawing::new(&before, &forecast, None).append_to(text));
            Ok(End::All)
        }
    }
}

/// Whether a VMA may be cut once more, after so many other cuts. Its driver is not asked: it may be
/// that it says so only to who really does it.
fn may_cut(vma: &VmaRef, others: i32) -> Result<(), SplitError> {
    limit_allows_one_more(map_count(vma.mm()).saturating_add(others))
}

/// The VMAs that a call about `whole`, a VMA or a range that is mapped, has to do with: those beside
/// it only if they touch it.
fn before(
    whole: Range,
    prev: Option<&VmaRef>,
    middle: Option<&VmaRef>,
    next: Option<&VmaRef>,
) -> Before {
    let touching = |side, vma: Option<&VmaRef>| {
        vma.filter(|vma| touches(whole, side, vma))
            .map(VmaRef::extent)
    };
    Before {
        prev: touching(Side::Left, prev),
        middle: middle.map(VmaRef::extent),
        next: touching(Side::Right, next),
    }
}

/// Tells of one VMA of a range after the other.
fn foresee_range<C: RangeChange>(
    process: &Process,
    range: Range,
    change: &C,
    text: &mut Text,
    parts: &mut usize,
) -> Result<End, Failure> {
    let mut walk = VmaWalk::lock_killable(&process.mm, 0).map_err(|_| Failure::Killed)?;
    check_range(&mut walk, range, change)?;

    let mut covered = range.start();
    while covered < range.end() {
        let Around { prev, at, next } = walk.around(covered);
        let Some(vma) = at.filter(|vma| vma.start() < range.end()) else {
            break;
        };
        if *parts == MOST {
            return Ok(End::TooMany);
        }
        let part = part_of(vma, range)?;
        let stopped = |obstacle| Failure::Stopped(part, obstacle);
        let told = match change.want(vma, part).map_err(stopped)? {
            None => text.append(fmt!(
                "  {:x}-{:x} unchanged: it is so already\n",
                part.start(),
                part.end()
            )),
            Some(wanted) => modify_part(&change.as_change(&wanted), part, prev, vma, next, text)
                .map_err(|error| stopped(Obstacle::Modify(error)))?,
        };
        if told.is_err() {
            return Ok(End::TooMany);
        }
        *parts += 1;
        covered = vma.end();
    }
    Ok(End::All)
}

/// Whether the change may be made in all VMAs of a range, as far as that is looked at, and they cover
/// it as they have to.
fn check_range(
    walk: &mut VmaWalk<'_>,
    range: Range,
    change: &impl RangeChange,
) -> Result<(), Failure> {
    let mut coverage = Coverage::new(range, change.holes());
    let mut at = walk.around(range.start()).at;
    for _ in 0..MOST_CHECKED {
        let Some(vma) = at.filter(|vma| vma.start() < range.end()) else {
            return coverage.finish();
        };
        coverage.add(vma)?;
        let part = part_of(vma, range)?;
        change
            .check(vma, part)
            .map_err(|obstacle| Failure::Stopped(part, obstacle))?;
        if vma.end() >= range.end() {
            return Ok(());
        }
        at = walk.around(part.end()).at;
    }
    Ok(())
}

/// Tells what would become of a part of a VMA that is changed like this; the outer error is that it could
/// not be, the inner that there is no room to tell.
fn modify_part(
    change: &modify::Change<'_>,
    part: Range,
    prev: Option<&VmaRef>,
    vma: &VmaRef,
    next: Option<&VmaRef>,
    text: &mut Text,
) -> Result<Result<(), Full>, ModifyError> {
    let candidate = change.of(vma, part);
    let reach = Reach::of_part(part, candidate.flags, vma);
    let decision = merge::decide(change, part, reach, prev, vma, next);
    let before = before(vma.extent().range, prev, Some(vma), next);
    let forecast = before.modified(&decision, part, |_, others| may_cut(vma, others));

    if let Answer::Fails(_) = forecast.answer {
        let limit = SplitError::TooManyVmas(max_map_count());
        return Err(match forecast.halfway {
            Some(_) => ModifyError::SecondSplit(limit),
            None => ModifyError::Split(limit),
        });
    }

    let length = text.as_bytes().len();
    Ok(tell_modified(&before, &forecast, &decision, part, text)
        .and_then(|()| {
            let apart = Apart::new(&candidate, reach, prev, next);
            apart.append_to(&decision, text)
        })
        .inspect_err(|_| text.truncate(length)))
}

fn tell_modified(
    before: &Before,
    forecast: &Forecast,
    decision: &Decision,
    part: Range,
    text: &mut Text,
) -> Result<(), Full> {
    let (start, end) = (part.start(), part.end());
    let middle = before.middle.map(|middle| middle.range);
    match decision {
        Decision::Merge(plan) => {
            text.append(fmt!("  {start:x}-{end:x} merged {}\n", side(plan.shape)))?;
        }
        _ if middle == Some(part) => {
            text.append(fmt!("  {start:x}-{end:x} changed, its extent unchanged\n"))?;
        }
        _ => text.append(fmt!("  {start:x}-{end:x} split off\n"))?,
    }
    Drawing::new(before, forecast, Some(part)).append_to(text)
}

fn side(shape: Shape) -> &'static str {
    match shape {
        Shape::Both => "both",
        Shape::LeftWhole | Shape::LeftPart { .. } => "left",
        Shape::RightWhole | Shape::RightPart { .. } => "right",
    }
}

/// Tells what would become of something that is mapped between these two.
fn place(
    candidate: &Candidate<'_, VmaRef>,
    prev: Option<&VmaRef>,
    next: Option<&VmaRef>,
    range: Range,
    text: &mut Text,
) {
    let decision = new_range::decide(candidate, Joining::EitherSide, prev, next);
    let before = before(range, prev, None, next);
    let forecast = before.placed(&decision);
    let (start, end) = (range.start(), range.end());
    let said = match &decision {
        Decision::Merge(plan) => text.append(fmt!(
            "  {start:x}-{end:x} merged {}\n",
            side(plan.shape) //
        )),
        _ => text.append(fmt!("  {start:x}-{end:x} not merged\n")),
    };
    let _ = said
        .and_then(|()| Drawing::new(&before, &forecast, Some(range)).append_to(text))
        .and_then(|()| {
            let reach = Reach::of_new(candidate, Joining::EitherSide);
            Apart::new(candidate, reach, prev, next).append_to(&decision, text)
        });
}

/// Every reason why the VMAs beside a range do not take it, on either side.
struct Apart {
    below: BlockerSet,
    above: BlockerSet,
}

impl Apart {
    fn new(
        candidate: &Candidate<'_, VmaRef>,
        reach: Result<Reach, Blocker>,
        prev: Option<&VmaRef>,
        next: Option<&VmaRef>,
    ) -> Self {
        let blockers = |side, neighbour: Option<&VmaRef>| match neighbour {
            Some(neighbour) if touches(candidate.extent.range, side, neighbour) => {
                all_blockers(candidate, reach, side, neighbour)
            }
            _ => match reach.and_then(|reach| reach.to(side)) {
                Err(blocker) => BlockerSet::NONE.with(blocker),
                Ok(()) => BlockerSet::NONE.with(Blocker::NotAdjacent),
            },
        };
        Self {
            below: blockers(Side::Left, prev),
            above: blockers(Side::Right, next),
        }
    }

    /// Says why on the sides where it does not merge.
    fn append_to(&self, decision: &Decision, text: &mut Text) -> Result<(), Full> {
        let merged = match decision {
            Decision::Merge(plan) => Some(plan.shape),
            Decision::Abandon(_) => {
                text.append(fmt!("    its driver has to see it closed\n"))?;
                None
            }
            Decision::Keep(_) => None,
        };
        let sides = [
            ("below", self.below, merged.is_some_and(Shape::grows_prev)),
            (
                "above",
                self.above,
                merged.is_some_and(|shape| shape == Shape::Both || !shape.grows_prev()),
            ),
        ];
        for (side, blockers, joined) in sides {
            if joined {
                continue;
            }
            text.append(fmt!("    {side}: "))?;
            let mut separator = "";
            for blocker in blockers.iter() {
                text.append(fmt!("{separator}{}", blocker.describe()))?;
                separator = "; ";
            }
            match decision {
                // It would join by itself, but not together with the other side.
                Decision::Merge(plan) if separator.is_empty() => match plan.other_side {
                    Some(unjoined) => text.append(fmt!("{unjoined}\n"))?,
                    None => text.append(fmt!("\n"))?,
                },
                _ => text.append(fmt!("\n"))?,
            }
        }
        Ok(())
    }
}

/// Whether a VMA on that side of a range touches it, or would if the range reached so far.
fn touches(range: Range, side: Side, neighbour: &VmaRef) -> bool {
    match side {
        Side::Left => neighbour.end() == range.start(),
        Side::Right => neighbour.start() == range.end(),
    }
}
