/*
 * A device with little memory: makes a call through a gateway, over POSIX sockets, with a window of 512
 * bytes, however large the reply. The body of the response goes to the standard output as it comes.
 *
 *     device HOST PORT TOKEN ENV SERVICE PATH
 *
 * Ends with 0 when there is a response, whatever its status, and with 1 otherwise. Before that the end of
 * the body has not been checked: what was written then is not to be trusted.
 */
#define _POSIX_C_SOURCE 200112L
#include <callcontainer.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* ------------------------------------------------------------------ a TCP socket as a transport */

struct tcp {
    const char *host;
    const char *port;
    int socket; /* -1: not connected */
};

/* Waits until the socket is ready for this. Returns 0, or a negative error number. */
static int32_t wait_for(const struct tcp *tcp, short events, uint32_t timeout_ms)
{
    struct pollfd one;
    int limit = timeout_ms > INT32_MAX ? -1 : (int)timeout_ms;
    int ready;
    one.fd = tcp->socket;
    one.events = events;
    one.revents = 0;
    ready = poll(&one, 1, limit);
    return ready > 0 ? 0 : ready == 0 ? -ETIMEDOUT : -errno;
}

static int32_t tcp_send(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms)
{
    const struct tcp *tcp = (const struct tcp *)context;
    int32_t waited = wait_for(tcp, POLLOUT, timeout_ms);
    ssize_t sent;
    if (waited < 0) {
        return waited;
    }
    sent = send(tcp->socket, bytes, len, MSG_NOSIGNAL);
    return sent < 0 ? -errno : (int32_t)sent;
}

static int32_t tcp_recv(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms)
{
    const struct tcp *tcp = (const struct tcp *)context;
    int32_t waited = wait_for(tcp, POLLIN, timeout_ms);
    ssize_t came;
    if (waited < 0) {
        return waited;
    }
    came = recv(tcp->socket, buffer, len, 0);
    return came < 0 ? -errno : (int32_t)came;
}

static int32_t tcp_connect(void *context)
{
    struct tcp *tcp = (struct tcp *)context;
    struct addrinfo hints;
    struct addrinfo *all;
    struct addrinfo *one;
    int error = ENOENT;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(tcp->host, tcp->port, &hints, &all) != 0) {
        return -ENOENT;
    }
    for (one = all; one != NULL && tcp->socket < 0; one = one->ai_next) {
        tcp->socket = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
        if (tcp->socket >= 0 && connect(tcp->socket, one->ai_addr, one->ai_addrlen) != 0) {
            error = errno;
            close(tcp->socket);
            tcp->socket = -1;
        }
    }
    freeaddrinfo(all);
    if (tcp->socket >= 0) {
        int on = 1;
        setsockopt(tcp->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return tcp->socket >= 0 ? 0 : -error;
}

static void tcp_close(void *context)
{
    struct tcp *tcp = (struct tcp *)context;
    if (tcp->socket >= 0) {
        close(tcp->socket);
        tcp->socket = -1;
    }
}

static void tcp_sleep(void *context, uint32_t milliseconds)
{
    struct timespec time;
    (void)context;
    time.tv_sec = (time_t)(milliseconds / 1000);
    time.tv_nsec = (long)(milliseconds % 1000) * 1000000L;
    nanosleep(&time, NULL);
}

static uint32_t tcp_now(void *context)
{
    struct timespec time;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint32_t)time.tv_sec * 1000u + (uint32_t)(time.tv_nsec / 1000000);
}

static int32_t tcp_readable(void *context)
{
    return wait_for((const struct tcp *)context, POLLIN, 0) != -ETIMEDOUT;
}

static int32_t tcp_classify(void *context, int32_t number)
{
    (void)context;
    switch (-number) {
    case EINTR:
        return CC_IO_INTERRUPTED;
    case ETIMEDOUT:
        return CC_IO_TIME;
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
        return CC_IO_GONE;
    default:
        return CC_IO_OTHER;
    }
}

/* ------------------------------------------------------------------------------------ the call */

static cc_str string(const char *terminated)
{
    cc_str made;
    made.ptr = terminated;
    made.len = strlen(terminated);
    return made;
}

static cc_text plain(const char *terminated)
{
    cc_text made;
    made.ptr = terminated;
    made.len = strlen(terminated);
    made.form = CC_PLAIN;
    return made;
}

static int failed(const char *what, const cc_error *error)
{
    fprintf(stderr, "device: %s: %s", what, cc_error_text(error->kind));
    if (error->cause != CC_OK) {
        fprintf(stderr, ": %s", cc_error_text(error->cause));
    }
    if (error->io < 0 && error->io > -4096) {
        fprintf(stderr, ": %s", strerror(-error->io));
    }
    fputs("\n", stderr);
    return 1;
}

/* Writes a piece of the body. Texts come with their escapes. */
static void write_piece(const cc_event *event)
{
    static char piece[512];
    size_t len;
    if (event->kind != CC_EVENT_TEXT) {
        fwrite(event->text.ptr, 1, event->text.len, stdout);
    } else if (event->field == CC_FIELD_DATA &&
               cc_text_decode(&event->text, piece, sizeof piece, &len, NULL) == CC_OK) {
        fwrite(piece, 1, len, stdout);
    }
}

int main(int count, char **arguments)
{
    static cc_client client;
    static cc_call call;
    static uint8_t window[512];
    struct tcp tcp;
    cc_framing framing;
    cc_client_options options;
    cc_request request;
    cc_event event;
    cc_outcome outcome;
    cc_error error;
    if (count != 7) {
        fputs("usage: device HOST PORT TOKEN ENV SERVICE PATH\n", stderr);
        return 2;
    }
    tcp.host = arguments[1];
    tcp.port = arguments[2];
    tcp.socket = -1;

    memset(&options, 0, sizeof options);
    options.transport.context = &tcp;
    options.transport.send = tcp_send;
    options.transport.recv = tcp_recv;
    options.transport.connect = tcp_connect;
    options.transport.close = tcp_close;
    options.transport.sleep = tcp_sleep;
    options.transport.now = tcp_now;
    options.transport.readable = tcp_readable;
    options.transport.classify = tcp_classify;
    options.framing = &framing;
    options.window = window;
    options.window_size = sizeof window;
    options.env = string(arguments[4]);
    if (cc_framing_http(&framing, string(arguments[1]), string(arguments[3]), &error) != CC_OK ||
        cc_client_init(&client, &options, &error) != CC_OK) {
        return failed("the arguments", &error);
    }
    if (cc_client_connect(&client, &error) != CC_OK) {
        return failed(arguments[1], &error);
    }

    memset(&request, 0, sizeof request);
    request.service = plain(arguments[5]);
    request.path = plain(arguments[6]);
    if (cc_call_start(&call, &client, &request, NULL, &error) != CC_OK) {
        return failed("the call", &error);
    }
    do {
        if (cc_call_next(&call, &event, &error) != CC_OK) {
            return failed("the call", &error);
        }
        if (event.kind == CC_EVENT_TEXT || event.kind == CC_EVENT_JSON ||
            event.kind == CC_EVENT_BYTES) {
            write_piece(&event);
        }
    } while (event.kind != CC_EVENT_END);
    cc_call_outcome(&call, &outcome);
    cc_call_end(&call);
    cc_client_end(&client);
    if (outcome.kind == CC_FAILURE) {
        fprintf(stderr, "device: fail %ld\n", (long)outcome.code);
        return 1;
    }
    fprintf(stderr, "device: status %ld, with a window of %lu bytes and %lu of state\n",
            (long)outcome.status, (unsigned long)sizeof window,
            (unsigned long)(sizeof client + sizeof call));
    return fflush(stdout) == 0 ? 0 : 1;
}
