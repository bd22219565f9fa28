/* The start of the processor, its first serial port (Arm's CMSDK APB UART), and the way out to QEMU (Arm's
 * "Semihosting for AArch32 and AArch64"). */
#include "board.h"

extern uint32_t stack_top[];
extern uint32_t data_start[], data_end[], data_load[];
extern uint32_t bss_start[], bss_end[];

int main(void);
void reset(void);

/* ------------------------------------------------------------------------------------- the start */

static void fault(void)
{
    print("FAULT\n", 6);
    finish(0);
}

struct vectors {
    const uint32_t *stack;
    void (*reset)(void);
    void (*exceptions[14])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    stack_top,
    reset,
    {fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault},
};

__attribute__((section(".text.reset"), noreturn)) void reset(void)
{
    const uint32_t *from = data_load;
    uint32_t *to;
    for (to = data_start; to < data_end; to++) {
        *(volatile uint32_t *)to = *from++;
    }
    for (to = bss_start; to < bss_end; to++) {
        *(volatile uint32_t *)to = 0;
    }
    finish(main() == 0);
    for (;;) {
    }
}

/* -------------------------------------------------------------------------------- the serial port */

struct uart {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t control;
    volatile uint32_t interrupts;
    volatile uint32_t baud_rate;
};

#define LINE ((struct uart *)0x40004000u)
#define TRANSMIT_FULL 1u
#define RECEIVE_FULL 2u
#define ENABLED 3u
#define RECEIVE_INTERRUPT 8u
#define RECEIVED 2u

/* The interrupt of the port, in the interrupt controller. */
#define LINE_RECEIVED 1u
#define INTERRUPT_ENABLE ((volatile uint32_t *)0xE000E100u)
#define INTERRUPT_NO_MORE_PENDING ((volatile uint32_t *)0xE000E280u)

void uart_begin(void)
{
    LINE->baud_rate = 16;
    LINE->control = ENABLED | RECEIVE_INTERRUPT;
    /* An interrupt wakes the processor and is not taken, so there need be no handler. */
    __asm__ volatile("cpsid i" ::: "memory");
    *INTERRUPT_ENABLE = LINE_RECEIVED;
}

int32_t uart_send(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms)
{
    size_t at;
    (void)context;
    (void)timeout_ms;
    for (at = 0; at < len; at++) {
        while (LINE->state & TRANSMIT_FULL) {
        }
        LINE->data = bytes[at];
    }
    return (int32_t)len;
}

int32_t uart_recv(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms)
{
    size_t count;
    (void)context;
    (void)timeout_ms;
    while (!(LINE->state & RECEIVE_FULL)) {
        /* A byte that came after the look at the state has left its interrupt pending, and wakes at once. */
        __asm__ volatile("wfi" ::: "memory");
        LINE->interrupts = RECEIVED;
        *INTERRUPT_NO_MORE_PENDING = LINE_RECEIVED;
    }
    for (count = 0; count < len && (LINE->state & RECEIVE_FULL); count++) {
        buffer[count] = (uint8_t)LINE->data;
    }
    return (int32_t)count;
}

/* ----------------------------------------------------------------------------------- the way out */

static void semihost(uint32_t operation, uintptr_t argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register uintptr_t r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

void print(const char *text, size_t len)
{
    size_t at;
    for (at = 0; at < len; at++) {
        semihost(0x03, (uintptr_t)&text[at]); /* SYS_WRITEC */
    }
}

void finish(int right)
{
    semihost(0x18, right ? 0x20026u : 0x20023u); /* SYS_EXIT, ADP_Stopped_ApplicationExit or an error */
}
