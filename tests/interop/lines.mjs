// How the tests talk to a program: one JSON object a line. Commands come in on standard input, answers and reports go
// out on standard output; everything else a program has to say belongs on standard error.
import { createInterface } from 'node:readline';

/**
 * Says something that nobody asked for.
 * @param {object} value
 */
export function report(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/**
 * Runs commands side by side, as they come, and answers each by its id. Ends when standard input ends.
 * @param {Record<string, (command: any) => unknown>} commands
 * @param {() => Promise<unknown>} close
 */
export async function obey(commands, close) {
  report({ ready: true, commands: Object.keys(commands) });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, do: name, ...command } = JSON.parse(line);
    Promise.resolve()
      .then(() => commands[name](command))
      .then(
        (result) => report({ id, result: result ?? null }),
        (error) => report({ id, failed: describe(error) }),
      );
  }
  // The test has gone: a close that hangs must not leave a program behind.
  setTimeout(() => process.exit(1), 10_000).unref();
  await close();
  process.exit(0);
}

/**
 * An error as something that survives JSON.
 * @param {unknown} error
 */
export function describe(error) {
  return error instanceof Error ? { name: error.name, message: error.message } : error;
}

/**
 * Bytes as hexadecimal digits; what is missing stays missing.
 * @param {Buffer | string | null | undefined} bytes
 * @returns {string | null}
 */
export function hex(bytes) {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('hex');
}

/**
 * Headers as a list of pairs, each value as hexadecimal digits: a name that repeats is there as often.
 * @param {import('kafkajs').IHeaders | undefined} headers
 */
export function hexHeaders(headers) {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, hex(one)]),
  );
}

/**
 * The bytes that hexadecimal digits stand for.
 * @param {string | null | undefined} digits
 * @returns {Buffer | null}
 */
export function bytes(digits) {
  return digits === null || digits === undefined ? null : Buffer.from(digits, 'hex');
}

/**
 * Pairs as kafkajs takes them: several values of one name as a list.
 * @param {[string, string][] | undefined} pairs
 * @returns {import('kafkajs').IHeaders}
 */
export function grouped(pairs) {
  /** @type {Record<string, Buffer[]>} */
  const headers = {};
  for (const [name, value] of pairs ?? []) (headers[name] ??= []).push(Buffer.from(value, 'hex'));
  return headers;
}
