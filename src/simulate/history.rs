//! Generates one loop from the seed and its position alone.
//!
//! The loop is first told to its end and then cut twice: where the candidate withdraws, and where the
//! export is taken. That keeps the telling free of special cases, and makes an open loop exactly what
//! it is in life: a loop whose end is not known yet.

use super::draw::{Draw, micros};
use super::mess::Mess;
use super::names::{NOTES, name};
use super::planted::{DEBRIEF, FACETS, FINAL, Facet, Kind, OFFER, ROUNDS, SOURCES};
use super::story::{Candidate, Card, Decision, Interview, LoopStory, Offer, Outcome, Seat, Status, Verdict, Visit};
use super::world::{DEPARTMENTS, SALES, World};
use crate::time::{DAY, Instant, MINUTE};

/// Streams of their own, so that planting what they draw changes nothing else.
const HIDDEN: u64 = 0x51de;
const EXITS: u64 = 0xe417;

/// Tells the loop at a position, as the export sees it.
pub(crate) fn story(world: &World, index: u64) -> LoopStory {
    let mut teller = Teller::new(world, index);
    teller.rounds();
    teller.withdrawal();
    teller.mess();
    teller.story.cut(world.export, Status::Planned);
    teller.late_mess();
    teller.story
}

/// The state while one loop is told.
pub(super) struct Teller<'w> {
    pub(super) world: &'w World,
    pub(super) draw: Draw,
    pub(super) story: LoopStory,
    /// Up to when the loop has been told.
    now: Instant,
    /// What the candidate shows of each facet, beyond general ability.
    pub(super) facets: [f64; FACETS],
    /// What the candidate shows of each dimension, in every round.
    pub(super) profile: [f64; 4],
    /// What decisions see of the candidate and no score shows; zero unless it is planted.
    hidden: f64,
}

impl<'w> Teller<'w> {
    fn new(world: &'w World, index: u64) -> Self {
        // Stream zero belongs to the world.
        let mut draw = Draw::stream(world.seed, index + 1);
        let applied_at = world.opening(index, draw.unit());
        let job = draw.below(world.jobs.len());
        let candidate = candidate(world, job, &mut draw);
        let mut facets: [f64; FACETS] = std::array::from_fn(|_| draw.normal(0.0, world.planted.facet_sd));
        let share = world.planted.craft_from_depth_share.min(1.0);
        let own = (1.0 - share * share).sqrt() * facets[Facet::Craft as usize];
        facets[Facet::Craft as usize] = share * facets[Facet::TechnicalDepth as usize] + own;
        let profile = std::array::from_fn(|_| draw.normal(0.0, world.planted.dimension_sd));
        let story = LoopStory {
            index,
            candidate,
            job,
            applied_at,
            visits: Vec::new(),
            interviews: Vec::new(),
            unanswered: None,
            cards: Vec::new(),
            decision: None,
            offer: None,
            outcome: None,
            duplicated: false,
            prospect: false,
        };
        let hidden = if world.planted.hidden_selection == 0.0 {
            0.0
        } else {
            Draw::stream(world.seed ^ HIDDEN, index + 1).normal(0.0, 1.0)
        };
        Self { world, draw, story, now: applied_at, facets, profile, hidden }
    }

    /// All rounds up to the decision and what follows it.
    fn rounds(&mut self) {
        for stage in 0..FINAL {
            if !self.round(stage) {
                return self.decide(Verdict::Reject);
            }
        }
        if self.final_and_debrief() {
            self.decide(Verdict::Offer);
            self.offer();
        } else {
            self.decide(Verdict::Reject);
        }
    }

    /// One round before the last; says whether the candidate goes on.
    fn round(&mut self, stage: usize) -> bool {
        let entered = self.now;
        let panel = self.panel(stage);
        let held = self.appointment(stage, &panel);
        let cards_in = self.cards(held, None);
        self.now = Instant(cards_in.0 + self.draw.wait(self.world.planted.to_next_stage, 1.0));
        self.visit(stage, entered);
        self.passes(stage)
    }

    /// The last round and its debrief. The debrief is booked before the cards are written, since it
    /// decides which of them are independent.
    fn final_and_debrief(&mut self) -> bool {
        let entered = self.now;
        let panel = self.panel(FINAL);
        let held = self.appointment(FINAL, &panel);
        let ended = self.story.interviews[held].ends_at;
        self.now = ended;
        self.visit(FINAL, entered);

        let wait = self.draw.wait(self.world.planted.to_debrief, 1.0);
        let starts_at = self.draw.working_slot(Instant(ended.0 + wait));
        let debrief_ends = Instant(starts_at.0 + 30 * MINUTE);
        let mut seats: Vec<Seat> = panel.into_iter().filter(|seat| !seat.shadow).collect();
        let manager = self.world.jobs[self.story.job].hiring_manager;
        if seats.iter().all(|seat| seat.person != manager) {
            seats.push(Seat { person: manager, shadow: false });
        }
        let booked = Instant(ended.0 + MINUTE * 20);
        self.story.interviews.push(Interview {
            stage: DEBRIEF,
            kind: Kind::Debrief,
            status: Status::Done,
            cancelled_at: None,
            availability_at: booked,
            scheduled_at: booked.min(starts_at),
            starts_at,
            ends_at: debrief_ends,
            planned_minutes: 30,
            panel: seats,
        });
        self.cards(held, Some(debrief_ends));

        let sales = self.world.jobs[self.story.job].department == SALES;
        let factor = if sales { self.world.planted.sales_decision_factor } else { 1.0 };
        self.now = Instant(debrief_ends.0 + self.draw.wait(self.world.planted.to_decision, factor));
        self.visit(DEBRIEF, ended);
        self.passes(FINAL)
    }

    /// Whether the mean of a round's cards is above its bar, up to the noise of the decision.
    fn passes(&mut self, stage: usize) -> bool {
        let means = self.story.cards.iter().filter(|card| card.stage == stage && !card.shadow);
        let (sum, count) =
            means.filter_map(Card::mean).fold((0.0, 0.0), |(sum, count), mean| (sum + mean, count + 1.0));
        let bar = ROUNDS[stage].bar;
        let mean = if count > 0.0 { sum / count } else { bar };
        let unseen = self.hidden * self.world.planted.hidden_selection;
        mean + unseen + self.draw.normal(0.0, self.world.planted.decision_sd) > bar
    }

    fn visit(&mut self, stage: usize, entered: Instant) {
        self.story.visits.push(Visit { stage, entered, left: Some(self.now) });
    }

    /// Who is in the room. Recruiters screen; the other rounds draw from the job's department, with a
    /// few borrowed from elsewhere, which keeps the departments comparable.
    fn panel(&mut self, stage: usize) -> Vec<Seat> {
        let job = &self.world.jobs[self.story.job];
        let mut people = Vec::with_capacity(4);
        let size = match stage {
            0 => {
                people.push(job.recruiter);
                1
            }
            FINAL => {
                if self.draw.chance(0.5) {
                    people.push(job.hiring_manager);
                }
                2 + usize::from(self.draw.chance(0.5))
            }
            _ => 1,
        };
        while people.len() < size {
            self.seat(job.department, &mut people);
        }
        let interviewers = people.len();
        if ROUNDS[stage].kind == Kind::Live && self.draw.chance(Mess::ShadowScorecard.rate()) {
            self.seat(job.department, &mut people);
        }
        people.iter().enumerate().map(|(n, person)| Seat { person: *person, shadow: n >= interviewers }).collect()
    }

    /// Adds somebody of the department who is not on the panel yet. Some interview more than others.
    fn seat(&mut self, department: usize, people: &mut Vec<usize>) {
        let borrowed = self.draw.chance(self.world.planted.borrowed_interviewer_share);
        let department = if borrowed { self.draw.below(DEPARTMENTS.len()) } else { department };
        // A small department can have everybody in the room already; then somebody of another one comes.
        let pools = &self.world.pools;
        let free = |pool: &&Vec<usize>| pool.iter().any(|person| !people.contains(person));
        let Some(pool) = pools[department..].iter().chain(&pools[..department]).find(free) else { return };
        let mut place = ((self.draw.unit().powf(1.4) * pool.len() as f64) as usize).min(pool.len() - 1);
        while people.contains(&pool[place]) {
            place = (place + 1) % pool.len();
        }
        people.push(pool[place]);
    }

    /// Books a round's appointment, a second time when the first one fails, and says which was held.
    fn appointment(&mut self, stage: usize, panel: &[Seat]) -> usize {
        let first = self.book(stage, self.now, panel);
        if ROUNDS[stage].kind != Kind::Live {
            return first;
        }
        let interview = &mut self.story.interviews[first];
        let again = if self.draw.chance(Mess::CancelledInterview.rate()) {
            interview.status = Status::Cancelled;
            let half = (interview.starts_at.0 - interview.scheduled_at.0) / 2 / MINUTE * MINUTE;
            let cancelled_at = Instant(interview.scheduled_at.0 + half);
            interview.cancelled_at = Some(cancelled_at);
            cancelled_at
        } else if self.draw.chance(Mess::NoShowInterview.rate()) {
            interview.status = Status::NoShow;
            interview.ends_at
        } else {
            return first;
        };
        self.book(stage, again, panel)
    }

    fn book(&mut self, stage: usize, from: Instant, panel: &[Seat]) -> usize {
        let round = &ROUNDS[stage];
        let slower = if from >= self.world.slower_at { self.world.planted.schedule_change_factor } else { 1.0 };
        let wait = self.draw.wait(round.to_schedule, slower);
        let scheduled_at = Instant(from.0 + wait);
        let availability_at = Instant(from.0 + wait / 3 / MINUTE * MINUTE);
        let to_interview = Instant(scheduled_at.0 + self.draw.wait(round.to_interview, 1.0));
        let (starts_at, lasts) = match round.kind {
            Kind::TakeHome => (to_interview, self.draw.wait(self.world.planted.to_return_take_home, 1.0)),
            Kind::Async => {
                (self.draw.working_slot(to_interview), self.draw.wait(self.world.planted.to_return_async, 1.0))
            }
            _ => (self.draw.working_slot(to_interview), i64::from(round.planned_minutes) * MINUTE),
        };
        self.story.interviews.push(Interview {
            stage,
            kind: round.kind,
            status: Status::Done,
            cancelled_at: None,
            availability_at,
            scheduled_at,
            starts_at,
            ends_at: Instant(starts_at.0 + lasts),
            planned_minutes: round.planned_minutes,
            panel: panel.to_vec(),
        });
        self.story.interviews.len() - 1
    }

    fn decide(&mut self, verdict: Verdict) {
        let by = self.world.jobs[self.story.job].hiring_manager;
        let reason = self.draw.below(REASONS);
        self.story.decision = Some(Decision { verdict, at: self.now, recorded_at: self.now, by, reason });
    }

    /// The offer, the answer, and what became of a hire.
    fn offer(&mut self) {
        let created_at = self.now;
        let sent_at = Instant(created_at.0 + self.draw.wait(self.world.planted.to_offer, 1.0));
        let accepted = !self.draw.chance(self.world.planted.offer_declined_share);
        let answer = if accepted { self.world.planted.to_accept } else { self.world.planted.to_decline };
        let resolved_at = Instant(sent_at.0 + self.draw.wait(answer, 1.0));
        let notice = micros(self.draw.between(20.0, 70.0).round());
        let starts_at = Instant((resolved_at.0 + notice).div_euclid(DAY) * DAY + 9 * 60 * MINUTE);
        let second_version = self.draw.chance(0.05);
        self.now = resolved_at;
        self.visit(OFFER, created_at);
        self.story.offer = Some(Offer {
            created_at,
            sent_at: Some(sent_at),
            resolved: Some((resolved_at, accepted)),
            starts_at,
            second_version,
        });
        if accepted {
            self.story.outcome = Some(self.outcome(starts_at));
        }
    }

    fn outcome(&mut self, starts_at: Instant) -> Outcome {
        let at = Instant(starts_at.0 + self.world.planted.outcome_after_days * DAY);
        let ability = self.story.candidate.ability;
        let performance =
            3.2 + self.world.planted.outcome_slope * ability + self.draw.normal(0.0, self.world.planted.outcome_sd);
        let performance = performance + self.hidden * self.world.planted.hidden_selection;
        let stays = 1.0 / (1.0 + (-(1.8 + self.world.planted.retention_slope * ability)).exp());
        let ramp = 80.0 + self.world.planted.ramp_slope * ability + self.draw.normal(0.0, 18.0);
        Outcome {
            at,
            performance: performance.round().clamp(1.0, 5.0) as u8,
            still_employed: self.draw.chance(stays),
            employment_at: at,
            leaves_at: self.exit(starts_at),
            ramp_days: ramp.clamp(20.0, 175.0).round() as u32,
        }
    }

    /// When a hire leaves, where days of exits are planted; drawn apart, so that everything else stays the same.
    fn exit(&self, starts_at: Instant) -> Option<Instant> {
        let planted = &self.world.planted;
        if planted.half_left_after_days <= 0.0 {
            return None;
        }
        let mut draw = Draw::stream(self.world.seed ^ EXITS, self.story.index + 1);
        let slower = (planted.retention_slope * self.story.candidate.ability).exp();
        let days = -(1.0 - draw.unit()).log2() * planted.half_left_after_days * slower;
        Some(Instant(starts_at.0 + micros(days.min(100_000.0))))
    }

    /// The competing risk: whoever waits long enough leaves before the decision.
    fn withdrawal(&mut self) {
        let days = -(1.0 - self.draw.unit()).ln() / self.world.planted.withdrawal_hazard_per_day;
        let Some(decision) = &self.story.decision else { return };
        let at = Instant(self.story.applied_at.0 + micros(days.min(10_000.0)).max(MINUTE));
        if at >= decision.at {
            return;
        }
        let by = self.world.jobs[self.story.job].recruiter;
        self.story.cut(at, Status::Cancelled);
        if let Some(visit) = self.story.visits.last_mut() {
            visit.left = Some(at);
        }
        let reason = self.draw.below(REASONS);
        let verdict = Verdict::Withdrawn;
        self.story.decision = Some(Decision { verdict, at, recorded_at: at, by, reason });
    }

    /// Mess that concerns records as such.
    fn mess(&mut self) {
        self.story.prospect = self.draw.chance(Mess::ProspectApplication.rate());
        self.story.duplicated = self.draw.chance(Mess::DuplicateApplication.rate());
        for card in &mut self.story.cards {
            card.duplicated = self.draw.chance(Mess::DuplicateScorecard.rate()) && card.submitted_at.is_some();
        }
    }

    /// Mess that is only possible once it is known what the export sees.
    fn late_mess(&mut self) {
        let applied_at = self.story.applied_at;
        if let Some(decision) = &mut self.story.decision
            && decision.verdict == Verdict::Reject
            && self.draw.chance(Mess::DecisionBeforeApplication.rate())
        {
            decision.recorded_at = Instant(applied_at.0 - DAY);
        }
        let seen = self.story.cards.iter().find(|card| card.submitted_at.is_some() && !card.shadow);
        if let Some(card) = seen
            && self.draw.chance(Mess::OrphanScorecard.rate())
        {
            let orphan = Card { orphan: true, edit: None, duplicated: false, ..card.clone() };
            self.story.cards.push(orphan);
        }
    }

    /// Which observation stands on a card, if any.
    pub(super) fn note(&mut self) -> Option<(usize, usize)> {
        self.draw.chance(0.2).then(|| (self.draw.below(4), self.draw.below(NOTES)))
    }
}

/// Number of reasons for each verdict.
pub(crate) const REASONS: usize = 3;

fn candidate(world: &World, job: usize, draw: &mut Draw) -> Candidate {
    let job = &world.jobs[job];
    let department = &DEPARTMENTS[job.department];
    let source = draw.weighted(SOURCES.iter().map(|source| source.share));
    let mismatch = draw.chance(world.planted.mismatch_share);
    let others = department.specialisms.into_iter().filter(|specialism| *specialism != job.role_specialism);
    let other = others.cycle().nth(draw.below(2)).filter(|_| mismatch);
    let mean = SOURCES[source].ability_mean
        + department.ability_mean
        + if mismatch { world.planted.mismatch_effect } else { 0.0 };
    Candidate {
        name: name(draw),
        source,
        specialism: other.unwrap_or(job.role_specialism),
        ability: draw.normal(mean, world.planted.ability_sd),
    }
}
