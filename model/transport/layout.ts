// The L4virtio control plane in numbers: config page, queue entries, status, commands, operations.
//
// Follows l4virtio-transport sheet §2-§4, §6, §8 and, for the older published interface, §14. Constants
// without a revision hold for both; what differs is in TransportLayout. The older documentation does not
// print offsets of the feature maps; with eight words each they can only follow queue_used (our decision,
// see model/README.md).

/** Which published interface is spoken: the older documentation or the current sources. */
export type TransportRevision = 'seed' | 'current';

/** Size of the config page in bytes. */
export const CONFIG_PAGE_BYTES = 4096;
/** "virt". */
export const CONFIG_MAGIC = 0x74726976;
export const CONFIG_VERSION = 2;
/** Vendor of the servers of the L4Re tree. */
export const VENDOR_KERNKONZEPT = 0x44;

/** Offsets in the config page, in bytes. */
export const CONFIG_OFFSET = {
  magic: 0x00,
  version: 0x04,
  device: 0x08,
  vendor: 0x0c,
  deviceFeatures: 0x10,
  deviceFeaturesSelect: 0x14,
  driverFeatures: 0x20,
  driverFeaturesSelect: 0x24,
  queueCount: 0x28,
  queuesOffset: 0x2c,
  queueSelect: 0x30,
  queueSizeLimit: 0x34,
  queueSize: 0x38,
  queueReady: 0x44,
  queueNotify: 0x50,
  interruptStatus: 0x60,
  interruptAcknowledge: 0x64,
  status: 0x70,
  driverNotifyIndex: 0x74,
  deviceNotifyIndex: 0x78,
  command: 0x7c,
  queueDescriptors: 0x80,
  queueAvail: 0x90,
  queueUsed: 0xa0,
  sharedMemorySelect: 0xac,
  sharedMemoryLength: 0xb0,
  sharedMemoryBase: 0xb8,
  generation: 0xfc,
  deviceConfig: 0x100,
} as const;

/** Size of a queue entry in bytes. */
export const QUEUE_ENTRY_BYTES = 40;
/** Offsets in a queue entry, in bytes. */
export const QUEUE_ENTRY = {
  sizeLimit: 0,
  size: 2,
  ready: 4,
  driverNotifyIndex: 6,
  descriptors: 8,
  avail: 16,
  used: 24,
  deviceNotifyIndex: 32,
} as const;

/** Offset of the queue entries for a device config of `deviceConfigBytes` bytes. */
export function queuesOffset(deviceConfigBytes: number): number {
  return CONFIG_OFFSET.deviceConfig + ((deviceConfigBytes + 15) & ~15);
}

/** Page offset of the entry of a queue of a network port (6 bytes of device config). */
export function netQueueEntry(queue: number): number {
  return queuesOffset(6) + QUEUE_ENTRY_BYTES * queue;
}

/** Bit next to ds-max in CONNECTED events: the client brought a MAC. */
export const CONNECTED_WITH_MAC = 0x100;

/** Status bits. */
export const STATUS_ACKNOWLEDGE = 0x01;
export const STATUS_DRIVER = 0x02;
export const STATUS_DRIVER_OK = 0x04;
export const STATUS_FEATURES_OK = 0x08;
export const STATUS_NEEDS_RESET = 0x40;
export const STATUS_FAILED = 0x80;
/** The bits from which only a reset leads away. */
export const STATUS_FAILURE = STATUS_NEEDS_RESET | STATUS_FAILED;
/** The one value the server calls running. */
export const STATUS_RUNNING = 0x0f;

/** Bits of irq_status. */
export const INTERRUPT_VRING = 1;
export const INTERRUPT_CONFIG = 2;

/** Feature bits of the transport and the rings. */
export const FEATURE_INDIRECT_DESCRIPTORS = 28;
export const FEATURE_EVENT_INDEX = 29;
export const FEATURE_VERSION_1 = 32;

/** Values of the `cmd` word; the argument is the low 24 bits. */
export const COMMAND_NONE = 0x00000000;
export const COMMAND_SET_STATUS = 0x01000000;
export const COMMAND_CONFIGURE_QUEUE = 0x02000000;
export const COMMAND_CONFIG_CHANGED = 0x04000000;
export const COMMAND_NOTIFY_QUEUE = 0x08000000;
export const COMMAND_MASK = 0xff000000;
export const COMMAND_ARGUMENT_MASK = 0x00ffffff;

/** Protocol labels of a message to a device gate. */
export const PROTOCOL_DEVICE = 0;
export const PROTOCOL_FACTORY = -6;
export const PROTOCOL_INTERRUPT_CONTROLLER = -1;

/** Operations of the device protocol that both revisions share. */
export const OPERATION_SET_STATUS = 0;
export const OPERATION_CONFIGURE_QUEUE = 1;
export const OPERATION_REGISTER_DATASPACE = 3;
/** Older revision only. */
export const OPERATION_REGISTER_INTERFACE = 2;
/** Current revision only. */
export const OPERATION_DEVICE_CONFIG = 4;
export const OPERATION_NOTIFICATION_INTERRUPT = 5;

/** Marks an operation of the interrupt controller protocol in CONTROL_CALL events. */
export const CONTROLLER_CALL = 0x100;
/** Operations of the interrupt controller protocol. */
export const CONTROLLER_BIND = 0;
export const CONTROLLER_UNBIND = 1;
export const CONTROLLER_INFO = 2;
export const CONTROLLER_MSI_INFO = 3;
export const CONTROLLER_UNMASK = 4;
export const CONTROLLER_MASK = 5;
export const CONTROLLER_SET_MODE = 6;

/** What differs between the revisions. */
export interface TransportLayout {
  readonly revision: TransportRevision;
  /** Words of each feature map. */
  readonly featureWords: number;
  /** Page offset of the map the device fills, in bytes. */
  readonly deviceFeaturesMap: number;
  /** Page offset of the map the driver fills, in bytes. */
  readonly driverFeaturesMap: number;
  /** Feature bit: configuration through the `cmd` word. */
  readonly commandFeature: number;
  /** Status bit a device sets when it gives up until a reset. */
  readonly deviceFailure: number;
  /** True: register_iface hands interrupts and config page over; false: bind, device_config and device_notification_irq do. */
  readonly hasRegisterInterface: boolean;
}

const CURRENT_LAYOUT: TransportLayout = {
  revision: 'current',
  featureWords: 6,
  deviceFeaturesMap: 0xc0,
  driverFeaturesMap: 0xe0,
  commandFeature: 160,
  deviceFailure: STATUS_NEEDS_RESET,
  hasRegisterInterface: false,
};

const SEED_LAYOUT: TransportLayout = {
  revision: 'seed',
  featureWords: 8,
  deviceFeaturesMap: 0xa8,
  driverFeaturesMap: 0xc8,
  commandFeature: 224,
  deviceFailure: STATUS_FAILED,
  hasRegisterInterface: true,
};

/** The layout of a revision. */
export function layoutOf(revision: TransportRevision): TransportLayout {
  return revision === 'seed' ? SEED_LAYOUT : CURRENT_LAYOUT;
}

/** Device numbers by name. */
export const DEVICE_ID = {
  net: 1,
  block: 2,
  console: 3,
  entropy: 4,
  balloon: 5,
  ioMemory: 6,
  remoteProcessorMessage: 7,
  scsiHost: 8,
  transport9p: 9,
  wlan: 10,
  remoteProcessorSerial: 11,
  caif: 12,
  memoryBalloon: 13,
  gpu: 16,
  timer: 17,
  input: 18,
  socket: 19,
  crypto: 20,
  fileSystem: 26,
  systemControl: 32,
  i2c: 34,
  watchdog: 35,
  can: 36,
  gpio: 41,
  spi: 45,
  l4Console: 0x9999,
} as const;
