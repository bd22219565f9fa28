//! Tests at a certain level: with the widest registers that the processor has, or with those that every one has.

use std::env;
use std::process::Command;

/// Set in a process that runs one test at one level.
const LEVEL: &str = "CALLCONTAINER_TEST_LEVEL";

/// Runs the suite once at each of these levels, each time in a process of its own: the level is that of a process. `test` is
/// the name of the test that calls this.
pub fn at(levels: &[&str], test: &str, suite: impl Fn()) {
    if let Ok(level) = env::var(LEVEL) {
        #[cfg(feature = "simd")]
        callcontainer::take_level(level == "widest");
        println!("at the level {level:?}");
        return suite();
    }
    for level in levels {
        let mut command = Command::new(env::current_exe().unwrap());
        let output = command.args(["--exact", test, "--nocapture"]).env(LEVEL, level).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{level}: {told}{}", String::from_utf8_lossy(&output.stderr));
        assert!(told.contains(&format!("at the level {level:?}")) && told.contains("1 passed"), "{level}: {told}");
    }
}
