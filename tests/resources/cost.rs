use std::time::Instant;

/// Checks that a part of one piece of work takes at most `factor` times as long as one of the other. Each is given with the
/// number of its parts, such as bytes. The shortest times count, because other work on the machine only makes them
/// longer; there are more of them until it holds.
#[track_caller]
pub fn holds(name: &str, (mut run, parts): (impl FnMut(), usize), measure: (impl FnMut(), usize), factor: f64) {
    let (mut run_measure, parts_of_measure) = measure;
    let (mut found, mut ordinary) = (f64::MAX, f64::MAX);
    for round in 0..200 {
        found = found.min(cost(&mut run, parts));
        ordinary = ordinary.min(cost(&mut run_measure, parts_of_measure));
        if round >= 3 && found <= ordinary * factor {
            return;
        }
    }
    panic!("{name}: {found:.1} ns a part instead of {ordinary:.1} ns");
}

/// Checks that work of this size takes at most 4 times as long as 8 times that of an eighth. In quadratic time it would be 8
/// times as long. Both take about the same time, so that other work takes the processor from both alike.
#[track_caller]
pub fn is_linear(name: &str, mut run: impl FnMut(), mut run_eighth: impl FnMut()) {
    holds(name, (&mut run, 1), (|| (0..8).for_each(|_| run_eighth()), 1), 4.0);
}

/// How long it takes, in nanoseconds a part.
fn cost(run: &mut impl FnMut(), parts: usize) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_nanos() as f64 / parts as f64
}
