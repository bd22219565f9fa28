/* Envelopes that come and go in pieces. */
#include "check.h"

static void decode(void)
{
    static const char envelope[] =
        "{\"statusCode\":200,\"header\":{\"a\":\"b\"},\"callID\":\"7\",\"data\":\"a long text, longer than the window\"}";
    uint8_t window[16];
    cc_decoder decoder;
    cc_event event;
    cc_outcome outcome;
    cc_error error;
    char text[64];
    size_t filled = 0;
    size_t at = 0;
    int pieces = 0;
    int32_t ended;
    CHECK_IS(CC_OK, cc_reply_decoder_init(&decoder, window, sizeof window, NULL));
    CHECK_IS(CC_ERR_STATE, cc_decoder_outcome(&decoder, &outcome));
    do {
        uint8_t *room;
        size_t len;
        size_t piece;
        CHECK_IS(CC_OK, cc_decoder_step(&decoder, &event, &error));
        if (event.kind == CC_EVENT_STATUS) {
            CHECK_IS(200, event.number);
        } else if (event.kind == CC_EVENT_TEXT && event.field == CC_FIELD_DATA) {
            CHECK_IS(CC_OK, cc_text_decode(&event.text, text + filled, sizeof text - filled, &piece, NULL));
            filled += piece;
            pieces++;
        } else if (event.kind == CC_EVENT_MORE) {
            CHECK_IS(CC_OK, cc_decoder_window(&decoder, &room, &len));
            CHECK(len > 0);
            if (at == strlen(envelope)) {
                CHECK_IS(CC_OK, cc_decoder_end(&decoder));
            } else {
                len = len < 5 ? len : 5;
                len = len < strlen(envelope) - at ? len : strlen(envelope) - at;
                memcpy(room, envelope + at, len);
                at += len;
                CHECK_IS(CC_OK, cc_decoder_commit(&decoder, len));
            }
        }
    } while (event.kind != CC_EVENT_END && failures == 0);
    CHECK(same(text, filled, "a long text, longer than the window"));
    CHECK(pieces > 1);
    CHECK_IS(CC_OK, cc_decoder_outcome(&decoder, &outcome));
    CHECK(outcome.kind == CC_RESPONSE && outcome.status == 200);
    CHECK_IS(CC_OK, cc_decoder_is_ended(&decoder, &ended));
    CHECK_IS(1, ended);
    CHECK_IS(CC_ERR_ARGUMENT, cc_decoder_commit(&decoder, 1));

    /* An error stays. */
    CHECK_IS(CC_OK, cc_request_decoder_init(&decoder, window, sizeof window, NULL));
    CHECK_IS(CC_OK, cc_decoder_set_length(&decoder, 3));
    {
        uint8_t *room;
        size_t len;
        CHECK_IS(CC_OK, cc_decoder_window(&decoder, &room, &len));
        CHECK_IS(3, len);
        memcpy(room, "[1]", 3);
        CHECK_IS(CC_ERR_ARGUMENT, cc_decoder_commit(&decoder, 4));
        CHECK_IS(CC_OK, cc_decoder_commit(&decoder, 3));
    }
    CHECK_IS(CC_ERR_WRONG_TYPE, cc_decoder_step(&decoder, &event, &error));
    CHECK_IS(0, error.offset);
    CHECK_IS(CC_ERR_WRONG_TYPE, cc_decoder_step(&decoder, &event, &error));
    CHECK_IS(CC_OK, cc_decoder_skip(&decoder));
    CHECK_IS(CC_ERR_STATE, cc_decoder_outcome(&decoder, &outcome));
    CHECK_IS(CC_OK, cc_request_decoder_init(&decoder, window, sizeof window, NULL));
    CHECK_IS(CC_OK, cc_decoder_set_limit(&decoder, 0));
    CHECK_IS(CC_OK, cc_decoder_set_length(&decoder, 1));
    CHECK_IS(CC_ERR_REQUEST_TOO_LARGE, cc_decoder_step(&decoder, &event, &error));
}

/* Encodes with a body that comes byte by byte; `body` has so many bytes, and is announced like this. */
static cc_result encode(const cc_request *request, const cc_body *announced, const char *body, uint8_t *out, size_t *len,
                        cc_error *error)
{
    uint8_t window[64];
    cc_encoder encoder;
    cc_step step;
    size_t at = 0;
    cc_result result = cc_request_encoder_init(&encoder, request, announced, window, sizeof window, error);
    *len = 0;
    while (result == CC_OK) {
        result = cc_encoder_step(&encoder, &step, error);
        if (result != CC_OK || step.kind == CC_STEP_DONE) {
            break;
        }
        if (step.kind == CC_STEP_WRITE) {
            out[(*len)++] = step.ptr[0];
            CHECK_IS(CC_OK, cc_encoder_wrote(&encoder, 1));
        } else {
            size_t more = at < strlen(body) ? 1 : 0;
            CHECK_IS(CC_STEP_READ_BODY, step.kind);
            if (more > 0) {
                step.ptr[0] = (uint8_t)body[at++];
            }
            result = cc_encoder_read(&encoder, more, error);
        }
    }
    if (result == CC_OK) {
        size_t whole;
        size_t written;
        CHECK_IS(CC_OK, cc_encoder_len(&encoder, &whole, &written));
        CHECK(whole == *len && written == *len);
    }
    return result;
}

static void encode_all(void)
{
    uint8_t out[256];
    size_t len;
    cc_request request;
    cc_body body;
    cc_error error;
    memset(&request, 0, sizeof request);
    request.env = CC_TEXT("e");
    request.path = CC_TEXT("/");
    CHECK_IS(CC_OK, encode(&request, NULL, "", out, &len, &error));
    CHECK(same(out, len, "{\"config\":{\"env\":\"e\"},\"path\":\"/\"}"));
    memset(&body, 0, sizeof body);
    body.kind = CC_DATA_BYTES;
    body.len = 4;
    CHECK_IS(CC_OK, encode(&request, &body, "abcd", out, &len, &error));
    CHECK(same(out, len,
               "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"YWJjZA==\"}]}"));
    CHECK_IS(CC_ERR_BODY_LENGTH, encode(&request, &body, "abc", out, &len, &error));
    CHECK_IS(3, error.offset);
    body.kind = CC_DATA_JSON;
    CHECK_IS(CC_ERR_INVALID_LITERAL, encode(&request, &body, "trie", out, &len, &error));
    body.len = 0;
    CHECK_IS(CC_ERR_UNEXPECTED_END, encode(&request, &body, "", out, &len, &error));
    body.kind = CC_DATA_NONE;
    CHECK_IS(CC_ERR_ARGUMENT, encode(&request, &body, "", out, &len, &error));
    body.kind = CC_DATA_TEXT;
    request.data = cc_data_text("", 0);
    CHECK_IS(CC_ERR_DATA_CONFLICT, encode(&request, &body, "", out, &len, &error));
}

static void measure_all(void)
{
    uint8_t window[64];
    cc_measure measure;
    cc_body body;
    uint8_t *room;
    size_t len;
    const char *json;
    CHECK_IS(CC_OK, cc_measure_init(&measure, CC_DATA_JSON, window, sizeof window, NULL));
    for (json = "{\"on\": true}"; *json != 0; json++) {
        CHECK_IS(CC_OK, cc_measure_window(&measure, &room, &len));
        room[0] = (uint8_t)*json;
        CHECK_IS(CC_OK, cc_measure_read(&measure, 1, NULL));
    }
    CHECK_IS(CC_OK, cc_measure_finish(&measure, &body, NULL));
    CHECK(body.kind == CC_DATA_JSON && body.len == 11);
    CHECK_IS(CC_OK, cc_measure_init(&measure, CC_DATA_TEXT, window, sizeof window, NULL));
    CHECK_IS(CC_OK, cc_measure_window(&measure, &room, &len));
    memcpy(room, "a\n\xC3", 3);
    CHECK_IS(CC_OK, cc_measure_read(&measure, 3, NULL));
    CHECK_IS(CC_ERR_UNEXPECTED_END, cc_measure_finish(&measure, &body, NULL));
    CHECK_IS(CC_OK, cc_measure_window(&measure, &room, &len));
    CHECK_IS(63, len);
    room[0] = 0xA9;
    CHECK_IS(CC_ERR_ARGUMENT, cc_measure_read(&measure, 64, NULL));
    CHECK_IS(CC_OK, cc_measure_read(&measure, 1, NULL));
    CHECK_IS(CC_OK, cc_measure_finish(&measure, &body, NULL));
    CHECK(body.kind == CC_DATA_TEXT && body.len == 5 && body.plain_len == 4);
    CHECK_IS(CC_ERR_ARGUMENT, cc_measure_init(&measure, CC_DATA_NONE, window, sizeof window, NULL));
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_measure_init(&measure, CC_DATA_TEXT, window, 63, NULL));
}

void test_streams(void)
{
    decode();
    encode_all();
    measure_all();
}
