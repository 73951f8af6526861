//! The company: departments, people with their planted leniency, jobs, and the calendar of the history.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Options;
use super::draw::Draw;
use super::mess::Mess;
use super::names::{Name, name};
use super::planted::{OFFER, Planted, RENAMED, ROUNDS};
use crate::error::{Error, Result, pages};
use crate::time::{DAY, Instant, Quarter};

/// A department: its specialisms, its job titles, and how able its candidates are on average.
#[derive(Debug)]
pub(crate) struct Department {
    pub(crate) name: &'static str,
    pub(crate) share: f64,
    pub(crate) ability_mean: f64,
    pub(crate) specialisms: [&'static str; 3],
    titles: [&'static str; 3],
}

/// The departments. Interviewers belong to one of them, which is what makes their assignment non-random.
pub(crate) const DEPARTMENTS: [Department; 4] = [
    Department {
        name: "Engineering",
        share: 0.5,
        ability_mean: 0.1,
        specialisms: ["backend", "frontend", "platform"],
        titles: ["Backend Engineer", "Frontend Engineer", "Platform Engineer"],
    },
    Department {
        name: "Product",
        share: 0.18,
        ability_mean: 0.0,
        specialisms: ["growth", "core", "design"],
        titles: ["Product Manager", "Technical Product Manager", "Product Designer"],
    },
    Department {
        name: "Data",
        share: 0.17,
        ability_mean: 0.15,
        specialisms: ["analytics", "ml", "pipelines"],
        titles: ["Data Analyst", "Machine Learning Engineer", "Data Engineer"],
    },
    Department {
        name: "Sales",
        share: 0.15,
        ability_mean: -0.15,
        specialisms: ["enterprise", "smb", "solutions"],
        titles: ["Account Executive, \"EMEA\"", "Account Manager", "Solutions Engineer"],
    },
];
/// The department that is slower to decide.
pub(crate) const SALES: usize = 3;
/// Levels with their share of jobs.
pub(crate) const LEVELS: [(&str, f64); 4] = [("junior", 0.2), ("mid", 0.4), ("senior", 0.3), ("staff", 0.1)];
/// Where jobs are.
pub(crate) const LOCATIONS: [&str; 5] = ["Berlin", "London", "Toronto", "São Paulo", "Remote"];
/// How busy each calendar quarter is, relative to the others.
const SEASON: [f64; 4] = [1.15, 1.0, 0.8, 1.05];
/// How much busier each year is than the year before.
const GROWTH: f64 = 1.15;

/// Somebody who interviews: interviewers first, then hiring managers, then recruiters.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Missing for a few, as in real exports.
    pub(crate) name: Option<Name>,
    pub(crate) role: Role,
    pub(crate) department: usize,
    /// Rubric points this person adds to every score, to four digits.
    pub(crate) leniency: f64,
}

/// What somebody is hired to do; every role also interviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Interviewer,
    HiringManager,
    Recruiter,
}

impl Role {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Interviewer => "interviewer",
            Self::HiringManager => "hiring_manager",
            Self::Recruiter => "recruiter",
        }
    }
}

/// A job that people apply to; open during the whole history.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) title: String,
    pub(crate) department: usize,
    pub(crate) level: usize,
    pub(crate) location: usize,
    pub(crate) role_specialism: &'static str,
    pub(crate) hiring_manager: usize,
    pub(crate) recruiter: usize,
    pub(crate) opened_at: Instant,
}

/// Everything that does not depend on a single loop. Its size grows with the number of loops up to a
/// fixed cap, so memory stays bounded.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) loops: u64,
    pub(crate) planted: Planted,
    pub(crate) start: Instant,
    /// The instant of the export: the end of the last day.
    pub(crate) export: Instant,
    /// From here on the renamed stage has its later name.
    pub(crate) renamed_at: Instant,
    /// From here on scheduling is slower.
    pub(crate) slower_at: Instant,
    pub(crate) people: Vec<Person>,
    /// The interviewers of each department.
    pub(crate) pools: [Vec<usize>; DEPARTMENTS.len()],
    pub(crate) jobs: Vec<Job>,
    /// Edges of equal spans of the history, with the cumulative share of loops opened before each.
    arrivals: Vec<(Instant, f64)>,
}

impl World {
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let (start, export) = (midnight(options.until, options.years)?, midnight(options.until, 0)?);
        let mut draw = Draw::stream(options.seed, 0);
        let planted = Planted::with(&options.set)?;
        let (people, pools) = people(options.loops, &planted, &mut draw);
        let jobs = jobs(options.loops, &people, start, &mut draw);
        Ok(Self {
            seed: options.seed,
            loops: options.loops,
            planted,
            start,
            export,
            renamed_at: Instant(start.0 + (export.0 - start.0) / 2),
            slower_at: Quarter::of(Instant(export.0 - 1)).map_or(export, Quarter::start),
            people,
            pools,
            jobs,
            arrivals: arrivals(start, export, options.years),
        })
    }

    /// When a loop opens. Loops are spread evenly over the cumulative arrivals, each at a random place
    /// in its own slot, so a later loop never opens before an earlier one.
    pub(crate) fn opening(&self, index: u64, jitter: f64) -> Instant {
        let share = (index as f64 + jitter) / self.loops as f64;
        let next = self.arrivals.partition_point(|(_, before)| *before <= share).clamp(1, self.arrivals.len() - 1);
        let ((from, low), (to, high)) = (self.arrivals[next - 1], self.arrivals[next]);
        let within = ((share - low) / (high - low)).clamp(0.0, 1.0);
        let seconds = (within * ((to.0 - from.0) / crate::time::SECOND) as f64) as i64;
        Instant((from.0 + seconds * crate::time::SECOND).min(self.export.0 - crate::time::SECOND))
    }

    /// The place of a stage among all stage names: the renamed stage has two.
    pub(crate) fn slot(&self, stage: usize, entered: Instant) -> usize {
        if stage == RENAMED.0 && entered >= self.renamed_at { RENAMED_SLOT } else { stage }
    }
}

/// The slot of the renamed stage's later name.
pub(crate) const RENAMED_SLOT: usize = OFFER + 1;
/// Number of stage names.
pub(crate) const SLOTS: usize = RENAMED_SLOT + 1;

/// The name of a stage slot.
pub(crate) fn slot_name(slot: usize) -> &'static str {
    match slot {
        RENAMED_SLOT => RENAMED.1,
        OFFER => "Offer",
        slot => ROUNDS.get(slot).map_or("Debrief", |round| round.stage),
    }
}

/// The round that stands behind a slot, if it is a scored one.
pub(crate) fn slot_round(slot: usize) -> Option<usize> {
    match slot {
        RENAMED_SLOT => Some(RENAMED.0),
        slot => (slot < ROUNDS.len()).then_some(slot),
    }
}

/// Midnight after `until`, some years back.
pub(super) fn midnight(until: Date, years: u32) -> Result<Instant> {
    until
        .tomorrow()
        .and_then(|day| day.checked_sub(i64::from(years).years()))
        .and_then(|day| day.to_zoned(TimeZone::UTC))
        .map(|zoned| Instant(zoned.timestamp().as_microsecond()))
        .map_err(|_| Error::new(&pages::SIMULATION, "the history does not fit the calendar").help("choose fewer years"))
}

fn arrivals(start: Instant, export: Instant, years: u32) -> Vec<(Instant, f64)> {
    let spans = i64::from(years.max(1)) * 4;
    let edge = |n: i64| Instant(start.0 + (export.0 - start.0) / spans * n);
    let weights: Vec<f64> = (0..spans)
        .map(|n| {
            let season = edge(n).date().map_or(0, |date| usize::from(date.month().unsigned_abs() - 1) / 3);
            SEASON[season] * GROWTH.powf(n as f64 / 4.0)
        })
        .collect();
    let total: f64 = weights.iter().sum();
    let mut edges = vec![(start, 0.0)];
    let mut sum = 0.0;
    for (n, weight) in (1..).zip(&weights) {
        sum += weight / total;
        edges.push((if n == spans { export } else { edge(n) }, sum));
    }
    edges
}

fn people(loops: u64, planted: &Planted, draw: &mut Draw) -> (Vec<Person>, [Vec<usize>; DEPARTMENTS.len()]) {
    let interviewers = (40 + loops / 150).min(2_000) as usize;
    let managers = (8 + loops / 1_500).min(130) as usize;
    let recruiters = (3 + loops / 3_000).min(60) as usize;
    let mut people = Vec::with_capacity(interviewers + managers + recruiters);
    let mut pools: [Vec<usize>; DEPARTMENTS.len()] = Default::default();
    for (role, count) in
        [(Role::Interviewer, interviewers), (Role::HiringManager, managers), (Role::Recruiter, recruiters)]
    {
        for n in 0..count {
            // The first of each role go round the departments, so that none is without people.
            let department = if n < 2 * DEPARTMENTS.len() {
                n % DEPARTMENTS.len()
            } else {
                draw.weighted(DEPARTMENTS.iter().map(|department| department.share))
            };
            let leniency = (draw.normal(0.0, planted.leniency_sd) * 1e4).round() / 1e4;
            // A small company would have nobody without a name by chance, so one is without by rule.
            let nameless = draw.chance(Mess::MissingName.rate()) || (role == Role::Interviewer && n == 12);
            let name = Some(name(draw)).filter(|_| !nameless);
            if role == Role::Interviewer {
                pools[department].push(people.len());
            }
            people.push(Person { name, role, department, leniency });
        }
    }
    (people, pools)
}

fn jobs(loops: u64, people: &[Person], start: Instant, draw: &mut Draw) -> Vec<Job> {
    let count = (16 + loops / 500).min(400) as usize;
    let of_role = |role| (0..people.len()).filter(move |n| people[*n].role == role);
    let recruiters: Vec<usize> = of_role(Role::Recruiter).collect();
    let managers: Vec<Vec<usize>> = (0..DEPARTMENTS.len())
        .map(|d| of_role(Role::HiringManager).filter(|n| people[*n].department == d).collect())
        .collect();
    (0..count)
        .map(|n| {
            let department = if n < DEPARTMENTS.len() {
                n
            } else {
                draw.weighted(DEPARTMENTS.iter().map(|department| department.share))
            };
            let kind = draw.below(3);
            let level = draw.weighted(LEVELS.iter().map(|(_, share)| *share));
            let title = DEPARTMENTS[department].titles[kind];
            let title = match LEVELS[level].0 {
                "mid" => title.to_owned(),
                level => format!("{}{} {title}", level[..1].to_uppercase(), &level[1..]),
            };
            Job {
                title,
                department,
                level,
                location: draw.below(LOCATIONS.len()),
                role_specialism: DEPARTMENTS[department].specialisms[kind],
                hiring_manager: managers[department][draw.below(managers[department].len())],
                recruiter: recruiters[draw.below(recruiters.len())],
                opened_at: Instant(start.0 - draw.below(60) as i64 * DAY),
            }
        })
        .collect()
}
