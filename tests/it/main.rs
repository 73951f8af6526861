mod end_to_end_oracle;
mod exports;
mod laws;
mod survival_oracle;
mod waits_law;
