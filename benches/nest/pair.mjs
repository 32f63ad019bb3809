// A requester or a service of NestJS, one a process: node pair.mjs TASK, where the task is the JSON that the benchmark's
// other processes get. Words come in on standard input, answers go out on standard output.
import 'reflect-metadata';

import { createInterface } from 'node:readline';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientKafka, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { logLevel } from 'kafkajs';
import { firstValueFrom, timeout } from 'rxjs';

const task = JSON.parse(process.argv[2]);
const { topic } = task;
const asked = { numbers: [1, 2, 3, 4, 5] };

const say = (line) => process.stdout.write(`${line}\n`);
const connection = {
  clientId: 'bench',
  brokers: task.brokers.split(','),
  logLevel: logLevel.ERROR,
  logCreator: () => ({ log }) => void process.stderr.write(`${JSON.stringify(log)}\n`),
};
const consumer = { groupId: task.group, sessionTimeout: 6000, heartbeatInterval: 1000 };

function openWindow() {
  const [cpu, wall] = [process.cpuUsage(), process.hrtime.bigint()];
  return (messages) => {
    const { user, system } = process.cpuUsage(cpu);
    const wall_nanoseconds = Number(process.hrtime.bigint() - wall);
    return { cpu_nanoseconds: (user + system) * 1000, wall_nanoseconds, allocations: 0, messages };
  };
}

async function serve(words) {
  class Math {
    sum({ numbers }) {
      return numbers.reduce((sum, number) => sum + number, 0);
    }
  }
  // What decorators do, in plain JavaScript.
  Controller()(Math);
  MessagePattern(topic)(Math.prototype, 'sum', Object.getOwnPropertyDescriptor(Math.prototype, 'sum'));
  Payload()(Math.prototype, 'sum', 0);
  class ServiceModule {}
  Module({ controllers: [Math] })(ServiceModule);
  const service = await NestFactory.createMicroservice(ServiceModule, {
    logger: false,
    transport: Transport.KAFKA,
    options: {
      client: connection,
      consumer,
      subscribe: { fromBeginning: true },
      // Each partition of the requests' topic at once, which is the most that kafkajs does.
      run: { partitionsConsumedConcurrently: 8 },
    },
  });
  await service.listen();
  say('ready');
  let close = openWindow();
  for await (const word of words) {
    if (word === 'open') {
      close = openWindow();
      say('open');
    } else if (word === 'cost') say(JSON.stringify(close(0)));
    else if (word === 'resident') say(process.memoryUsage.rss());
    else break;
  }
  await service.close();
}

async function ask(words) {
  const client = new ClientKafka({ client: connection, consumer, subscribe: { fromBeginning: true } });
  client.subscribeToResponseOf(topic);
  await client.connect();
  while (client.getConsumerAssignments()[`${topic}.reply`] === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { in_flight, warm_up, requests } = task.asking;
  // Its consumer finds its place only after it has joined: a reply before that would be lost.
  for (let answered = false; !answered; ) {
    answered = await firstValueFrom(client.send(topic, asked).pipe(timeout(2000))).then(() => true, () => false);
  }
  await run(client, in_flight, warm_up);
  say('ready');
  for await (const word of words) {
    if (word !== 'go') break;
    const close = openWindow();
    const times = await run(client, in_flight, requests);
    const cost = close(requests);
    times.sort((one, other) => one - other);
    const at = (percent) => times[Math.floor((times.length * percent) / 100)] ?? 0;
    say(JSON.stringify({ Done: { cost, times: { median: at(50), ninety_nine: at(99) }, books: null } }));
  }
  await client.close();
}

async function run(client, inFlight, count) {
  const times = [];
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const began = process.hrtime.bigint();
      const sum = await firstValueFrom(client.send(topic, asked));
      if (Number(sum) !== 15) throw new Error(`${sum} is not the sum`);
      times.push(Number(process.hrtime.bigint() - began));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return times;
}

const words = createInterface({ input: process.stdin });
await (task.half === 'Service' ? serve(words) : ask(words));
process.exit(0);
