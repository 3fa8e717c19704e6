//! Checks places: that areas form a tree, and that crossings and emergency numbers stand in it.

use super::Check;
use crate::date::PartialDate;
use crate::pack::area::{Area, AreaLevel, CROSSINGS};

const AREAS_FILE: &str = "areas.csv";
const CROSSINGS_FILE: &str = "crossings.csv";
const EMERGENCY_FILE: &str = "emergency.csv";
/// List of the services people call in an emergency.
const SERVICES: &str = "layanan_darurat";

impl Check<'_> {
    pub(super) fn areas(&mut self) {
        let areas = &self.pack.areas;
        for (code, area) in areas {
            let Some(parent) = &area.parent else {
                if area.level != AreaLevel::Country {
                    self.fault(AREAS_FILE, code, "lies in no other place, and is no country");
                }
                continue;
            };
            match areas.get(parent) {
                None => self.fault(AREAS_FILE, code, format!("lies in {parent}, which is not there")),
                Some(Area { level, .. }) if !area.level.fits_in(*level) => {
                    self.fault(AREAS_FILE, code, format!("cannot lie in {parent}: the levels do not fit"));
                }
                Some(_) => {}
            }
        }
    }

    pub(super) fn crossings(&mut self) {
        let pack = self.pack;
        for crossing in &pack.crossings {
            if !pack.has_code(CROSSINGS, &crossing.code) {
                self.fault(CROSSINGS_FILE, &crossing.code, format!("the list {CROSSINGS} has no such code"));
            }
            for area in crossing.area.iter().chain(&crossing.opposite).filter(|area| !pack.areas.contains_key(*area)) {
                self.fault(CROSSINGS_FILE, &crossing.code, format!("areas.csv has no {area}"));
            }
        }
    }

    pub(super) fn emergency(&mut self) {
        let pack = self.pack;
        for number in &pack.emergency {
            let key = format!("{} {}", number.area.as_deref().unwrap_or("(everywhere)"), number.service);
            if number.area.as_ref().is_some_and(|area| !pack.areas.contains_key(area)) {
                self.fault(EMERGENCY_FILE, &key, "areas.csv has no such area");
            }
            if !pack.has_code(SERVICES, &number.service) {
                self.fault(EMERGENCY_FILE, &key, format!("the list {SERVICES} has no such service"));
            }
            if !is_dialled(&number.phone) {
                self.fault(EMERGENCY_FILE, &key, "the telephone number is not made of digits, blanks, + and -");
            }
            if number.whatsapp.as_ref().is_some_and(|digits| !digits.bytes().all(|byte| byte.is_ascii_digit())) {
                self.fault(EMERGENCY_FILE, &key, "the WhatsApp number has more than digits");
            }
            if number.checked.as_ref().is_some_and(|date| PartialDate::parse(date).is_err()) {
                self.fault(EMERGENCY_FILE, &key, "the day it was checked is no civil date");
            }
        }
    }
}

fn is_dialled(phone: &str) -> bool {
    phone.bytes().any(|byte| byte.is_ascii_digit())
        && phone.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'+' | b'-'))
}
