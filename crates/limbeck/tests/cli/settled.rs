//! Models in a person's own words, once what they come to is known from an earlier run: nothing is rewritten, and
//! nothing is known of models that only look alike.

use crate::project::Project;
use crate::server::{server, url};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_pull_leaves_a_persons_words() {
    let scratch = server().await;
    let database = scratch.database().await.unwrap();
    database.run("create table t (a integer check (a in (1, 2)), b text default 'x')").await.unwrap();
    let project = Project::new("second-pull");
    let words = "tables:\n  t:\n    columns: { a: int, b: { type: text, default: \"('x')\" } }\n    checks: [ \"a in  (1,2)\" ]\n";
    project.write("models/t.yaml", words);
    for _ in 0..3 {
        project.ok_on(&url(&database), &["pull"]);
        assert_eq!(project.read("models/t.yaml"), words);
    }
    scratch.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_in_another_order_are_other_models() {
    let scratch = server().await;
    let project = Project::new("column-order");
    for columns in [["a", "b"], ["b", "a"]] {
        let [one, other] = columns;
        let database = scratch.database().await.unwrap();
        database
            .run(&format!(
                "create table t ({one} integer, {other} integer); create view v as select * from t"
            ))
            .await
            .unwrap();
        let models = format!(
            "tables:\n  t: {{ columns: {{ {one}: integer, {other}: integer }} }}\nviews:\n  v: select * from t\n"
        );
        project.write("models/all.yaml", &models);
        project.ok_on(&url(&database), &["check"]);
        database.drop().await.unwrap();
    }
    scratch.close().await.unwrap();
}
