// SPDX-License-Identifier: GPL-2.0

//! The verb `name`: names memory, as `prctl(PR_SET_VMA)` does.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    range_change::{
        Ask,
        Holes,
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
        flags::VmaFlags,
        sys::{
            Site,
            Vma,
            VmaRef,
            ENOMEM, //
        },
    },
};
use kernel::prelude::*;

/// The longest name, in bytes. Answers to `ANON_VMA_NAME_MAX_LEN`, without the NUL.
pub(crate) const LONGEST_NAME: usize = 79;

/// Gives this name, or none.
pub(super) struct NewName(Option<OwnedName>);

impl NewName {
    pub(super) fn new(text: Option<&str>) -> Result<Self, Failure> {
        match text {
            None => Ok(Self(None)),
            Some(text) => make(text)
                .map(|name| Self(Some(name)))
                .map_err(Failure::Name),
        }
    }
}

fn make(text: &str) -> Result<OwnedName> {
    let mut terminated = Text::with_capacity(LONGEST_NAME + 1)?;
    terminated.append(fmt!("{text}\0")).map_err(|_| EINVAL)?;
    OwnedName::new(CStr::from_bytes_with_nul(terminated.as_bytes()).map_err(|_| EINVAL)?)
}

impl RangeChange for NewName {
    type Ready = ();

    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &VmaRef, _part: Range) -> Result<Option<Ask<'_>>, Obstacle> {
        if !may_have_name(vma) {
            return Err(Obstacle::HasPath);
        }
        let name = OwnedName::of(self.0.as_ref());
        if vma.has_name_like(&name) {
            return Ok(None);
        }
        Ok(Some(Ask::FlagsName(vma.vma_flags(), name)))
    }

    fn make_ready(
        &self,
        _site: &mut Site<'_, '_>,
        _part: Range,
        _flags: VmaFlags,
    ) -> Result<(), Obstacle> {
        Ok(())
    }

    fn finish(
        &self,
        _part: Range,
        _ready: (),
        vma: &mut Vma<'_>,
        _flags: VmaFlags,
    ) -> Result<(), Obstacle> {
        replace_name(vma, self.0.as_ref());
        Ok(())
    }
}
