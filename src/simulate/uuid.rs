//! Identifiers of the systems that number nothing: UUIDs, the same in every run.

use super::story::LoopStory;
use super::world::World;

/// Room for the cards, interviews or visits of one loop.
const PER_LOOP: u64 = 16;

/// The UUID of the record of a kind with a number. It is a hash, so ids tell neither order nor kind, as in
/// real exports; kinds carry the name of their system, so that no two systems share an id.
pub(super) fn uuid(kind: &str, number: u64) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind.as_bytes()).update(&number.to_le_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    let bits = u128::from_be_bytes(bytes);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        bits >> 96,
        (bits >> 80) & 0xffff,
        (bits >> 64) & 0xfff,
        ((bits >> 48) & 0x3fff) | 0x8000,
        bits & 0xffff_ffff_ffff,
    )
}

/// The number of a card, interview or visit of a loop.
pub(super) fn within(story: &LoopStory, place: usize) -> u64 {
    story.index * PER_LOOP + place as u64
}

/// The number of what a candidate has besides the application for a job.
pub(super) fn prospect(world: &World, story: &LoopStory) -> u64 {
    world.loops + story.index
}

/// The number of an application that is in no file.
pub(super) fn deleted(world: &World, story: &LoopStory) -> u64 {
    2 * world.loops + story.index
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::uuid;

    #[test]
    fn ids_are_random_uuids_by_their_form_and_differ_by_kind_and_number() {
        let all: HashSet<String> =
            ["a/card", "a/user", "b/card"].iter().flat_map(|kind| (0..500).map(|n| uuid(kind, n))).collect();
        assert_eq!(all.len(), 1_500);
        for id in &all {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert!(id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{id}");
            assert_eq!(id.as_bytes()[14], b'4', "{id}");
            assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
        }
        assert_eq!(uuid("a/card", 7), uuid("a/card", 7));
    }
}
