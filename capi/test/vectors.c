/*
 * The vectors, which `run` writes to the standard input, one a line: what it is, the name of its error or -, the offset, the
 * input and what is encoded of it again, both in hex, or -. Decoding as a whole and as a stream, and encoding as a whole and
 * as a stream, must all come to that.
 */
#include "check.h"

int failures;

static char line[4 * 1024 * 1024];
static uint8_t input[1100 * 1024];
static uint8_t expected[1100 * 1024];
static uint8_t output[1100 * 1024];
static uint8_t window[1024];

static size_t from_hex(const char *hex, uint8_t *bytes)
{
    size_t len = 0;
    if (strcmp(hex, "-") == 0) {
        return 0;
    }
    for (; hex[0] != 0; hex += 2) {
        char digits[3];
        memcpy(digits, hex, 2);
        digits[2] = 0;
        bytes[len++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return len;
}

/* Decodes as a stream, and returns the verdict. The length of the message may be known. */
static cc_result stream(int is_request, size_t size, size_t len, size_t most, int knows_length, cc_error *error)
{
    static cc_decoder decoder;
    cc_event event;
    size_t at = 0;
    cc_result result = is_request ? cc_request_decoder_init(&decoder, window, size, error)
                                  : cc_reply_decoder_init(&decoder, window, size, error);
    if (knows_length) {
        cc_decoder_set_length(&decoder, len);
    }
    while (result == CC_OK) {
        uint8_t *room;
        size_t count;
        result = cc_decoder_step(&decoder, &event, error);
        if (result == CC_OK && event.kind == CC_EVENT_END) {
            break;
        }
        if (result == CC_OK && event.kind != CC_EVENT_MORE) {
            continue;
        }
        /* After an error the message is read to its end all the same: it may be too long besides. */
        CHECK_IS(CC_OK, cc_decoder_window(&decoder, &room, &count));
        if (count == 0) {
            break;
        }
        count = count < most ? count : most;
        count = count < len - at ? count : len - at;
        if (count == 0) {
            CHECK_IS(CC_OK, cc_decoder_end(&decoder));
        } else {
            memcpy(room, input + at, count);
            at += count;
            CHECK_IS(CC_OK, cc_decoder_commit(&decoder, count));
        }
        result = CC_OK;
    }
    return result;
}

/* Encodes through a window, and returns the length. */
static size_t encode(const cc_request *request, const cc_reply *reply, size_t size)
{
    static cc_encoder encoder;
    cc_step step;
    size_t len = 0;
    CHECK_IS(CC_OK, request != NULL ? cc_request_encoder_init(&encoder, request, NULL, window, size, NULL)
                                    : cc_reply_encoder_init(&encoder, reply, NULL, window, size, NULL));
    while (cc_encoder_step(&encoder, &step, NULL) == CC_OK && step.kind == CC_STEP_WRITE) {
        memcpy(output + len, step.ptr, step.len);
        len += step.len;
        cc_encoder_wrote(&encoder, step.len);
    }
    return len;
}

int main(void)
{
    static const size_t sizes[] = {16, 64, 1024};
    long count = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *what = strtok(line, " \n");
        char *kind = strtok(NULL, " \n");
        char *offset = strtok(NULL, " \n");
        char *hex = strtok(NULL, " \n");
        char *again = strtok(NULL, " \n");
        int is_request = strcmp(what, "request") == 0;
        size_t len = from_hex(hex, input);
        size_t expected_len = from_hex(again, expected);
        size_t at;
        size_t encoded;
        cc_request request;
        cc_reply reply;
        cc_error error;
        cc_result result = is_request ? cc_request_decode(input, len, CC_REQUEST_LIMIT, &request, &error)
                                      : cc_reply_decode(input, len, CC_REPLY_LIMIT, &reply, &error);
        int before = failures;
        count++;
        CHECK(strcmp(cc_error_name(result), kind) == 0);
        CHECK_IS(strtol(offset, NULL, 10), error.offset);
        for (at = 0; at < 6; at++) {
            cc_error streamed;
            size_t most = len > 5000 ? 4096 : at % 2 == 0 ? 1 : 7;
            CHECK_IS(result, stream(is_request, sizes[at / 2], len, most, at % 2, &streamed));
            CHECK_IS(error.offset, streamed.offset);
        }
        if (result == CC_OK) {
            if (is_request) {
                request.data = cc_data_again(&request.data);
            } else {
                reply.data = cc_data_again(&reply.data);
            }
            CHECK_IS(CC_OK, is_request ? cc_request_measure(&request, &encoded, NULL)
                                       : cc_reply_measure(&reply, &encoded, NULL));
            CHECK_IS(expected_len, encoded);
            CHECK_IS(CC_OK, is_request ? cc_request_encode(&request, output, sizeof output, &encoded, NULL)
                                       : cc_reply_encode(&reply, output, sizeof output, &encoded, NULL));
            CHECK(encoded == expected_len && memcmp(output, expected, encoded) == 0);
            memset(output, 0, expected_len);
            encoded = is_request ? encode(&request, NULL, 64) : encode(NULL, &reply, 64);
            CHECK(encoded == expected_len && memcmp(output, expected, encoded) == 0);
        }
        if (failures > before) {
            fprintf(stderr, "vector %ld: %s %s %s\n", count, what, kind, offset);
        }
    }
    CHECK(count > 1000);
    if (failures == 0) {
        printf("%ld vectors\n", count);
    }
    return failures == 0 ? 0 : 1;
}
