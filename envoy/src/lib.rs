//! A `callContainer` gateway as a proxy-wasm filter: an envelope comes in, its call goes on by Envoy's routes, and the
//! reply envelope goes out.
//!
//! | module | knows | knows nothing of |
//! |---|---|---|
//! | `configuration` | the filter's configuration, and what is wrong in it | calls |
//! | `head` | what must be right in a head before anything else counts | what it is for |
//! | `caller` | who a call belongs to | what is in the envelope |
//! | `call` | what becomes of an envelope, and of a response | the proxy |
//! | `open` | what becomes of a request of the open HTTP API, and of a response | envelopes |
//! | `filter` | the stages of a call in the proxy | the rules of calls |
//! | `record` | the line of a call in the log | what the call was |
//! | `metadata` | how other filters' strings stand in protobuf | whose they are |
//! | `host` | what is asked of the proxy | what it is for |
//!
//! Between its request and its response, a call is a few hundred bytes here. Bodies are in the proxy until they are
//! complete, and in the filter while one of its functions runs.

mod call;
mod caller;
mod configuration;
mod filter;
#[path = "../../gateway/src/forwarded.rs"]
mod forwarded;
mod head;
mod host;
mod metadata;
mod open;
mod record;

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, BufferType, ContextType, LogLevel};

use configuration::Configuration;
use filter::Filter;

// The function that the proxy calls first has a name without mangling.
#[allow(unsafe_code)]
mod start {
    use super::Plugin;

    proxy_wasm::main! {{
        proxy_wasm::set_root_context(|_| Box::new(Plugin::default()));
    }}
}

/// The filter in one place of the proxy's configuration.
#[derive(Default)]
struct Plugin {
    /// `None` until there is one that is right.
    configuration: Option<Rc<Configuration>>,
}

impl Context for Plugin {}

impl RootContext for Plugin {
    /// Refuses a configuration that is wrong, so that the proxy does not start with it or keeps the one it has.
    fn on_configure(&mut self, _: usize) -> bool {
        match Configuration::read(&host::buffer(BufferType::PluginConfiguration)) {
            Ok(mut configuration) => {
                configuration.started = host::now();
                self.configuration = Some(Rc::new(configuration));
                true
            }
            Err(error) => {
                host::log(LogLevel::Critical, &format!("callcontainer: {error}"));
                false
            }
        }
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(match &self.configuration {
            Some(configuration) => Box::new(Filter::new(id, Rc::clone(configuration))),
            None => Box::new(Refusing),
        })
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

/// Stands where there is no configuration: nothing passes.
struct Refusing;

impl Context for Refusing {}

impl HttpContext for Refusing {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        host::answer(503, &[], b"");
        Action::Pause
    }
}
