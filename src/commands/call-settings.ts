import type { CallSettings } from './command.ts';

/** No deadline: for commands whose time is bounded by something else (the handshake by `connectTimeoutMs`). */
export const foreverSettings: CallSettings = {
  timeoutMs: Number.POSITIVE_INFINITY,
  signal: undefined,
  readFrom: 'master',
  idempotent: false,
};
