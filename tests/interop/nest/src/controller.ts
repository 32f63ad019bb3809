import { Controller } from '@nestjs/common';
import {
  Ctx,
  EventPattern,
  KafkaContext,
  KafkaRetriableException,
  MessagePattern,
  Payload,
  RpcException,
} from '@nestjs/microservices';
import { concat, EMPTY, Observable, of, range, throwError } from 'rxjs';

import { hexHeaders, report } from './lines.mjs';

type Numbers = string | number[] | { numbers: number[] };

// A class for each prefix, for the topics of a decorator are fixed when its class is made.
export function controllerOf(service: string, prefix: string) {
  const retried = new Set<string>();

  @Controller()
  class MathController {
    @MessagePattern(`${prefix}.sum`)
    sum(@Payload() data: Numbers): number {
      return numbersOf(data).reduce((sum, number) => sum + number, 0);
    }

    @MessagePattern(`${prefix}.steps`)
    steps(@Payload() count: string): Observable<number> {
      return range(1, Number(count));
    }

    @MessagePattern(`${prefix}.objects`)
    objects(@Payload() count: string): Observable<object> {
      return new Observable((subscriber) => {
        for (let step = 1; step <= Number(count); step += 1) subscriber.next({ step });
        subscriber.complete();
      });
    }

    @MessagePattern(`${prefix}.fail`)
    fail(@Payload() how: string): Observable<number> {
      switch (how) {
        case 'object':
          throw new RpcException({ status: 'refused', message: 'no such number', code: 42 });
        case 'text':
          throw new RpcException('no such number');
        case 'later':
          return concat(of(1, 2), throwError(() => new RpcException('no third number')));
        default:
          throw new Error('a secret of the service');
      }
    }

    @MessagePattern(`${prefix}.retry`)
    retry(@Payload() name: string): string {
      if (retried.has(name)) return `${name} again`;
      retried.add(name);
      throw new KafkaRetriableException('not yet');
    }

    @MessagePattern(`${prefix}.empty`)
    empty(): Observable<never> {
      return EMPTY;
    }

    @MessagePattern(`${prefix}.nothing`)
    nothing(): void {}

    @MessagePattern(`${prefix}.envelope`)
    envelope(): object {
      return { key: 'answer', value: { sum: 15 }, headers: { 'trace-id': 'abc' } };
    }

    @MessagePattern(`${prefix}.echo`)
    echo(@Payload() data: unknown, @Ctx() context: KafkaContext): object {
      const { key, value } = context.getMessage();
      // An object with a `key` of its own would be taken for an envelope.
      return { service, data, messageKey: key, isTombstone: value === null };
    }

    @EventPattern(`${prefix}.created`)
    created(@Payload() data: unknown, @Ctx() context: any): void {
      const { key, value, headers } = (context as KafkaContext).getMessage();
      report({
        event: 'created',
        service,
        data: value === null ? null : data,
        key,
        headers: hexHeaders(headers),
        partition: context.getPartition(),
      });
    }
  }

  return MathController;
}

function numbersOf(data: Numbers): number[] {
  if (typeof data === 'string') return data.split(data.includes(',') ? ',' : '').map(Number);
  return Array.isArray(data) ? data : data.numbers;
}
