// What the generic device may offer, as names of the clause table. A port withholds some of it in some scenarios.

/** Features by name. */
export const GENERIC_OFFER: readonly string[] = ['CSUM', 'GUEST_CSUM', 'MAC', 'MRG_RXBUF', 'INDIRECT_DESC', 'EVENT_IDX', 'STATUS', 'VERSION_1'];
