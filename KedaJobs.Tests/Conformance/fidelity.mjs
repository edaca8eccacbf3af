// Messages come back as they were sent: every body, type and property.
import { randomUUID } from "node:crypto";
import rhea from "rhea-promise";
import { assert, receive, run, test } from "./harness.mjs";

test("fidelity: value, sequence and data bodies", async (t) => {
  const { sender, receiver } = await t.open();
  const sent = [
    { body: "text", bodyType: "value" },
    { body: 42, bodyType: "value" },
    { body: null, bodyType: "value" },
    { body: { a: 1, b: [true, "x"] }, bodyType: "value" },
    { body: [[1, "two", false]], bodyType: "sequence" },
    { body: [[1, 2], ["three"]], bodyType: "sequence" },
    { body: Buffer.from([1, 2, 3]), bodyType: "data" },
    { body: Buffer.alloc(0), bodyType: "data" },
  ];
  for (const m of sent) await sender.sendMessages(m);
  const got = await receive(receiver, sent.length);
  for (const [i, m] of sent.entries()) {
    assert.equal(got[i]._rawAmqpMessage.bodyType, m.bodyType, `body type ${i}`);
    if (m.bodyType === "data") assert.deepEqual([...got[i].body], [...m.body]);
    else assert.deepEqual(JSON.parse(JSON.stringify(got[i].body)), m.body, `body ${i}`);
  }
});

test("fidelity: all properties and annotations of an annotated message", async (t) => {
  const { sender, receiver } = await t.open();
  const message = {
    body: "b",
    bodyType: "value",
    header: { durable: true, priority: 7, timeToLive: 120000 },
    properties: { messageId: "m", userId: "u", to: "t", subject: "s", replyTo: "r", correlationId: "c", contentType: "ct", contentEncoding: "ce", absoluteExpiryTime: Date.now() + 120000, creationTime: Date.now(), groupId: "g", groupSequence: 3, replyToGroupId: "rg" },
    messageAnnotations: { own: "annotation", n: 5 },
    deliveryAnnotations: { hop: 1 },
    applicationProperties: { k: "v" },
    footer: { f: "foot" },
  };
  await sender.sendMessages(message);
  const [m] = await receive(receiver, 1);
  const raw = m._rawAmqpMessage;
  assert.equal(raw.header.durable, true);
  assert.equal(raw.header.priority, 7);
  for (const k of ["messageId", "to", "subject", "replyTo", "correlationId", "contentType", "contentEncoding", "groupId", "groupSequence", "replyToGroupId"])
    assert.deepEqual(raw.properties[k], message.properties[k], k);
  assert.equal(raw.messageAnnotations.own, "annotation");
  assert.equal(raw.messageAnnotations.n, 5);
  assert.equal(raw.footer.f, "foot");
});

test("fidelity: ids of every type", async (t) => {
  const { sender, receiver } = await t.open();
  const ids = ["text", 12345, randomUUID()];
  for (const messageId of ids) await sender.sendMessages({ body: 1, messageId, correlationId: messageId });
  const got = await receive(receiver, ids.length);
  assert.deepEqual(got.map((m) => String(m.messageId)), ids.map(String));
  for (const m of got) await receiver.completeMessage(m);
});

test("fidelity: typed application properties", async (t) => {
  const { sender, receiver } = await t.open();
  const w = rhea.types;
  const applicationProperties = {
    byte: w.wrap_byte(-5), ubyte: w.wrap_ubyte(200), short: w.wrap_short(-3000), ushort: w.wrap_ushort(60000), uint: w.wrap_uint(4000000000),
    int: w.wrap_int(-70000), long: w.wrap_long(5), ulong: w.wrap_ulong(6), float: w.wrap_float(1.5), double: w.wrap_double(2.25),
    timestamp: w.wrap_timestamp(1700000000000), uuid: w.wrap_uuid(Buffer.alloc(16, 9)), symbol: w.wrap_symbol("sym"), binary: w.wrap_binary(Buffer.from([1, 2])),
    char: w.wrap_char(65), yes: true, text: "x".repeat(300), empty: "",
  };
  await sender.sendMessages({ body: 1, applicationProperties });
  const [m] = await receive(receiver, 1);
  await receiver.abandonMessage(m, { added: 1 });
  const [again] = await receive(receiver, 1);
  const { added, ...rest } = again.applicationProperties;
  assert.equal(added, 1);
  assert.deepEqual(JSON.stringify(rest), JSON.stringify({ ...m.applicationProperties }));
  assert.equal(Object.keys(rest).length, Object.keys(applicationProperties).length);
});

test("fidelity: bodies of all sizes", async (t) => {
  const { sender, receiver } = await t.open(undefined, { skipParsingBodyAsJson: true });
  const sizes = [0, 1, 100, 255, 256, 4095, 4096, 16384, 65400, 65536, 131072, 250000];
  for (const size of sizes) await sender.sendMessages({ body: Buffer.alloc(size, size % 251), messageId: `${size}` });
  const got = await receive(receiver, sizes.length, 15000);
  assert.deepEqual(got.map((m) => m.body.length), sizes);
  for (const m of got) assert.ok(m.body.every((x) => x === Number(m.messageId) % 251), m.messageId);
});

test("fidelity: a received message can be sent on unchanged", async (t) => {
  const { sender, receiver } = await t.open();
  await sender.sendMessages({ body: { a: 1 }, messageId: "x", subject: "s", applicationProperties: { p: 1 } });
  const [m] = await receive(receiver, 1);
  await sender.sendMessages({ ...m._rawAmqpMessage, body: Buffer.from(JSON.stringify(m.body)), bodyType: "data" });
  await receiver.completeMessage(m);
  const [again] = await receive(receiver, 1);
  assert.deepEqual([again.messageId, again.subject, again.applicationProperties.p, again.deliveryCount], ["x", "s", 1, 0]);
  assert.ok(again.sequenceNumber.greaterThan(m.sequenceNumber));
  assert.deepEqual(again.body, { a: 1 });
});

await run();
