//! A disk that is full, made of memory: only who may mount one can have it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::world::World;
use crate::{Server, Test};

pub(crate) const TESTS: &[Test] = &[("a_full_disk_loses_nothing", Server::Own, a_full_disk_loses_nothing)];

/// A small disk, which goes when this is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(world: &World) -> Option<Disk> {
        let path = world.cluster.folder().join("disk");
        std::fs::create_dir(&path).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "none"]).arg(&path).output().ok()?;
        if !mounted.status.success() {
            return None;
        }
        let disk = Disk(path);
        world.cluster.own(&disk.0);
        Some(disk)
    }

    fn grow(&self) {
        let grown = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&self.0).status();
        assert!(grown.unwrap().success());
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

fn a_full_disk_loses_nothing(world: &World) {
    let Some(disk) = Disk::mount(world) else {
        eprintln!("SKIPPED a_full_disk_loses_nothing: it takes a right to mount a tmpfs (root has it)");
        return;
    };
    world.run(&format!("create tablespace small location '{}'", disk.path().display()));
    let fill = |rows: u32| {
        format!(
            "create table a tablespace small as select n, (select string_agg(md5((n * g)::text), '') \
             from generate_series(1, 28) g) as pad from generate_series(1, {rows}) n;\n"
        )
    };
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table before ();\n");
    world.write("bbb", "aaa", &format!("-- limbeck:upgrade\ncreate table b ();\n{}", fill(20_000)));
    let ran = world.limbeck(&["upgrade", "head"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.err.contains("53100") && ran.err.contains("nothing of this revision stayed"), "{ran:?}");
    assert!(world.has("before") && !world.has("a") && !world.has("b"));
    // An index outside a transaction: it is left invalid, and made again once there is room.
    world.write("bbb", "aaa", &format!("-- limbeck:upgrade\ncreate table b ();\n{}-- limbeck:upgrade no-transaction\ncreate index concurrently a_pad on a (pad, n) tablespace small;\n", fill(2_500)));
    let ran = world.limbeck(&["upgrade", "head"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.err.contains("53100"), "{ran:?}");
    assert_eq!(
        world.ask("select state || parts_done from limbeck_version where revision = 'bbb'"),
        "upgrading1"
    );
    disk.grow();
    let ran = world.limbeck(&["upgrade", "head"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("left public.a_pad invalid: dropped, and made again"), "{ran:?}");
    assert_eq!(world.ask("select indisvalid from pg_index where indexrelid = 'a_pad'::regclass"), "true");
}
