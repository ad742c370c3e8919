// The system settings: a right set-up and wrong ones are tested from the page, a change takes effect without a restart, and
// one that does not work is taken back.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const port = await new Promise((done) => { const s = createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => done(port)); }); });
const cloud = `http://127.0.0.1:${port}`;
// The server finds the queue's service by its environment, which the harness reads when it is loaded.
Object.assign(process.env, { AWS_ENDPOINT_URL: cloud, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "not-a-secret" });
const { accessible, launch, noFaults, openPage, picture, Server, waitFor } = await import("./ballast.mjs");

const PASSWORD = "a long enough password";
const at = (bucket) => `s3://test:not-a-secret@127.0.0.1:${port}/${bucket}?tls=false`;
let server, browser, services;

const call = async (service, method, path, body) => {
  const res = await fetch(cloud + path, { method, body, headers: { Authorization: `AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`, ...(service === "sqs" ? { "Content-Type": "application/x-www-form-urlencoded" } : {}) } });
  if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`);
};

before(async () => {
  services = spawn(join(process.env.BALLAST_CACHE ?? join(homedir(), ".cache", "ballast"), "moto", "bin", "moto_server"), ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  [server, browser] = await Promise.all([Server.start("--revert-after", "1s", "--merge-rate", "8MiB"), launch(), waitFor("S3 and SQS", async () => (await fetch(cloud + "/moto-api/")).ok, 60_000)]);
  server.user("mira", PASSWORD, "--admin");
  server.user("noor", PASSWORD);
  await call("s3", "PUT", "/runs");
  await call("sqs", "POST", "/", "Action=CreateQueue&QueueName=uploads");
  await call("s3", "PUT", "/runs?notification", `<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:123456789012:uploads</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>`);
});
after(async () => { await browser?.close(); await server?.stop(); services?.kill(); });

const storage = (page) => page.getByRole("form", { name: "File storage" });
const steps = (page) => page.getByRole("list", { name: "Steps of the test of File storage" });

test("a right set-up and wrong ones", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/system-admin");
  const form = storage(page);
  await form.getByLabel("Use an external file storage backend").check();
  const bucket = form.getByLabel("File storage bucket"), verdict = form.getByRole("status");
  const tried = async (text) => {
    await form.getByRole("button", { name: "Test File storage" }).click();
    await verdict.filter({ hasText: text }).waitFor({ timeout: 30_000 });
  };

  await bucket.fill(at("absent"));
  await tried("1 of 1 steps failed");
  await steps(page).getByText("There is no bucket absent.").waitFor();
  await steps(page).getByText("aws s3api create-bucket --bucket absent").waitFor();

  await bucket.fill(at("runs"));
  await form.getByLabel("Notification subscription").fill("sqs://nowhere");
  await tried(/1 of \d+ steps failed/);
  await steps(page).getByText("aws sqs create-queue --region us-east-1 --queue-name nowhere").waitFor();
  await accessible(page, "system settings with a failed step, dark");
  await picture(page, "system-test-1440-dark");

  await form.getByLabel("Notification subscription").fill("sqs://uploads");
  await tried("Everything works.");
  assert.deepEqual(await steps(page).locator("li > div:first-child > span:nth-child(2)").evaluateAll((all) => all.map((e) => e.firstChild.textContent)), [
    "Reach the bucket", "Put an object", "Get it", "Get a range of it", "Upload in parts, by signed URL", `CORS for ${server.url}`, "Find the queue", "Notice of a new object",
    "Put and get from this browser", "List", "Delete"]);

  await bucket.fill("gs://runs");
  await form.getByRole("button", { name: "Test File storage" }).click();
  await form.getByText("each must begin with s3://").waitFor();
  noFaults(page, /status of 400/);

  await bucket.fill(at("runs"));
  await bucket.press("Enter"); // by the keyboard alone
  await page.getByText("In effect.").waitFor({ timeout: 30_000 });
  assert.equal(await bucket.inputValue(), at("runs").replace("not-a-secret", "********"));

  await bucket.fill("s3://a:b@127.0.0.1:1/runs?tls=false");
  await form.getByRole("button", { name: "Update settings" }).click();
  await page.getByText("Taken back.").waitFor({ timeout: 45_000 });
  await waitFor("the bucket that works", async () => (await bucket.inputValue()) === at("runs").replace("not-a-secret", "********"));

  const locked = page.getByLabel("Merging of history, a second");
  assert.equal(await locked.getAttribute("readonly"), "");
  await page.getByText("Given by flag --merge-rate").waitFor();
  noFaults(page);
  await page.context().close();
});

test("on a phone in the light; others are told that it is not for them", async () => {
  const page = await openPage(browser, { theme: "light", width: 390, height: 844, as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/system-admin");
  await page.getByRole("table").filter({ hasText: "taken back" }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it sticks out of a phone");
  await accessible(page, "system settings, light, phone");
  await picture(page, "system-390-light");
  noFaults(page);
  await page.context().close();
  const other = await openPage(browser, { as: [server, "noor", PASSWORD] });
  await other.goto(server.url + "/system-admin");
  await other.getByText("noor is none").waitFor();
  noFaults(other);
  await other.context().close();
});
