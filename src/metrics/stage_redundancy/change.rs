/// x
pub struct Change;
/// x
pub fn what_if() {}
