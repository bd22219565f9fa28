/* The emulated board: Arm's MPS2 with a Cortex-M3 (AN385), as QEMU has it. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* Prepares the serial port. */
void uart_begin(void);

/* Sends all of the bytes; returns how many. */
int32_t uart_send(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms);

/* Sleeps until a byte has come, and takes those that are there; returns how many. */
int32_t uart_recv(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms);

/* Prints on the host's standard output. */
void print(const char *text, size_t len);

/* Ends the emulation, with 0 if all was right. */
void finish(int right);

#endif
