import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/index.ts';
import { FakeDns } from '../helpers/fake-dns.ts';
import { type LoneServer, startLoneServer } from '../helpers/lone-server.ts';

const certificate = fileURLToPath(new URL('../fixtures/tls/test-only.crt', import.meta.url));
const key = fileURLToPath(new URL('../fixtures/tls/test-only.key', import.meta.url));
const ca = readFileSync(certificate);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

describe('a cluster behind TLS', () => {
  let server: LoneServer;
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    server = await startLoneServer({
      'tls-port': port,
      'tls-cluster': 'yes',
      'tls-auth-clients': 'no',
      'tls-cert-file': certificate,
      'tls-key-file': key,
      'tls-ca-cert-file': certificate,
    });
  });
  afterAll(() => server.stop());

  it.each([2, 3] as const)('is served over protocol %i, large and many replies included', async (protocol) => {
    await using client = new ClusterClient(`rediss://localhost:${port}`, { protocol, tls: { ca } });
    const large = Buffer.alloc(3_000_000, 'slot');
    expect(await client.set('large', large)).toBe('OK');
    expect((await client.getBuffer('large'))?.equals(large)).toBe(true);
    const text = 'größe'.repeat(300_000);
    expect(await client.set('text', text)).toBe('OK');
    expect((await client.get('text')) === text).toBe(true);
    const names = Array.from({ length: 2_000 }, (_, i) => `key:${i}`);
    const replies = await Promise.all(names.map((name) => client.set(name, name).then(() => client.get(name))));
    expect(replies).toEqual(names);
  });

  it('is found by a name with several addresses, which is what its certificate names', async () => {
    // The certificate names localhost and 127.0.0.1, but not this address.
    const front = createServer((socket) => {
      const behind = connect(port, '127.0.0.1');
      for (const side of [socket, behind]) side.on('error', () => undefined);
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((resolve) => front.listen(port, '127.0.0.2', resolve));
    const dns = new FakeDns({ localhost: ['127.0.0.2', '127.0.0.3'] });
    try {
      await using client = new ClusterClient(`rediss://localhost:${port}`, { tls: { ca }, timeoutMs: 3_000 });
      await client.connect();
      expect(client.status).toBe('ready');
    } finally {
      dns.restore();
      front.close();
    }
  });

  it('is refused with the reason when its certificate is not trusted', async () => {
    await using client = new ClusterClient(`rediss://localhost:${port}`, { timeoutMs: 1_000 });
    await expect(client.connect()).rejects.toThrow(/self-signed certificate/);
  });
});
