/*
 * An example driver for L4virtio network ports: one descriptor per frame, frames are copied, all work is done in the
 * interrupt handler. Build it with build.sh; the FAULT_ switches plant one fault each. MIT licence, as Ringproof.
 */
#include "ringproof.h"

#ifdef FAULT_NO_BARRIERS
/* Nothing left but the order of the compiler. */
#define rp_wmb() RP_COMPILER_BARRIER()
#define rp_rmb() RP_COMPILER_BARRIER()
#define rp_mb() RP_COMPILER_BARRIER()
#endif

enum {
  LARGEST_RING = 32,
  ATTEMPTS = 20,
  HEADER_BYTES = 12,
  FRAME_BYTES = 1514,
  BUFFER_BYTES = HEADER_BYTES + FRAME_BYTES,
  /* Config page */
  PAGE_MAGIC = 0x00, PAGE_VERSION = 0x04, PAGE_DEVICE = 0x08, PAGE_QUEUES_OFFSET = 0x2c, PAGE_STATUS = 0x70,
  /* Queue entry */
  ENTRY_BYTES = 40, ENTRY_LIMIT = 0, ENTRY_SIZE = 2, ENTRY_READY = 4, ENTRY_NOTIFY_INDEX = 6,
  ENTRY_DESCRIPTORS = 8, ENTRY_AVAIL = 16, ENTRY_USED = 24,
  /* Device status */
  ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, FAILURE = 0xc0, FAILED = 0x80,
  EEXIST = 17, ENODEV = 19, ENOMEM = 12, EIO = 5,
  TIMER_NS = 1000000
};

struct descriptor { uint64_t address; uint32_t length; uint16_t flags; uint16_t next; };
struct avail { uint16_t flags; uint16_t index; uint16_t ring[]; };
struct element { uint32_t id; uint32_t length; };
struct used { uint16_t flags; uint16_t index; struct element ring[]; };

struct ring {
  struct descriptor *descriptors;
  struct avail *avail;
  struct used *used;
  uint16_t size, avail_index, used_index, idle_count;
  uint16_t idle[LARGEST_RING];
  void *owner[LARGEST_RING];
  uint32_t writable[LARGEST_RING];
  uint16_t early_flags;
};

static struct ring receive, transmit;
static uint8_t *page, *queues;
static int is_full;

static uint32_t status(void) { return RP_READ(uint32_t, page + PAGE_STATUS); }

static int is_failing(void) { return (status() & FAILURE) != 0; }

static void set_status(uint32_t value)
{
  rp_mb();
  l4virtio_set_status(RP_CAP_DEVICE, value);
}

/* ---- Virtqueue --------------------------------------------------------------------------------------------------- */

static void ring_clear(struct ring *ring)
{
  rp_fill(ring->descriptors, 0, ring->size * sizeof(struct descriptor));
  rp_fill(ring->avail, 0, sizeof(struct avail) + 2 * ring->size + 2);
  rp_fill(ring->used, 0, sizeof(struct used) + sizeof(struct element) * ring->size + 2);
  ring->avail_index = ring->used_index = 0;
  ring->idle_count = ring->size;
  for (unsigned i = 0; i < ring->size; i++) {
    ring->idle[i] = (uint16_t)(ring->size - 1 - i);
    ring->owner[i] = NULL;
  }
}

/* An allocation may fail now and succeed a moment later. */
static void *allocate(uint32_t size)
{
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    void *memory = rp_alloc(size, 16);
    if (memory != NULL) return memory;
  }
  return NULL;
}

static int ring_create(struct ring *ring, unsigned queue)
{
  uint16_t limit = RP_READ(uint16_t, queues + ENTRY_BYTES * queue + ENTRY_LIMIT);
  if (limit == 0) return -ENODEV;
  ring->size = LARGEST_RING;
  while (ring->size > limit) ring->size /= 2;
  ring->descriptors = allocate(ring->size * sizeof(struct descriptor));
  ring->avail = allocate(sizeof(struct avail) + 2 * ring->size + 2);
  ring->used = allocate(sizeof(struct used) + sizeof(struct element) * ring->size + 2);
  if (ring->descriptors == NULL || ring->avail == NULL || ring->used == NULL) return -ENOMEM;
  ring_clear(ring);
  return 0;
}

static void ring_publish(struct ring *ring, uint16_t head)
{
  uint16_t *slot = &ring->avail->ring[ring->avail_index % ring->size];
#ifdef FAULT_EARLY_FLAGS
  ring->early_flags = RP_READ(uint16_t, &ring->used->flags);
#endif
  ring->avail_index++;
#ifdef FAULT_INDEX_NOT_FREE_RUNNING
  ring->avail_index %= ring->size;
#endif
#ifdef FAULT_INDEX_BEFORE_SLOT
  RP_WRITE(uint16_t, &ring->avail->index, ring->avail_index);
  rp_wmb();
  RP_WRITE(uint16_t, slot, head);
#else
  RP_WRITE(uint16_t, slot, head);
#ifndef FAULT_NO_WRITE_BARRIER
  rp_wmb();
#endif
  RP_WRITE(uint16_t, &ring->avail->index, ring->avail_index);
#endif
}

/* Makes a buffer available. */
static void ring_add(struct ring *ring, void *buffer, uint32_t length, int is_writable)
{
  uint16_t head = ring->idle[--ring->idle_count];
  struct descriptor *descriptor = &ring->descriptors[head];
  ring->owner[head] = buffer;
  ring->writable[head] = is_writable ? length : 0;
#ifdef FAULT_DESCRIPTOR_LATE
  ring_publish(ring, head);
#endif
  RP_WRITE(uint64_t, &descriptor->address, rp_map(buffer, length));
  RP_WRITE(uint32_t, &descriptor->length, length);
#ifdef FAULT_NOT_WRITABLE
  is_writable = 0;
#endif
  RP_WRITE(uint16_t, &descriptor->flags, is_writable ? 2 : 0);
  RP_WRITE(uint16_t, &descriptor->next, 0);
#ifndef FAULT_DESCRIPTOR_LATE
  ring_publish(ring, head);
#endif
}

/* Notifies the device unless it asked not to be. */
static void ring_kick(struct ring *ring)
{
#ifndef FAULT_NO_KICK_BARRIER
  rp_mb();
#endif
#ifdef FAULT_EARLY_FLAGS
  uint16_t flags = ring->early_flags;
#else
  uint16_t flags = RP_READ(uint16_t, &ring->used->flags);
#endif
  if ((flags & 1) == 0) rp_notify();
}

/* The next buffer the device is done with, or NULL. */
static void *ring_take(struct ring *ring, uint32_t *length)
{
  if (RP_READ(uint16_t, &ring->used->index) == ring->used_index) return NULL;
#ifndef FAULT_NO_READ_BARRIER
  rp_rmb();
#endif
  struct element *element = &ring->used->ring[ring->used_index % ring->size];
  uint32_t head = RP_READ(uint32_t, &element->id);
  *length = RP_READ(uint32_t, &element->length);
  /* A device that returns what it never got, or more than there is room for: give up. */
  if (head >= ring->size || ring->owner[head] == NULL || *length > ring->writable[head]) rp_refuse(-EIO);
  void *owner = ring->owner[head];
  ring->owner[head] = NULL;
  ring->idle[ring->idle_count++] = (uint16_t)head;
  ring->used_index++;
  return owner;
}

static void ring_suppress_interrupts(struct ring *ring) { RP_WRITE(uint16_t, &ring->avail->flags, 1); }

/* Enables interrupts; true if there is something for which none may come. */
static int ring_enable_interrupts(struct ring *ring)
{
  RP_WRITE(uint16_t, &ring->avail->flags, 0);
#ifdef FAULT_NO_RECHECK
  return 0;
#else
#ifndef FAULT_NO_RECHECK_BARRIER
  rp_mb();
#endif
  return RP_READ(uint16_t, &ring->used->index) != ring->used_index;
#endif
}

/* Frees the buffers the device has not returned. Only after a reset. */
static void ring_free_buffers(struct ring *ring)
{
  if (ring->descriptors == NULL) return;
  for (unsigned i = 0; i < ring->size; i++)
    if (ring->owner[i] != NULL) rp_free(ring->owner[i]);
  ring_clear(ring);
}

static void ring_free(struct ring *ring)
{
  if (ring->descriptors != NULL) rp_free(ring->descriptors);
  if (ring->avail != NULL) rp_free(ring->avail);
  if (ring->used != NULL) rp_free(ring->used);
}

/* ---- Control ----------------------------------------------------------------------------------------------------- */

/* Maps the config page, binds the interrupt and registers memory. Once. */
static int connect_port(void)
{
  page = rp_is_current() ? l4virtio_device_config(RP_CAP_DEVICE) : l4virtio_register_iface(RP_CAP_DEVICE, RP_CAP_INTERRUPT);
  if (RP_IS_ERROR(page)) return RP_ERROR(page);
  long result = rp_is_current() ? l4_icu_bind(RP_CAP_DEVICE, 0, RP_CAP_INTERRUPT) : 0;
  if (result < 0) return (int)result;
  if (RP_READ(uint32_t, page + PAGE_MAGIC) != 0x74726976 || RP_READ(uint32_t, page + PAGE_VERSION) != 2 ||
      RP_READ(uint32_t, page + PAGE_DEVICE) != 1)
    return -ENODEV;
  queues = page + RP_READ(uint32_t, page + PAGE_QUEUES_OFFSET);
  for (uint32_t region = 0; region < rp_region_count(); region++) {
    uint64_t base = rp_map(rp_region_address(region), 1);
    result = l4virtio_register_ds(RP_CAP_DEVICE, RP_CAP_REGION(region), base, 0, rp_region_size(region));
    /* An earlier driver on this client may have registered it already. */
    if (result < 0 && result != -EEXIST) return (int)result;
  }
  return 0;
}

static void reset_port(void)
{
  set_status(0);
  while (status() != 0) {
    if (is_failing()) set_status(0);
    rp_relax();
  }
}

/* Sets one more status bit; an error if the device failed. */
static int raise_status(uint32_t bit)
{
  set_status(status() | bit);
  return is_failing() ? -EIO : 0;
}

/* From a reset device to FEATURES_OK: VERSION_1, and the MAC, which needs nothing but reading it. */
static int negotiate(void)
{
  uint32_t device_features = rp_is_current() ? 0xc0 : 0xa8, driver_features = rp_is_current() ? 0xe0 : 0xc8;
  uint32_t words = rp_is_current() ? 6 : 8;
  int result = raise_status(ACKNOWLEDGE);
  if (result == 0) result = raise_status(DRIVER);
  if (result < 0) return result;
  if (rp_is_current()) {
    long irq = l4virtio_device_notification_irq(RP_CAP_DEVICE, 0, RP_CAP_NOTIFICATION);
    if (irq < 0) return (int)irq;
  }
  for (uint32_t word = 0; word < words; word++) {
    uint32_t wanted = word == 0 ? 1u << 5 : word == 1 ? 1u : 0;
    uint32_t offered = RP_READ(uint32_t, page + device_features + 4 * word);
#ifdef FAULT_ACCEPTS_EVERYTHING
    wanted = ~0u;
#endif
    RP_WRITE(uint32_t, page + driver_features + 4 * word, offered & wanted);
  }
  result = raise_status(FEATURES_OK);
  if (result < 0) return result;
  if ((status() & FEATURES_OK) != 0) return 0;
  set_status(status() | FAILED);
  return -ENODEV;
}

static int install_queue(unsigned queue, struct ring *ring)
{
  uint8_t *entry = queues + ENTRY_BYTES * queue;
  RP_WRITE(uint16_t, entry + ENTRY_SIZE, ring->size);
  RP_WRITE(uint16_t, entry + ENTRY_NOTIFY_INDEX, 0);
  RP_WRITE(uint64_t, entry + ENTRY_DESCRIPTORS, rp_map(ring->descriptors, 1));
  RP_WRITE(uint64_t, entry + ENTRY_AVAIL, rp_map(ring->avail, 1));
  RP_WRITE(uint64_t, entry + ENTRY_USED, rp_map(ring->used, 1));
  rp_mb();
  RP_WRITE(uint16_t, entry + ENTRY_READY, 1);
  rp_mb();
  return (int)l4virtio_config_queue(RP_CAP_DEVICE, queue);
}

/* ---- The driver -------------------------------------------------------------------------------------------------- */

static void refill(void)
{
  int has_added = 0;
  while (receive.idle_count > 0) {
    void *buffer = rp_alloc(BUFFER_BYTES, 16);
    if (buffer == NULL) break;
    ring_add(&receive, buffer, BUFFER_BYTES, 1);
    has_added = 1;
  }
  if (has_added) ring_kick(&receive);
  if (receive.idle_count == receive.size) rp_arm_timer(TIMER_NS);
}

static int bring_up_once(void)
{
  reset_port();
  ring_free_buffers(&receive);
  ring_free_buffers(&transmit);
  int result = negotiate();
  if (result == 0 && receive.descriptors == NULL) result = ring_create(&receive, 0);
  if (result == 0 && transmit.descriptors == NULL) result = ring_create(&transmit, 1);
  if (result == 0) result = install_queue(0, &receive);
  if (result == 0) result = install_queue(1, &transmit);
#ifdef FAULT_KICKS_BEFORE_DRIVER_OK
  if (result == 0) refill();
#endif
  if (result == 0) result = raise_status(DRIVER_OK);
  if (result == 0) refill();
  return result;
}

/* A device that fails meanwhile gets some more attempts. */
static int bring_up(void)
{
  for (int attempt = 1;; attempt++) {
    int result = bring_up_once();
    if (result == 0 || attempt == 4 || !is_failing()) return result;
  }
}

static void wake(void)
{
  if (!is_full || transmit.idle_count == 0) return;
  is_full = 0;
  rp_transmit_ready();
}

static void reclaim(void)
{
  uint32_t length;
  for (void *buffer; (buffer = ring_take(&transmit, &length)) != NULL;) rp_free(buffer);
}

static void drain(void)
{
  uint32_t length;
  for (uint8_t *buffer; (buffer = ring_take(&receive, &length)) != NULL;) {
    if (length > HEADER_BYTES && length <= BUFFER_BYTES) rp_deliver(buffer + HEADER_BYTES, length - HEADER_BYTES);
    ring_add(&receive, buffer, BUFFER_BYTES, 1);
    ring_kick(&receive);
  }
}

/* Handles everything there is, then lets interrupts come again and looks once more. */
static void serve(void)
{
  for (;;) {
    ring_suppress_interrupts(&receive);
    ring_suppress_interrupts(&transmit);
    drain();
    reclaim();
    wake();
    int is_receive_waiting = ring_enable_interrupts(&receive);
    int is_transmit_waiting = ring_enable_interrupts(&transmit);
    if (!is_receive_waiting && !is_transmit_waiting) return;
  }
}

int driver_start(void)
{
  int result = connect_port();
  if (result == 0) result = bring_up();
  if (result == 0) serve();
  return result;
}

int driver_transmit(uint32_t frame, void *bytes, uint32_t length)
{
  reclaim();
  uint8_t *buffer = transmit.idle_count == 0 ? NULL : rp_alloc(HEADER_BYTES + length, 16);
  if (buffer == NULL) {
    is_full = 1;
    if (transmit.idle_count == transmit.size) rp_arm_timer(TIMER_NS);
    return RP_FULL;
  }
#ifndef FAULT_DIRTY_HEADER
  rp_fill(buffer, 0, HEADER_BYTES);
#else
  rp_fill(buffer, 0xff, HEADER_BYTES);
#endif
  rp_copy(buffer + HEADER_BYTES, bytes, length);
  rp_transmitted(frame);
  ring_add(&transmit, buffer, HEADER_BYTES + length, 0);
  ring_kick(&transmit);
  return RP_ACCEPTED;
}

void driver_interrupt(int line)
{
  (void)line;
  if (is_failing()) {
    int result = bring_up();
    if (result != 0) rp_refuse(result);
    wake();
  }
  serve();
}

/* Memory was short: try again. */
void driver_timer(void)
{
  refill();
  wake();
}

void driver_stop(void)
{
  reset_port();
  ring_free_buffers(&receive);
  ring_free_buffers(&transmit);
  ring_free(&receive);
  ring_free(&transmit);
}
