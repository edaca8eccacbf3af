// AMQP over TLS and over WebSockets, and the administration client over https as it comes, by SERVICEBUS_SECURE_CONNECTION_STRING (without UseDevelopmentEmulator);
// and what the client's session window lets out. The broker's certificate must be trusted (NODE_EXTRA_CA_CERTS).
import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { assert, bodies, numbered, receive, run, test } from "./harness.mjs";

const secure = process.env.SERVICEBUS_SECURE_CONNECTION_STRING ?? "";

async function roundTrip(t, options) {
  const queue = await t.queue();
  const client = t.client(options, secure);
  const sender = client.createSender(queue);
  await sender.sendMessages(numbered(20, { applicationProperties: { text: "ünï" } }));
  await sender.sendMessages({ body: Buffer.alloc(150000, 7) });
  const receiver = client.createReceiver(queue);
  const got = await receive(receiver, 21);
  assert.deepEqual(bodies(got.slice(0, 20)), numbered(20).map((m) => m.body));
  assert.equal(got[20].body.length, 150000);
  for (const m of got) await receiver.completeMessage(m);
  await receiver.renewMessageLock(got[0]).then(() => assert.fail("a completed message has no lock"), (e) => assert.equal(e.code, "MessageLockLost"));
}

test("AMQP over TLS", (t) => roundTrip(t, {}));

test("AMQP over WebSockets with TLS", (t) => roundTrip(t, { webSocketOptions: { webSocket: WebSocket } }));

test("sessions over WebSockets", async (t) => {
  const queue = await t.queue({ requiresSession: true });
  const client = t.client({ webSocketOptions: { webSocket: WebSocket } }, secure);
  await client.createSender(queue).sendMessages({ body: 1, sessionId: "s" });
  const session = await client.acceptNextSession(queue);
  assert.equal(session.sessionId, "s");
  await session.setSessionState("state");
  assert.equal(await session.getSessionState(), "state");
});

test("the administration client over https, as it comes", async (t) => {
  const admin = new ServiceBusAdministrationClient(secure, { retryOptions: { maxRetries: 0 } });
  const name = `tls-${Date.now()}`;
  await admin.createQueue(name, { lockDuration: "PT30S" });
  assert.equal((await admin.getQueue(name)).lockDuration, "PT30S");
  await admin.deleteQueue(name);
  assert.equal(await admin.queueExists(name), false);
});

test("nothing is locked for a receiver beyond its session's window", { timeout: 90000 }, async (t) => {
  // The client's window is 2048 transfers; MaxDeliveryCount 1 turns a delivery that nobody made into a dead letter when its lock lapses.
  const { queue, client, sender, receiver } = await t.open({ maxDeliveryCount: 1, lockDuration: "PT10S" });
  for (let batch = 0; batch < 25; batch++) await sender.sendMessages(numbered(100));
  const got = [];
  for (let full = true; full;) {
    const more = await receiver.receiveMessages(500, { maxWaitTimeInMs: 3000 });
    got.push(...more);
    full = more.length === 500;
  }
  await Promise.all(got.map((m) => receiver.completeMessage(m)));
  const other = t.client().createReceiver(queue);
  let rest = 0;
  for (let more; (more = await other.receiveMessages(500, { maxWaitTimeInMs: 2000 })).length;) {
    await Promise.all(more.map((m) => other.completeMessage(m)));
    rest += more.length;
  }
  assert.equal(got.length + rest, 2500, `${got.length} and ${rest} were received: the others are locked for nobody`);
  assert.equal((await client.createReceiver(queue, { subQueueType: "deadLetter" }).peekMessages(10)).length, 0);
});

await run();
