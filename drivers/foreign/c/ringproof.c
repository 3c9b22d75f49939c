/*
 * ringproof.c - runs a driver as a native process under Ringproof: link it with objects compiled with -fsanitize=thread,
 * but link without that option. The compiler then calls the functions below at every access, with the memory order that
 * was written; nothing of a sanitizer's run time is used. docs/foreign-abi.md says how. Version 1.
 *
 * Copyright (c) 2026 the Ringproof authors. MIT licence: permission is granted, free of charge, to use, copy, modify and
 * distribute this file without restriction, provided this notice stays. It comes without warranty of any kind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ringproof.h"

#pragma weak driver_interrupt
#pragma weak driver_poll
#pragma weak driver_timer
#pragma weak driver_release
#pragma weak driver_stop

enum { COMMANDS = 0, MESSAGES = 3, WORDS = 8, BUFFERED = 256 };
enum { HELLO = 1, NEW = 2, METHOD = 3, REPLY = 4, END = 5 };
enum { HELLO_BACK = 1, CALL = 2, RETURN = 3, LOAD = 4, STORE = 5, BARRIER = 6, COPY = 7, READ = 8, WRITE = 9, LOG = 10, ENDED = 11 };
enum { FULL = 1, ACQUIRE = 4, RELEASE = 5 };
enum { RELAXED = 0, MO_RELEASE = 3, SEQ_CST = 5 };

#define GUEST_START 0x80000000u
#define GUEST_BYTES 0x08000000u

static uint32_t out[BUFFERED][WORDS];
static unsigned out_count;
static int is_hooked;
/* A store is told when it has been made, which is before anything else is. */
static uintptr_t stored_at;
static unsigned stored_size;
static uint32_t stored_from;
static uint32_t last_high;
/* Where in the program the driver is, counted from its start. */
static uint32_t place;
extern const char __executable_start[];

#define HERE() (place = (uint32_t)((const char *)__builtin_return_address(0) - __executable_start))

static int in_guest(const volatile void *address) { return (uintptr_t)address - GUEST_START < GUEST_BYTES; }

static void copy_bytes(volatile uint8_t *target, const volatile uint8_t *source, size_t length)
{
  while (length-- > 0) *target++ = *source++;
}

static void write_all(const void *bytes, size_t length)
{
  for (size_t done = 0; done < length;) {
    ssize_t count = write(MESSAGES, (const char *)bytes + done, length - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(1);
    done += (size_t)count;
  }
}

static void read_all(void *bytes, size_t length)
{
  for (size_t done = 0; done < length;) {
    ssize_t count = read(COMMANDS, (char *)bytes + done, length - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(0);
    done += (size_t)count;
  }
}

static void flush_out(void)
{
  if (out_count > 0) write_all(out, out_count * sizeof out[0]);
  out_count = 0;
}

/* The last word is the place, but for the one call that has six operands. */
static void send(uint32_t type, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f, uint32_t g)
{
  if (out_count == BUFFERED) flush_out();
  uint32_t *message = out[out_count++];
  message[0] = type, message[1] = a, message[2] = b, message[3] = c, message[4] = d, message[5] = e, message[6] = f, message[7] = g;
}

static void settle(void)
{
  for (; stored_size > 0; stored_at += 8) {
    unsigned size = stored_size < 8 ? stored_size : 8;
    uint64_t value = 0;
    copy_bytes((uint8_t *)&value, (uint8_t *)stored_at, size);
    send(STORE, (uint32_t)stored_at, size, (uint32_t)value, (uint32_t)(value >> 32), 0, 0, stored_from);
    stored_size -= size;
  }
}

static uint32_t run_method(uint32_t method, uint32_t a, uint32_t b, uint32_t c)
{
  switch (method) {
  case 1: return (uint32_t)driver_start();
  case 2: return (uint32_t)driver_transmit(a, RP_POINTER(b), c);
  case 3: driver_interrupt((int)a); return 0;
  case 4: driver_poll((int)a); return 0;
  case 5: driver_timer(); return 0;
  case 6: driver_release(RP_POINTER(a)); return 0;
  default: driver_stop(); return 0;
  }
}

/* Waits for the answer to what was sent; methods called meanwhile (interrupts in an open window) run on top. */
static void await(uint32_t command[WORDS])
{
  for (;;) {
    flush_out();
    read_all(command, WORDS * sizeof command[0]);
    if (command[0] == REPLY) return;
    if (command[0] != METHOD) _exit(0);
    uint32_t result = run_method(command[1], command[2], command[3], command[4]);
    settle();
    send(RETURN, result, 0, 0, 0, 0, 0, 0);
  }
}

static int32_t call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f)
{
  uint32_t reply[WORDS];
  settle();
  send(CALL, number, a, b, c, d, e, f != 0 ? f : place);
  await(reply);
  last_high = reply[2];
  return (int32_t)reply[1];
}

static uint64_t load(uintptr_t address, unsigned size)
{
  uint32_t reply[WORDS];
  settle();
  send(LOAD, (uint32_t)address, size, 0, 0, 0, 0, place);
  await(reply);
  return reply[1] | (uint64_t)reply[2] << 32;
}

static void store(uintptr_t address, unsigned size, uint64_t value)
{
  settle();
  send(STORE, (uint32_t)address, size, (uint32_t)value, (uint32_t)(value >> 32), 0, 0, place);
}

static void barrier(uint32_t kind)
{
  settle();
  send(BARRIER, kind, 0, 0, 0, 0, 0, place);
}

/* ---- The process: one fork for every run ---------------------------------------------------------------------------- */

static void serve_run(void)
{
  uint32_t command[WORDS];
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  await(command);
  _exit(0);
}

int main(void)
{
  uint32_t command[WORDS];
  void *guest = mmap((void *)(uintptr_t)GUEST_START, GUEST_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  for (;;) {
    read_all(command, sizeof command);
    if (command[0] == HELLO) {
      uint32_t methods = (driver_interrupt != 0) << 3 | (driver_poll != 0) << 4 | (driver_timer != 0) << 5 | (driver_release != 0) << 6 |
                         (driver_stop != 0) << 7;
      send(HELLO_BACK, RINGPROOF_ABI, methods, (uint32_t)is_hooked, guest == (void *)(uintptr_t)GUEST_START, 0, 0, 0);
      flush_out();
    } else if (command[0] == NEW) {
      pid_t child = fork();
      if (child == 0) serve_run();
      int status = 0;
      while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
      send(ENDED, child > 0 && WIFSIGNALED(status) ? (uint32_t)WTERMSIG(status) : 0, 0, 0, 0, 0, 0, 0);
      flush_out();
    }
  }
}

/* ---- Calls, by their numbers in the table of the interface ----------------------------------------------------------- */

#define CALL0(number, name) int32_t rp_raw_##name(void) { HERE(); return call(number, 0, 0, 0, 0, 0, 0); }
#define CALL1(number, name) int32_t rp_raw_##name(uint32_t a) { HERE(); return call(number, a, 0, 0, 0, 0, 0); }
#define CALL2(number, name) int32_t rp_raw_##name(uint32_t a, uint32_t b) { HERE(); return call(number, a, b, 0, 0, 0, 0); }

int32_t rp_raw_high(void) { return (int32_t)last_high; }
CALL2(1, alloc) CALL1(2, free) CALL2(3, map)
int32_t rp_raw_unmap(uint32_t a, uint32_t b, uint32_t c) { HERE(); return call(4, a, b, c, 0, 0, 0); }
CALL0(5, region_count) CALL1(6, region_address) CALL1(7, region_size) CALL0(8, revision) CALL0(9, device_config) CALL0(10, register_iface)
CALL1(11, set_status) CALL1(12, config_queue)
int32_t rp_raw_register_ds(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f) { return call(13, a, b, c, d, e, f); }
CALL1(14, notification_irq) CALL1(15, bind_irq) CALL0(16, notify) CALL0(17, now) CALL0(18, relax) CALL2(19, wait) CALL0(20, request_poll)
CALL2(21, arm_timer) CALL0(22, cancel_timer) CALL0(23, transmit_ready) CALL1(24, transmitted)
int32_t rp_raw_deliver(uint32_t a, uint32_t b, uint32_t c, int32_t d, int32_t e) { HERE(); return call(25, a, b, c, (uint32_t)d, (uint32_t)e, 0); }
CALL0(26, interrupts_enable) CALL0(27, interrupts_disable) CALL2(28, option) CALL1(29, checksum_start) CALL1(30, checksum_offset)
CALL0(31, wmb) CALL0(32, rmb) CALL0(33, mb)
int32_t rp_raw_refuse(int32_t result) { return call(34, (uint32_t)result, 0, 0, 0, 0, 0); }

int32_t rp_raw_log(const char *text, uint32_t length)
{
  settle();
  if (length > 1000) length = 1000;
  send(LOG, length, 0, 0, 0, 0, 0, 0);
  flush_out();
  write_all(text, length);
  return 0;
}

void rp_copy(void *target, const void *source, uint32_t length)
{
  uint32_t reply[WORDS];
  settle();
  if (length == 0) return;
  if (in_guest(target) && in_guest(source)) {
    send(COPY, RP_ADDRESS(target), RP_ADDRESS(source), length, 0, 0, 0, 0);
  } else if (in_guest(target)) {
    send(WRITE, RP_ADDRESS(target), length, 0, 0, 0, 0, 0);
    flush_out();
    write_all(source, length);
  } else if (in_guest(source)) {
    send(READ, RP_ADDRESS(source), length, 0, 0, 0, 0, 0);
    await(reply);
    read_all(target, length);
  } else copy_bytes(target, source, length);
}

void rp_fill(void *target, int value, uint32_t length)
{
  uint8_t bytes[256];
  for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)value;
  for (uint32_t done = 0; done < length; done += sizeof bytes)
    rp_copy((char *)target + done, bytes, length - done < sizeof bytes ? length - done : sizeof bytes);
}

/* ---- What the compiler calls at accesses ----------------------------------------------------------------------------- */

static void reading(void *address, unsigned size)
{
  for (unsigned done = 0; in_guest(address) && done < size; done += 8) {
    uint64_t value = load((uintptr_t)address + done, size - done < 8 ? size - done : 8);
    copy_bytes((uint8_t *)address + done, (uint8_t *)&value, size - done < 8 ? size - done : 8);
  }
}

static void writing(void *address, unsigned size)
{
  if (!in_guest(address)) return;
  settle();
  stored_at = (uintptr_t)address, stored_size = size, stored_from = place;
}

void __tsan_init(void) { is_hooked = 1; }
void __tsan_func_entry(void *caller) { (void)caller; }
void __tsan_func_exit(void) {}
void __tsan_vptr_update(void **vptr, void *value) { (void)vptr, (void)value; }
void __tsan_vptr_read(void **vptr) { (void)vptr; }
void __tsan_read_range(void *address, unsigned long size) { reading(address, (unsigned)size); }
void __tsan_atomic_signal_fence(int order) { (void)order; }

#define ACCESS(size) \
  void __tsan_read##size(void *address) { HERE(); reading(address, size); } \
  void __tsan_write##size(void *address) { HERE(); writing(address, size); } \
  void __tsan_unaligned_read##size(void *address) { HERE(); reading(address, size); } \
  void __tsan_unaligned_write##size(void *address) { HERE(); writing(address, size); } \
  void __tsan_volatile_read##size(void *address) { HERE(); reading(address, size); } \
  void __tsan_volatile_write##size(void *address) { HERE(); writing(address, size); }
ACCESS(1) ACCESS(2) ACCESS(4) ACCESS(8) ACCESS(16)

void __tsan_atomic_thread_fence(int order)
{
  HERE();
  if (order == SEQ_CST) barrier(FULL);
  else if (order != RELAXED) {
    if (order < MO_RELEASE || order == 4) barrier(ACQUIRE);
    if (order >= MO_RELEASE) barrier(RELEASE);
  }
}

#define ATOMIC(bits, type) \
  type __tsan_atomic##bits##_load(const volatile type *address, int order) { \
    if (!in_guest(address)) return __atomic_load_n(address, 5); \
    HERE(); \
    type value = (type)load((uintptr_t)address, bits / 8); \
    if (order != RELAXED) barrier(ACQUIRE); \
    return value; \
  } \
  void __tsan_atomic##bits##_store(volatile type *address, type value, int order) { \
    if (!in_guest(address)) { __atomic_store_n(address, value, 5); return; } \
    HERE(); \
    if (order != RELAXED) barrier(RELEASE); \
    store((uintptr_t)address, bits / 8, value); \
    if (order == SEQ_CST) barrier(FULL); \
  } \
  static type update##bits(volatile type *address, int operation, type operand, type wanted) { \
    barrier(FULL); \
    type old = (type)load((uintptr_t)address, bits / 8); \
    if (operation != 6 || old == wanted) \
      store((uintptr_t)address, bits / 8, (type)(operation == 0 ? old + operand : operation == 1 ? old - operand : operation == 2 ? (old & operand) : \
            operation == 3 ? (old | operand) : operation == 4 ? (old ^ operand) : operand)); \
    barrier(FULL); \
    return old; \
  } \
  type __tsan_atomic##bits##_fetch_add(volatile type *a, type v, int o) { (void)o; return in_guest(a) ? update##bits(a, 0, v, 0) : __atomic_fetch_add(a, v, 5); } \
  type __tsan_atomic##bits##_fetch_sub(volatile type *a, type v, int o) { (void)o; return in_guest(a) ? update##bits(a, 1, v, 0) : __atomic_fetch_sub(a, v, 5); } \
  type __tsan_atomic##bits##_fetch_and(volatile type *a, type v, int o) { (void)o; return in_guest(a) ? update##bits(a, 2, v, 0) : __atomic_fetch_and(a, v, 5); } \
  type __tsan_atomic##bits##_fetch_or(volatile type *a, type v, int o) { (void)o; return in_guest(a) ? update##bits(a, 3, v, 0) : __atomic_fetch_or(a, v, 5); } \
  type __tsan_atomic##bits##_fetch_xor(volatile type *a, type v, int o) { (void)o; return in_guest(a) ? update##bits(a, 4, v, 0) : __atomic_fetch_xor(a, v, 5); } \
  type __tsan_atomic##bits##_exchange(volatile type *a, type v, int o) { (void)o; return in_guest(a) ? update##bits(a, 5, v, 0) : __atomic_exchange_n(a, v, 5); } \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile type *a, type *wanted, type v, int o, int failed) { \
    (void)o, (void)failed; \
    if (!in_guest(a)) return __atomic_compare_exchange_n(a, wanted, v, 0, 5, 5); \
    type old = update##bits(a, 6, v, *wanted); \
    int is_same = old == *wanted; \
    *wanted = old; \
    return is_same; \
  } \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile type *a, type *w, type v, int o, int f) { return __tsan_atomic##bits##_compare_exchange_strong(a, w, v, o, f); } \
  type __tsan_atomic##bits##_compare_exchange_val(volatile type *a, type w, type v, int o, int f) { __tsan_atomic##bits##_compare_exchange_strong(a, &w, v, o, f); return w; }
ATOMIC(8, uint8_t) ATOMIC(16, uint16_t) ATOMIC(32, uint32_t) ATOMIC(64, uint64_t)
