import { Kafka } from 'kafkajs';

import { connection } from './connection.js';

// Those that are there already stay as they are.
export async function topics(command: { topics: string[]; partitions: number }) {
  const admin = new Kafka(connection('topics')).admin();
  await admin.connect();
  await admin.createTopics({
    topics: command.topics.map((topic) => ({ topic, numPartitions: command.partitions })),
    waitForLeaders: true,
  });
  await admin.disconnect();
}
