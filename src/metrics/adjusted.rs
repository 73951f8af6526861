//! What the fit of leniency gives to the metrics of scores: leniencies to subtract, and variances for reliabilities.

use std::collections::BTreeMap;

use super::leniency::tables::{INTERVIEWER_LENIENCY, VARIANCE_COMPONENTS};
use super::rows::rows;
use crate::engine::metric::Context;
use crate::stats::crossed::Variances;

/// The leniency of interviewers, as it was estimated before.
#[derive(Debug, Default)]
pub struct Adjustment {
    leniency: BTreeMap<String, f64>,
    /// The variances of scores, in squared score points; `None` where they cannot be estimated.
    pub variances: Option<Variances>,
}

impl Adjustment {
    /// What the results computed so far say.
    pub fn of(context: &Context<'_>) -> Self {
        let mut out = Self::default();
        for row in rows(context.earlier, INTERVIEWER_LENIENCY.name) {
            if let (Some(person), Some(leniency)) = (row.text("interviewer_id"), row.number("leniency")) {
                out.leniency.insert(person.to_owned(), leniency);
            }
        }
        let components = rows(context.earlier, VARIANCE_COMPONENTS.name);
        let part = |name: &str| {
            let random = components.iter().filter(|row| row.text("model") == Some("random"));
            random.filter(|row| row.text("component") == Some(name)).find_map(|row| row.number("variance"))
        };
        if let (Some(interviewer), Some(residual)) = (part("interviewer"), part("residual")) {
            let (candidate, card) = (part("candidate"), part("card"));
            out.variances = Some(Variances { candidate, interviewer, card, residual });
        }
        out
    }

    /// How many score points an interviewer gives more than others for the same candidate. Zero where that cannot be
    /// estimated: the best guess about somebody who is not known is the mean of all.
    pub fn leniency(&self, interviewer: &str) -> f64 {
        self.leniency.get(interviewer).copied().unwrap_or(0.0)
    }

    /// Whether there is anything to subtract.
    pub fn is_known(&self) -> bool {
        !self.leniency.is_empty()
    }
}
