// What a scripted guest can do: one plain-data step per act of a driver, however wrong the act is.
//
// Places in memory are offsets in the guest's first region; addresses in descriptors and queue entries are what the
// device gets, as they stand. Schema and builders: scenarios/script.ts, scenarios/guest-script.ts. The interpreter is
// scripted.resumable.ts.

/** How a request reaches the device: by an IPC call or by the `cmd` word of the config page. */
export type RequestWay = 'call' | 'command';

/** One step of a script. */
export type ScriptStep =
  /** Goes on when the virtual time since the start of the run has reached `ns`. */
  | { readonly kind: 'at'; readonly ns: number }
  /** Gets the config page, binds the interrupt and fetches the notification object. */
  | { readonly kind: 'connect' }
  /** Registers memory of the first region under a device address; `rights`: 1 read, 3 read and write. */
  | { readonly kind: 'register'; readonly base: number; readonly offsetBytes: number; readonly sizeBytes: number; readonly rights: number }
  /** Asks for a status. */
  | { readonly kind: 'status'; readonly value: number; readonly via: RequestWay }
  /** Writes words 0 and 1 of the driver's feature map. */
  | { readonly kind: 'features'; readonly word0: number; readonly word1: number }
  /** Writes a queue entry (device addresses of the parts) and asks for its configuration. */
  | {
      readonly kind: 'queue';
      readonly queue: number;
      readonly size: number;
      readonly ready: number;
      readonly descriptors: number;
      readonly avail: number;
      readonly used: number;
      readonly via: RequestWay;
    }
  /** Reads a 32-bit word of the config page and does nothing with it. */
  | { readonly kind: 'readPage'; readonly offset: number }
  /** Writes a descriptor. */
  | {
      readonly kind: 'descriptor';
      readonly at: number;
      readonly address: number;
      readonly lengthBytes: number;
      readonly flags: number;
      readonly next: number;
    }
  /** Writes 16 bits: a slot of an avail ring, avail.flags, used.idx. */
  | { readonly kind: 'half'; readonly at: number; readonly value: number }
  /** Writes avail.idx between a write barrier and a full barrier. */
  | { readonly kind: 'publish'; readonly at: number; readonly index: number }
  /** Writes bytes, given in hex. */
  | { readonly kind: 'bytes'; readonly at: number; readonly hex: string }
  /** Sets bytes. */
  | { readonly kind: 'fill'; readonly at: number; readonly lengthBytes: number; readonly value: number }
  /** Notifies the device; not if the 16-bit word at `unlessFlags`, read now, has bit 0 set (null = always). */
  | { readonly kind: 'kick'; readonly unlessFlags: number | null }
  /**
   * Goes on when the 16-bit counter at `at` (a used.idx) has come to `index`, modulo 2^16: the guest waits for descriptors of
   * its own to come back. It looks again now and then and gives up after a while: then the next `skip` steps are left out.
   */
  | { readonly kind: 'await'; readonly at: number; readonly index: number; readonly skip: number };
