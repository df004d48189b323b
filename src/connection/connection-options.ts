import type { DialOptions } from './connector.ts';

export interface Credentials {
  readonly username?: string | undefined;
  readonly password: string;
}

/** What every connection of a client has in common. */
export interface ConnectionOptions extends DialOptions {
  /** Until a connection is open and its handshake answered, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly protocol: 2 | 3;
  readonly credentials: Credentials | undefined;
  /** CLIENT SETNAME. */
  readonly clientName: string | undefined;
  /** Silence on a connection with commands in flight is reported after this many milliseconds, and every tick from then on. */
  readonly stallAfterMs: number;
}

/** Values for everything that a caller of the connection layer does not set. */
export const defaultConnectionOptions: ConnectionOptions = {
  connectTimeoutMs: 5_000,
  keepAliveMs: 30_000,
  protocol: 2,
  credentials: undefined,
  clientName: undefined,
  stallAfterMs: 500,
};
