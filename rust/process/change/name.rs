// SPDX-License-Identifier: GPL-2.0

//! The verb `name`: names memory, as `prctl(PR_SET_VMA)` does.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    range::{
        Holes,
        RangeChange, //
    },
};
use crate::{
    debugfs::command::LONGEST_NAME,
    process::sys::name::{
        may_have_name,
        replace_name,
        OwnedName, //
    },
    report::{
        self,
        Helper, //
    },
    text::Text,
    vma::{
        compat::Attributes,
        extent::Range,
        modify::{
            vma_modify_name,
            Change,
            Modified, //
        },
        sys::{
            Site,
            VmaRef,
            ENOMEM, //
        },
    },
};
use kernel::prelude::*;

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
    type Wanted = ();

    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &VmaRef, _part: Range) -> Result<Option<()>, Obstacle> {
        if !may_have_name(vma) {
            return Err(Obstacle::HasPath);
        }
        let named = vma.has_name_like(&OwnedName::of(self.0.as_ref()));
        Ok((!named).then_some(()))
    }

    fn as_change(&self, _wanted: &()) -> Change<'_> {
        Change {
            name: Some(OwnedName::of(self.0.as_ref())),
            ..Change::default()
        }
    }

    fn change<'i>(
        &self,
        site: Site<'i, '_>,
        part: Range,
        _wanted: (),
    ) -> Result<Modified<'i>, Obstacle> {
        let name = OwnedName::of(self.0.as_ref());
        let modified = vma_modify_name(site, part, name);
        report::modified(Helper::ModifyName, part, &modified);
        let mut modified = modified?;
        replace_name(&mut modified.vma, self.0.as_ref());
        Ok(modified)
    }
}
