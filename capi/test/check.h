/* What the tests have in common: a check that says where it failed, and goes on. */
#ifndef CHECK_H
#define CHECK_H

#include <callcontainer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int failures;

#define CHECK(condition) check((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
#define CHECK_IS(expected, actual) check_is((long)(expected), (long)(actual), #actual, __FILE__, __LINE__)

static inline void check(int holds, const char *what, const char *file, int line)
{
    if (!holds) {
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
        failures++;
    }
}

static inline void check_is(long expected, long actual, const char *what, const char *file, int line)
{
    if (expected != actual) {
        fprintf(stderr, "%s:%d: %s is %ld, not %ld\n", file, line, what, actual, expected);
        failures++;
    }
}

/* Whether bytes are this string. */
static inline int same(const void *bytes, size_t len, const char *string)
{
    return len == strlen(string) && memcmp(bytes, string, len) == 0;
}

static inline cc_text text_of(const char *terminated)
{
    cc_text made;
    made.ptr = terminated;
    made.len = strlen(terminated);
    made.form = CC_PLAIN;
    return made;
}

static inline cc_str str_of(const char *terminated)
{
    cc_str made;
    made.ptr = terminated;
    made.len = strlen(terminated);
    return made;
}

/* The tests, a file each. */
void test_codec(void);
void test_streams(void);
void test_client(void);
void test_gateway(void);
void test_misuse(void);
void test_abuse(void);
void test_errors(void);

#endif
