//! As `client`, through the platform's open HTTP API: writes the request, receives the response, and makes a reply of it.

#![no_std]
#![no_main]

images::whole_call!(images::open_api, images::small_answer, images::large_answer);
