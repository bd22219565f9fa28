use std::thread;

use super::harness::{Gateway, OWN, envelope};
use super::service::echo;

/// Ten thousand calls of 64 clients at a time, each unlike any other: every one is answered with what it sent. The memory
/// of the gateway does not grow with the number of calls.
#[test]
fn many_clients_at_a_time() {
    const CLIENTS: usize = 64;
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let round = |calls: usize| {
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let gateway = &gateway;
                scope.spawn(move || {
                    let mut connection = gateway.connect();
                    for number in 0..calls {
                        let text = format!("{client}/{number} ").repeat(1 + 7 * number % 200);
                        let call_id = format!("{client}-{number}");
                        let more = format!(r#","method":"POST","data":["{text}"],"callID":"{call_id}""#);
                        let reply = connection.call(Some(OWN), &envelope("/", &more)).envelope();
                        assert_eq!(reply["data"][0], text);
                        assert_eq!(reply["callID"], call_id);
                    }
                });
            }
        });
    };
    round(20);
    let before = gateway.resident_bytes();
    round(137);
    let after = gateway.resident_bytes();
    assert_eq!(received.try_iter().count(), CLIENTS * 157, "each call reaches the service once");
    assert!(after < before + 16 * 1024 * 1024, "{before} bytes before, {after} after");
}

/// Clients that call at the same time share few connections to the service, with bodies too.
#[test]
fn connections_are_few() {
    const CLIENTS: usize = 16;
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let gateway = &gateway;
            scope.spawn(move || {
                let mut connection = gateway.connect();
                for number in 0..50 {
                    let more = format!(r#","method":"POST","data":[{client},{number}]"#);
                    let reply = connection.call(Some(OWN), &envelope("/", &more)).envelope();
                    assert_eq!((&reply["data"][0], &reply["data"][1]), (&client.into(), &number.into()));
                }
            });
        }
    });
    let connections = received.try_iter().map(|(connection, _)| connection).max().unwrap() + 1;
    assert!(connections < CLIENTS * 4, "{connections} connections to the service for {CLIENTS} clients");
}
