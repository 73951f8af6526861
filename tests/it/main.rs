mod exports;
mod laws;
mod survival_oracle;
mod waits_law;
