// SPDX-License-Identifier: GPL-2.0

//! The verb `name`: names memory, as `prctl(PR_SET_VMA)` does.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    range_change::{
        HelperCall,
        Holes,
        Part,
        RangeChange, //
    },
    subject::Subject, //
};
use crate::{
    process::sys::name::{
        may_have_name,
        replace_name,
        OwnedName, //
    },
    text::Text,
    vma::{
        extent::Range,
        modify::Modified,
        sys::ENOMEM, //
    },
};
use kernel::prelude::*;

/// The length of the longest name, in bytes. Answers to `ANON_VMA_NAME_MAX_LEN`, without the NUL.
pub(crate) const LONGEST_NAME: usize = 79;

/// A change that gives VMAs this name, or removes their names.
pub(super) struct NewName<'c>(pub(super) Option<&'c OwnedName>);

/// Creates the name that a command specifies.
pub(super) fn make_name(text: &str) -> Result<OwnedName, Failure> {
    make(text).map_err(|error| match error {
        EINVAL => Failure::NoNames,
        _ => Failure::NameNotMade,
    })
}

fn make(text: &str) -> Result<OwnedName> {
    let mut terminated = Text::with_capacity(LONGEST_NAME + 1)?;
    terminated.append(fmt!("{text}\0")).map_err(|_| EINVAL)?;
    OwnedName::new(CStr::from_bytes_with_nul(terminated.as_bytes()).map_err(|_| EINVAL)?)
}

impl<'c> RangeChange<'c> for NewName<'c> {
    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &impl Subject, _part: Range) -> Result<Option<HelperCall<'c>>, Obstacle> {
        if !vma.real().is_none_or(may_have_name) {
            return Err(Obstacle::HasPath);
        }
        let name = OwnedName::of(self.0);
        if vma.is_named_like(&name) {
            return Ok(None);
        }
        Ok(Some(HelperCall::FlagsName(vma.vma_flags(), name)))
    }

    fn carry_out<'i, 'g>(&self, part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle> {
        let (mut modified, _) = part.merge_or_split(self)?;
        replace_name(&mut modified.vma, self.0);
        Ok(modified)
    }
}
