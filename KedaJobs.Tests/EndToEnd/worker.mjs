// A worker in another language: the official client, peek-lock, drains the queue, then exits.
import { ServiceBusClient } from "@azure/service-bus";

const [greeting] = process.argv.slice(2);
const client = new ServiceBusClient(process.env.ConnectionStrings__jobs.replace(/;EntityPath=[^;]*/, ""));
const jobs = client.createReceiver(process.env.JOBS_QUEUENAME);
const results = client.createSender(process.env.RESULTS_QUEUENAME);
for (;;) {
  const messages = await jobs.receiveMessages(5, { maxWaitTimeInMs: 500 });
  if (messages.length === 0) break;
  for (const message of messages) {
    await results.sendMessages({ messageId: message.messageId, body: `${greeting} ${message.body} from ${process.env.CONTAINER_APP_JOB_NAME}` });
    await jobs.completeMessage(message);
    console.log(`done ${message.messageId}`);
  }
}
await client.close();
