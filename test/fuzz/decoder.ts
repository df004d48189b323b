import fc from 'fast-check';
import RedisParser from 'redis-parser';
import { cutAt, type Decoded, decodeAll, type Outcome, type Version } from '../helpers/decode-all.ts';
import { decodedForm, encodeWire, type Wire } from '../helpers/resp-encoder.ts';

const someBytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const someText = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text));
const lineText = fc.string({ maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, ' '));
const errorText = fc
  .tuple(fc.constantFrom('ERR', 'MOVED', 'WRONGTYPE', 'odd'), lineText)
  .map((parts) => parts.join(' '));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const doubleText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => String(value)),
  fc.constantFrom('inf', '-inf', 'nan', '0.10000000000000001', '10', '1e-7'),
);

const resp2Scalar: fc.Arbitrary<Wire> = fc.oneof(
  someBytes.map((value): Wire => ({ type: 'bulk', bytes: value })),
  someText.map((value): Wire => ({ type: 'bulk', bytes: value })),
  lineText.map((text): Wire => ({ type: 'simple', text })),
  fc.oneof(int64, fc.bigInt({ min: -100n, max: 100n })).map((value): Wire => ({ type: 'integer', value })),
  fc.constantFrom<Wire>({ type: 'null', form: '$-1' }, { type: 'null', form: '*-1' }),
  errorText.map((text): Wire => ({ type: 'error', text })),
);

const resp2Value: fc.Arbitrary<Wire> = fc.letrec<{ value: Wire }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    resp2Scalar,
    fc.array(tie('value'), { maxLength: 5 }).map((items): Wire => ({ type: 'array', items, isStreamed: false })),
  ),
})).value;

const resp3Scalar: fc.Arbitrary<Wire> = fc.oneof(
  { weight: 3, arbitrary: resp2Scalar },
  someBytes.map((value): Wire => ({ type: 'verbatim', bytes: value })),
  fc.array(someBytes, { maxLength: 4 }).map((parts): Wire => ({ type: 'streamedString', parts })),
  fc.constant<Wire>({ type: 'null', form: '_' }),
  fc.boolean().map((value): Wire => ({ type: 'boolean', value })),
  doubleText.map((text): Wire => ({ type: 'double', text })),
  fc.bigInt().map((value): Wire => ({ type: 'bigNumber', text: String(value) })),
  errorText.map((text): Wire => ({ type: 'blobError', text })),
);

const resp3Value: fc.Arbitrary<Wire> = fc.letrec<{ value: Wire; entries: (readonly [Wire, Wire])[] }>((tie) => ({
  entries: fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    resp3Scalar,
    fc
      .tuple(fc.constantFrom('array' as const, 'set' as const), fc.array(tie('value'), { maxLength: 5 }), fc.boolean())
      .map(([type, items, isStreamed]): Wire => ({ type, items, isStreamed })),
    fc.tuple(tie('entries'), fc.boolean()).map(([entries, isStreamed]): Wire => ({ type: 'map', entries, isStreamed })),
    fc.tuple(tie('entries'), tie('value')).map(([entries, value]): Wire => ({ type: 'attributed', entries, value })),
  ),
})).value;

/** A reply, or a push between replies. */
type Message = { readonly wire: Wire; readonly isPush: boolean };

const cuts = fc.array(fc.nat(400), { maxLength: 12 });
const wishes = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });
const garbage = fc.array(
  fc.oneof(
    fc.constantFrom(
      '$',
      '*',
      ':',
      '+',
      '-',
      '%',
      '~',
      '>',
      '|',
      '=',
      '!',
      ',',
      '(',
      '#',
      '_',
      ';',
      '.',
      '?',
      '\r',
      '\n',
    ),
    fc.constantFrom(
      '\r\n',
      '0',
      '1',
      '2',
      '3',
      '-1',
      'a',
      '$1\r\na\r\n',
      '*2\r\n',
      '*1\r\n',
      ':1\r\n',
      '%1\r\n',
      '$?\r\n',
    ),
  ),
  { maxLength: 25 },
);

function wish(wanted: readonly boolean[]): (reply: number) => boolean {
  return (reply) => wanted[reply % wanted.length] ?? false;
}

function encodeMessage(message: Message): Buffer {
  const encoded = encodeWire(message.wire);
  return message.isPush ? Buffer.concat([Buffer.from('>2\r\n+kind\r\n'), encoded]) : encoded;
}

function topLevel(wire: Wire, asBuffers: boolean): Decoded {
  if (wire.type === 'attributed') return topLevel(wire.value, asBuffers);
  const decoded = decodedForm(wire, asBuffers);
  if (wire.type !== 'error' && wire.type !== 'blobError') return ['reply', decoded];
  return ['error', wire.text.split(' ')[0] === 'odd' ? 'ERR' : wire.text.split(' ')[0], wire.text];
}

function expectedEvents(messages: readonly Message[], asBuffers: (reply: number) => boolean): Decoded[] {
  let replies = 0;
  return messages.map(({ wire, isPush }) => {
    if (!isPush) return topLevel(wire, asBuffers(replies++));
    const wanted = asBuffers(replies);
    return ['push', [wanted ? Buffer.from('kind') : 'kind', decodedForm(wire, wanted)]];
  });
}

/** Attributes are checked where they are the subject; here they must only not disturb. */
function withoutAttributes(outcome: Outcome): Outcome {
  return { ...outcome, events: outcome.events.filter(([kind]) => kind !== 'attribute') };
}

function sameJson(a: unknown, b: unknown): boolean {
  return show(a) === show(b);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}

function mustBeSame(actual: unknown, expected: unknown): void {
  if (!sameJson(actual, expected)) throw new Error(`decoded ${show(actual)}\ninstead of ${show(expected)}`);
}

const messages = (value: fc.Arbitrary<Wire>, isPush: fc.Arbitrary<boolean>): fc.Arbitrary<Message[]> =>
  fc.array(fc.record({ wire: value, isPush }), { minLength: 1, maxLength: 6 });

const mostlyReplies = fc.nat(9).map((number) => number === 0);

function decodesWhatWasEncoded(version: Version, sent: Message[], places: number[], wanted: boolean[]): void {
  const chunks = cutAt(Buffer.concat(sent.map(encodeMessage)), places);
  const asBuffers = wish(wanted);
  const outcome = withoutAttributes(decodeAll(version, chunks, { asBuffers }));
  mustBeSame(outcome, { events: expectedEvents(sent, asBuffers), violation: undefined });
}

/** redis-parser rounds integers beyond 2^53 and knows no bigint, so they are left out here. */
function isWithinParser(wire: Wire): boolean {
  if (wire.type === 'integer') return Number.isSafeInteger(Number(wire.value));
  return wire.type !== 'array' || wire.items.every(isWithinParser);
}

function comparableToParser(value: unknown): unknown {
  if (value instanceof Error) return { error: value.message };
  return Array.isArray(value) ? value.map(comparableToParser) : value;
}

function agreesWithRedisParser(version: Version, sent: Message[], places: number[]): void {
  const chunks = cutAt(Buffer.concat(sent.filter(({ wire }) => isWithinParser(wire)).map(encodeMessage)), places);
  const theirs: unknown[] = [];
  const parser = new RedisParser({
    returnReply: (reply: unknown) => theirs.push(comparableToParser(reply)),
    returnError: (error) => theirs.push({ error: error.message }),
    returnBuffers: true,
  });
  for (const chunk of chunks) parser.execute(chunk);
  const { events } = decodeAll(version, chunks, { asBuffers: () => true });
  const ours = events.map(([kind, ...values]) => (kind === 'error' ? { error: values[1] } : withoutCodes(values[0])));
  mustBeSame(ours, theirs);
}

function withoutCodes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCodes);
  return typeof value === 'object' && value !== null && 'error' in value ? { error: value.error } : value;
}

/** Which rule is found broken first may depend on the split; what is decoded before, and that one is broken, may not. */
function withoutReason({ events, violation }: Outcome): unknown {
  return { events, isRefused: violation !== undefined };
}

/** Whatever the bytes, where they are split must not matter; the line end lets both see the end of the last line. */
function isTheSameHoweverSplit(version: Version, input: Buffer, places: number[]): void {
  const whole = Buffer.concat([input, Buffer.from('\r\n')]);
  const expected = withoutReason(decodeAll(version, [whole]));
  mustBeSame(withoutReason(decodeAll(version, cutAt(whole, places))), expected);
  const bytes = [...whole].map((byte) => Buffer.from([byte]));
  mustBeSame(withoutReason(decodeAll(version, bytes)), expected);
}

/**
 * Throws a counterexample, with its seed, if in `cases` random cases of any kind a decoder does not give back what was
 * encoded, differs from redis-parser where both understand the same, depends on how its input is split, or throws
 * anything but a ProtocolError.
 */
export function fuzzDecoders(cases: number, seed?: number): void {
  const settings = { numRuns: Math.ceil(cases / 8), ...(seed === undefined ? {} : { seed }) };
  const check = <Values extends [unknown, ...unknown[]]>(property: fc.IProperty<Values>) =>
    fc.assert(property, settings);
  const never = fc.constant(false);
  check(fc.property(messages(resp2Value, never), cuts, wishes, (...input) => decodesWhatWasEncoded(2, ...input)));
  check(fc.property(messages(resp2Value, never), cuts, wishes, (...input) => decodesWhatWasEncoded(3, ...input)));
  check(
    fc.property(messages(resp3Value, mostlyReplies), cuts, wishes, (...input) => decodesWhatWasEncoded(3, ...input)),
  );
  check(fc.property(messages(resp2Value, never), cuts, (...input) => agreesWithRedisParser(2, ...input)));
  check(fc.property(messages(resp2Value, never), cuts, (...input) => agreesWithRedisParser(3, ...input)));
  for (const version of [2, 3] as const) {
    const tokens = garbage.map((parts) => Buffer.from(parts.join('')));
    check(fc.property(tokens, cuts, (...input) => isTheSameHoweverSplit(version, ...input)));
  }
  const damaged = fc.tuple(messages(resp3Value, mostlyReplies), fc.nat(), fc.nat(255)).map(([sent, place, byte]) => {
    const wire = Buffer.concat(sent.map(encodeMessage));
    wire[place % wire.length] = byte;
    return wire;
  });
  check(fc.property(damaged, cuts, (...input) => isTheSameHoweverSplit(3, ...input)));
}
