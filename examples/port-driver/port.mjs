// The control side: finds the device, negotiates VERSION_1 and MAC and hands the queues over.
import {
  CONFIG_MAGIC,
  CONFIG_OFFSET,
  CONFIG_VERSION,
  DEVICE_ID,
  DeviceUnusable,
  EEXIST,
  FEATURE_VERSION_1,
  NET_FEATURE_MAC,
  layoutOf,
  QUEUE_ENTRY,
  QUEUE_ENTRY_BYTES,
  STATUS_ACKNOWLEDGE,
  STATUS_DRIVER,
  STATUS_DRIVER_OK,
  STATUS_FAILED,
  STATUS_FAILURE,
  STATUS_FEATURES_OK,
} from 'ringproof/driver';

/** Bits of a feature word this driver can use: the MAC needs nothing but reading it. */
function wantedIn(word) {
  return [FEATURE_VERSION_1, NET_FEATURE_MAC].filter((bit) => bit >>> 5 === word).reduce((bits, bit) => bits | (1 << (bit & 31)), 0);
}

export class Port {
  constructor(guest) {
    this.guest = guest;
    this.memory = guest.memory;
    this.layout = layoutOf(guest.transport.revision);
  }

  /** Maps the config page, binds the interrupt and registers memory. Once. */
  connect() {
    const { memory, guest } = this;
    this.page = this.layout.hasRegisterInterface ? guest.transport.registerInterface() : guest.transport.deviceConfig();
    if (this.page < 0) throw new DeviceUnusable(`no config page: ${this.page}`);
    if (!this.layout.hasRegisterInterface) this.demand('bind', guest.transport.bindInterrupt(0));
    const isKnown =
      memory.load32(this.page + CONFIG_OFFSET.magic) === CONFIG_MAGIC &&
      memory.load32(this.page + CONFIG_OFFSET.version) === CONFIG_VERSION &&
      memory.load32(this.page + CONFIG_OFFSET.device) === DEVICE_ID.net;
    if (!isKnown) throw new DeviceUnusable('this is no network device of version 2');
    this.queues = this.page + memory.load32(this.page + CONFIG_OFFSET.queuesOffset);
    for (const region of memory.regions) {
      const result = guest.transport.registerDataspace(region.index, region.deviceAddress, 0, region.sizeBytes);
      // An earlier driver on this client has registered it already.
      if (result !== -EEXIST) this.demand('register_ds', result);
    }
  }

  reset() {
    this.setStatus(0);
    while (this.status !== 0) {
      // A device may fail again before its reset was seen.
      if (this.isFailing) this.setStatus(0);
      this.guest.relax();
    }
  }

  /** From a reset device to FEATURES_OK. */
  negotiate() {
    const { memory, layout } = this;
    this.raise(STATUS_ACKNOWLEDGE);
    this.raise(STATUS_DRIVER);
    if (!layout.hasRegisterInterface) this.demand('device_notification_irq', this.guest.transport.notificationIrq(0));
    for (let word = 0; word < layout.featureWords; word++) {
      const offered = memory.load32(this.page + layout.deviceFeaturesMap + 4 * word);
      memory.store32(this.page + layout.driverFeaturesMap + 4 * word, (offered & wantedIn(word)) >>> 0);
    }
    if ((this.raise(STATUS_FEATURES_OK) & STATUS_FEATURES_OK) !== 0) return;
    this.setStatus(this.status | STATUS_FAILED);
    throw new DeviceUnusable('the device did not accept VERSION_1');
  }

  /** Largest queue size the device takes. */
  sizeLimit(queue) {
    return this.memory.load16(this.queues + QUEUE_ENTRY_BYTES * queue + QUEUE_ENTRY.sizeLimit);
  }

  install(queue, ring) {
    const { memory } = this;
    const entry = this.queues + QUEUE_ENTRY_BYTES * queue;
    memory.store16(entry + QUEUE_ENTRY.size, ring.size);
    memory.store16(entry + QUEUE_ENTRY.driverNotifyIndex, 0);
    memory.store64(entry + QUEUE_ENTRY.descriptors, memory.map(ring.descriptors, 1));
    memory.store64(entry + QUEUE_ENTRY.avail, memory.map(ring.avail, 1));
    memory.store64(entry + QUEUE_ENTRY.used, memory.map(ring.used, 1));
    memory.fullBarrier();
    memory.store16(entry + QUEUE_ENTRY.ready, 1);
    memory.fullBarrier();
    this.demand(`config_queue ${queue}`, this.guest.transport.configQueue(queue));
  }

  run() {
    this.raise(STATUS_DRIVER_OK);
  }

  get isFailing() {
    return (this.status & STATUS_FAILURE) !== 0;
  }

  get status() {
    return this.memory.load32(this.page + CONFIG_OFFSET.status);
  }

  raise(bit) {
    this.setStatus(this.status | bit);
    const { status } = this;
    if ((status & STATUS_FAILURE) !== 0) throw new DeviceUnusable(`the device failed, its status is ${status}`);
    return status;
  }

  setStatus(status) {
    this.memory.fullBarrier();
    this.demand('set_status', this.guest.transport.setStatus(status));
  }

  demand(call, result) {
    if (result < 0) throw new DeviceUnusable(`${call} answered ${result}`);
  }
}
