//! The layout of all structs, so that the header can be held against it.
//!
//! The numbers are in the library, in a section of their own that no program links; `test/agree` compiles the header
//! against them, for each target.

/// Defines the numbers: for each struct its size and alignment, and for each member its offset. `=` says the name of a member
/// in Rust where it is another one.
macro_rules! layout {
    ($($object:ident = $name:ident { $($member:ident $(= $own:ident)?),* })*) => {
        /// How many numbers there are.
        const COUNT: usize = [$(stringify!($name), "", $(stringify!($member),)*)*].len();

        /// Sizes, alignments and offsets.
        #[unsafe(no_mangle)]
        #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".rodata.cc_layout"))]
        #[allow(non_upper_case_globals, reason = "it is a name of C")]
        static cc_layout: [u32; COUNT] = [$(
            size_of::<crate::$object>() as u32,
            align_of::<crate::$object>() as u32,
            $(layout!(@offset $object $member $($own)?),)*
        )*];
    };
    (@offset $object:ident $member:ident) => { core::mem::offset_of!(crate::$object, $member) as u32 };
    (@offset $object:ident $member:ident $own:ident) => { core::mem::offset_of!(crate::$object, $own) as u32 };
}

layout! {
    CcStr = cc_str { ptr, len }
    CcText = cc_text { ptr, len, form }
    CcData = cc_data { ptr, len, kind, form, sender }
    CcHeader = cc_header { name, value }
    CcHeaders = cc_headers { array, count, decoded, magic }
    CcHeadersIter = cc_headers_iter { state, magic }
    CcCookies = cc_cookies { array, count, decoded, magic }
    CcCookiesIter = cc_cookies_iter { state, magic }
    CcError = cc_error { kind, cause, offset, written, io, status, retry_after, reserved }
    CcRequest = cc_request { env, resource_appid, resource_env, path, service, data_type, call_id, headers, data, method, response_type, timeout_ms }
    CcReply = cc_reply { kind, status, code, has_code, err_msg, call_id, headers, cookies, data }
    CcMessage = cc_message { text, call_id, trace, code, has_code }
    CcRetry = cc_retry { delay_ms, at_most }
    CcEvent = cc_event { text, kind, field, last, number }
    CcOutcome = cc_outcome { kind, status, code, has_code }
    CcBody = cc_body { len, plain_len, kind }
    CcStep = cc_step { ptr, len, kind, event }
    CcTransport = cc_transport { context, send, recv, connect, close, sleep, now, readable, classify }
    CcRetries = cc_retries { backoff_first_ms, backoff_most_ms, at_most, any_method, made }
    CcClientOptions = cc_client_options { transport, framing, window, window_size, env, resource_appid, resource_env, first_call, retries, no_deadlines, hook, hook_context }
    CcRefusal = cc_refusal { code, cause, offset, message, opaque = refusal, magic }
    CcEnv = cc_env { id, owner, services, service_count, is_public }
    CcGrant = cc_grant { env, by, to }
    CcAccess = cc_access { envs, env_count, grants, grant_count }
    CcCaller = cc_caller { appid, openid, unionid, source, address, access_token }
    CcPermission = cc_permission { env, service, relation }
    CcHttpRequest = cc_http_request { target_len, body_len, method, states_length, closes_connection }
    CcTextHeader = cc_text_header { name, value }
    CcHttpResponse = cc_http_response { headers, header_count, body, body_len, status }
    CcHttpParts = cc_http_parts { body, body_len, header_count, status }
    CcDecoder = cc_decoder {}
    CcEncoder = cc_encoder {}
    CcMeasure = cc_measure {}
    CcFraming = cc_framing {}
    CcClient = cc_client {}
    CcCall = cc_call {}
    CcGate = cc_gate {}
    CcReader = cc_reader {}
    CcIdentity = cc_identity { source, appid, openid, unionid, from_appid, from_openid, from_unionid, access_token, from_access_token, env, address }
}
