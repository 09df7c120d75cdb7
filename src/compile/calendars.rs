//! Duty calendars: laid out once for each zone and set of holidays in which they are used.

use crate::document::Diagnostic;
use crate::document::types::{self as t, Name};
use crate::model::{self as m, RotaId};
use crate::time::{
    ClockTime, Date, DutyCalendar, DutyProfile, DutyWindow, HolidayDuty, HolidayRule, Holidays, SimDuration,
    Weekday, Weekdays, Zone,
};

use super::context::Cx;
use super::convert;
use super::params::Use;

/// Rotas reach past the horizon, so that work begun before it finds its next opening.
const MARGIN: SimDuration = SimDuration::from_days(60);
/// Calendars made of calendars are not followed deeper than this.
const MAX_DEPTH: usize = 8;
/// Calendars inside one calendar, repeats counted.
const MAX_PARTS: usize = 500;
/// Changes of duty in all rotas of a model.
const MAX_STEPS: usize = 10_000_000;

/// A calendar without its zone, as far as its parts say.
struct Plan<'d> {
    duty: DutyCalendar,
    on_call: Option<(&'d Name, &'d t::OnCall)>,
    overrun: bool,
}

impl<'d> Cx<'d> {
    /// The rota of a calendar in a zone; the inner `None` is round the clock, the outer one an error.
    pub(super) fn rota(
        &mut self,
        name: &Name,
        zone: &Zone,
        holidays: Option<&Name>,
    ) -> Option<Option<RotaId>> {
        let doc = self.doc;
        self.find("calendar", &doc.calendars, name)?;
        let (key, _) = doc.calendars.get_key_value(name.as_str())?;
        let holiday_name = holidays.map(|set| set.to_string()).unwrap_or_default();
        let id = (name.to_string(), zone.name().to_owned(), holiday_name);
        if let Some(known) = self.rota_ids.get(&id) {
            // A calendar that is wrong was told when it was met first.
            return Some(*known);
        }
        let made = self.new_rota(key, zone, holidays);
        let rota = match made {
            Some(Some(rota)) => {
                self.rotas.push(rota);
                Some(RotaId::from_index(self.rotas.len() - 1))
            }
            _ => None,
        };
        self.rota_ids.insert(id, rota);
        Some(rota)
    }

    fn new_rota(&mut self, name: &'d Name, zone: &Zone, holidays: Option<&Name>) -> Option<Option<m::Rota>> {
        let mut path = Vec::new();
        let mut parts = 0;
        let plan = self.plan(name, &mut path, &mut parts)?;
        if self.n_steps > MAX_STEPS {
            self.error("too-many", "the duty calendars change too often up to the horizon", name.span);
            return None;
        }
        if plan.duty == DutyCalendar::Always {
            return Some(None);
        }
        let holidays = match holidays {
            Some(set) => self.holidays(set)?,
            None => Holidays::none(),
        };
        let until = self.horizon + MARGIN;
        let profile = match DutyProfile::build(&plan.duty, zone, &holidays, self.epoch, until) {
            Ok(profile) => profile,
            Err(error) => {
                self.error("too-many", format!("calendar `{name}`: {error}"), name.span);
                return None;
            }
        };
        self.n_steps += profile.steps().len();
        let on_call = match plan.on_call {
            Some((owner, on_call)) => self.on_call(owner, on_call)?,
            None => None,
        };
        Some(Some(m::Rota { name: name.to_string(), profile, on_call, overrun: plan.overrun }))
    }

    /// A calendar's windows. A union or intersection takes the on-call service of the first part that has one, and
    /// lets work overrun if any part does.
    fn plan(&mut self, name: &'d Name, path: &mut Vec<&'d str>, n_parts: &mut usize) -> Option<Plan<'d>> {
        let doc = self.doc;
        if path.contains(&name.as_str()) {
            self.error("cycle", format!("calendar `{name}` is made of itself"), name.span);
            return None;
        }
        *n_parts += 1;
        if *n_parts > MAX_PARTS {
            self.error("too-many", format!("a calendar is made of more than {MAX_PARTS} parts"), name.span);
            return None;
        }
        if path.len() >= MAX_DEPTH {
            self.error("too-many", format!("calendars are nested more than {MAX_DEPTH} deep"), name.span);
            return None;
        }
        path.push(name.as_str());
        let plan = match doc.calendars.get(name.as_str()) {
            None => {
                self.find("calendar", &doc.calendars, name);
                None
            }
            Some(t::Calendar::Always) => {
                Some(Plan { duty: DutyCalendar::Always, on_call: None, overrun: false })
            }
            Some(t::Calendar::Windows { windows, on_call, at_close }) => {
                let duty = DutyCalendar::Windows(self.windows(name, windows)?);
                let on_call = on_call.as_ref().map(|on_call| (name, on_call));
                Some(Plan { duty, on_call, overrun: *at_close == t::AtClose::Overrun })
            }
            Some(t::Calendar::Union(parts)) => self.parts(name, parts, DutyCalendar::Union, path, n_parts),
            Some(t::Calendar::Intersection(parts)) => {
                self.parts(name, parts, DutyCalendar::Intersection, path, n_parts)
            }
        };
        path.pop();
        plan
    }

    fn parts(
        &mut self,
        name: &Name,
        parts: &'d [Name],
        join: fn(Vec<DutyCalendar>) -> DutyCalendar,
        path: &mut Vec<&'d str>,
        n_parts: &mut usize,
    ) -> Option<Plan<'d>> {
        if parts.is_empty() {
            self.error("missing", format!("calendar `{name}` has no parts"), name.span);
            return None;
        }
        let mut duties = Vec::new();
        let (mut on_call, mut overrun) = (None, false);
        for part in parts {
            let plan = self.plan(part, path, n_parts)?;
            duties.push(plan.duty);
            on_call = on_call.or(plan.on_call);
            overrun |= plan.overrun;
        }
        Some(Plan { duty: join(duties), on_call, overrun })
    }

    fn windows(&mut self, name: &Name, windows: &[t::Window]) -> Option<Vec<DutyWindow>> {
        if windows.is_empty() {
            self.error("missing", format!("calendar `{name}` has no windows"), name.span);
        }
        let mut made = Vec::new();
        for window in windows {
            let from = self.clock(&window.from);
            let to = self.clock(&window.to);
            if let (Some(from), Some(to)) = (from, to) {
                let holidays = match (window.only_holidays, window.holidays) {
                    (true, _) => HolidayDuty::Only,
                    (false, true) => HolidayDuty::Open,
                    (false, false) => HolidayDuty::Closed,
                };
                let staff = match &window.staff {
                    // A literal is no parameter of its own.
                    Some(staff) => Some(match **staff {
                        t::Quantity::Number(n) if n >= 0.0 => libm::round(n) as u32,
                        _ => libm::round(self.number(staff, Use::Factor, None)?) as u32,
                    }),
                    None => None,
                };
                made.push(DutyWindow { weekdays: days(&window.days), from, to, staff, holidays });
            }
        }
        (made.len() == windows.len()).then_some(made)
    }

    /// A time of the clock, `HH:MM`.
    pub(super) fn clock(&mut self, text: &Name) -> Option<ClockTime> {
        let time = ClockTime::parse(text);
        if time.is_none() {
            let message = format!("`{text}` is not a time of day; write `HH:MM`, 00:00 to 24:00");
            self.error("bad-instant", message, text.span);
        }
        time
    }

    /// Calling staff in: one place that draws for each calendar, in whatever zones it is used.
    fn on_call(&mut self, owner: &Name, on_call: &t::OnCall) -> Option<Option<m::OnCall>> {
        if let Some(known) = self.on_calls.get(owner.as_str()) {
            return Some(known.clone());
        }
        let delay = self.site(&format!("calendar:{owner}/call-out"), &on_call.delay, Use::Duration);
        let fails =
            self.opt_site(&format!("calendar:{owner}/unanswered"), on_call.fails.as_ref(), Use::Probability);
        if on_call.staff == Some(0) {
            self.error(
                "out-of-range",
                format!("on call in `{owner}`: `staff` must be at least 1"),
                owner.span,
            );
        }
        let made = m::OnCall {
            at_or_above: convert::priority(on_call.at_or_above),
            delay: delay?,
            staff: on_call.staff.unwrap_or(1),
            fails: fails?,
        };
        self.on_calls.insert(owner.to_string(), Some(made.clone()));
        Some(Some(made))
    }

    /// The rules of a set of holidays.
    pub(super) fn holidays(&mut self, set: &Name) -> Option<Holidays> {
        let doc = self.doc;
        let position = self.find("set of holidays", &doc.holidays, set)?;
        let mut rules = Vec::new();
        for holiday in &doc.holidays[position].days {
            match holiday_rule(holiday).filter(HolidayRule::is_possible) {
                Some(rule) => rules.push(rule),
                None => {
                    let message =
                        format!("holidays `{set}`: there is no such day: {}", holiday_text(holiday));
                    let (key, _) = doc.holidays.get_key_value(set.as_str())?;
                    let span = match holiday {
                        t::Holiday::Fixed(text) | t::Holiday::Date(text) => text.span,
                        _ => key.span,
                    };
                    let hint = "write `Fixed(\"05-09\")`, month and day, or `Date(\"2017-05-05\")`";
                    self.diags.push(Diagnostic::error("bad-instant", message).at(span).hint(hint));
                }
            }
        }
        Some(Holidays::new(rules))
    }
}

pub(super) fn weekday(day: t::Weekday) -> Weekday {
    match day {
        t::Weekday::Mon => Weekday::Monday,
        t::Weekday::Tue => Weekday::Tuesday,
        t::Weekday::Wed => Weekday::Wednesday,
        t::Weekday::Thu => Weekday::Thursday,
        t::Weekday::Fri => Weekday::Friday,
        t::Weekday::Sat => Weekday::Saturday,
        t::Weekday::Sun => Weekday::Sunday,
    }
}

pub(super) fn days(days: &t::Days) -> Weekdays {
    match days {
        t::Days::EveryDay => Weekdays::ALL,
        t::Days::Weekdays => Weekdays::MON_FRI,
        t::Days::Weekend => Weekdays::SAT_SUN,
        t::Days::On(days) => days.iter().map(|day| weekday(*day)).collect(),
    }
}

fn holiday_rule(holiday: &t::Holiday) -> Option<HolidayRule> {
    Some(match holiday {
        t::Holiday::Fixed(text) => {
            let (month, day) = text.split_once('-')?;
            HolidayRule::Fixed { month: month.parse().ok()?, day: day.parse().ok()? }
        }
        t::Holiday::Easter(offset) => HolidayRule::Easter { offset_days: i16::try_from(*offset).ok()? },
        t::Holiday::OrthodoxEaster(offset) => {
            HolidayRule::OrthodoxEaster { offset_days: i16::try_from(*offset).ok()? }
        }
        t::Holiday::Nth { month, weekday: day, nth } => {
            HolidayRule::NthWeekday { month: i8::try_from(*month).ok()?, weekday: weekday(*day), nth: *nth }
        }
        t::Holiday::OnOrAfter { month, day, weekday: on } => HolidayRule::WeekdayOnOrAfter {
            month: i8::try_from(*month).ok()?,
            day: i8::try_from(*day).ok()?,
            weekday: weekday(*on),
        },
        t::Holiday::Date(text) => {
            let date: Date = text.parse().ok()?;
            HolidayRule::Date { year: date.year(), month: date.month(), day: date.day() }
        }
    })
}

fn holiday_text(holiday: &t::Holiday) -> String {
    match holiday {
        t::Holiday::Fixed(text) | t::Holiday::Date(text) => format!("`{text}`"),
        t::Holiday::Easter(n) | t::Holiday::OrthodoxEaster(n) => format!("{n} days from Easter"),
        t::Holiday::OnOrAfter { month, day, .. } => format!("from day {day} of month {month} on"),
        t::Holiday::Nth { month, nth, .. } => format!("weekday number {nth} of month {month}"),
    }
}
