// A producer and consumers of plain kafkajs. Bytes travel as hexadecimal digits; what is missing is null.
import { randomUUID } from 'node:crypto';

import { Kafka, logLevel } from 'kafkajs';

import { bytes, grouped, hex, hexHeaders, report } from './lines.mjs';

const kafka = new Kafka({
  clientId: 'interop',
  brokers: (process.env.KAFKA_BROKERS ?? '').split(','),
  logLevel: logLevel.WARN,
  logCreator: () => ({ label, namespace, log }) =>
    void process.stderr.write(`${label} [${namespace}] ${JSON.stringify(log)}\n`),
});
const producer = kafka.producer();
const running = [];
let connected;

/** Sends `[{key, value, headers}]`, one request each in order, and tells partition and offset of each. */
export async function produce({ topic, messages }) {
  connected ??= producer.connect();
  await connected;
  const sent = [];
  for (const { key, value, headers } of messages) {
    const [{ partition, baseOffset }] = await producer.send({
      topic,
      messages: [{ key: bytes(key), value: bytes(value), headers: grouped(headers) }],
    });
    sent.push({ partition, offset: Number(baseOffset) });
  }
  return { sent };
}

/** Reports every message of a topic, from its beginning, as an event with the name of the consumer. */
export async function consume({ consumer: name, topic, group = randomUUID() }) {
  // Quick to go: an empty fetch is waited for before a consumer ends.
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 200 });
  running.push(consumer);
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) =>
      report({
        event: 'got',
        consumer: name,
        partition,
        offset: Number(message.offset),
        key: hex(message.key),
        value: hex(message.value),
        headers: hexHeaders(message.headers),
      }),
  });
}

export async function stopAll() {
  await Promise.all([connected && producer.disconnect(), ...running.map((consumer) => consumer.disconnect())]);
}
