// Topics, subscriptions and rules.
import { assert, bodies, connectionString, eventually, receive, receiveNothing, rejectsWith, run, sleep, test, withKey } from "./harness.mjs";

const admin = { needsAdmin: true };

/** Receives all that is there already: copies are in their subscriptions when the send has been answered. */
const drain = async (client, topic, subscription) =>
  bodies(await client.createReceiver(topic, subscription, { receiveMode: "receiveAndDelete" }).receiveMessages(100, { maxWaitTimeInMs: 1000 }));

const colored = (color, extra = {}) => ({ body: color, applicationProperties: { color, ...extra } });

test("topics: every subscription gets its copy, and settles it by itself", admin, async (t) => {
  const topic = await t.topic({}, { a: {}, b: {} });
  const client = t.client();
  await client.createSender(topic).sendMessages([{ body: 1, messageId: "x" }, { body: 2 }]);
  const [receiver, other] = ["a", "b"].map((s) => client.createReceiver(topic, s));
  const [first] = await receive(receiver, 2);
  assert.deepEqual([first.body, first.messageId, first.deliveryCount], [1, "x", 0]);
  await receiver.completeMessage(first);
  assert.deepEqual(bodies(await receive(other, 2)), [1, 2]);
  const counts = await t.admin.getSubscriptionRuntimeProperties(topic, "a");
  assert.deepEqual([counts.activeMessageCount, counts.totalMessageCount], [1, 1]);
});

test("topics: a batch object reaches all subscriptions in order", admin, async (t) => {
  const topic = await t.topic({}, { a: {}, b: {} });
  const client = t.client();
  const sender = client.createSender(topic);
  const batch = await sender.createMessageBatch();
  for (let i = 0; i < 10; i++) assert.ok(batch.tryAddMessage({ body: i }));
  await sender.sendMessages(batch);
  for (const s of ["a", "b"]) assert.deepEqual(await drain(client, topic, s), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("topics: a subscription has dead letters, deferred messages and abandoned ones", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  const client = t.client();
  await client.createSender(topic).sendMessages([{ body: "dead" }, { body: "later" }, { body: "again" }]);
  const receiver = client.createReceiver(topic, "s");
  const [dead, later, again] = await receive(receiver, 3);
  await receiver.deadLetterMessage(dead, { deadLetterReason: "r", deadLetterErrorDescription: "d" });
  await receiver.deferMessage(later);
  await receiver.abandonMessage(again);
  assert.equal((await receive(receiver, 1))[0].deliveryCount, 1);
  assert.equal((await receiver.receiveDeferredMessages(later.sequenceNumber))[0].body, "later");
  const [d] = await receive(client.createReceiver(topic, "s", { subQueueType: "deadLetter" }), 1);
  assert.deepEqual([d.body, d.deadLetterReason, d.deadLetterErrorDescription], ["dead", "r", "d"]);
  assert.deepEqual(bodies(await receiver.peekMessages(10)), ["later", "again"]);
});

test("topics: sessions, and the dead letter of a message without one", admin, async (t) => {
  const topic = await t.topic({}, { s: { requiresSession: true }, all: {} });
  const client = t.client();
  await client.createSender(topic).sendMessages([{ body: 1, sessionId: "x" }, { body: 2, sessionId: "y" }, { body: 3, sessionId: "x" }, { body: "none" }]);
  const x = await client.acceptSession(topic, "s", "x");
  assert.deepEqual(bodies(await receive(x, 2)), [1, 3]);
  await x.setSessionState({ seen: 2 });
  assert.equal((await client.acceptNextSession(topic, "s")).sessionId, "y");
  const [dead] = await receive(client.createReceiver(topic, "s", { subQueueType: "deadLetter" }), 1);
  assert.deepEqual([dead.body, dead.deadLetterReason], ["none", "Session ID is null."]);
  assert.equal((await drain(client, topic, "all")).length, 4);
});

test("topics: scheduled messages wait in the topic, cancelled ones never come", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  const client = t.client();
  const sender = client.createSender(topic);
  const due = new Date(Date.now() + 2000);
  const [, cancelled] = await sender.scheduleMessages([{ body: "then" }, { body: "never" }], due);
  assert.equal((await t.admin.getTopicRuntimeProperties(topic)).scheduledMessageCount, 2);
  await sender.cancelScheduledMessages(cancelled);
  const receiver = client.createReceiver(topic, "s");
  await receiveNothing(receiver, 800);
  assert.deepEqual(bodies(await receive(receiver, 1, 6000)), ["then"]);
  assert.ok(Date.now() >= due.getTime() - 250, "came early");
  await receiveNothing(receiver, 500);
});

test("topics: duplicates are found in the topic", admin, async (t) => {
  const topic = await t.topic({ requiresDuplicateDetection: true }, { a: {}, b: {} });
  const client = t.client();
  await client.createSender(topic).sendMessages([{ body: 1, messageId: "same" }, { body: 2, messageId: "same" }]);
  for (const s of ["a", "b"]) assert.deepEqual(await drain(client, topic, s), [1]);
});

test("topics: forwarding from a queue, and from a subscription", admin, async (t) => {
  const target = await t.queue();
  const topic = await t.topic({}, { out: { forwardTo: target } });
  const source = await t.queue({ forwardTo: topic });
  const client = t.client();
  await client.createSender(source).sendMessages({ body: "through" });
  assert.deepEqual(bodies(await receive(client.createReceiver(target), 1)), ["through"]);
});

test("topics: nobody receives from a topic or sends to a subscription", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  const client = t.client();
  await assert.rejects(client.createReceiver(topic).receiveMessages(1, { maxWaitTimeInMs: 500 }), /subscription/i);
  await assert.rejects(client.createSender(`${topic}/Subscriptions/s`).sendMessages({ body: 1 }), /topic/i);
  await rejectsWith(client.createReceiver(topic, "missing").receiveMessages(1, { maxWaitTimeInMs: 500 }), "MessagingEntityNotFound");
});

test("topics: a disabled topic refuses messages and its subscriptions go on", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  const client = t.client();
  await client.createSender(topic).sendMessages({ body: "before" });
  await t.admin.updateTopic({ ...await t.admin.getTopic(topic), status: "SendDisabled" });
  await rejectsWith(t.client().createSender(topic).sendMessages({ body: 1 }), "MessagingEntityDisabled");
  assert.deepEqual(await drain(client, topic, "s"), ["before"]);
});

test("topics: the shorter time to live of topic and subscription counts", admin, async (t) => {
  const topic = await t.topic({ defaultMessageTimeToLive: "PT1S" }, { s: { deadLetteringOnMessageExpiration: true } });
  const client = t.client();
  await client.createSender(topic).sendMessages({ body: "old", timeToLive: 60000 });
  const [dead] = await receive(client.createReceiver(topic, "s", { subQueueType: "deadLetter" }), 1, 8000);
  assert.equal(dead.deadLetterReason, "TTLExpiredException");
});

test("rules: a new subscription takes everything by its default rule", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  const rule = await t.admin.getRule(topic, "s", "$Default");
  assert.equal(rule.filter.sqlExpression, "1=1");
  assert.equal(rule.action.sqlExpression, undefined);
});

test("rules: SQL filters", admin, async (t) => {
  const sql = (sqlExpression, sqlParameters) => ({ defaultRuleOptions: { name: "r", filter: { sqlExpression, sqlParameters } } });
  const topic = await t.topic({}, {
    red: sql("color = 'red'"),
    many: sql("user.quantity >= @least AND NOT color IN ('blue', 'green')", { "@least": 10 }),
    system: sql("sys.Label LIKE 'a\\_%' ESCAPE '\\' OR sys.correlationid = 'c'"),
    exists: sql("EXISTS(quantity) AND missing IS NULL AND quantity % 2 = 1"),
    unknown: sql("missing <> 1"),
    none: sql("1=0"),
  });
  const client = t.client();
  await client.createSender(topic).sendMessages([
    colored("red", { quantity: 9 }), colored("red", { quantity: 12 }), colored("blue", { quantity: 99 }),
    { body: "label", subject: "a_b" }, { body: "other label", subject: "ab" }, { body: "correlated", correlationId: "c" },
  ]);
  assert.deepEqual(await drain(client, topic, "red"), ["red", "red"]);
  assert.deepEqual(await drain(client, topic, "many"), ["red"]);
  assert.deepEqual(await drain(client, topic, "system"), ["label", "correlated"]);
  assert.deepEqual(await drain(client, topic, "exists"), ["red", "blue"]);
  assert.deepEqual(await drain(client, topic, "unknown"), []);
  assert.deepEqual(await drain(client, topic, "none"), []);
});

test("rules: correlation filters compare every property they name", admin, async (t) => {
  const by = (filter) => ({ defaultRuleOptions: { name: "r", filter } });
  const message = {
    body: "all", correlationId: "c", messageId: "m", to: "t", replyTo: "r", subject: "s", sessionId: "n", replyToSessionId: "p", contentType: "text/x",
    applicationProperties: { color: "red", quantity: 5, flag: true },
  };
  const topic = await t.topic({}, {
    all: by({ correlationId: "c", messageId: "m", to: "t", replyTo: "r", subject: "s", sessionId: "n", replyToSessionId: "p", contentType: "text/x",
      applicationProperties: { color: "red", quantity: 5, flag: true } }),
    one: by({ correlationId: "c" }),
    wrong: by({ correlationId: "c", subject: "S" }),
    property: by({ applicationProperties: { color: "Red" } }),
  });
  const client = t.client();
  await client.createSender(topic).sendMessages([message, { body: "bare" }]);
  assert.deepEqual(await drain(client, topic, "all"), ["all"]);
  assert.deepEqual(await drain(client, topic, "one"), ["all"]);
  assert.deepEqual(await drain(client, topic, "wrong"), []);
  assert.deepEqual(await drain(client, topic, "property"), []);
});

test("rules: an action gives its own copy, named after the rule", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  await t.admin.createRule(topic, "s", "second", { sqlExpression: "1=1" });
  await t.admin.createRule(topic, "s", "change", { sqlExpression: "color = 'red'" },
    { sqlExpression: "SET quantity = quantity * 2 + 1; REMOVE color SET sys.Label = 'changed'; SET added = @p", sqlParameters: { "@p": "x" } });
  const client = t.client();
  await client.createSender(topic).sendMessages(colored("red", { quantity: 5 }));
  const got = await receive(client.createReceiver(topic, "s"), 3, 3000);
  assert.equal(got.length, 2);
  const changed = got.find((m) => m.applicationProperties.RuleName);
  const plain = got.find((m) => m !== changed);
  assert.deepEqual({ ...plain.applicationProperties }, { color: "red", quantity: 5 });
  assert.deepEqual({ ...changed.applicationProperties }, { quantity: 11, added: "x", RuleName: "change" });
  assert.deepEqual([changed.subject, changed.body, plain.subject], ["changed", "red", undefined]);
});

test("rules: one that fails dead-letters the message, or is taken not to match", admin, async (t) => {
  const failing = { defaultRuleOptions: { name: "r", filter: { sqlExpression: "color > 1" } } };
  const topic = await t.topic({}, { dead: failing, ignored: { ...failing, deadLetteringOnFilterEvaluationExceptions: false } });
  const client = t.client();
  await client.createSender(topic).sendMessages(colored("red"));
  const [dead] = await receive(client.createReceiver(topic, "dead", { subQueueType: "deadLetter" }), 1);
  assert.equal(dead.body, "red");
  assert.match(dead.deadLetterErrorDescription, /'r'/);
  const counts = await t.admin.getSubscriptionRuntimeProperties(topic, "ignored");
  assert.equal(counts.totalMessageCount, 0);
});

test("rules: created, read, changed, listed and deleted by the administration client", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  const filter = { correlationId: "c", to: "t", applicationProperties: { text: "x", number: 5, flag: true, at: new Date("2030-01-02T03:04:05.000Z") } };
  await t.admin.createRule(topic, "s", "r", filter);
  const rule = await t.admin.getRule(topic, "s", "r");
  assert.deepEqual([rule.name, rule.filter.correlationId, rule.filter.to, rule.filter.subject], ["r", "c", "t", undefined]);
  assert.deepEqual({ ...rule.filter.applicationProperties }, filter.applicationProperties);
  await t.admin.updateRule(topic, "s", { ...rule, filter: { sqlExpression: "a = @b", sqlParameters: { "@b": "c" } }, action: { sqlExpression: "SET a = 1" } });
  const changed = await t.admin.getRule(topic, "s", "r");
  assert.deepEqual([changed.filter.sqlExpression, changed.filter.sqlParameters["@b"], changed.action.sqlExpression], ["a = @b", "c", "SET a = 1"]);
  const names = [];
  for await (const one of t.admin.listRules(topic, "s")) names.push(one.name);
  assert.deepEqual(names.sort(), ["$Default", "r"]);
  await t.admin.deleteRule(topic, "s", "$Default");
  assert.equal(await t.admin.ruleExists(topic, "s", "$Default"), false);
  await assert.rejects(t.admin.createRule(topic, "s", "r", { sqlExpression: "1=1" }), (e) => e.statusCode === 409 && e.code === "MessageEntityAlreadyExistsError");
  await assert.rejects(t.admin.getRule(topic, "s", "none"), (e) => e.statusCode === 404);
});

test("rules: the rule manager's link adds, lists and removes", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  const client = t.client();
  const rules = client.createRuleManager(topic, "s");
  await rules.deleteRule("$Default");
  await rules.createRule("blue", { sqlExpression: "color = 'blue'" });
  await rules.createRule("red", { correlationId: "c", applicationProperties: { color: "red" } }, { sqlExpression: "SET seen = TRUE" });
  const listed = [];
  for await (const rule of rules.listRules()) listed.push(rule);
  assert.deepEqual(listed.map((r) => r.name).sort(), ["blue", "red"]);
  const [blue, red] = ["blue", "red"].map((name) => listed.find((r) => r.name === name));
  assert.deepEqual([blue.filter.sqlExpression, blue.action.sqlExpression], ["color = 'blue'", undefined]);
  assert.deepEqual([red.filter.correlationId, red.filter.applicationProperties.color, red.action.sqlExpression], ["c", "red", "SET seen = TRUE"]);
  await client.createSender(topic).sendMessages([colored("blue"), colored("red"), { ...colored("red"), correlationId: "c" }]);
  assert.deepEqual(await drain(client, topic, "s"), ["blue", "red"]);
  await rejectsWith(rules.createRule("blue", { sqlExpression: "1=1" }), "MessagingEntityAlreadyExists");
  await rejectsWith(rules.deleteRule("none"), "MessagingEntityNotFound");
  await assert.rejects(rules.createRule("bad", { sqlExpression: "color = " }), /position 9/);
  await rules.deleteRule("blue");
  await rules.deleteRule("red");
  for await (const rule of t.admin.listRules(topic, "s")) assert.fail(rule.name);
});

test("rules: what does not parse is refused with its position", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  await assert.rejects(t.admin.createRule(topic, "s", "r", { sqlExpression: "a = 'b" }), (e) => e.statusCode === 400 && /position 5/.test(e.message));
  await assert.rejects(t.admin.createSubscription(topic, "bad", { defaultRuleOptions: { name: "r", filter: { sqlExpression: "a" } } }), (e) => e.statusCode === 400);
  assert.equal(await t.admin.subscriptionExists(topic, "bad"), false);
});

test("admin: topics and subscriptions keep what they were created with, and change", admin, async (t) => {
  const target = await t.queue();
  const options = { defaultMessageTimeToLive: "PT2H", requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow: "PT1M", maxSizeInMegabytes: 2048, userMetadata: "m" };
  const subscription = { lockDuration: "PT45S", requiresSession: true, maxDeliveryCount: 3, deadLetteringOnMessageExpiration: true, autoDeleteOnIdle: "PT1H", userMetadata: "n" };
  const topic = await t.topic(options, { s: { ...subscription, forwardDeadLetteredMessagesTo: target } });
  const got = await t.admin.getTopic(topic);
  for (const [k, v] of Object.entries(options)) assert.equal(got[k], v, k);
  assert.deepEqual([got.name, got.status, got.supportOrdering], [topic, "Active", true]);
  const s = await t.admin.getSubscription(topic, "s");
  for (const [k, v] of Object.entries(subscription)) assert.equal(s[k], v, k);
  assert.deepEqual([s.topicName, s.subscriptionName, s.deadLetteringOnFilterEvaluationExceptions], [topic, "s", true]);
  assert.ok(s.forwardDeadLetteredMessagesTo.endsWith(target));
  await t.admin.updateTopic({ ...got, defaultMessageTimeToLive: "PT3H" });
  await t.admin.updateSubscription({ ...s, maxDeliveryCount: 4 });
  assert.equal((await t.admin.getTopic(topic)).defaultMessageTimeToLive, "PT3H");
  assert.equal((await t.admin.getSubscription(topic, "s")).maxDeliveryCount, 4);
  await assert.rejects(t.admin.updateTopic({ ...got, requiresDuplicateDetection: false }), (e) => e.statusCode === 400);
  await assert.rejects(t.admin.updateSubscription({ ...s, requiresSession: false }), (e) => e.statusCode === 400);
});

test("admin: topics and subscriptions are listed, counted and deleted", admin, async (t) => {
  const topic = await t.topic({}, { one: {}, two: {} });
  await t.client().createSender(topic).sendMessages({ body: "x".repeat(100) });
  const runtime = await t.admin.getTopicRuntimeProperties(topic);
  assert.equal(runtime.subscriptionCount, 2);
  assert.ok(runtime.sizeInBytes >= 200 && runtime.accessedAt >= runtime.createdAt);
  const subscriptions = [];
  for await (const s of t.admin.listSubscriptionsRuntimeProperties(topic)) subscriptions.push([s.subscriptionName, s.activeMessageCount]);
  assert.deepEqual(subscriptions, [["one", 1], ["two", 1]]);
  await t.admin.deleteSubscription(topic, "one");
  assert.equal(await t.admin.subscriptionExists(topic, "one"), false);
  await t.admin.deleteTopic(topic);
  assert.equal(await t.admin.topicExists(topic), false);
  await eventually("the topic is gone for senders", () => t.client().createSender(topic).sendMessages({ body: 1 }).then(() => false, (e) => e.code === "MessagingEntityNotFound"));
});

test("admin: a long list of topics comes in pages", { ...admin, serial: true }, async (t) => {
  const names = [];
  for (let i = 0; i < 105; i++) names.push(await t.topic());
  const listed = [];
  for await (const topic of t.admin.listTopics()) listed.push(topic.name);
  for (const name of names) assert.ok(listed.includes(name), name);
  assert.equal(new Set(listed).size, listed.length);
});

test("admin: names of queues and topics collide, those of subscriptions within their topic", admin, async (t) => {
  const topic = await t.topic({}, { s: {} });
  const queue = await t.queue();
  const taken = (e) => e.statusCode === 409 && e.code === "MessageEntityAlreadyExistsError";
  await assert.rejects(t.admin.createQueue(topic), taken);
  await assert.rejects(t.admin.createTopic(queue.toUpperCase()), taken);
  await assert.rejects(t.admin.createSubscription(topic, "S"), taken);
  for (const name of ["-a", "a/b", "x".repeat(51)]) await assert.rejects(t.admin.createSubscription(topic, name), (e) => e.statusCode >= 400, name.slice(0, 9));
  await assert.rejects(t.admin.createSubscription(`${topic}-not`, "s"), (e) => e.statusCode === 404);
  await assert.rejects(t.admin.createSubscription(topic, "t", { lockDuration: "PT6M" }), (e) => e.statusCode === 400);
});

test("admin: a topic is shown in lower case, a subscription as it was created, and any letter case finds both", admin, async (t) => {
  const topic = `Folder/Sub/t-${Date.now()}`;
  await t.admin.createTopic(topic);
  try {
    await t.admin.createSubscription(topic, "Sub");
    const s = await t.admin.getSubscription(topic.toLowerCase(), "sUB");
    assert.deepEqual([s.topicName, s.subscriptionName], [topic.toLowerCase(), "Sub"]);
    const client = t.client();
    await client.createSender(topic.toUpperCase()).sendMessages({ body: 1 });
    assert.deepEqual(bodies(await receive(client.createReceiver(topic, "SUB"), 1)), [1]);
  } finally {
    await t.admin.deleteTopic(topic);
  }
});

test("security: a topic's own keys are good for its subscriptions", admin, async (t) => {
  const rule = (keyName, ...accessRights) => ({ claimType: "SharedAccessKey", keyName, accessRights, primaryKey: `${keyName}-primary`, secondaryKey: `${keyName}-secondary` });
  const topic = await t.topic({ authorizationRules: [rule("sender", "Send"), rule("listener", "Listen")] }, { s: {} });
  const as = (name) => t.client({}, withKey(connectionString, name, `${name}-primary`));
  await as("sender").createSender(topic).sendMessages({ body: 1 });
  await rejectsWith(as("sender").createReceiver(topic, "s").receiveMessages(1, { maxWaitTimeInMs: 500 }), "UnauthorizedAccess");
  assert.equal((await as("listener").createReceiver(topic, "s").receiveMessages(1)).length, 1);
  await rejectsWith(as("listener").createSender(topic).sendMessages({ body: 1 }), "UnauthorizedAccess");
});

test("topics: many senders and subscriptions at once lose and double nothing", { ...admin, timeout: 60000 }, async (t) => {
  const topic = await t.topic({}, { a: {}, b: {}, odd: { defaultRuleOptions: { name: "r", filter: { sqlExpression: "n % 2 = 1" } } } });
  const senders = Array.from({ length: 4 }, () => t.client().createSender(topic));
  const got = { a: [], b: [], odd: [] };
  const subscriptions = Object.keys(got).map((s) => {
    const receiver = t.client().createReceiver(topic, s);
    receiver.subscribe({ processMessage: async (m) => { got[s].push(m.body); }, processError: async () => {} }, { maxConcurrentCalls: 10 });
    return receiver;
  });
  await Promise.all(senders.map(async (sender, k) => {
    for (let i = 0; i < 50; i++) await sender.sendMessages({ body: k * 50 + i, applicationProperties: { n: i } });
  }));
  await eventually("all have come", () => got.a.length === 200 && got.b.length === 200 && got.odd.length === 100, 30000);
  await sleep(300);
  for (const s of Object.keys(got)) assert.equal(new Set(got[s]).size, got[s].length, s);
  assert.deepEqual([got.a.length, got.b.length, got.odd.length], [200, 200, 100]);
  await Promise.all(subscriptions.map((r) => r.close()));
});

await run();
