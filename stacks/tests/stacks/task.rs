//! A task that never ends, with all of its memory in statics, on embassy's own executor.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use callcontainer::client::{Cloud, Framing};
use callcontainer_stacks::embassy_socket::{Buffers, Uplink, report};
use embassy_executor::{Executor, Spawner};
use embassy_net::{Runner, StackResources};
use embassy_net_driver_channel::{Device, State};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::channel::Channel;
use static_cell::StaticCell;

use crate::cable::{Cable, DEVICE, GATEWAY, MAC, MTU, config};
use crate::harness::eventually;
use crate::site::{ENVIRONMENT, Site, TOKEN};

static READINGS: Channel<CriticalSectionRawMutex, (u32, i32), 4> = Channel::new();

#[embassy_executor::task]
async fn driver(cable: Cable, port: embassy_net_driver_channel::Runner<'static, MTU>) {
    cable.plug_in(port).await;
}

#[embassy_executor::task]
async fn network(mut runner: Runner<'static, Device<'static, MTU>>) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn reporter(mut uplink: Uplink<'static>) -> ! {
    report(&mut uplink, READINGS.receiver()).await
}

fn start(spawner: Spawner, cable: Cable) {
    static STATE: StaticCell<State<MTU, 4, 4>> = StaticCell::new();
    static RESOURCES: StaticCell<StackResources<2>> = StaticCell::new();
    static BUFFERS: StaticCell<Buffers<1024, 512>> = StaticCell::new();

    let address = embassy_net_driver_channel::driver::HardwareAddress::Ethernet(MAC);
    let (port, device) = embassy_net_driver_channel::new(STATE.init(State::new()), address);
    let (stack, runner) = embassy_net::new(device, config(DEVICE), RESOURCES.init(StackResources::new()), 7);
    let buffers = BUFFERS.init(Buffers::new());
    let cloud = Cloud::new(0).with_env(ENVIRONMENT);
    let framing = Framing::http("gateway", Some(TOKEN)).unwrap();
    let patience = embassy_time::Duration::from_secs(5);
    let uplink = Uplink::new(stack, buffers, cloud, GATEWAY.into(), framing, patience);

    spawner.spawn(driver(cable, port).unwrap());
    spawner.spawn(network(runner).unwrap());
    spawner.spawn(reporter(uplink).unwrap());
}

#[test]
fn it_reports_whatever_becomes_of_the_gateway() {
    let mut site = Site::start(&[]);
    let cable = Mutex::new(Some(Cable::to(site.address)));
    thread::spawn(move || {
        let executor = Box::leak(Box::new(Executor::new()));
        executor.run(|spawner| start(spawner, cable.lock().unwrap().take().unwrap()));
    });
    for number in 0..12 {
        eventually("there is room", || READINGS.try_send((number, 21)).is_ok());
        match number % 4 {
            1 => site.restart(),
            2 => {
                site.stop();
                thread::sleep(Duration::from_millis(100));
                site.restart();
            }
            _ => {}
        }
        let path = format!("/readings/{number}");
        eventually(&path, || site.runs(&path) > 0);
    }
}
