/* What nobody should do: each is a defined error, and never a crash. */
#include "check.h"

/* Memory that is not aligned. */
static union {
    uint64_t word;
    uint8_t bytes[8192];
} memory;

#define ASTRAY(type) ((type *)(void *)(memory.bytes + 1))
#define WRONG(expression) CHECK_IS(CC_ERR_ARGUMENT, expression)
#define OUT_OF_TURN(expression) CHECK_IS(CC_ERR_STATE, expression)

static void pointers(void)
{
    cc_request request;
    cc_reply reply;
    cc_text text = CC_TEXT("x");
    cc_data data;
    cc_error error;
    cc_headers_iter iter;
    uint8_t buffer[64];
    size_t len = 12345;
    size_t lens[3];
    size_t at;
    memset(&request, 0, sizeof request);
    memset(&reply, 0, sizeof reply);
    memset(&data, 0, sizeof data);
    memset(&iter, 0, sizeof iter);
    request.path = CC_TEXT("/");
    request.env = CC_TEXT("e");
    WRONG(cc_request_decode(NULL, 1, CC_REQUEST_LIMIT, &request, &error));
    CHECK_IS(CC_ERR_UNEXPECTED_END, cc_request_decode(NULL, 0, CC_REQUEST_LIMIT, &request, &error));
    WRONG(cc_request_decode(buffer, 1, CC_REQUEST_LIMIT, NULL, &error));
    WRONG(cc_request_decode(buffer, 1, CC_REQUEST_LIMIT, ASTRAY(cc_request), &error));
    WRONG(cc_request_decode(buffer, 1, CC_REQUEST_LIMIT, &request, ASTRAY(cc_error)));
    lens[0] = SIZE_MAX;
    lens[1] = SIZE_MAX / 2 + 1;
    lens[2] = SIZE_MAX - 8;
    for (at = 0; at < 3; at++) {
        WRONG(cc_request_decode(buffer, lens[at], CC_REQUEST_LIMIT, &request, &error));
        WRONG(cc_reply_decode(buffer, lens[at], CC_REPLY_LIMIT, &reply, &error));
        WRONG(cc_request_encode(&request, buffer, lens[at], &len, &error));
        WRONG(cc_base64_encode(buffer, lens[at], (char *)buffer, 1, &len, &error));
        WRONG(cc_base64_decode((const char *)buffer, 1, buffer, lens[at], &len, &error));
        text.len = lens[at];
        WRONG(cc_text_len(&text, &len));
        WRONG(cc_text_decode(&text, (char *)buffer, sizeof buffer, &len, &error));
        request.headers.array = (const cc_header *)(const void *)memory.bytes;
        request.headers.count = lens[at];
        WRONG(cc_request_measure(&request, &len, &error));
        request.headers.array = NULL;
        WRONG(cc_request_measure(&request, &len, &error));
        request.headers.count = 0;
    }
    CHECK_IS(12345, len);
    WRONG(cc_request_encode(NULL, buffer, sizeof buffer, &len, &error));
    WRONG(cc_request_encode(&request, NULL, 1, &len, &error));
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_request_encode(&request, NULL, 0, &len, &error));
    CHECK_IS(0, error.offset);
    WRONG(cc_request_encode(&request, buffer, sizeof buffer, NULL, &error));
    WRONG(cc_request_encode(&request, buffer, sizeof buffer, ASTRAY(size_t), &error));
    WRONG(cc_request_encode(ASTRAY(const cc_request), buffer, sizeof buffer, &len, &error));
    request.method = 8;
    WRONG(cc_request_measure(&request, &len, NULL));
    request.method = CC_GET;
    request.response_type = 2;
    WRONG(cc_request_measure(&request, &len, NULL));
    request.response_type = 0;
    request.data.kind = 4;
    WRONG(cc_request_measure(&request, &len, NULL));
    request.data = cc_data_again(&request.data);
    WRONG(cc_request_measure(&request, &len, NULL));
    request.data = cc_data_again(NULL);
    WRONG(cc_request_measure(&request, &len, NULL));
    request.data = cc_data_again(ASTRAY(const cc_data));
    WRONG(cc_request_measure(&request, &len, NULL));
    request.data = cc_data_json("7", 1);
    CHECK_IS(CC_OK, cc_request_measure(&request, &len, NULL));
    len = 12345;
    request.data.form = CC_ESCAPED;
    WRONG(cc_request_measure(&request, &len, NULL));
    request.data = cc_data_base64("AAAA", 4);
    request.data.form = CC_PLAIN;
    WRONG(cc_request_measure(&request, &len, NULL));
    request.data = cc_data_json(NULL, 4);
    WRONG(cc_request_measure(&request, &len, NULL));
    /* No constructor has made these. */
    memset(&request.data, 0, sizeof request.data);
    request.data.kind = CC_DATA_JSON;
    request.data.ptr = "7";
    request.data.len = 1;
    WRONG(cc_request_measure(&request, &len, NULL));
    memset(request.data.sender, 0xFF, sizeof request.data.sender);
    WRONG(cc_request_measure(&request, &len, NULL));
    memset(request.data.sender, 0x5A, sizeof request.data.sender);
    WRONG(cc_request_measure(&request, &len, NULL));
    request.data.sender[0] = memory.bytes;
    request.data.sender[1] = NULL;
    WRONG(cc_request_measure(&request, &len, NULL));
    memset(&request.data, 0, sizeof request.data);
    request.path.form = 7;
    WRONG(cc_request_measure(&request, &len, NULL));
    request.path.form = CC_PLAIN;
    request.headers.magic = 1;
    WRONG(cc_request_measure(&request, &len, NULL));
    request.headers.magic = 0;
    {
        cc_header header;
        memset(&header, 0, sizeof header);
        request.headers.array = &header;
        request.headers.count = 1;
        WRONG(cc_request_measure(&request, &len, NULL));
        request.headers.array = NULL;
        request.headers.count = 0;
    }
    WRONG(cc_reply_encode(&reply, buffer, sizeof buffer, &len, NULL));
    WRONG(cc_headers_next(NULL, &iter, &text, &text));
    WRONG(cc_headers_next(&request.headers, NULL, &text, &text));
    WRONG(cc_headers_next(&request.headers, &iter, NULL, &text));
    iter.magic = 5;
    OUT_OF_TURN(cc_headers_next(&request.headers, &iter, &text, &text));
    WRONG(cc_error_code(CC_ERR_TOO_DEEP, NULL));
    WRONG(cc_retry_of_code(-1, 99, NULL));
    {
        cc_retry retry;
        WRONG(cc_retry_of_code(-1, 99, &retry));
        WRONG(cc_retry_of_error(NULL, CC_GET, &retry));
    }
}

static void overlaps(void)
{
    uint8_t buffer[64];
    cc_request request;
    cc_text text;
    size_t len;
    memset(&request, 0, sizeof request);
    memcpy(buffer, "/path", 5);
    request.env = CC_TEXT("e");
    request.path.ptr = (const char *)buffer + 1;
    request.path.len = 1;
    WRONG(cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
    request.path.ptr = (const char *)buffer;
    CHECK_IS(CC_OK, cc_request_encode(&request, buffer + 1, sizeof buffer - 1, &len, NULL));
    text.ptr = (const char *)buffer;
    text.len = 4;
    text.form = CC_PLAIN;
    WRONG(cc_text_decode(&text, (char *)buffer + 3, 10, &len, NULL));
    CHECK_IS(CC_OK, cc_text_decode(&text, (char *)buffer + 4, 10, &len, NULL));
    WRONG(cc_base64_encode(buffer, 4, (char *)buffer, 10, &len, NULL));
    WRONG(cc_base64_decode((const char *)buffer, 4, buffer + 3, 10, &len, NULL));
}

static void objects(void)
{
    static cc_decoder decoder;
    static cc_decoder moved;
    static cc_encoder encoder;
    static cc_measure measure;
    static cc_client client;
    static cc_call call;
    static cc_gate gate;
    static cc_framing framing;
    static cc_refusal refusal;
    cc_event event;
    cc_step step;
    cc_body body;
    cc_outcome outcome;
    cc_request request;
    cc_client_options options;
    cc_error error;
    cc_text text;
    uint8_t window[64];
    uint8_t *room;
    size_t len;
    int32_t flag;
    int fill;
    memset(&request, 0, sizeof request);
    memset(&options, 0, sizeof options);
    /* Never initialised: zeros, ones, and what the memory had before. */
    for (fill = 0; fill < 3; fill++) {
        int byte = fill == 0 ? 0 : fill == 1 ? 0xFF : 0x5A;
        memset(&decoder, byte, sizeof decoder);
        memset(&encoder, byte, sizeof encoder);
        memset(&measure, byte, sizeof measure);
        memset(&client, byte, sizeof client);
        memset(&call, byte, sizeof call);
        memset(&gate, byte, sizeof gate);
        memset(&framing, byte, sizeof framing);
        memset(&refusal, byte, sizeof refusal);
        OUT_OF_TURN(cc_decoder_step(&decoder, &event, &error));
        OUT_OF_TURN(cc_decoder_window(&decoder, &room, &len));
        OUT_OF_TURN(cc_decoder_commit(&decoder, 0));
        OUT_OF_TURN(cc_decoder_end(&decoder));
        OUT_OF_TURN(cc_decoder_skip(&decoder));
        OUT_OF_TURN(cc_decoder_is_ended(&decoder, &flag));
        OUT_OF_TURN(cc_decoder_outcome(&decoder, &outcome));
        OUT_OF_TURN(cc_decoder_set_limit(&decoder, 1));
        OUT_OF_TURN(cc_decoder_set_length(&decoder, 1));
        OUT_OF_TURN(cc_encoder_step(&encoder, &step, &error));
        OUT_OF_TURN(cc_encoder_wrote(&encoder, 1));
        OUT_OF_TURN(cc_encoder_read(&encoder, 1, &error));
        OUT_OF_TURN(cc_encoder_len(&encoder, &len, NULL));
        OUT_OF_TURN(cc_measure_window(&measure, &room, &len));
        OUT_OF_TURN(cc_measure_read(&measure, 0, &error));
        OUT_OF_TURN(cc_measure_finish(&measure, &body, &error));
        OUT_OF_TURN(cc_framing_set_path(&framing, CC_STR("/"), &error));
        OUT_OF_TURN(cc_framing_set_headers(&framing, NULL, 0, &error));
        options.framing = &framing;
        OUT_OF_TURN(cc_client_init(&client, &options, &error));
        OUT_OF_TURN(cc_client_connect(&client, &error));
        OUT_OF_TURN(cc_client_connected(&client));
        OUT_OF_TURN(cc_client_is_ready(&client, &flag));
        OUT_OF_TURN(cc_client_abandon(&client));
        OUT_OF_TURN(cc_client_end(&client));
        OUT_OF_TURN(cc_call_start(&call, &client, &request, NULL, &error));
        OUT_OF_TURN(cc_call_send(&call, NULL, NULL, &error));
        OUT_OF_TURN(cc_call_next(&call, &event, &error));
        OUT_OF_TURN(cc_call_step(&call, &step, &error));
        OUT_OF_TURN(cc_call_wrote(&call, 1));
        OUT_OF_TURN(cc_call_read(&call, 1, &error));
        OUT_OF_TURN(cc_call_read_body(&call, 1, &error));
        OUT_OF_TURN(cc_call_skip(&call));
        OUT_OF_TURN(cc_call_outcome(&call, &outcome));
        OUT_OF_TURN(cc_call_id(&call, &text));
        OUT_OF_TURN(cc_call_end(&call));
        OUT_OF_TURN(cc_gate_request(&gate, &request));
        OUT_OF_TURN(cc_gate_http(&gate, CC_STR("h"), NULL, NULL, &error));
        OUT_OF_TURN(cc_refusal_encode(&refusal, NULL, window, sizeof window, &len, &error));
    }
    WRONG(cc_decoder_step(NULL, &event, &error));
    WRONG(cc_decoder_step(ASTRAY(cc_decoder), &event, &error));
    WRONG(cc_request_decoder_init(NULL, window, sizeof window, &error));
    WRONG(cc_request_decoder_init(ASTRAY(cc_decoder), window, sizeof window, &error));
    WRONG(cc_request_decoder_init(&decoder, NULL, 16, &error));
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_request_decoder_init(&decoder, window, 15, &error));
    /* Copied. */
    CHECK_IS(CC_OK, cc_request_decoder_init(&decoder, window, 16, &error));
    memcpy(&moved, &decoder, sizeof decoder);
    OUT_OF_TURN(cc_decoder_end(&moved));
    CHECK_IS(CC_OK, cc_decoder_end(&decoder));
    /* Of another kind. */
    OUT_OF_TURN(cc_gate_request((cc_gate *)(void *)&decoder, &request));
    /* A client whose window is too small, or that has half of a resource. */
    CHECK_IS(CC_OK, cc_framing_line(&framing));
    options.window = window;
    options.window_size = 63;
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_client_init(&client, &options, &error));
    options.window_size = 64;
    options.resource_env = CC_STR("e");
    WRONG(cc_client_init(&client, &options, &error));
    options.resource_env.ptr = NULL;
    WRONG(cc_client_init(&client, &options, &error));
    options.resource_env.len = 0;
    options.framing = NULL;
    WRONG(cc_client_init(&client, &options, &error));
    options.framing = &framing;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, &error));
    WRONG(cc_client_call(&client, NULL, window, 0, NULL, &error));
    WRONG(cc_call_start(NULL, &client, &request, NULL, &error));
    OUT_OF_TURN(cc_client_call_retrying((cc_client *)(void *)&gate, &request, NULL, 0, (cc_reply *)(void *)memory.bytes,
                                        &error));
}

void test_misuse(void)
{
    pointers();
    overlaps();
    objects();
}
