// Queue behaviour beyond the ordinary: locks, expiry, duplicates, forwarding, limits, peeking.
import rhea from "rhea-promise";
import { assert, bodies, eventually, numbered, receive, receiveNothing, rejectsWith, run, sleep, test } from "./harness.mjs";

const noRenewal = { maxAutoLockRenewalDurationInMs: 0 };
const deadLetters = (client, queue, options) => client.createReceiver(queue, { subQueueType: "deadLetter", ...options });

test("locks: a lapsed lock gives the message back and its token means nothing", { timeout: 40000 }, async (t) => {
  const { sender, receiver } = await t.open({ lockDuration: "PT5S" }, noRenewal);
  await sender.sendMessages({ body: "slow" });
  const [first] = await receive(receiver, 1);
  const [second] = await receive(receiver, 1, 9000);
  assert.equal(second.deliveryCount, 1);
  assert.equal(String(second.sequenceNumber), String(first.sequenceNumber));
  await rejectsWith(receiver.completeMessage(first), "MessageLockLost");
  await rejectsWith(receiver.renewMessageLock(first), "MessageLockLost");
  await receiver.completeMessage(second);
});

test("locks: the client's own renewal keeps a message for longer than its lock", { timeout: 40000 }, async (t) => {
  const { sender, receiver } = await t.open({ lockDuration: "PT5S" });
  await sender.sendMessages({ body: "slow" });
  const [m] = await receive(receiver, 1);
  await sleep(7500);
  await receiver.completeMessage(m);
  assert.equal((await receiver.peekMessages(1)).length, 0);
});

test("locks: a closed receiver's messages return only when their locks lapse", { timeout: 40000 }, async (t) => {
  const { queue, client, sender, receiver } = await t.open({ lockDuration: "PT5S" }, noRenewal);
  await sender.sendMessages({ body: 1 });
  await receive(receiver, 1);
  await receiver.close();
  const next = client.createReceiver(queue, noRenewal);
  await receiveNothing(next, 2000);
  const [m] = await receive(next, 1, 8000);
  assert.equal(m.deliveryCount, 1);
});

test("locks: what a closed receiver holds can still be settled by its tokens", async (t) => {
  const { queue, client, sender, receiver } = await t.open();
  await sender.sendMessages(numbered(4));
  const [a, b, c, d] = await receive(receiver, 4);
  await receiver.close();
  const settle = (m, how, options) => management(client, queue).updateDispositionStatus(m.lockToken, how, options);
  await settle(a, "complete");
  await settle(b, "abandon", { propertiesToModify: { seen: true } });
  await settle(c, "defer");
  await settle(d, "deadletter", { deadLetterReason: "late", deadLetterDescription: "closed" });
  await rejectsWith(settle(a, "complete"), "MessageLockLost");
  const next = t.client().createReceiver(queue);
  const [again] = await receive(next, 1);
  assert.equal(again.body, 1);
  assert.equal(again.applicationProperties.seen, true);
  assert.equal((await next.receiveDeferredMessages(c.sequenceNumber))[0].body, 2);
  const [dead] = await receive(deadLetters(t.client(), queue), 1);
  assert.deepEqual([dead.deadLetterReason, dead.deadLetterErrorDescription], ["late", "closed"]);
});

test("delivery count: at its maximum the message is dead-lettered with the reason", async (t) => {
  const { queue, client, sender, receiver } = await t.open({ maxDeliveryCount: 2 });
  await sender.sendMessages({ body: "poison" });
  for (let i = 0; i < 2; i++) await receiver.abandonMessage((await receive(receiver, 1))[0]);
  await receiveNothing(receiver, 500);
  const [d] = await receive(deadLetters(client, queue), 1);
  assert.equal(d.deadLetterReason, "MaxDeliveryCountExceeded");
  assert.match(d.deadLetterErrorDescription, /2 delivery attempts/);
  assert.equal(d.deadLetterSource, queue);
});

test("settlement: properties given on abandon, defer and dead-letter come along", async (t) => {
  const { queue, client, sender, receiver } = await t.open();
  await sender.sendMessages({ body: 1, applicationProperties: { kept: "k", changed: "old" } });
  let [m] = await receive(receiver, 1);
  await receiver.abandonMessage(m, { changed: "abandoned", n: 1 });
  [m] = await receive(receiver, 1);
  assert.deepEqual({ ...m.applicationProperties }, { kept: "k", changed: "abandoned", n: 1 });
  await receiver.deferMessage(m, { changed: "deferred" });
  [m] = await receiver.receiveDeferredMessages(m.sequenceNumber);
  assert.equal(m.applicationProperties.changed, "deferred");
  await receiver.deadLetterMessage(m, { deadLetterReason: "r", changed: "dead" });
  const [d] = await receive(deadLetters(client, queue), 1);
  assert.equal(d.applicationProperties.changed, "dead");
  assert.equal(d.applicationProperties.kept, "k");
});

test("dead letters: have locks of their own and can be sent again", async (t) => {
  const { queue, client, sender, receiver } = await t.open();
  await sender.sendMessages({ body: "b", messageId: "id-7", applicationProperties: { a: 1 } });
  await receiver.deadLetterMessage((await receive(receiver, 1))[0]);
  const dlq = deadLetters(client, queue);
  const [d] = await receive(dlq, 1);
  assert.equal(d.deadLetterReason, undefined);
  await dlq.abandonMessage(d);
  const [again] = await receive(dlq, 1);
  assert.equal(again.deliveryCount, d.deliveryCount + 1);
  await dlq.renewMessageLock(again);
  await sender.sendMessages(again);
  await dlq.completeMessage(again);
  const [back] = await receive(receiver, 1);
  assert.deepEqual([back.body, back.messageId, back.applicationProperties.a, back.deliveryCount], ["b", "id-7", 1, 0]);
});

test("dead letters: nobody sends to the sub-queue", async (t) => {
  const queue = await t.queue();
  await assert.rejects(t.client().createSender(`${queue}/$DeadLetterQueue`).sendMessages({ body: 1 }));
});

test("time to live: an expired message is gone", async (t) => {
  const { queue, sender, receiver } = await t.open();
  await sender.sendMessages([{ body: "short", timeToLive: 1000 }, { body: "long", timeToLive: 60000 }]);
  await sleep(1800);
  assert.deepEqual(bodies(await receive(receiver, 2, 1500)), ["long"]);
  const counts = await t.admin.getQueueRuntimeProperties(queue);
  assert.deepEqual([counts.activeMessageCount, counts.deadLetterMessageCount], [1, 0]);
});

test("time to live: an expired message is dead-lettered where the queue says so", async (t) => {
  const { queue, client, sender } = await t.open({ deadLetteringOnMessageExpiration: true, defaultMessageTimeToLive: "PT1S" });
  await sender.sendMessages({ body: "old", timeToLive: 60000 });
  const [d] = await receive(deadLetters(client, queue), 1, 6000);
  assert.equal(d.deadLetterReason, "TTLExpiredException");
});

test("time to live: the queue's own shortens the message's", async (t) => {
  const { sender, receiver } = await t.open({ defaultMessageTimeToLive: "PT30S" });
  await sender.sendMessages([{ body: 1, timeToLive: 600000 }, { body: 2 }, { body: 3, timeToLive: 5000 }]);
  const got = await receive(receiver, 3);
  assert.deepEqual(got.map((m) => m.timeToLive), [30000, 30000, 5000]);
  for (const m of got) assert.ok(Math.abs(m.expiresAtUtc - m.enqueuedTimeUtc - m.timeToLive) < 1000);
});

test("time to live: a locked message is its holder's beyond the time", async (t) => {
  const { sender, receiver } = await t.open();
  await sender.sendMessages({ body: 1, timeToLive: 1500 });
  const [m] = await receive(receiver, 1);
  await sleep(2500);
  await receiver.completeMessage(m);
});

test("duplicates: the second of two equal ids is accepted and dropped, also after completion", async (t) => {
  const { sender, receiver } = await t.open({ requiresDuplicateDetection: true });
  await sender.sendMessages({ body: "first", messageId: "same" });
  await sender.sendMessages([{ body: "second", messageId: "same" }, { body: "other", messageId: "other" }]);
  const got = await receive(receiver, 2);
  assert.deepEqual(bodies(got), ["first", "other"]);
  for (const m of got) await receiver.completeMessage(m);
  await sender.sendMessages({ body: "third", messageId: "same" });
  await receiveNothing(receiver, 700);
});

test("schedule: by a plain send too, with a number of its own at activation", async (t) => {
  const { queue, sender, receiver } = await t.open();
  const due = new Date(Date.now() + 2000);
  await sender.sendMessages({ body: "plain", scheduledEnqueueTimeUtc: due });
  const [scheduled] = await receiver.peekMessages(1);
  assert.equal(scheduled.state, "scheduled");
  assert.equal((await t.admin.getQueueRuntimeProperties(queue)).scheduledMessageCount, 1);
  await sender.sendMessages({ body: "between" });
  const [first] = await receive(receiver, 1);
  assert.equal(first.body, "between");
  const [m] = await receive(receiver, 1, 6000);
  assert.equal(m.body, "plain");
  assert.ok(m.sequenceNumber.greaterThan(first.sequenceNumber), "numbered on activation");
  assert.ok(Math.abs(m.enqueuedTimeUtc - due) < 1500, "enqueued when it became active");
  assert.ok(Math.abs(m.scheduledEnqueueTimeUtc - due) < 5);
});

test("schedule: many with one time come in the order of submission", async (t) => {
  const { sender, receiver } = await t.open();
  await sender.scheduleMessages(numbered(20), new Date(Date.now() + 1000));
  assert.deepEqual(bodies(await receive(receiver, 20)), numbered(20).map((m) => m.body));
});

test("schedule: an unknown number cannot be cancelled, nor one that is active", async (t) => {
  const { sender, receiver } = await t.open();
  const [number] = await sender.scheduleMessages({ body: 1 }, new Date(Date.now() + 60000));
  await sender.sendMessages({ body: 2 });
  const [active] = await receiver.peekMessages(1, { fromSequenceNumber: number.add(1) });
  await rejectsWith(sender.cancelScheduledMessages(number.add(1000)), "MessageNotFound");
  await rejectsWith(sender.cancelScheduledMessages(active.sequenceNumber), "MessageNotFound");
  await sender.cancelScheduledMessages(number);
  await rejectsWith(sender.cancelScheduledMessages(number), "MessageNotFound");
});

test("deferred: only deferred messages come by number, and all of the numbers or none", async (t) => {
  const { sender, receiver } = await t.open();
  await sender.sendMessages(numbered(3));
  const [a, b, c] = await receive(receiver, 3);
  await receiver.deferMessage(a);
  await receiver.deferMessage(b);
  await rejectsWith(receiver.receiveDeferredMessages([a.sequenceNumber, c.sequenceNumber]), "MessageNotFound");
  const both = await receiver.receiveDeferredMessages([b.sequenceNumber, a.sequenceNumber]);
  assert.deepEqual(bodies(both).sort(), [0, 1]);
  await receiver.abandonMessage(both[0]);
  await receiveNothing(receiver, 400);
  const [again] = await receiver.receiveDeferredMessages(both[0].sequenceNumber);
  assert.equal(again.deliveryCount, both[0].deliveryCount + 1);
});

test("deferred: receiveAndDelete removes by number", async (t) => {
  const { queue, client, sender, receiver } = await t.open();
  await sender.sendMessages({ body: "x" });
  const [m] = await receive(receiver, 1);
  await receiver.deferMessage(m);
  const taker = client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
  assert.deepEqual(bodies(await taker.receiveDeferredMessages(m.sequenceNumber)), ["x"]);
  assert.equal((await t.admin.getQueueRuntimeProperties(queue)).totalMessageCount, 0);
});

test("peek: goes through all states, on from a number, and sees dead letters only there", async (t) => {
  const { queue, client, sender, receiver } = await t.open();
  await sender.sendMessages(numbered(4));
  await sender.scheduleMessages({ body: "s" }, new Date(Date.now() + 60000));
  const [a, b] = await receive(receiver, 2);
  await receiver.deferMessage(a);
  await receiver.deadLetterMessage(b);
  const peeked = await receiver.peekMessages(10);
  assert.deepEqual(bodies(peeked), [0, 2, 3, "s"]);
  assert.deepEqual(peeked.map((m) => m.state), ["deferred", "active", "active", "scheduled"]);
  const from = await client.createReceiver(queue).peekMessages(1, { fromSequenceNumber: peeked[1].sequenceNumber.add(1) });
  assert.deepEqual(bodies(from), [3]);
  assert.deepEqual(bodies(await deadLetters(client, queue).peekMessages(10)), [1]);
});

test("peek: many messages, page by page", async (t) => {
  const { sender, receiver } = await t.open();
  await sender.sendMessages(numbered(120));
  const seen = [];
  for (let page; (page = await receiver.peekMessages(50)).length;) seen.push(...bodies(page));
  assert.deepEqual(seen, numbered(120).map((m) => m.body));
});

test("limits: a message over the maximum is MessageSizeExceeded and harms nothing", async (t) => {
  const { sender, receiver } = await t.open();
  await rejectsWith(sender.sendMessages({ body: Buffer.alloc(300 * 1024) }), "MessageSizeExceeded");
  await rejectsWith(sender.sendMessages({ body: Buffer.alloc(5 * 1024 * 1024) }), "MessageSizeExceeded");
  await sender.sendMessages({ body: Buffer.alloc(200 * 1024, 7) });
  const [m] = await receive(receiver, 1);
  assert.equal(m.body.length, 200 * 1024);
  assert.ok(m.body.every((x) => x === 7));
});

test("limits: a queue may allow larger messages", async (t) => {
  const { sender, receiver } = await t.open({ maxMessageSizeInKilobytes: 2048 });
  await sender.sendMessages({ body: Buffer.alloc(1500 * 1024, 3) });
  const [m] = await receive(receiver, 1);
  assert.equal(m.body.length, 1500 * 1024);
});

test("limits: a batch takes only what fits", async (t) => {
  const { sender, receiver } = await t.open();
  const batch = await sender.createMessageBatch();
  let n = 0;
  while (batch.tryAddMessage({ body: Buffer.alloc(20 * 1024), messageId: `m${n}` })) n++;
  assert.ok(n >= 12 && n <= 13, `${n} messages`);
  await sender.sendMessages(batch);
  assert.equal((await receive(receiver, n)).length, n);
});

test("forwarding: messages and dead letters go where the queue says", async (t) => {
  const target = await t.queue();
  const graves = await t.queue();
  const source = await t.queue({ forwardTo: target });
  const work = await t.queue({ forwardDeadLetteredMessagesTo: graves, maxDeliveryCount: 1 });
  const client = t.client();
  await client.createSender(source).sendMessages({ body: "on", messageId: "f1" });
  const [m] = await receive(client.createReceiver(target), 1);
  assert.deepEqual([m.body, m.messageId], ["on", "f1"]);
  await assert.rejects(client.createReceiver(source).receiveMessages(1, { maxWaitTimeInMs: 500 }));
  await client.createSender(work).sendMessages(numbered(2));
  const receiver = client.createReceiver(work);
  const [a, b] = await receive(receiver, 2);
  await receiver.abandonMessage(a);
  await receiver.deadLetterMessage(b, { deadLetterReason: "r" });
  const dead = await receive(client.createReceiver(graves), 2);
  assert.deepEqual(dead.map((d) => d.deadLetterReason).sort(), ["MaxDeliveryCountExceeded", "r"]);
  assert.equal(dead[0].deadLetterSource, work);
});

test("status: a disabled queue refuses, and works when active again", async (t) => {
  const { queue, client, sender, receiver } = await t.open();
  await sender.sendMessages({ body: 1 });
  const set = async (status) => { const q = await t.admin.getQueue(queue); q.status = status; assert.equal((await t.admin.updateQueue(q)).status, status); };
  await set("SendDisabled");
  await rejectsWith(client.createSender(queue).sendMessages({ body: 2 }), "MessagingEntityDisabled");
  await rejectsWith(sender.sendMessages({ body: 2 }), "MessagingEntityDisabled");
  await set("ReceiveDisabled");
  await rejectsWith(client.createReceiver(queue).receiveMessages(1, { maxWaitTimeInMs: 500 }), "MessagingEntityDisabled");
  await set("Active");
  assert.deepEqual(bodies(await receive(receiver, 1)), [1]);
});

test("deletion: what is attached learns of it", async (t) => {
  const { queue, sender, receiver } = await t.open();
  await sender.sendMessages({ body: 1 });
  await receive(receiver, 1);
  await t.admin.deleteQueue(queue);
  await eventually("sender fails", async () => { try { await sender.sendMessages({ body: 2 }); return false; } catch (e) { return e.code === "MessagingEntityNotFound"; } });
});

test("deletion: every operation says that the queue is not there, and a new queue of the name serves the old links", async (t) => {
  const { queue, client, sender, receiver } = await t.open();
  await sender.sendMessages(numbered(2));
  const [held] = await receive(receiver, 1);
  const errors = [];
  const subscriber = client.createReceiver(queue);
  subscriber.subscribe({ processMessage: async () => {}, processError: async ({ error }) => { errors.push(error.code); } }, { autoCompleteMessages: false });
  await receiver.peekMessages(1);
  await t.admin.deleteQueue(queue);
  const gone = "MessagingEntityNotFound";
  await eventually("the subscriber is told", async () => errors.includes(gone));
  await rejectsWith(sender.sendMessages({ body: 2 }), gone);
  await rejectsWith(sender.scheduleMessages({ body: 2 }, new Date()), gone);
  await rejectsWith(receiver.peekMessages(1), gone);
  await assert.rejects(receiver.completeMessage(held));
  await subscriber.close();
  await t.admin.createQueue(queue);
  await sender.sendMessages({ body: "new" });
  assert.deepEqual(bodies(await client.createReceiver(queue).receiveMessages(1)), ["new"]);
});

test("batch delete: only what was enqueued before the time and is not locked", async (t) => {
  const { queue, client, sender, receiver } = await t.open();
  await sender.sendMessages(numbered(5));
  const [locked] = await receive(receiver, 1);
  await sleep(20);
  const before = new Date();
  await sleep(20);
  await sender.sendMessages({ body: "later" });
  const { body, application_properties } = await batchDelete(client, queue, 3, before);
  assert.equal(application_properties.statusCode, 200);
  assert.equal(body["message-count"], 3);
  assert.equal((await batchDelete(client, queue, 100, before)).body["message-count"], 1);
  assert.equal((await batchDelete(client, queue, 100, before)).application_properties.statusCode, 204);
  assert.deepEqual(bodies(await receiver.peekMessages(10)), [0, "later"]);
  await receiver.completeMessage(locked);
});

/** The client has no method for it: over its own management link. */
async function batchDelete(client, queue, count, before) {
  const link = management(client, queue);
  const { timeoutInMs } = await link.initWithUniqueReplyTo({ timeoutInMs: 10000 });
  return link._makeManagementRequest({
    body: { "message-count": rhea.types.wrap_int(count), "enqueued-time-utc": rhea.types.wrap_timestamp(before.getTime()) },
    reply_to: link.replyTo,
    application_properties: { operation: "com.microsoft:batch-delete-messages" },
  }, { verbose() {}, logError() {} }, { timeoutInMs });
}

/** The client's own link to the queue's management node. */
function management(client, queue) {
  return client._connectionContext.getManagementClient(queue);
}

test("many connections at once, each with its own links", { serial: true, timeout: 60000 }, async (t) => {
  const queue = await t.queue();
  const clients = Array.from({ length: 100 }, () => t.client({ retryOptions: { maxRetries: 0, timeoutInMs: 30000 } }));
  await Promise.all(clients.map((c, i) => c.createSender(queue).sendMessages({ body: i })));
  const seen = new Set();
  await Promise.all(clients.map(async (c) => {
    const receiver = c.createReceiver(queue, { receiveMode: "receiveAndDelete" });
    for (const m of await receiver.receiveMessages(1, { maxWaitTimeInMs: 20000 })) seen.add(m.body);
  }));
  assert.equal(seen.size, 100);
});

await run();
