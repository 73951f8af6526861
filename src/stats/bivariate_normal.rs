//! The bivariate normal distribution.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::OnceLock;

use statrs::distribution::{ContinuousCDF, Normal};

/// Nodes of the Gauss-Legendre rule on each piece.
const NODES: usize = 16;
/// Pieces, each half as long as the one before: the integrand changes fastest towards perfect correlation.
const PIECES: usize = 12;

/// `P(X <= h, Y <= k)` for standard normal `X` and `Y` with correlation `r`, to about ten digits; infinite limits are
/// allowed. By Plackett (1954) it is the product of the margins plus the integral of the density over the correlation.
pub fn bivariate_normal(h: f64, k: f64, r: f64) -> f64 {
    let cdf = |x: f64| Normal::standard().cdf(x);
    if h == f64::NEG_INFINITY || k == f64::NEG_INFINITY {
        return 0.0;
    }
    if h == f64::INFINITY || k == f64::INFINITY {
        return cdf(h.min(k));
    }
    let end = r.clamp(-1.0, 1.0).asin();
    let density = |angle: f64| {
        let (sin, cos) = angle.sin_cos();
        (-(h * h + k * k - 2.0 * h * k * sin) / (2.0 * cos * cos)).exp()
    };
    // Away from perfect correlation the integrand is smooth and one piece is enough.
    let pieces = if end.abs() < 0.3 * PI { 1 } else { PIECES };
    let (mut sum, mut from) = (0.0, 0.0);
    for piece in 1..=pieces {
        let to = if piece == pieces { end } else { end - (end - from) / 2.0 };
        let (middle, half) = ((from + to) / 2.0, (to - from) / 2.0);
        let inside = |(node, weight): &(f64, f64)| weight * density(middle + half * node);
        sum += half * legendre().iter().map(inside).filter(|part| part.is_finite()).sum::<f64>();
        from = to;
    }
    (cdf(h) * cdf(k) + sum / (2.0 * PI)).clamp(0.0, cdf(h.min(k)))
}

/// The density of that distribution.
pub fn bivariate_density(h: f64, k: f64, r: f64) -> f64 {
    if !(h.is_finite() && k.is_finite()) {
        return 0.0;
    }
    let rest = 1.0 - r * r;
    (-(h * h + k * k - 2.0 * r * h * k) / (2.0 * rest)).exp() / (2.0 * PI * rest.sqrt())
}

/// Nodes and weights of the Gauss-Legendre rule on -1 to 1, by Newton's steps on the polynomial.
fn legendre() -> &'static [(f64, f64); NODES] {
    static RULE: OnceLock<[(f64, f64); NODES]> = OnceLock::new();
    RULE.get_or_init(|| {
        std::array::from_fn(|at| {
            let n = NODES as f64;
            let mut x = ((at as f64 + 0.75) / (n + 0.5) * 2.0 * FRAC_PI_2).cos();
            let mut slope = 1.0;
            for _ in 0..50 {
                let (mut before, mut value) = (1.0, x);
                for degree in 2..=NODES {
                    let d = degree as f64;
                    (before, value) = (value, ((2.0 * d - 1.0) * x * value - (d - 1.0) * before) / d);
                }
                slope = n * (x * value - before) / (x * x - 1.0);
                let step = value / slope;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadrants_have_sheppards_share() {
        for r in [-0.999_9, -0.8, -0.3, 0.0, 0.2, 0.6, 0.9, 0.99, 0.999_9_f64] {
            let expected = 0.25 + r.asin() / (2.0 * PI);
            assert!((bivariate_normal(0.0, 0.0, r) - expected).abs() < 1e-10, "{r}");
        }
    }

    #[test]
    fn perfect_correlation_is_the_smaller_margin_and_none_the_product() {
        let cdf = |x: f64| Normal::standard().cdf(x);
        for (h, k) in [(0.5, 1.5), (-1.0, 0.2), (0.7, 0.71), (-2.0, -1.9)] {
            assert!((bivariate_normal(h, k, 0.0) - cdf(h) * cdf(k)).abs() < 1e-12);
            assert!((bivariate_normal(h, k, 1.0) - cdf(h.min(k))).abs() < 1e-6, "{h} {k}");
            // The two ways of cutting the plane agree: P(X <= h, Y <= k) + P(X <= h, -Y <= -k) = P(X <= h).
            for r in [-0.95, -0.4, 0.5, 0.97] {
                let sum = bivariate_normal(h, k, r) + bivariate_normal(h, -k, -r);
                assert!((sum - cdf(h)).abs() < 1e-9, "{h} {k} {r}");
            }
        }
        assert!((bivariate_normal(f64::INFINITY, 0.3, 0.5) - cdf(0.3)).abs() < 1e-12);
    }
}
