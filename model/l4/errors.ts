// Error numbers of the L4Re world, as the server returns them (negated) in reply labels.
//
// Values from l4re-p2p sheet §1. Positive constants; a result is 0, a positive value, or minus one of these.

/** The capability lacks a right. */
export const EPERM = 1;
/** The device is in a state in which the request makes no sense. */
export const EIO = 5;
/** No room: memory, regions, ports. */
export const ENOMEM = 12;
/** The other side has not answered yet. */
export const EBUSY = 16;
/** Something overlapping or of that name is already there. */
export const EEXIST = 17;
/** No such device. */
export const ENODEV = 19;
/** An argument is not acceptable. */
export const EINVAL = 22;
/** An index or offset is out of range. */
export const ERANGE = 34;
/** The operation is not implemented. */
export const ENOSYS = 38;
/** The message is for another protocol. */
export const EBADPROTO = 39;
/** No reply is sent (send-only operation, or nobody is there to answer). */
export const ENOREPLY = 1000;
/** The message has too few words or items. */
export const EMSGTOOSHORT = 1001;

const NAMES = new Map<number, string>([
  [EPERM, 'EPERM'],
  [EIO, 'EIO'],
  [ENOMEM, 'ENOMEM'],
  [EBUSY, 'EBUSY'],
  [EEXIST, 'EEXIST'],
  [ENODEV, 'ENODEV'],
  [EINVAL, 'EINVAL'],
  [ERANGE, 'ERANGE'],
  [ENOSYS, 'ENOSYS'],
  [EBADPROTO, 'EBADPROTO'],
  [ENOREPLY, 'ENOREPLY'],
  [EMSGTOOSHORT, 'EMSGTOOSHORT'],
]);

/** Text of a result for reports: `0`, a value, or `-EINVAL` and the like. */
export function resultName(result: number): string {
  const name = NAMES.get(-result);
  return name === undefined ? String(result) : `-${name}`;
}
