import { InjectClient, Provide, Scope, ScopeEnum } from '@midwayjs/core';
import { type IKafkaConsumer, KafkaConsumer, KafkaProducerFactory } from '@midwayjs/kafka';
import type { EachMessagePayload, Producer } from 'kafkajs';

import { bytes, grouped, hex, hexHeaders, report } from './lines.mjs';

interface Message {
  key: string | null;
  value: string | null;
  headers?: [string, string][];
}

@KafkaConsumer('orders')
export class OrdersConsumer implements IKafkaConsumer {
  async eachMessage({ partition, message }: EachMessagePayload): Promise<void> {
    report({
      event: 'got',
      partition,
      offset: Number(message.offset),
      key: hex(message.key),
      value: hex(message.value),
      headers: hexHeaders(message.headers),
    });
  }
}

@Provide()
@Scope(ScopeEnum.Singleton)
export class OrdersProducer {
  @InjectClient(KafkaProducerFactory, 'orders')
  producer!: Producer;

  // One request each, in order; tells partition and offset of each.
  async send(topic: string, messages: Message[]) {
    const sent: { partition: number; offset: number }[] = [];
    for (const { key, value, headers } of messages) {
      const [{ partition, baseOffset }] = await this.producer.send({
        topic,
        messages: [{ key: bytes(key), value: bytes(value), headers: grouped(headers) }],
      });
      sent.push({ partition, offset: Number(baseOffset) });
    }
    return { sent };
  }
}
