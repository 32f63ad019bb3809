import { type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';

import { connection, ErrorOutput, membership } from './connection.js';
import { controllerOf } from './controller.js';

const services = new Map<string, INestMicroservice>();

// A service with its own group and its own topics: `PREFIX.sum` and so on.
export async function serve(command: { service: string; group: string; prefix: string }) {
  @Module({ controllers: [controllerOf(command.service, command.prefix)] })
  class ServiceModule {}

  const service = await NestFactory.createMicroservice<MicroserviceOptions>(ServiceModule, {
    logger: new ErrorOutput(),
    transport: Transport.KAFKA,
    options: {
      client: connection(command.service),
      consumer: membership(command.group),
      subscribe: { fromBeginning: true },
      run: { partitionsConsumedConcurrently: 3 },
    },
  });
  services.set(command.service, service);
  await service.listen();
}

export async function stop(command: { service: string }) {
  await services.get(command.service)?.close();
  services.delete(command.service);
}

export async function stopAll() {
  await Promise.all([...services.keys()].map((service) => stop({ service })));
}
