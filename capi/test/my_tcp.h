/* The transport of the example in ../README.md, for a test of it: prints what is sent, and answers. */
#ifndef MY_TCP_H
#define MY_TCP_H

static const char *answer = "HTTP/1.1 200 OK\r\ncontent-length: 18\r\n\r\n{\"statusCode\":201}";

static int32_t my_send(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms)
{
    (void)context, (void)timeout_ms;
    fwrite(bytes, 1, len, stderr);
    return (int32_t)len;
}

static int32_t my_recv(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms)
{
    (void)context, (void)timeout_ms, (void)len;
    buffer[0] = (uint8_t)*answer;
    return *answer == 0 ? 0 : (answer++, 1);
}

static int32_t my_connect(void *context)
{
    (void)context;
    return 0;
}

static void my_close(void *context)
{
    (void)context;
}

static void my_sleep(void *context, uint32_t milliseconds)
{
    (void)context, (void)milliseconds;
}

static uint32_t my_now(void *context)
{
    (void)context;
    return 0;
}

#endif
