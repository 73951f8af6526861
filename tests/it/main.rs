
mod survival_oracle;
