//! As `client-open-api`, at the domain of the service.

#![no_std]
#![no_main]

images::whole_call!(images::domain, images::small_answer, images::large_answer);
