/*
 * A firmware that makes real calls: over its serial port to a gateway, and from there to a service.
 *
 * It posts a reading and looks at the answer, takes a reply as large as they come through a window of 512
 * bytes, and handles a failure. No heap: all memory is in .bss and on the stack.
 *
 *     capi/build --target thumbv7m-none-eabi --out out
 *     capi/examples/firmware/build out firmware.elf
 *
 * `tests/firmware/call c` builds and runs it on an emulated Cortex-M3, with a gateway at the other end of the line.
 */
#include "board.h"
#include <callcontainer.h>
#include <string.h>

/* Length of what `/archive` answers with. */
#define ARCHIVE 1023000u

static cc_client client;
static cc_call call;
static uint8_t window[512]; /* all that is sent and received passes through it */
static uint8_t buffer[512]; /* a reply as a whole */

static void print_text(const char *text)
{
    print(text, strlen(text));
}

static void print_number(uint32_t number)
{
    char digits[10];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    print(&digits[at], sizeof digits - at);
}

static int failed(const cc_error *error)
{
    print_text("ERROR ");
    print_text(cc_error_name(error->kind));
    print_text("\n");
    return 0;
}

/* A call of this service. */
static cc_request request_of(cc_text service, cc_text path)
{
    cc_request request;
    memset(&request, 0, sizeof request);
    request.service = service;
    request.path = path;
    return request;
}

/* Posts a reading, and looks at the answer. */
static int report(void)
{
    static const char reading[] = "{\"device\":\"boiler \\\"2\\\"\",\"millicelsius\":21500}";
    static const char answer[] =
        "{\"accepted\":7,\"device\":\"boiler \\\"2\\\"\",\"fahrenheit\":71,\"note\":\"\xE8\xB0\xA2\xE8\xB0\xA2"
        "\xF0\x9F\x98\x80\"}";
    cc_request request = request_of(CC_TEXT("meter"), CC_TEXT("/readings"));
    cc_reply reply;
    cc_error error;
    request.method = CC_POST;
    request.data = cc_data_json(reading, sizeof reading - 1);
    if (cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error) != CC_OK) {
        return failed(&error);
    }
    if (reply.kind != CC_RESPONSE || reply.status != 201 || reply.data.kind != CC_DATA_JSON) {
        return 0;
    }
    print_text("ANSWER ");
    print((const char *)reply.data.ptr, reply.data.len);
    print_text("\n");
    return reply.data.len == sizeof answer - 1 && memcmp(reply.data.ptr, answer, reply.data.len) == 0;
}

/* Takes a reply that is larger than all of many a device's memory, and looks at each byte of its body. */
static int download(void)
{
    cc_request request = request_of(CC_TEXT("meter"), CC_TEXT("/archive"));
    cc_outcome outcome;
    cc_event event;
    cc_error error;
    uint32_t len = 0;
    int right = 1;
    cc_result result = cc_call_start(&call, &client, &request, NULL, &error);
    if (result != CC_OK) {
        return failed(&error);
    }
    while ((result = cc_call_next(&call, &event, &error)) == CC_OK && event.kind != CC_EVENT_END) {
        size_t at;
        if (event.kind != CC_EVENT_TEXT || event.field != CC_FIELD_DATA) {
            continue;
        }
        for (at = 0; at < event.text.len; at++) {
            right &= event.text.ptr[at] == (char)('a' + (len ^ (len >> 7)) % 26);
            len++;
        }
    }
    if (result != CC_OK || cc_call_outcome(&call, &outcome) != CC_OK) {
        cc_call_end(&call);
        return failed(&error);
    }
    cc_call_end(&call);
    print_text("STREAMED ");
    print_number(len);
    print_text("\n");
    return right && len == ARCHIVE && outcome.kind == CC_RESPONSE && outcome.status == 200;
}

/* Calls a service that is not there. */
static int fail(void)
{
    cc_request request = request_of(CC_TEXT("nobody"), CC_TEXT("/"));
    char message[256];
    size_t len;
    cc_retry retry;
    cc_reply reply;
    cc_error error;
    if (cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error) != CC_OK) {
        return failed(&error);
    }
    if (reply.kind != CC_FAILURE || cc_text_decode(&reply.err_msg, message, sizeof message, &len, &error) != CC_OK ||
        cc_retry_of_reply(&reply, CC_GET, &retry) != CC_OK) {
        return 0;
    }
    print_text("FAILURE ");
    print(message, len);
    print_text("\n");
    return reply.has_code && reply.code == CC_CODE_ACCESS_DENIED && retry.at_most == 0;
}

int main(void)
{
    cc_client_options options;
    cc_framing framing;
    cc_error error;
    int right = cc_abi_version() == CC_ABI;

    uart_begin();
    memset(&options, 0, sizeof options);
    options.transport.send = uart_send;
    options.transport.recv = uart_recv;
    options.framing = &framing;
    options.window = window;
    options.window_size = sizeof window;
    options.env = CC_STR("prod-01");
    options.first_call = 1; /* of a real device: a random number */
    if (cc_framing_line(&framing) != CC_OK || cc_client_init(&client, &options, &error) != CC_OK) {
        right = 0;
    } else {
        right &= report();
        right &= download();
        right &= fail();
        cc_client_end(&client);
    }
    print_text(right ? "RESULT ok\n" : "RESULT wrong\n");
    return !right;
}
