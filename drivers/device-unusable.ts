// The error by which a driver says that it cannot work with the device it found.

/** Thrown by a driver that refuses the device; recognised by its name, so a driver may define its own. */
export class DeviceUnusable extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'DeviceUnusable';
  }
}
