//! `tag`: names of releases in the files.

use crate::Test;
use crate::world::{World, equal};

pub(crate) const TESTS: &[Test] = &[
    ("tag names a revision, and upgrade goes there", names_a_revision),
    ("tag refuses what would mean two things", refuses),
];

const PARTS: &str = "-- limbeck:upgrade\nselect 1;\n\n-- limbeck:downgrade\nselect 2;\n";

fn names_a_revision(world: &World) -> Result<(), String> {
    world.revision("aaa1", "", PARTS)?;
    world.revision("bbb2", "aaa1", PARTS)?;
    let before = world.read(&world.file("aaa1")?)?;
    world.ends_alone(&["tag"], 0, &["no revision has a tag"])?;
    world.ends_alone(&["tag", "v1.0", "aaa1"], 0, &["v1.0 names aaa1"])?;
    world.ends_alone(&["tag", "v1.1"], 0, &["v1.1 names bbb2"])?;
    let after = world.read(&world.file("aaa1")?)?;
    equal(&after.replace("-- tags: v1.0\n", ""), &before, "only the header's line is new")?;
    world.ends_alone(&["tag"], 0, &["v1.0  aaa1", "v1.1  bbb2"])?;
    world.ends_alone(&["history"], 0, &["(tag v1.0)"])?;
    world.must(&["upgrade", "v1.0"])?;
    world.ends(&["current"], 0, &["aaa1"])?;
    world.ends_alone(&["tag", "v1.0", "bbb2", "--move"], 0, &["no longer aaa1"])?;
    equal(&world.read(&world.file("aaa1")?)?, &before, "the name is gone from there")?;
    world.ends_alone(&["tag", "--delete", "v1.0"], 0, &["no longer names bbb2"])?;
    world.ends_alone(&["tag", "--delete", "v1.0"], 2, &["no revision has the tag"])?;
    Ok(())
}

fn refuses(world: &World) -> Result<(), String> {
    world.revision("aaa1", "", PARTS)?;
    world.revision("bbb2", "aaa1", PARTS)?;
    world.edit("aaa1", "-- created", "-- labels: shop\n-- created")?;
    world.must(&["tag", "v1.0", "aaa1"])?;
    world.ends(&["tag", "v1.0"], 2, &["names aaa1 already", "--move"])?;
    for (name, why) in [
        ("head", "meaning of its own"),
        ("bbb", "would hide the revision bbb2"),
        ("shop", "is a label"),
        ("a@b", "mean something"),
    ] {
        world.ends(&["tag", name], 2, &[why])?;
    }
    equal(&world.migrations()?.len(), &2, "nothing is left over")
}
