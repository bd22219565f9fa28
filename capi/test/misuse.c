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
    /* The length, or the request itself, in the buffer. */
    memset(&memory, 0, sizeof memory);
    len = 0;
    request.path = CC_TEXT("/");
    WRONG(cc_request_encode(&request, memory.bytes, 64, (size_t *)(void *)memory.bytes, NULL));
    WRONG(cc_base64_encode(buffer, 4, (char *)memory.bytes, 64, (size_t *)(void *)(memory.bytes + 56), NULL));
    CHECK_IS(CC_OK, cc_base64_encode(buffer, 4, (char *)memory.bytes, 64, (size_t *)(void *)(memory.bytes + 64), NULL));
    memcpy(memory.bytes + 64, &request, sizeof request);
    WRONG(cc_request_encode((cc_request *)(void *)(memory.bytes + 64), memory.bytes, 256, &len, NULL));
    CHECK_IS(CC_OK, cc_request_encode((cc_request *)(void *)(memory.bytes + 64), memory.bytes, 64, &len, NULL));
    text.ptr = (const char *)buffer;
    text.len = 4;
    text.form = CC_PLAIN;
    WRONG(cc_text_decode(&text, (char *)buffer + 3, 10, &len, NULL));
    CHECK_IS(CC_OK, cc_text_decode(&text, (char *)buffer + 4, 10, &len, NULL));
    WRONG(cc_base64_encode(buffer, 4, (char *)buffer, 10, &len, NULL));
    WRONG(cc_base64_decode((const char *)buffer, 4, buffer + 3, 10, &len, NULL));
}

/* Data that are not as a constructor has made them are never left out in silence. */
static void payloads(void)
{
    static const int32_t kinds[] = {CC_DATA_TEXT, CC_DATA_JSON, CC_DATA_BYTES, 4, 99, -1};
    static const int32_t forms[] = {9, 77, -1, 4};
    static const cc_header headers[] = {{CC_STR_INIT("a"), CC_STR_INIT("b")}};
    static const cc_str cookies[] = {CC_STR_INIT("a=b")};
    cc_data made[5];
    cc_request request;
    cc_reply reply;
    uint8_t buffer[128];
    size_t len;
    size_t at;
    size_t other;
    memset(&request, 0, sizeof request);
    request.env = CC_TEXT("e");
    request.path = CC_TEXT("/");
    request.data.ptr = "{}";
    WRONG(cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
    request.data.len = 2;
    WRONG(cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
    WRONG(cc_request_measure(&request, &len, NULL));
    WRONG(cc_data_len(&request.data, &len));
    request.data.ptr = NULL;
    WRONG(cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
    made[0] = cc_data_text("1", 1);
    made[1] = cc_data_json("1", 1);
    made[2] = cc_data_bytes("1", 1);
    made[3] = cc_data_base64("", 0);
    made[4] = cc_data_bytes(NULL, 0);
    for (at = 0; at < 5; at++) {
        request.data = made[at];
        CHECK_IS(CC_OK, cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
        for (other = 0; other < sizeof kinds / sizeof kinds[0]; other++) {
            if (kinds[other] != made[at].kind) {
                request.data.kind = kinds[other];
                WRONG(cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
            }
        }
        for (other = 0; other < sizeof forms / sizeof forms[0]; other++) {
            request.data = made[at];
            request.data.form = forms[other];
            WRONG(cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
            request.data = cc_data_again(&request.data);
            WRONG(cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
        }
    }
    request.data = cc_data_text(NULL, 0);
    request.data.form = 77;
    WRONG(cc_request_encode(&request, buffer, sizeof buffer, &len, NULL));
    memset(&reply, 0, sizeof reply);
    reply.kind = CC_FAILURE;
    reply.err_msg = CC_TEXT("no");
    CHECK_IS(CC_OK, cc_reply_encode(&reply, buffer, sizeof buffer, &len, NULL));
    reply.data = cc_data_text("lost", 4);
    WRONG(cc_reply_encode(&reply, buffer, sizeof buffer, &len, NULL));
    reply.data.kind = CC_DATA_NONE;
    WRONG(cc_reply_encode(&reply, buffer, sizeof buffer, &len, NULL));
    memset(&reply.data, 0, sizeof reply.data);
    reply.headers.array = headers;
    reply.headers.count = 1;
    WRONG(cc_reply_encode(&reply, buffer, sizeof buffer, &len, NULL));
    memset(&reply.headers, 0, sizeof reply.headers);
    reply.cookies.array = cookies;
    reply.cookies.count = 1;
    WRONG(cc_reply_measure(&reply, &len, NULL));
}

/* What is borrowed must not change; if it does, the encoder ends all the same. */
static void changes(void)
{
    static const char others[] = {'"', '\\', '\n', 'a', '=', ' ', '1'};
    cc_encoder encoder;
    cc_request request;
    cc_step step;
    uint8_t window[CC_WINDOW_MIN];
    char text[100];
    size_t kind;
    size_t at;
    size_t other;
    size_t steps;
    cc_result result;
    memset(&request, 0, sizeof request);
    request.env = CC_TEXT("e");
    request.path = CC_TEXT("/");
    for (kind = 0; kind < 4; kind++) {
        for (other = 0; other < sizeof others; other++) {
            for (at = 0; at < sizeof text; at++) {
                memset(text, kind == 1 ? '1' : 'A', sizeof text);
                if (kind == 3) {
                    text[0] = text[99] = '"';
                    text[50] = '\\';
                    text[51] = 'n';
                }
                request.data = kind == 0 ? cc_data_text(text, 100) : kind == 2 ? cc_data_base64(text, 100) : cc_data_json(text, 100);
                CHECK_IS(CC_OK, cc_request_encoder_init(&encoder, &request, NULL, window, sizeof window, NULL));
                text[at] = others[other];
                for (steps = 0; steps < 200; steps++) {
                    result = cc_encoder_step(&encoder, &step, NULL);
                    if (result != CC_OK || step.kind != CC_STEP_WRITE) {
                        break;
                    }
                    CHECK_IS(CC_OK, cc_encoder_wrote(&encoder, step.len));
                }
                CHECK(steps < 200);
                CHECK(result == CC_ERR_BODY_LENGTH || (result == CC_OK && step.kind == CC_STEP_DONE));
            }
        }
    }
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
    payloads();
    changes();
    objects();
}
