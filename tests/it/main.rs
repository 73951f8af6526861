//! Tests of the whole program, in one binary so that it is linked once.

mod licences;
mod readme;
mod samples;
mod survival_oracle;
