/* What `abuse.py` generates calls with: a scene with every object in the state that a function wants, and a judge. */
#ifndef ABUSE_H
#define ABUSE_H

#include "check.h"
#include <limits.h>

/* Any result that the header knows. */
#define ANYTHING LONG_MIN
/* Any of these that is not an error of use. */
#define ALLOWED (LONG_MIN + 1)

enum scene {
    NOTHING,
    DECODER, DECODER_FAILED, DECODER_ENDED,
    ENCODER, ENCODER_FAILED, ENCODER_BODY, ENCODER_ENDED,
    MEASURE, MEASURE_FAILED,
    FRAMING,
    CLIENT, CLIENT_FAILED, CLIENT_BUSY, CLIENT_ENDED,
    CALL, CALL_FAILED, CALL_BODY, CALL_READS, CALL_ENDED, CALL_OVER, CALL_BUSY,
    GATE, GATE_ALLOWED, GATE_HTTP, GATE_REFUSED,
    READER, READER_DONE, READER_REFUSED,
    SCENES
};

/* All that a call can be made with. */
struct all {
    cc_decoder decoder, other_decoder;
    cc_encoder encoder, other_encoder;
    cc_measure measure, other_measure;
    cc_framing framing, other_framing;
    cc_client client, other_client;
    cc_call call, other_call;
    cc_gate gate, other_gate;
    cc_reader reader, other_reader;
    cc_client_options options;
    cc_request request;
    cc_reply reply;
    cc_headers headers;
    cc_headers_iter headers_iter;
    cc_cookies cookies;
    cc_cookies_iter cookies_iter;
    cc_text text, name, value;
    cc_str str;
    cc_data data;
    cc_body body;
    cc_message message;
    cc_retry retry;
    cc_retries retries;
    cc_outcome outcome;
    cc_event event;
    cc_step step;
    cc_error error, other_error;
    cc_refusal refusal;
    cc_access access;
    cc_caller caller;
    cc_permission permission;
    cc_http_request http;
    cc_http_response response;
    cc_identity identity;
    cc_http_parts parts;
    cc_header header_array[2];
    cc_text_header text_headers[CC_GATE_HEADERS_MAX];
    const uint8_t *pointer;
    uint8_t *room;
    size_t len, other_len;
    uint64_t number;
    uint32_t wait;
    int32_t flag;
    uint8_t window[512];
    uint8_t input[256];
    size_t input_len;
    uint8_t buffer[1024];
};
extern struct all s;

/* Sets the scene. */
void set_scene(enum scene scene);

/* Whether a result is one that the header knows; `judge` compares it with what is expected besides. */
void judge(const char *function, const char *what, long expected, long result);

int32_t abuse_read_body(void *context, uint8_t *buffer, size_t len);

/* Generated: calls each function of the header wrongly, in every way there is, and returns how many calls those were. */
long abuse_all(void);

/* Generated: calls each function that has a client or a call of it, from inside that client. */
void abuse_inside(void);

/* Generated: whether a number is a result that the header knows. */
int is_result(long result);

#endif
