//! Interviews, and the panels that bundle them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::subject::{Name, round};
use super::{Reader, Way, children};
use crate::dataset::index::hash;
use crate::dataset::schema::{Interview, PanelMember};
use crate::source::clean::When;
use crate::source::record::index::{self, NO_WORD};
use crate::source::record::interview_kind;
use crate::source::record::reference::Ref;
use crate::source::record::values::{Id, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::time::{Instant, MINUTE};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InterviewRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(alias = "opportunity_id")]
    opportunity_id: Id<'a>,
    opportunity: Ref<'a>,
    candidate_id: Id<'a>,
    subject: Text<'a>,
    interviewers: Option<Vec<Ref<'a>>>,
    created_at: Text<'a>,
    date: Text<'a>,
    duration: Text<'a>,
    feedback_template: Ref<'a>,
    stage: Ref<'a>,
    canceled_at: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PanelRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(alias = "opportunity_id")]
    opportunity_id: Id<'a>,
    opportunity: Ref<'a>,
    candidate_id: Id<'a>,
    created_at: Text<'a>,
    stage: Ref<'a>,
    canceled_at: Text<'a>,
    #[serde(borrow)]
    interviews: Option<&'a RawValue>,
}

impl Reader<'_> {
    pub(super) fn interview(&mut self, visit: &mut Visit<'_>, record: &[u8], way: Way<'_>) -> Taken {
        let interview: InterviewRecord<'_> = visit.parse(record)?;
        let own = visit.own_id(&interview.id, record)?;
        let said = [&interview.opportunity_id, &interview.opportunity.id, &interview.candidate_id];
        let opportunity = self.parent(visit, way, &own, &said)?;
        let (row, panel) = self.appointment(visit, &interview, &PanelRecord::default(), own, &opportunity, way);
        way.deliver(visit, row)?;
        panel.into_iter().try_for_each(|member| visit.also(member))
    }

    /// A panel repeats its interviews, with less about each: they count where they are in no file of their own.
    pub(super) fn panel(&mut self, visit: &mut Visit<'_>, record: &[u8], way: Way<'_>) -> Taken {
        let panel: PanelRecord<'_> = visit.parse(record)?;
        let own = visit.own_id(&panel.id, record)?;
        let mut news = Vec::new();
        for raw in children(panel.interviews) {
            let interview = visit.parse::<InterviewRecord<'_>>(raw.get().as_bytes()).ok();
            match interview.and_then(|interview| Some((interview.id.text()?, interview))) {
                Some((id, _)) if self.find(hash(&id), way).is_some() => {}
                Some(new) => news.push(new),
                None => visit.count("interviews inside a panel that cannot be used, left out"),
            }
        }
        if !news.is_empty() {
            let said = [&panel.opportunity_id, &panel.opportunity.id, &panel.candidate_id];
            let opportunity = self.parent(visit, way, &own, &said)?;
            for (id, interview) in news {
                let (row, members) = self.appointment(visit, &interview, &panel, id, &opportunity, way);
                visit.also(row)?;
                members.into_iter().try_for_each(|member| visit.also(member))?;
            }
        }
        match way {
            Way::Own => visit.lookup(),
            Way::Inside(_) => Ok(()),
        }
    }

    /// An interview as far as it was read: inside the opportunity at hand, or in a file.
    pub(super) fn find(&self, interview: u64, way: Way<'_>) -> Option<&index::Interview> {
        match way {
            Way::Own => self.interviews.get(interview),
            Way::Inside(_) => self.at_hand.iter().find(|known| known.id == interview),
        }
    }

    /// The rows of an interview, which is remembered for the feedback on it. What it does not say, its panel may.
    fn appointment(
        &mut self,
        visit: &mut Visit<'_>,
        interview: &InterviewRecord<'_>,
        panel: &PanelRecord<'_>,
        interview_id: String,
        opportunity: &str,
        way: Way<'_>,
    ) -> (Interview, Vec<PanelMember>) {
        let starts = visit.when(&interview.date);
        let planned_minutes = interview.duration.number().filter(|minutes| *minutes > 0);
        let length = planned_minutes.and_then(|minutes| minutes.checked_mul(MINUTE));
        let ends_at = starts.zip(length).map(|(starts, length)| Instant(starts.at.0.saturating_add(length)));
        let name = self.round(interview, panel, opportunity);
        if name.is_none() {
            visit.count("interviews whose round has no name that could be kept");
        }
        let is_cancelled = said(&interview.canceled_at, &panel.canceled_at).get().is_some();
        let known = index::Interview {
            id: hash(&interview_id),
            application: hash(opportunity),
            name: name.as_deref().map_or(NO_WORD, |name| self.words.place(name)),
        };
        self.interviews.add(known);
        if let Way::Inside(_) = way {
            self.at_hand.push(known);
        }
        let mut panel_members = Vec::new();
        for person in interview.interviewers.iter().flatten() {
            let Some(interviewer_id) = self.people.meet_referred(visit, person) else {
                visit.count("seats of nobody in particular, left out");
                continue;
            };
            panel_members.push(PanelMember {
                application_id: opportunity.to_owned(),
                interview_id: interview_id.clone(),
                interviewer_id: Some(interviewer_id),
                role: "interviewer".to_owned(),
                ..PanelMember::default()
            });
        }
        let row = Interview {
            application_id: opportunity.to_owned(),
            interview_id,
            stage: name.as_deref().map(|name| self.stages.name(name)),
            kind: self.kind(name.as_deref(), interview.subject.get()),
            stage_raw: name,
            scheduled_at: scheduled(visit, said(&interview.created_at, &panel.created_at), starts),
            starts_at: starts.map(|when| when.at),
            ends_at,
            starts_precision: starts.map(|when| when.precision()),
            // Lever does not say whether an interview took place.
            status: if is_cancelled { "cancelled" } else { "unknown" }.to_owned(),
            planned_minutes,
            meant_dimensions: None,
            ..Interview::default()
        };
        (row, panel_members)
    }

    /// The name of an interview's round: the stage it was scheduled in, else what its subject says without
    /// naming anybody, else the title of the form it is to be written up in.
    fn round(&self, interview: &InterviewRecord<'_>, panel: &PanelRecord<'_>, opportunity: &str) -> Option<String> {
        let from_subject = || {
            // Without the candidate's name there is no telling whether a subject holds it.
            let mut people = vec![self.opportunities.get(&hash(opportunity))?.candidate?];
            people.extend(interview.interviewers.iter().flatten().filter_map(|person| Name::of(person.name.get())));
            round(interview.subject.get()?, &people).map(str::to_owned)
        };
        self.lookups
            .stage(&interview.stage)
            .or_else(|| self.lookups.stage(&panel.stage))
            .or_else(from_subject)
            .or_else(|| self.lookups.template(&interview.feedback_template))
    }

    /// The kind of an interview. A debrief is often held in the stage of the rounds before it, and only its
    /// subject tells.
    fn kind(&self, name: Option<&str>, subject: Option<&str>) -> String {
        let kinds = [name, subject].map(|name| interview_kind(self.stages, name, false));
        kinds.into_iter().find(|kind| kind != "live").unwrap_or_else(|| "live".to_owned())
    }
}

/// What an interview says, else its panel.
fn said<'t, 'a>(interview: &'t Text<'a>, panel: &'t Text<'a>) -> &'t Text<'a> {
    if interview.get().is_some() { interview } else { panel }
}

/// When an interview was put on the calendar. One that was logged after it had begun was never there.
fn scheduled(visit: &mut Visit<'_>, created: &Text<'_>, starts: Option<When>) -> Option<Instant> {
    let created = visit.instant(created)?;
    if starts.is_some_and(|starts| created > starts.at) {
        visit.count("interviews logged after they began, so that it is not known when they were scheduled");
        return None;
    }
    Some(created)
}
