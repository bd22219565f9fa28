//! Makes a call over HTTP: encodes the request, receives the reply whole, and decodes it.

#![no_std]
#![no_main]

images::whole_call!(images::framing, images::small_http_reply, images::large_http_reply);
