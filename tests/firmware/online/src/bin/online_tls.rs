//! The same device through TLS 1.3: the server must have the name, and a certificate of the authority.

#![no_std]
#![no_main]

use board::{finish, print, print_number, stack};
use callcontainer::client::{CallError, Cloud, Retries, RetryError};
use callcontainer::embedded_hal::delay::DelayNs as _;
use callcontainer::embedded_io::Error as _;
use embedded_tls::TlsError;
use online::calls::{self, WINDOW, done, done_at, framing, is_small, small};
use online::clock::{Ticks, cost};
use online::host::{Random, TimeOfDay, Told};
use online::network::{Tcp, host, up};
use online::tls::{Records, Trust};
use online::tls_blocking::{Session, open};
use static_cell::StaticCell;

static RECORDS: StaticCell<Records> = StaticCell::new();

/// The name that the server must have.
const NAME: &str = "gateway.test";

type Lost = RetryError<TlsError, CallError<TlsError>>;

/// Connects, and makes sure of the server.
fn connect<'r>(
    socket: &'r mut Tcp,
    records: &'r mut Records,
    port: u16,
    server_name: &str,
) -> Result<Session<'r, &'r mut Tcp>, TlsError> {
    socket.connect(host(port)).map_err(TlsError::Io)?;
    open::<TimeOfDay, _>(socket, records, Trust { ca: Told::get().authority(), server_name }, &mut Random)
}

/// Makes the small call until it is answered, each time over a connection of its own.
fn call(socket: &mut Tcp, records: &mut Records, mut retries: Retries) -> Result<(), Lost> {
    loop {
        let lost = match connect(socket, records, Told::get().tls, NAME) {
            Err(error) => Lost::Connect(error),
            Ok(session) => match small_call(session) {
                Ok(()) => return Ok(()),
                Err(error) => Lost::Call(error),
            },
        };
        match retries.next(&lost, small().method()) {
            Some(milliseconds) => Ticks::default().delay_ms(milliseconds),
            None => return Err(lost),
        }
    }
}

fn small_call(session: Session<'_, &mut Tcp>) -> Result<(), CallError<TlsError>> {
    let mut cloud = calls::cloud(3);
    cloud.init(session, framing().map_err(CallError::Request)?);
    let mut buffer = [0; 512];
    let reply = cloud.call(&small(), &mut buffer)?;
    if is_small(&reply) { Ok(()) } else { Err(CallError::ForeignReply) }
}

fn refuses(socket: &mut Tcp, records: &mut Records, port: u16, name: &str) -> bool {
    matches!(connect(socket, records, port, name).err(), Some(TlsError::InvalidCertificate))
}

fn run(socket: &mut Tcp, records: &mut Records) -> bool {
    let told = Told::get();
    let mut right = true;
    {
        let (session, thousands) = cost(|| connect(socket, records, told.tls, NAME));
        right &= done_at(b"TLS handshake", session.is_ok(), thousands);
        let (Ok(session), Ok(framing)) = (session, framing()) else { return false };
        let mut cloud: Cloud<'_, _, WINDOW> = calls::cloud(2);
        cloud.init(session, framing);
        let (is_right, thousands) = cost(|| calls::report(&mut cloud));
        right &= done_at(b"typed POST", is_right, thousands);
        let (result, thousands) = cost(|| calls::download(&mut cloud));
        right &= done_at(b"1023000 bytes through 512", matches!(result, Ok(true)), thousands);
        // The server closes the session meanwhile.
        calls::sleep(2, || {});
        let mut buffer = [0; 512];
        let lost = cloud.call(&small(), &mut buffer).err();
        let may = lost.is_some_and(|error| Retries::new().next(&error, small().method()).is_some());
        right &= done(b"GET on a session that was closed", may);
    }
    right &= done(b"GET on the next session", call(socket, records, Retries::new()).is_ok());
    right &= done(b"another name is refused", refuses(socket, records, told.tls, "other.test"));
    right &= done(b"another authority is refused", refuses(socket, records, told.foreign, NAME));

    print(b"CABLE off\n");
    while socket.device().has_link() {}
    let lost = call(socket, records, Retries::new().at_most(1));
    let kept =
        matches!(&lost, Err(Lost::Connect(error)) if error.kind() != callcontainer::embedded_io::ErrorKind::Other);
    right &= done(b"GET without a cable", kept);
    print(b"CABLE on\n");
    while !socket.device().has_link() {}
    right & done(b"GET with the cable again", call(socket, records, Retries::backoff(100, 1000)).is_ok())
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let mut right = false;
    let deepest = stack(|| {
        let records = RECORDS.init_with(Records::new);
        let seed = board::host_seconds() as u16;
        if let Some(mut socket) = up(seed) {
            print(b"DHCP ok\n");
            right = run(&mut socket, records);
        }
    });
    print_number(b"stack", deepest);
    finish(right)
}
