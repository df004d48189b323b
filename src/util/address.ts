import { UsageError } from '../errors.ts';

/** Where a node listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** The name that was looked up to find `host`, where that is so: what a certificate is checked against. */
  readonly serverName?: string | undefined;
}

/** `host:port`, an IPv6 host in brackets: the form in which addresses are shown and compared. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Reads `host:port`, `[v6]:port`, `host` alone and bare IPv6 (`::1`, or `::1:7000` with the port behind the last colon when
 * nothing else makes an address).
 * @throws UsageError naming what is wrong.
 */
export function parseAddress(text: string, defaultPort?: number): Address {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  if (bracketed !== null) return checked(bracketed[1] ?? '', bracketed[2], defaultPort, text);
  const lastColon = text.lastIndexOf(':');
  if (lastColon === -1) return checked(text, undefined, defaultPort, text);
  const host = text.slice(0, lastColon);
  if (host.includes(':') && defaultPort !== undefined && !/^\d{4,5}$/.test(text.slice(lastColon + 1))) {
    return checked(text, undefined, defaultPort, text);
  }
  return checked(host, text.slice(lastColon + 1), defaultPort, text);
}

function checked(host: string, port: string | undefined, defaultPort: number | undefined, text: string): Address {
  const number = port === undefined ? defaultPort : Number(port);
  if (host === '' || number === undefined || !Number.isInteger(number) || number < 1 || number > 65535) {
    throw new UsageError(
      'USAGE',
      `"${text}" is not an address: write host:port, for example 127.0.0.1:7000 or [::1]:7000`,
    );
  }
  return { host, port: number };
}
