/*
 * ringproof.h - drivers in C, C++ or Rust under Ringproof: what a driver defines and what it can call. Version 1.
 *
 * One header for two ways of running: compiled to WebAssembly (clang --target=wasm32), or as a native process linked
 * with ringproof.c. docs/foreign-abi.md says what each function means and how to build.
 *
 * Copyright (c) 2026 the Ringproof authors. MIT licence: permission is granted, free of charge, to use, copy, modify and
 * distribute this file without restriction, provided this notice stays. It comes without warranty of any kind.
 */
#ifndef RINGPROOF_H
#define RINGPROOF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RINGPROOF_ABI 1

#ifdef __wasm__
#define RP_IMPORT(name) __attribute__((import_module("ringproof_1"), import_name(#name)))
#define RP_EXPORT(name) __attribute__((export_name(#name)))
#else
#define RP_IMPORT(name)
#define RP_EXPORT(name)
#endif

/* ---- What the driver defines. driver_start and driver_transmit must be there. ------------------------------------ */

/* Answers of driver_transmit. */
#define RP_ACCEPTED 0
#define RP_FULL 1

/* Brings the device up. Anything but 0 says that the driver cannot work with the device. */
RP_EXPORT(driver_start) int driver_start(void);
/* Sends a frame in guest memory. From RP_ACCEPTED until rp_transmitted(frame) the bytes may be lent to the device. */
RP_EXPORT(driver_transmit) int driver_transmit(uint32_t frame, void *bytes, uint32_t length);
/* The device interrupted. One line, 0, for both queues and configuration changes. */
RP_EXPORT(driver_interrupt) void driver_interrupt(int line);
/* After rp_request_poll, and periodically with RP_OPTION_POLL_INTERVAL_NS: handle at most `budget` frames. */
RP_EXPORT(driver_poll) void driver_poll(int budget);
/* The time of rp_arm_timer is over. */
RP_EXPORT(driver_timer) void driver_timer(void);
/* The stack is done with delivered bytes. Without this function they are taken before rp_deliver returns. */
RP_EXPORT(driver_release) void driver_release(void *bytes);
/* Reset the device, then give all memory back. */
RP_EXPORT(driver_stop) void driver_stop(void);

/* ---- The calls as they are: 32-bit numbers only. The functions below are for people. ----------------------------- */

RP_IMPORT(high) int32_t rp_raw_high(void);
RP_IMPORT(alloc) int32_t rp_raw_alloc(uint32_t size, uint32_t align);
RP_IMPORT(free) int32_t rp_raw_free(uint32_t address);
RP_IMPORT(map) int32_t rp_raw_map(uint32_t address, uint32_t length);
RP_IMPORT(unmap) int32_t rp_raw_unmap(uint32_t low, uint32_t high, uint32_t length);
RP_IMPORT(region_count) int32_t rp_raw_region_count(void);
RP_IMPORT(region_address) int32_t rp_raw_region_address(uint32_t region);
RP_IMPORT(region_size) int32_t rp_raw_region_size(uint32_t region);
RP_IMPORT(revision) int32_t rp_raw_revision(void);
RP_IMPORT(device_config) int32_t rp_raw_device_config(void);
RP_IMPORT(register_iface) int32_t rp_raw_register_iface(void);
RP_IMPORT(set_status) int32_t rp_raw_set_status(uint32_t status);
RP_IMPORT(config_queue) int32_t rp_raw_config_queue(uint32_t queue);
RP_IMPORT(register_ds)
int32_t rp_raw_register_ds(uint32_t region, uint32_t low, uint32_t high, uint32_t offset, uint32_t size, uint32_t rights);
RP_IMPORT(notification_irq) int32_t rp_raw_notification_irq(uint32_t index);
RP_IMPORT(bind_irq) int32_t rp_raw_bind_irq(uint32_t index);
RP_IMPORT(notify) int32_t rp_raw_notify(void);
RP_IMPORT(now) int32_t rp_raw_now(void);
RP_IMPORT(relax) int32_t rp_raw_relax(void);
RP_IMPORT(wait) int32_t rp_raw_wait(uint32_t low, uint32_t high);
RP_IMPORT(request_poll) int32_t rp_raw_request_poll(void);
RP_IMPORT(arm_timer) int32_t rp_raw_arm_timer(uint32_t low, uint32_t high);
RP_IMPORT(cancel_timer) int32_t rp_raw_cancel_timer(void);
RP_IMPORT(transmit_ready) int32_t rp_raw_transmit_ready(void);
RP_IMPORT(transmitted) int32_t rp_raw_transmitted(uint32_t frame);
RP_IMPORT(deliver) int32_t rp_raw_deliver(uint32_t address, uint32_t length, uint32_t more, int32_t start, int32_t offset);
RP_IMPORT(log) int32_t rp_raw_log(const char *text, uint32_t length);
RP_IMPORT(interrupts_enable) int32_t rp_raw_interrupts_enable(void);
RP_IMPORT(interrupts_disable) int32_t rp_raw_interrupts_disable(void);
RP_IMPORT(option) int32_t rp_raw_option(uint32_t option, uint32_t value);
RP_IMPORT(checksum_start) int32_t rp_raw_checksum_start(uint32_t frame);
RP_IMPORT(checksum_offset) int32_t rp_raw_checksum_offset(uint32_t frame);
RP_IMPORT(wmb) int32_t rp_raw_wmb(void);
RP_IMPORT(rmb) int32_t rp_raw_rmb(void);
RP_IMPORT(mb) int32_t rp_raw_mb(void);
RP_IMPORT(refuse) int32_t rp_raw_refuse(int32_t result);

/* ---- Guest memory ------------------------------------------------------------------------------------------------ */

#define RP_ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))
#define RP_POINTER(address) ((void *)(uintptr_t)(uint32_t)(address))
#define RP_WIDE(low) ((uint64_t)(uint32_t)(low) | (uint64_t)(uint32_t)rp_raw_high() << 32)

/* Memory the device can see, contents undefined; NULL when there is none now, which may be different a moment later. */
static inline void *rp_alloc(uint32_t size, uint32_t align) { return RP_POINTER(rp_raw_alloc(size, align)); }
static inline void rp_free(void *pointer) { rp_raw_free(RP_ADDRESS(pointer)); }

/* Device address of guest memory (what belongs into descriptors and queue addresses), and its end. */
static inline uint64_t rp_map(const void *pointer, uint32_t length)
{
  int32_t low = rp_raw_map(RP_ADDRESS(pointer), length);
  return RP_WIDE(low);
}
static inline void rp_unmap(uint64_t address, uint32_t length) { rp_raw_unmap((uint32_t)address, (uint32_t)(address >> 32), length); }

/* The pieces guest memory consists of. */
static inline uint32_t rp_region_count(void) { return (uint32_t)rp_raw_region_count(); }
static inline void *rp_region_address(uint32_t region) { return RP_POINTER(rp_raw_region_address(region)); }
static inline uint32_t rp_region_size(uint32_t region) { return (uint32_t)rp_raw_region_size(region); }

/* Copies between any two of guest memory and the driver's own; one access. */
#ifdef __wasm__
static inline void rp_copy(void *target, const void *source, uint32_t length) { __builtin_memcpy(target, source, length); }
static inline void rp_fill(void *target, int value, uint32_t length) { __builtin_memset(target, value, length); }
#else
void rp_copy(void *target, const void *source, uint32_t length);
void rp_fill(void *target, int value, uint32_t length);
#endif

/* Single accesses the compiler can neither split, join nor leave out. */
#define RP_READ(type, address) (*(const volatile type *)(address))
#define RP_WRITE(type, address, value) ((void)(*(volatile type *)(address) = (type)(value)))

/* Barriers: later stores stay behind earlier stores; later loads behind earlier loads; nothing moves across. */
#define RP_COMPILER_BARRIER() __asm__ volatile("" ::: "memory")
static inline void rp_wmb(void) { RP_COMPILER_BARRIER(); rp_raw_wmb(); RP_COMPILER_BARRIER(); }
static inline void rp_rmb(void) { RP_COMPILER_BARRIER(); rp_raw_rmb(); RP_COMPILER_BARRIER(); }
static inline void rp_mb(void) { RP_COMPILER_BARRIER(); rp_raw_mb(); RP_COMPILER_BARRIER(); }

/* ---- The L4virtio device, under the names of its C interface ----------------------------------------------------- */

typedef uint32_t rp_cap;

#ifndef L4_CAP_IDX_T_DEFINED
typedef rp_cap l4_cap_idx_t;
#endif

/* Capabilities: the device, the configuration dataspace, the driver's interrupt, the notification object, memory. */
#define RP_CAP_DEVICE 1u
#define RP_CAP_CONFIG 2u
#define RP_CAP_INTERRUPT 3u
#define RP_CAP_NOTIFICATION 4u
#define RP_CAP_REGION(region) (0x100u + (region))

/* 0, or a negative error number. */
static inline long l4virtio_set_status(l4_cap_idx_t device, unsigned status) { (void)device; return rp_raw_set_status(status); }
static inline long l4virtio_config_queue(l4_cap_idx_t device, unsigned queue) { (void)device; return rp_raw_config_queue(queue); }
static inline long l4virtio_register_ds(l4_cap_idx_t device, l4_cap_idx_t dataspace, uint64_t base, unsigned long offset, unsigned long size)
{
  (void)device;
  return rp_raw_register_ds(dataspace - RP_CAP_REGION(0), (uint32_t)base, (uint32_t)(base >> 32), (uint32_t)offset, (uint32_t)size, 3);
}
static inline long l4virtio_device_notification_irq(l4_cap_idx_t device, unsigned index, l4_cap_idx_t irq)
{
  (void)device, (void)irq;
  return rp_raw_notification_irq(index);
}
static inline long l4_icu_bind(l4_cap_idx_t device, unsigned line, l4_cap_idx_t irq)
{
  (void)device, (void)irq;
  return rp_raw_bind_irq(line);
}

/* The config page of revision current (l4virtio_device_config) or seed (l4virtio_register_iface), mapped: its address, or an error. */
static inline void *l4virtio_device_config(l4_cap_idx_t device) { (void)device; return RP_POINTER(rp_raw_device_config()); }
static inline void *l4virtio_register_iface(l4_cap_idx_t device, l4_cap_idx_t irq)
{
  (void)device, (void)irq;
  return RP_POINTER(rp_raw_register_iface());
}
/* True for an error number that came in place of an address, which it then is. */
#define RP_IS_ERROR(pointer) (RP_ADDRESS(pointer) >= 0xfffff000u)
#define RP_ERROR(pointer) ((int32_t)RP_ADDRESS(pointer))

/* True when the device speaks revision current: device_config and bind instead of register_iface. */
static inline int rp_is_current(void) { return rp_raw_revision() == 1; }

/* Notifies the device; one object for all queues. */
static inline void rp_notify(void) { RP_COMPILER_BARRIER(); rp_raw_notify(); RP_COMPILER_BARRIER(); }

/* ---- Time, waiting, interrupts ----------------------------------------------------------------------------------- */

/* Virtual time in ns; costs 100 ns, as rp_relax does, which belongs into every loop that waits. */
static inline uint64_t rp_now(void)
{
  int32_t low = rp_raw_now();
  return RP_WIDE(low);
}
static inline void rp_relax(void) { RP_COMPILER_BARRIER(); rp_raw_relax(); RP_COMPILER_BARRIER(); }
/* Waits for an interrupt or the time-out; 1 if an interrupt came, for which driver_interrupt is then not called. */
static inline int rp_wait(uint64_t timeout_ns)
{
  RP_COMPILER_BARRIER();
  int came = rp_raw_wait((uint32_t)timeout_ns, (uint32_t)(timeout_ns >> 32));
  RP_COMPILER_BARRIER();
  return came;
}
static inline void rp_request_poll(void) { rp_raw_request_poll(); }
static inline void rp_arm_timer(uint64_t delay_ns) { rp_raw_arm_timer((uint32_t)delay_ns, (uint32_t)(delay_ns >> 32)); }
static inline void rp_cancel_timer(void) { rp_raw_cancel_timer(); }
/* Masks nest; each running driver function holds one. Enabling inside a function opens a window for driver_interrupt. */
static inline void rp_interrupts_enable(void) { RP_COMPILER_BARRIER(); rp_raw_interrupts_enable(); RP_COMPILER_BARRIER(); }
static inline void rp_interrupts_disable(void) { RP_COMPILER_BARRIER(); rp_raw_interrupts_disable(); RP_COMPILER_BARRIER(); }

/* ---- The stack above --------------------------------------------------------------------------------------------- */

/* After RP_FULL: frames can be accepted again. */
static inline void rp_transmit_ready(void) { rp_raw_transmit_ready(); }
/* Gives the memory of an accepted frame back, once per frame; allowed before driver_transmit has returned. */
static inline void rp_transmitted(uint32_t frame) { rp_raw_transmitted(frame); }
/* Hands received bytes up, without the virtio header. */
static inline void rp_deliver(void *bytes, uint32_t length) { RP_COMPILER_BARRIER(); rp_raw_deliver(RP_ADDRESS(bytes), length, 0, -1, 0); }
/* The same for a frame in pieces (`more`: it goes on), or with an open checksum (start -1: none). */
static inline void rp_deliver_part(void *bytes, uint32_t length, int more, int checksum_start, int checksum_offset)
{
  RP_COMPILER_BARRIER();
  rp_raw_deliver(RP_ADDRESS(bytes), length, (uint32_t)more, checksum_start, checksum_offset);
}
/* Where the open checksum of a frame to send starts, and where it goes, counted from its start; -1 when it has none. */
static inline int rp_checksum_start(uint32_t frame) { return rp_raw_checksum_start(frame); }
static inline int rp_checksum_offset(uint32_t frame) { return rp_raw_checksum_offset(frame); }
/* A line for trace and reports. */
static inline void rp_log(const char *text)
{
  uint32_t length = 0;
  while (text[length] != 0) length++;
  rp_raw_log(text, length);
}
/* Gives the device up, now or later; does not return. */
static inline void rp_refuse(int result) { rp_raw_refuse(result); }

/* Options, set in driver_start: retry at the stack's own tick after RP_FULL; a poll period; open checksums are welcome. */
#define RP_OPTION_RETRY_BY_POLLING 0u
#define RP_OPTION_POLL_INTERVAL_NS 1u
#define RP_OPTION_TAKES_OPEN_CHECKSUM 2u
static inline void rp_set_option(uint32_t option, uint32_t value) { rp_raw_option(option, value); }

#ifdef __cplusplus
}
#endif

#endif
