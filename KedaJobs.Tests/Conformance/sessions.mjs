// Sessions: exclusive, ordered, with state.
import { assert, bodies, eventually, numbered, receive, receiveNothing, rejectsWith, run, sleep, test } from "./harness.mjs";

async function openSessions(t, queueOptions) {
  const queue = await t.queue({ requiresSession: true, ...queueOptions });
  const client = t.client();
  return { queue, client, sender: client.createSender(queue) };
}

test("sessions: a message without a session id is refused", async (t) => {
  const { sender } = await openSessions(t);
  await assert.rejects(sender.sendMessages({ body: 1 }));
});

test("sessions: a receiver without a session is refused", async (t) => {
  const { queue, client } = await openSessions(t);
  await assert.rejects(client.createReceiver(queue).receiveMessages(1, { maxWaitTimeInMs: 1000 }));
});

test("sessions: a queue without sessions refuses a session receiver", async (t) => {
  const queue = await t.queue();
  await assert.rejects(t.client().acceptSession(queue, "A"));
});

test("sessions: a held session cannot be accepted again", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  await sender.sendMessages({ body: 1, sessionId: "A" });
  await client.acceptSession(queue, "A");
  await rejectsWith(t.client().acceptSession(queue, "A"), "SessionCannotBeLocked");
});

test("sessions: a closed session is free at once, with what was not settled", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  await sender.sendMessages(numbered(3, { sessionId: "A" }));
  const first = await client.acceptSession(queue, "A");
  assert.equal((await receive(first, 2)).length, 2);
  await first.close();
  const second = await client.acceptSession(queue, "A");
  assert.deepEqual(bodies(await receive(second, 3)), [0, 1, 2]);
});

test("sessions: closing a session is no failed delivery", async (t) => {
  const queue = await t.queue({ requiresSession: true, maxDeliveryCount: 2 });
  const client = t.client();
  await client.createSender(queue).sendMessages({ body: 1, sessionId: "s" });
  for (let round = 0; round < 4; round++) {
    const session = await client.acceptSession(queue, "s");
    const [m] = await session.receiveMessages(1);
    assert.deepEqual([m.body, m.deliveryCount], [1, 0], `round ${round}`);
    await session.close();
  }
});

test("sessions: state counts towards the size of the queue", async (t) => {
  const queue = await t.queue({ requiresSession: true });
  const session = await t.client().acceptSession(queue, "s");
  await session.setSessionState(Buffer.alloc(50000));
  assert.ok((await t.admin.getQueueRuntimeProperties(queue)).sizeInBytes >= 50000);
  await session.setSessionState(null);
  assert.ok((await t.admin.getQueueRuntimeProperties(queue)).sizeInBytes < 100);
});

test("sessions: no free session is ServiceTimeout", { timeout: 40000 }, async (t) => {
  const { queue } = await openSessions(t);
  const client = t.client({ retryOptions: { maxRetries: 0, timeoutInMs: 2000 } });
  await rejectsWith(client.acceptNextSession(queue), "ServiceTimeout");
});

test("sessions: a waiting receiver gets the session that appears", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  const pending = client.acceptNextSession(queue);
  await sleep(700);
  await sender.sendMessages({ body: "now", sessionId: "late" });
  const receiver = await pending;
  assert.equal(receiver.sessionId, "late");
  assert.deepEqual(bodies(await receive(receiver, 1)), ["now"]);
});

test("sessions: next sessions are all different", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  await sender.sendMessages(["A", "B", "C"].map((sessionId) => ({ body: sessionId, sessionId })));
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push((await client.acceptNextSession(queue)).sessionId);
  assert.deepEqual(ids.sort(), ["A", "B", "C"]);
});

test("sessions: the lock is renewed, and lapses otherwise", { timeout: 40000 }, async (t) => {
  const { queue, client, sender } = await openSessions(t, { lockDuration: "PT5S" });
  await sender.sendMessages({ body: 1, sessionId: "A" });
  const receiver = await client.acceptSession(queue, "A", { maxAutoLockRenewalDurationInMs: 0 });
  const until = receiver.sessionLockedUntilUtc;
  assert.ok(Math.abs(until - Date.now() - 5000) < 2000, `locked until ${until.toISOString()}`);
  const [message] = await receive(receiver, 1);
  await sleep(2000);
  const renewed = await receiver.renewSessionLock();
  assert.ok(renewed > until, "renewed");
  await sleep(6500);
  await rejectsWith(receiver.completeMessage(message), "SessionLockLost");
  const next = await client.acceptSession(queue, "A");
  const [again] = await receive(next, 1);
  assert.equal(again.deliveryCount, 1);
});

test("sessions: state outlives the holder and an empty session", async (t) => {
  const { queue, client } = await openSessions(t);
  const first = await client.acceptSession(queue, "A");
  assert.equal(await first.getSessionState(), null);
  await first.setSessionState("half way");
  await first.close();
  const second = await client.acceptSession(queue, "A");
  assert.equal(await second.getSessionState(), "half way");
  await second.setSessionState(null);
  assert.equal(await second.getSessionState(), null);
});

test("sessions: defer, peek and dead-letter within a session", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  await sender.sendMessages(numbered(3, { sessionId: "A" }));
  await sender.sendMessages({ body: "other", sessionId: "B" });
  const receiver = await client.acceptSession(queue, "A");
  const [a, b] = await receive(receiver, 2);
  await receiver.deferMessage(a);
  await receiver.deadLetterMessage(b, { deadLetterReason: "bad" });
  assert.deepEqual(bodies(await receiver.peekMessages(10)), [0, 2]);
  const [deferred] = await receiver.receiveDeferredMessages(a.sequenceNumber);
  assert.equal(deferred.body, 0);
  await receiver.completeMessage(deferred);
  const dead = client.createReceiver(queue, { subQueueType: "deadLetter" });
  const [d] = await receive(dead, 1);
  assert.equal(d.sessionId, "A");
  assert.equal(d.deadLetterReason, "bad");
});

test("sessions: an abandoned message stays first in its session", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  await sender.sendMessages(numbered(3, { sessionId: "A" }));
  const receiver = await client.acceptSession(queue, "A");
  const [first] = await receive(receiver, 1);
  await receiver.abandonMessage(first);
  assert.deepEqual(bodies(await receive(receiver, 3)), [0, 1, 2]);
});

test("sessions: receiveAndDelete", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  await sender.sendMessages(numbered(3, { sessionId: "A" }));
  const receiver = await client.acceptSession(queue, "A", { receiveMode: "receiveAndDelete" });
  assert.deepEqual(bodies(await receive(receiver, 3)), [0, 1, 2]);
  await receiver.close();
  assert.equal((await t.admin.getQueueRuntimeProperties(queue)).totalMessageCount, 0);
});

test("sessions: two receivers work through two sessions side by side", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  await sender.sendMessages([..."ABABABAB"].map((sessionId, i) => ({ body: i, sessionId })));
  const seen = {};
  const work = async () => {
    const receiver = await client.acceptNextSession(queue);
    for (const m of await receive(receiver, 4)) {
      (seen[m.sessionId] ??= []).push(m.body);
      await receiver.completeMessage(m);
    }
    await receiver.close();
  };
  await Promise.all([work(), work()]);
  assert.deepEqual(seen, { A: [0, 2, 4, 6], B: [1, 3, 5, 7] });
  await eventually("queue empty", async () => (await t.admin.getQueueRuntimeProperties(queue)).totalMessageCount === 0);
});

test("sessions: scheduled messages of a session come in it", async (t) => {
  const { queue, client, sender } = await openSessions(t);
  await sender.scheduleMessages({ body: "later", sessionId: "A" }, new Date(Date.now() + 1500));
  const receiver = await client.acceptNextSession(queue);
  assert.deepEqual(bodies(await receive(receiver, 1)), ["later"]);
  await receiveNothing(receiver, 300);
});

await run();
