// What driver authors import as `ringproof/driver`: the contract's types, its version, and constants.
export { CONTRACT_VERSION } from './contract.js';
export type {
  DeliveryInfo,
  Driver,
  DriverModule,
  Frame,
  Guest,
  GuestMemory,
  Interrupts,
  L4VirtioTransport,
  MemoryRegion,
  MethodResult,
  Op,
  Style,
  TransmitResult,
} from './contract.js';
export { DeviceUnusable } from './device-unusable.js';
export * from './contract-constants.js';
