//! A trace with only the records that led to some of them.

use super::{Item, RecordId, Trace};

/// The records given and all that caused them, numbered anew; a trace like any other, but not a whole run.
///
/// Content that was told is kept where the author's learning is kept.
pub fn reduced(trace: &Trace, wanted: impl IntoIterator<Item = RecordId>) -> Trace {
    let mut keep = vec![false; trace.records.len()];
    if let Some(start) = keep.first_mut() {
        *start = true;
    }
    for id in wanted {
        if let Some(keep) = keep.get_mut(id as usize) {
            *keep = true;
        }
    }
    close(trace, &mut keep);
    let mut new_id = vec![0; keep.len()];
    let mut next = 0;
    for (id, keep) in keep.iter().enumerate() {
        new_id[id] = next;
        next += RecordId::from(*keep);
    }
    let mut out = Trace {
        operators: trace.operators.clone(),
        acted: trace.acted.clone(),
        variants: trace.variants.clone(),
        n_events: trace.n_events,
        end: trace.end,
        ..Trace::default()
    };
    for (id, record) in trace.records.iter().enumerate().filter(|(id, _)| keep[*id]) {
        let id = id as RecordId;
        let causes: Vec<RecordId> = trace.causes_of(id).iter().map(|&c| new_id[c as usize]).collect();
        out.push(record.time, record.who, record.event, &causes, trace.spans_of(id));
    }
    let told = |item: &Item| {
        let kept = item.told.iter().filter(|t| keep.get(t.learned as usize).copied().unwrap_or(false));
        let told = kept.map(|t| super::Told { learned: new_id[t.learned as usize], ..*t }).collect();
        Item { told }
    };
    out.items = trace.items.iter().map(told).collect();
    out
}

/// Marks all causes of what is marked: causes have smaller ids, so one pass from the end finds them all.
fn close(trace: &Trace, keep: &mut [bool]) {
    for id in (0..keep.len()).rev() {
        if keep[id] {
            for &cause in trace.causes_of(id as RecordId) {
                keep[cause as usize] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimTime;
    use crate::trace::{Event, Span, SpanKind, Subject};

    #[test]
    fn what_led_to_a_record_is_kept_and_numbered_anew() {
        let mut trace = Trace::default();
        let t = SimTime::from_micros;
        let span = |from, to| Span { kind: SpanKind::Delay, who: Subject::World, from: t(from), to: t(to) };
        trace.push(t(0), Subject::World, Event::Start, &[], &[]);
        trace.push(t(5), Subject::Channel(1), Event::End, &[0], &[span(0, 5)]);
        trace.push(t(7), Subject::Channel(2), Event::End, &[0], &[span(0, 7)]);
        trace.push(t(9), Subject::Channel(3), Event::End, &[2, 0], &[span(7, 9)]);
        let out = reduced(&trace, [3]);
        let who: Vec<Subject> = out.records.iter().map(|r| r.who).collect();
        assert_eq!(who, [Subject::World, Subject::Channel(2), Subject::Channel(3)]);
        assert_eq!(out.causes_of(2), [1, 0]);
        assert_eq!(out.spans_of(2), [span(7, 9)]);
    }
}
