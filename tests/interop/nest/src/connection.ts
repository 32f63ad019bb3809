import { ConsoleLogger } from '@nestjs/common';
import { logLevel, type KafkaConfig } from 'kafkajs';

// Standard output belongs to the tests.
export class ErrorOutput extends ConsoleLogger {
  constructor() {
    super({ colors: false, logLevels: ['warn', 'error', 'fatal'] });
  }

  protected printMessages(messages: unknown[], context?: string, level?: string): void {
    for (const message of messages) process.stderr.write(`${level} [${context}] ${message}\n`);
  }
}

export function connection(clientId: string): KafkaConfig & { brokers: string[] } {
  const brokers = process.env.KAFKA_BROKERS;
  if (!brokers) throw new Error('KAFKA_BROKERS names no broker; set it to HOST:PORT,..');
  return {
    clientId,
    brokers: brokers.split(','),
    logLevel: logLevel.WARN,
    logCreator: () => ({ label, namespace, log }) =>
      void process.stderr.write(`${label} [${namespace}] ${JSON.stringify(log)}\n`),
  };
}

// Quick to notice that a member has gone, and quick to go.
export function membership(groupId: string) {
  return { groupId, sessionTimeout: 6000, heartbeatInterval: 1000, maxWaitTimeInMs: 200 };
}
