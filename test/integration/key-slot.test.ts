import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Link, openLink } from '../../src/connection/link.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { type LoneServer, startLoneServer } from '../helpers/lone-server.ts';

const KEYS = 6_000;
const pieces = ['{', '}', '{}', '{{', '}}', 'é', '€', '😀', '汉字', '\0', '\r\n', 'user', '42', ' ', ':'];

describe('key slots', () => {
  let server: LoneServer;
  let link: Link;

  beforeAll(async () => {
    server = await startLoneServer();
    link = await openLink(`127.0.0.1:${server.port}`);
  });
  afterAll(async () => {
    link.destroy();
    await server.stop();
  });

  async function expectSame(keys: readonly (string | Buffer)[]): Promise<void> {
    const slots = await Promise.all(keys.map((key) => link.call('CLUSTER', 'KEYSLOT', key)));
    expect(keys.map(keySlot)).toEqual(slots);
  }

  it(`of ${KEYS} random strings are those of the server`, async () => {
    const keys = Array.from({ length: KEYS }, () => {
      const length = Math.floor(Math.random() * 8);
      return Array.from({ length }, () => pieces[Math.floor(Math.random() * pieces.length)] ?? '').join('');
    });
    await expectSame(keys);
  });

  it(`of ${KEYS} random Buffers with all byte values and braces are those of the server`, async () => {
    const seen = new Set<number>();
    const keys = Array.from({ length: KEYS }, () => {
      const bytes = Array.from({ length: Math.floor(Math.random() * 24) }, () => {
        const byte = Math.random() < 0.15 ? (Math.random() < 0.5 ? 0x7b : 0x7d) : Math.floor(Math.random() * 256);
        seen.add(byte);
        return byte;
      });
      return Buffer.from(bytes);
    });
    expect(seen.size).toBe(256);
    await expectSame(keys);
  });
});
