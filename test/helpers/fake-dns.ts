import dns from 'node:dns';
import dnsPromises from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Answers every look-up of a name in `records` in this process; all others go the usual way. Change `records` at any time. */
export class FakeDns {
  readonly records: Map<string, readonly string[]>;
  /** Names asked for so far, in order. */
  readonly asked: string[] = [];
  readonly #lookup = dns.lookup;
  readonly #promised = dnsPromises.lookup;

  constructor(records: Readonly<Record<string, readonly string[]>>) {
    this.records = new Map(Object.entries(records));
    Object.assign(dns, { lookup: this.#answer });
    Object.assign(dnsPromises, { lookup: this.#promise });
    syncBuiltinESMExports();
  }

  /** Gives the process its own look-ups back. */
  restore(): void {
    Object.assign(dns, { lookup: this.#lookup });
    Object.assign(dnsPromises, { lookup: this.#promised });
    syncBuiltinESMExports();
  }

  readonly #promise = async (name: string, options: dns.LookupOptions = {}) => {
    const found = this.#find(name);
    if (found === undefined) return this.#promised(name, options);
    return options.all === true ? found : found[0];
  };

  readonly #answer = (name: string, options: dns.LookupOptions, answer: (...args: unknown[]) => void): void => {
    const found = this.#find(name);
    if (found === undefined) {
      this.#lookup(name, options, answer);
      return;
    }
    const [first] = found;
    if (first === undefined) answer(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }));
    else if (options.all === true) answer(null, found);
    else answer(null, first.address, first.family);
  };

  #find(name: string): dns.LookupAddress[] | undefined {
    const addresses = this.records.get(name);
    if (addresses === undefined) return undefined;
    this.asked.push(name);
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  }
}
