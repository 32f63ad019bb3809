import { Configuration } from '@midwayjs/core';
import * as kafka from '@midwayjs/kafka';
import { logLevel } from 'kafkajs';

const connectionOptions = {
  clientId: 'midway',
  brokers: (process.env.KAFKA_BROKERS ?? '').split(','),
  logLevel: logLevel.WARN,
};

// Standard output belongs to the tests.
const transports = { console: false, file: false, error: false, json: false } as const;

@Configuration({
  imports: [kafka],
  importConfigs: [
    {
      default: {
        midwayLogger: { default: { transports } },
        kafka: {
          consumer: {
            orders: {
              connectionOptions,
              consumerOptions: { groupId: process.env.KAFKA_GROUP, maxWaitTimeInMs: 200 },
              subscribeOptions: { topics: [process.env.KAFKA_TOPIC], fromBeginning: true },
            },
          },
          producer: { clients: { orders: { connectionOptions, producerOptions: {} } } },
        },
      },
    },
  ],
})
export class MainConfiguration {}
