/** The session's outbox in a page of the tests and benchmarks, which speak for a page of their own: `new swOutbox(…)`. */

import { Outbox } from "../src/session/outbox.js";

Object.assign(window, { swOutbox: Outbox });
