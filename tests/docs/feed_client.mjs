// A person's app, for test_javascript.py: its calls come by stdin, one JSON list a line, and every state goes to stdout.
import { createInterface } from "node:readline";

import { memoryStore } from "../../clients/javascript/api.js";
import { NotificationFeed } from "../../clients/javascript/notifications.js";

if (!globalThis.WebSocket) throw new Error("This Node has no WebSocket. Node 20 has it with --experimental-websocket.");
Math.random = () => 0.05; // the waits are short here
const store = memoryStore();
const feed = new NotificationFeed({ baseUrl: process.argv[2], store });
const calls = {
  ...feed,
  let_access_expire: () => store.set({ ...store.get(), access: "expired" }),
};

feed.subscribe((state) => console.log(JSON.stringify(state)));
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...values] = JSON.parse(line);
  await calls[name](...values);
}
process.exit();
