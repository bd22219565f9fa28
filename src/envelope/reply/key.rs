//! The keys of a reply.

use crate::envelope::fields::keys;
use crate::envelope::members::{Key as WrittenKey, key};
use crate::envelope::names::Names;
use crate::envelope::rules::Rule;
use crate::envelope::table::reply;
use crate::json::cursor::Cursor;

reply!(keys);
