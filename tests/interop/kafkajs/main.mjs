import { produce, consume, stopAll } from './kafka.mjs';
import { obey } from './lines.mjs';

await obey({ produce, consume }, stopAll);
