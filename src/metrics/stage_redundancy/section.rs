use super::METRIC;
use crate::engine::metric::Context;
use crate::engine::run::Results;
use crate::metrics::Presented;
use crate::metrics::wording::blank;
pub(super) fn present(_results: &Results, _context: &Context<'_>) -> Presented {
    blank(&METRIC)
}
