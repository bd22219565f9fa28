/*
 * Says what is in callContainer envelopes, one line a file, as the Rust example `inspect` does.
 *
 *     inspect (request|reply) FILE...
 *
 * A file `-` is the standard input. Ends with 0 when all files decode, 1 when one does not, and 2 for
 * wrong usage or a file that cannot be read.
 */
#include <callcontainer.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One byte more than any envelope: enough to see that there is too much. */
static uint8_t envelope[CC_REPLY_LIMIT + 1];

/* Any text of an envelope fits: unescaping makes nothing longer. */
static char text[CC_REPLY_LIMIT];

/* Prints a character of so many bytes, a control character as Rust's `escape_default` has it. */
static void print_character(FILE *to, const char *bytes, size_t len)
{
    unsigned code = (unsigned char)bytes[0];
    if (len == 2) {
        code = (code & 0x1Fu) << 6 | ((unsigned char)bytes[1] & 0x3Fu);
    } else if (len == 3) {
        code = (code & 0x0Fu) << 12 | ((unsigned char)bytes[1] & 0x3Fu) << 6 |
               ((unsigned char)bytes[2] & 0x3Fu);
    } else if (len == 4) {
        code = 0x10000; /* no control character */
    }
    if (code == '\t') {
        fputs("\\t", to);
    } else if (code == '\n') {
        fputs("\\n", to);
    } else if (code == '\r') {
        fputs("\\r", to);
    } else if (code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029) {
        fprintf(to, "\\u{%x}", code);
    } else {
        fwrite(bytes, 1, len, to);
    }
}

/* Prints UTF-8. */
static void print_string(FILE *to, const char *string, size_t len)
{
    size_t at = 0;
    while (at < len) {
        unsigned char first = (unsigned char)string[at];
        size_t wide = first < 0x80 ? 1u : first < 0xE0 ? 2u : first < 0xF0 ? 3u : 4u;
        print_character(to, string + at, wide < len - at ? wide : len - at);
        at += wide;
    }
}

static void print_text(const cc_text *from)
{
    size_t len;
    if (from->ptr == NULL) {
        fputs("-", stdout);
    } else if (cc_text_decode(from, text, sizeof text, &len, NULL) == CC_OK) {
        print_string(stdout, text, len);
    }
}

static void print_data(const cc_data *data)
{
    static const char *const kinds[] = {"none", "text", "json", "bytes"};
    size_t len = 0;
    if (cc_data_len(data, &len) == CC_OK) {
        printf("data=%s %lu bytes\n", kinds[data->kind & 3], (unsigned long)len);
    }
}

static void print_request(const cc_request *request)
{
    printf("%s ", cc_method_name(request->method));
    print_text(&request->path);
    fputs(" env=", stdout);
    print_text(request->env.ptr != NULL ? &request->env : &request->resource_env);
    fputs(" service=", stdout);
    print_text(&request->service);
    fputs(" ", stdout);
    print_data(&request->data);
}

static void print_reply(const cc_reply *reply)
{
    int32_t code;
    if (reply->kind == CC_RESPONSE) {
        printf("%ld ", (long)reply->status);
    } else if (cc_reply_code(reply, &code) == CC_OK) {
        printf("fail %ld ", (long)code);
    } else {
        fputs("fail none ", stdout);
    }
    print_data(&reply->data);
}

/* Reads a file. Returns its length, or -1 with errno. */
static long read_file(const char *name)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    size_t len;
    int failed;
    if (file == NULL) {
        return -1;
    }
    len = fread(envelope, 1, sizeof envelope, file);
    failed = ferror(file) ? errno : 0;
    if (file != stdin) {
        fclose(file);
    }
    errno = failed;
    return failed ? -1 : (long)len;
}

int main(int count, char **arguments)
{
    int status = 0;
    int is_request;
    int at;
    if (count < 3 || (strcmp(arguments[1], "request") != 0 && strcmp(arguments[1], "reply") != 0)) {
        fputs("usage: inspect (request|reply) FILE...\n", stderr);
        return 2;
    }
    is_request = strcmp(arguments[1], "request") == 0;
    for (at = 2; at < count; at++) {
        const char *name = arguments[at];
        long len = read_file(name);
        cc_request request;
        cc_reply reply;
        cc_error error;
        cc_result result;
        if (len < 0) {
            int number = errno;
            fputs("inspect: cannot read ", stderr);
            print_string(stderr, name, strlen(name));
            fprintf(stderr, ": %s (os error %d)\n", strerror(number), number);
            status = 2;
            continue;
        }
        result = is_request
                     ? cc_request_decode(envelope, (size_t)len, CC_REQUEST_LIMIT, &request, &error)
                     : cc_reply_decode(envelope, (size_t)len, CC_REPLY_LIMIT, &reply, &error);
        fputs(result == CC_OK ? "ok\t" : "error\t", stdout);
        print_string(stdout, name, strlen(name));
        fputs("\t", stdout);
        if (result != CC_OK) {
            printf("%s\tbyte %lu\t%s\n", cc_error_name(result), (unsigned long)error.offset,
                   cc_error_text(result));
            status = status > 1 ? status : 1;
        } else if (is_request) {
            print_request(&request);
        } else {
            print_reply(&reply);
        }
    }
    return status;
}
