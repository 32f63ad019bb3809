import 'reflect-metadata';

import { ask, connect, disconnect, disconnectAll, emit, emitBatch } from './client.js';
import { obey } from './lines.mjs';
import { serve, stop, stopAll } from './service.js';
import { topics } from './topics.js';

const commands = { topics, serve, stop, connect, disconnect, ask, emit, emitBatch };
await obey(commands, () => Promise.all([disconnectAll(), stopAll()]));
