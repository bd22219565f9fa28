//! A `callContainer` gateway as a proxy-wasm filter: an envelope comes in, its call goes on by Envoy's routes, and the
//! reply envelope goes out.
//!
//! | module | knows | knows nothing of |
//! |---|---|---|
//! | `configuration` | the filter's configuration, and what is wrong in it | calls |
//! | `caller` | who a call belongs to | what is in the envelope |
//! | `call` | what becomes of an envelope, and of a response | the proxy |
//! | `filter` | the stages of a call in the proxy | the rules of calls |
//! | `host` | what is asked of the proxy | what it is for |
//!
//! Between its request and its response, a call is a few hundred bytes here. Bodies are in the proxy until they are
//! complete, and in the filter while one of its functions runs.

mod call;
mod caller;
mod configuration;
mod filter;
mod host;

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{BufferType, ContextType, LogLevel};

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
    configuration: Rc<Configuration>,
}

impl Context for Plugin {}

impl RootContext for Plugin {
    /// Refuses a configuration that is wrong, so that the proxy does not start with it or keeps the one it has.
    fn on_configure(&mut self, _: usize) -> bool {
        match Configuration::read(&host::buffer(BufferType::PluginConfiguration)) {
            Ok(configuration) => {
                self.configuration = Rc::new(configuration);
                true
            }
            Err(error) => {
                host::log(LogLevel::Critical, &format!("callcontainer: {error}"));
                false
            }
        }
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Filter::new(id, Rc::clone(&self.configuration))))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
