//! Synthetic hiring history with known truth.
