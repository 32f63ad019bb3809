import { ClientKafka } from '@nestjs/microservices';
import { lastValueFrom, type Observable } from 'rxjs';

import { connection, membership } from './connection.js';
import { describe } from './lines.mjs';

const clients = new Map<string, ClientKafka>();

// Subscribes to the replies of all patterns it will ask, which Nest wants before the connection.
export async function connect(command: { client: string; group: string; patterns: string[] }) {
  const client = new ClientKafka({
    client: connection(command.client),
    consumer: membership(command.group),
    producerOnlyMode: command.patterns.length === 0,
  });
  for (const pattern of command.patterns) client.subscribeToResponseOf(pattern);
  clients.set(command.client, client);
  await client.connect();
  // A client may ask once it has joined: until then it knows no partition to be answered on.
  while (Object.keys(client.getConsumerAssignments()).length < command.patterns.length) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { assignments: client.getConsumerAssignments() };
}

export async function disconnect(command: { client: string }) {
  await find(command.client).close();
  clients.delete(command.client);
}

export async function disconnectAll() {
  await Promise.all([...clients.keys()].map((client) => disconnect({ client })));
}

// Every value of the answer in order, and how it ended.
export function ask(command: { client: string; pattern: string; data: unknown }) {
  return new Promise((resolve) => {
    const values: unknown[] = [];
    find(command.client)
      .send(command.pattern, command.data)
      .subscribe({
        next: (value: unknown) => values.push(value),
        error: (error: unknown) => resolve({ values, error: describe(error) }),
        complete: () => resolve({ values }),
      });
  });
}

export function emit(command: { client: string; pattern: string; data: unknown }) {
  return sent(find(command.client).emit(command.pattern, command.data));
}

export function emitBatch(command: { client: string; pattern: string; messages: unknown[] }) {
  return sent(find(command.client).emitBatch(command.pattern, { messages: command.messages }));
}

async function sent(outcome: Observable<unknown>) {
  return { sent: await lastValueFrom(outcome, { defaultValue: null }) };
}

function find(name: string): ClientKafka {
  const client = clients.get(name);
  if (!client) throw new Error(`no client is named ${name}; connect it first`);
  return client;
}
