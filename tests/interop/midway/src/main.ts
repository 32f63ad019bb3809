import { Bootstrap } from '@midwayjs/bootstrap';

import { MainConfiguration } from './configuration.js';
import { obey } from './lines.mjs';
import { OrdersConsumer, OrdersProducer } from './orders.js';

const container = await Bootstrap.configure({
  imports: [{ Configuration: MainConfiguration }],
  preloadModules: [OrdersConsumer, OrdersProducer],
  moduleLoadType: 'esm',
  logger: false,
}).run();
const producer = await container.getAsync(OrdersProducer);

await obey(
  { produce: ({ topic, messages }) => producer.send(topic, messages) },
  () => Bootstrap.stop(),
);
