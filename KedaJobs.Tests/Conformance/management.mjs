// The management API and who may use what.
import { adminClient, adminConnectionString, assert, connectionString, rejectsWith, run, test, withKey } from "./harness.mjs";

const invalid = [
  ["lockDuration", "PT0.5S"], ["lockDuration", "PT6M"], ["maxDeliveryCount", 0], ["defaultMessageTimeToLive", "PT0.5S"],
  ["duplicateDetectionHistoryTimeWindow", "PT4S"], ["duplicateDetectionHistoryTimeWindow", "P8D"], ["autoDeleteOnIdle", "PT1M"], ["maxSizeInMegabytes", 5],
  ["userMetadata", "x".repeat(1025)], ["forwardTo", "missing-target"], ["forwardDeadLetteredMessagesTo", "missing-target"],
  ["enableExpress", true], ["status", "Asleep"],
];
for (const [property, value] of invalid) {
  test(`admin: ${property} ${String(value).slice(0, 8)} is refused`, { needsAdmin: true }, async (t) => {
    await assert.rejects(t.admin.createQueue(`bad-${property.toLowerCase()}-${Math.floor(Date.now() % 1e6)}`, { [property]: value }), (e) => e.statusCode === 400);
  });
}

test("admin: what cannot change is refused, all else changes", { needsAdmin: true }, async (t) => {
  const name = await t.queue();
  for (const change of [{ requiresSession: true }, { requiresDuplicateDetection: true }]) {
    await assert.rejects(t.admin.updateQueue({ ...await t.admin.getQueue(name), ...change }), (e) => e.statusCode === 400);
  }
  const target = await t.queue();
  const changes = { lockDuration: "PT45S", maxDeliveryCount: 3, defaultMessageTimeToLive: "PT2H", deadLetteringOnMessageExpiration: true, duplicateDetectionHistoryTimeWindow: "PT1M",
    autoDeleteOnIdle: "PT1H", userMetadata: "m", maxSizeInMegabytes: 2048, forwardDeadLetteredMessagesTo: target };
  await t.admin.updateQueue({ ...await t.admin.getQueue(name), ...changes });
  const after = await t.admin.getQueue(name);
  for (const [k, v] of Object.entries(changes)) {
    if (k === "forwardDeadLetteredMessagesTo") assert.ok(after[k].endsWith(target));
    else assert.equal(after[k], v, k);
  }
});

test("admin: a missing queue cannot be updated", { needsAdmin: true }, async (t) => {
  const queue = await t.admin.getQueue(await t.queue());
  await assert.rejects(t.admin.updateQueue({ ...queue, name: `${queue.name}-not` }), (e) => e.statusCode === 404);
});

test("admin: bad names are refused", { needsAdmin: true }, async (t) => {
  for (const name of ["-a", "a b", "a%b", "x".repeat(261)]) await assert.rejects(t.admin.createQueue(name), (e) => e.statusCode === 400, name.slice(0, 9));
});

test("admin: names that frameworks make", { needsAdmin: true }, async (t) => {
  for (const name of [`Fault--X${Date.now()}--`, `X${Date.now()}__`, `x${Date.now()}.`]) {
    await t.admin.createQueue(name, { maxDeliveryCount: 2147483647, lockDuration: "PT1S" });
    try {
      const queue = await t.admin.getQueue(name);
      assert.deepEqual([queue.name, queue.maxDeliveryCount, queue.lockDuration], [name.toLowerCase(), 2147483647, "PT1S"]);
      const client = t.client();
      await client.createSender(name).sendMessages({ body: 1 });
      assert.equal((await client.createReceiver(name).receiveMessages(1)).length, 1);
    } finally {
      await t.admin.deleteQueue(name);
    }
  }
});

test("admin: forwarding is given, kept by an update, and taken back", { needsAdmin: true }, async (t) => {
  const target = await t.queue();
  const name = await t.queue({ forwardTo: target, forwardDeadLetteredMessagesTo: target, defaultMessageTimeToLive: "PT2H" });
  const got = await t.admin.updateQueue(await t.admin.getQueue(name));
  assert.match(got.forwardTo, new RegExp(`^[a-z]+://[^/]+/${target}$`));
  const { forwardTo, forwardDeadLetteredMessagesTo, defaultMessageTimeToLive, ...rest } = got;
  const after = await t.admin.updateQueue(rest);
  assert.deepEqual([after.forwardTo, after.forwardDeadLetteredMessagesTo], [undefined, undefined]);
  assert.notEqual(after.defaultMessageTimeToLive, "PT2H");
  const client = t.client();
  await client.createSender(name).sendMessages({ body: "stays" });
  assert.equal((await client.createReceiver(name).receiveMessages(1)).length, 1);
});

test("admin: what is missing and what exists", { needsAdmin: true }, async (t) => {
  const queue = await t.queue();
  const topic = await t.topic({}, { s: {} });
  const missing = `${queue}-not`;
  const notFound = (e) => e.statusCode === 404;
  for (const call of [
    () => t.admin.getQueue(missing), () => t.admin.getQueueRuntimeProperties(missing), () => t.admin.deleteQueue(missing),
    () => t.admin.getTopic(missing), () => t.admin.getTopicRuntimeProperties(missing), () => t.admin.deleteTopic(missing),
    () => t.admin.getSubscription(topic, "none"), () => t.admin.getSubscriptionRuntimeProperties(topic, "none"), () => t.admin.deleteSubscription(topic, "none"),
    () => t.admin.getRule(topic, "s", "none"), () => t.admin.deleteRule(topic, "s", "none"), () => t.admin.createRule(topic, "none", "r", { sqlExpression: "1=1" }),
    async () => { for await (const s of t.admin.listSubscriptions(missing)) assert.fail(s.subscriptionName); },
    async () => { for await (const r of t.admin.listRules(topic, "none")) assert.fail(r.name); },
  ]) await assert.rejects(call, notFound, String(call));
  const exist = [t.admin.queueExists(queue), t.admin.topicExists(topic), t.admin.subscriptionExists(topic, "s"), t.admin.ruleExists(topic, "s", "$Default"),
    t.admin.queueExists(missing), t.admin.topicExists(missing), t.admin.subscriptionExists(topic, "none"), t.admin.ruleExists(topic, "s", "none")];
  assert.deepEqual(await Promise.all(exist), [true, true, true, true, false, false, false, false]);
});

test("admin: names may have slashes, and any letter case finds what is shown in lower case", { needsAdmin: true }, async (t) => {
  const name = `Folder/Sub/q-${Date.now()}`;
  await t.admin.createQueue(name);
  try {
    for (const found of [name, name.toLowerCase()]) assert.equal((await t.admin.getQueue(found)).name, name.toLowerCase());
    await assert.rejects(t.admin.createQueue(name.toUpperCase()), (e) => e.statusCode === 409);
    const client = t.client();
    await client.createSender(name).sendMessages({ body: 1 });
    const [m] = await client.createReceiver(name.toLowerCase()).receiveMessages(1);
    assert.equal(m.body, 1);
  } finally {
    await t.admin.deleteQueue(name);
  }
});

test("admin: namespace, times and sizes", { needsAdmin: true }, async (t) => {
  const space = await t.admin.getNamespaceProperties();
  assert.equal(space.messagingSku, "Standard");
  const { queue, sender } = await t.open();
  const before = await t.admin.getQueueRuntimeProperties(queue);
  assert.ok(Math.abs(before.createdAt - Date.now()) < 60000);
  await sender.sendMessages({ body: "x".repeat(1000) });
  const after = await t.admin.getQueueRuntimeProperties(queue);
  assert.ok(after.sizeInBytes >= 1000 && after.accessedAt >= before.accessedAt);
  const names = [];
  for await (const q of t.admin.listQueuesRuntimeProperties()) names.push(q.name);
  assert.ok(names.includes(queue));
});

test("security: a wrong key or name is UnauthorizedAccess", async (t) => {
  const queue = await t.queue();
  for (const cs of [withKey(connectionString, "RootManageSharedAccessKey", "wrong"), withKey(connectionString, "Nobody", "SAS_KEY_VALUE")]) {
    await rejectsWith(t.client({}, cs).createSender(queue).sendMessages({ body: 1 }), "UnauthorizedAccess");
  }
});

test("security: a queue's own keys allow what they say", { needsAdmin: true }, async (t) => {
  const rule = (keyName, ...accessRights) => ({ claimType: "SharedAccessKey", keyName, accessRights, primaryKey: `${keyName}-primary`, secondaryKey: `${keyName}-secondary` });
  const authorizationRules = [rule("sender", "Send"), rule("listener", "Listen"), rule("manager", "Manage", "Send", "Listen")];
  const queue = await t.queue({ authorizationRules });
  const other = await t.queue();
  const got = (await t.admin.getQueue(queue)).authorizationRules;
  assert.deepEqual(got.map((r) => r.keyName), ["sender", "listener", "manager"]);
  const as = (name, which = "primary") => t.client({}, withKey(connectionString, name, `${name}-${which}`));
  await as("sender").createSender(queue).sendMessages({ body: 1 });
  await as("sender", "secondary").createSender(queue).scheduleMessages({ body: 2 }, new Date());
  await rejectsWith(as("sender").createReceiver(queue).receiveMessages(1, { maxWaitTimeInMs: 500 }), "UnauthorizedAccess");
  await rejectsWith(as("sender").createReceiver(queue).peekMessages(1), "UnauthorizedAccess");
  assert.equal((await as("listener").createReceiver(queue).receiveMessages(1)).length, 1);
  await rejectsWith(as("listener").createSender(queue).sendMessages({ body: 3 }), "UnauthorizedAccess");
  await rejectsWith(as("manager").createSender(other).sendMessages({ body: 4 }), "UnauthorizedAccess");
  const admin = (name) => adminClient(withKey(adminConnectionString, name, `${name}-primary`));
  assert.equal((await admin("manager").getQueue(queue)).name, queue);
  await assert.rejects(admin("listener").getQueue(queue), (e) => e.statusCode === 401 || e.statusCode === 403);
});

await run();
