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
};
use crate::{
    process::sys::name::{
        may_have_name,
        replace_name,
        OwnedName, //
    },
    text::Text,
    vma::{
        compat::Attributes,
        extent::Range,
        modify::Modified,
        sys::{
            VmaRef,
            ENOMEM, //
        },
    },
};
use kernel::prelude::*;

/// The longest name, in bytes. Answers to `ANON_VMA_NAME_MAX_LEN`, without the NUL.
pub(crate) const LONGEST_NAME: usize = 79;

/// Gives this name, or takes the name away.
pub(super) struct NewName(Option<OwnedName>);

impl NewName {
    pub(super) fn new(text: Option<&str>) -> Result<Self, Failure> {
        match text {
            None => Ok(Self(None)),
            Some(text) => match make(text) {
                Ok(name) => Ok(Self(Some(name))),
                Err(EINVAL) => Err(Failure::NoNames),
                Err(_) => Err(Failure::NameNotMade),
            },
        }
    }
}

fn make(text: &str) -> Result<OwnedName> {
    let mut terminated = Text::with_capacity(LONGEST_NAME + 1)?;
    terminated.append(fmt!("{text}\0")).map_err(|_| EINVAL)?;
    OwnedName::new(CStr::from_bytes_with_nul(terminated.as_bytes()).map_err(|_| EINVAL)?)
}

impl RangeChange for NewName {
    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &VmaRef, _part: Range) -> Result<Option<HelperCall<'_>>, Obstacle> {
        if !may_have_name(vma) {
            return Err(Obstacle::HasPath);
        }
        let name = OwnedName::of(self.0.as_ref());
        if vma.has_name_like(&name) {
            return Ok(None);
        }
        Ok(Some(HelperCall::FlagsName(vma.vma_flags(), name)))
    }

    fn carry_out<'i, 'g>(&self, part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle> {
        let (mut modified, _) = part.merge_or_split(self)?;
        replace_name(&mut modified.vma, self.0.as_ref());
        Ok(modified)
    }
}
