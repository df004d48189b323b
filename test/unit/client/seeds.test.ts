import { describe, expect, it } from 'vitest';
import { parseSeeds, type Seed } from '../../../src/client/seeds.ts';
import { UsageError } from '../../../src/errors.ts';

const addresses = (seeds: Seed | readonly Seed[]) =>
  parseSeeds(seeds).addresses.map(({ host, port }) => `${host} ${port}`);

describe('parseSeeds', () => {
  it.each<[Seed, string]>([
    ['10.0.0.1:7000', '10.0.0.1 7000'],
    ['node.example:7000', 'node.example 7000'],
    ['node.example', 'node.example 6379'],
    ['[::1]:7000', '::1 7000'],
    ['[::1]', '::1 6379'],
    ['::1', '::1 6379'],
    ['redis://node.example:7000', 'node.example 7000'],
    ['redis://node.example', 'node.example 6379'],
    ['redis://[::1]:7000/0', '::1 7000'],
    ['valkey://10.0.0.1:7000/', '10.0.0.1 7000'],
    [7000, '127.0.0.1 7000'],
    [{ host: '10.0.0.1', port: 7000 }, '10.0.0.1 7000'],
    [{ host: '10.0.0.1' }, '10.0.0.1 6379'],
    [{ port: 7000 }, '127.0.0.1 7000'],
  ])('reads %j', (seed, expected) => {
    expect(addresses(seed)).toEqual([expected]);
  });

  it('reads a mix of forms, in their order', () => {
    expect(addresses(['10.0.0.1:7000', { host: 'b', port: 1 }, 7002, 'redis://c:3'])).toEqual([
      '10.0.0.1 7000',
      'b 1',
      '127.0.0.1 7002',
      'c 3',
    ]);
  });

  it('takes credentials and TLS from a URL, with what is escaped in them', () => {
    expect(parseSeeds('rediss://us%40er:p%3Ass@node:7000')).toMatchObject({
      credentials: { username: 'us@er', password: 'p:ss' },
      isTls: true,
    });
    expect(parseSeeds('redis://:secret@node').credentials).toEqual({ username: undefined, password: 'secret' });
    expect(parseSeeds('redis://node')).toMatchObject({ credentials: undefined, isTls: false });
    expect(parseSeeds('valkeys://node').isTls).toBe(true);
  });

  it.each<[unknown, RegExp]>([
    [[], /no seeds/],
    ['', /not an address/],
    ['host:', /not an address/],
    ['host:port', /not an address/],
    ['host:0', /not an address/],
    ['host:65536', /not an address/],
    [':7000', /not an address/],
    [0, /port of seed "127.0.0.1" is not 1 to 65535/],
    [7000.5, /not 1 to 65535/],
    [{ host: '' }, /no host/],
    [{ host: 'a', port: -1 }, /port of seed "a"/],
    [null, /a seed is null/],
    [undefined, /a seed is undefined/],
    [true, /a seed is boolean/],
    [['a:1', null], /a seed is null/],
    ['http://node:7000', /begins with http:\/\/ where redis:\/\//],
    ['redis://node:7000/1', /database 0 only/],
    ['redis://', /seed/],
  ])('refuses %j and says why', (seed, message) => {
    expect(() => parseSeeds(seed as Seed)).toThrow(UsageError);
    expect(() => parseSeeds(seed as Seed)).toThrow(message);
  });

  it.each([
    'redis://us:secret@node:7000/3',
    'http://us:secret@node',
    'redis://us:secret@no de',
    'redis://us:sec%ret@node',
    'us:secret@node:7000',
  ])('never shows the password of %s', (seed) => {
    expect(() => parseSeeds(seed)).toThrow(UsageError);
    expect(() => parseSeeds(seed)).not.toThrow(/sec%?ret/);
  });
});
