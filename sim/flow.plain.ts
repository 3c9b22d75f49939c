// The plain counterpart of flow.resumable.ts: in a plain twin nothing is suspended, so the wrappers vanish.

/** Result of a function that was a generator in the resumable source. */
export type Resume<T> = T;

/** Result of an operation that was delegated to with `yield*` in the resumable source. */
export type Access<T> = T;
