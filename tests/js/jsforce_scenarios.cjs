// What jsforce, a client that knows nothing of us, does with the simulated org.
// node jsforce_scenarios.cjs <scenario> '{"url": ..., "clientId": ..., ...}'; fails by throwing.

"use strict";

const assert = require("node:assert/strict");
const jsforce = require("jsforce");

const VERSION = "60.0";

function connect(given) {
  const { url, accessToken, refreshToken } = given;
  const oauth2 = oauthOf(given);
  return new jsforce.Connection({
    instanceUrl: url,
    accessToken,
    refreshToken,
    oauth2,
    version: VERSION,
  });
}

function oauthOf({ url, clientId, clientSecret, redirectUri }) {
  return new jsforce.OAuth2({
    loginUrl: url,
    clientId,
    clientSecret,
    redirectUri,
    useVerifier: true,
  });
}

async function act(given, name, body) {
  const answer = await fetch(`${given.url}/_sim/actions/${name}`, {
    method: "POST",
    body: JSON.stringify(body ?? {}),
  });
  assert.equal(answer.status, 200, await answer.text());
}

// Presses Allow on the page that a browser would show.
async function allow(address) {
  const html = await (await fetch(address)).text();
  const page = new URL(address);
  const form = new URLSearchParams(page.search);
  form.set("user_id", html.match(/name="user_id" value="(\w+)"/)[1]);
  form.set("decision", "allow");
  const answer = await fetch(page.origin + page.pathname, {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  return new URL(answer.headers.get("location")).searchParams;
}

async function refusal(promise, code) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.errorCode ?? error.name, code, error.message);
    return true;
  });
}

const leads = (count, company) =>
  Array.from({ length: count }, (_, number) => ({ LastName: `L${number}`, Company: company }));

const scenarios = {
  async login(given) {
    const oauth2 = oauthOf(given);
    const scope = "api refresh_token id openid";
    const callback = await allow(oauth2.getAuthorizationUrl({ scope, state: "a b&c" }));
    assert.equal(callback.get("state"), "a b&c");
    const conn = new jsforce.Connection({ oauth2, version: VERSION });
    const user = await conn.authorize(callback.get("code"));
    assert.match(user.id, /^005\w{15}$/);
    assert.match(user.organizationId, /^00D\w{15}$/);
    assert.equal(conn.instanceUrl, given.url);
    const identity = await conn.identity();
    assert.equal(identity.user_id, user.id);
    await refusal(oauth2.requestToken(callback.get("code")), "invalid_grant");
  },

  async query(given) {
    const conn = connect(given);
    await conn.sobject("Lead").create(leads(450, "Paged"), { allowRecursive: true });
    const soql = "SELECT Id, LastName FROM Lead WHERE Company = 'Paged'";
    const headers = { "Sforce-Query-Options": "batchSize=200" };
    const first = await conn.query(soql, { headers });
    assert.deepEqual([first.totalSize, first.done, first.records.length], [450, false, 200]);
    const second = await conn.queryMore(first.nextRecordsUrl);
    assert.equal(second.done, false);
    const all = await conn.query(soql, { headers, autoFetch: true, maxFetch: 1000 });
    assert.equal(new Set(all.records.map((one) => one.Id)).size, 450);
    const found = await conn
      .sobject("Contact")
      .find({ Name: { $like: "Ana%" }, "Account.Name": "Northwind Robotics" }, "Id, Account.Name")
      .sort("-LastName")
      .limit(5);
    assert.equal(found[0].Account.Name, "Northwind Robotics");
    const nested = await conn
      .sobject("Account")
      .find({ Name: "Northwind Robotics" }, "Id, Name")
      .include("Contacts")
      .select("Id, LastName")
      .end();
    assert.ok(nested[0].Contacts.totalSize >= 3);
    assert.equal(await conn.sobject("Lead").count({ Company: "Paged" }), 450);
    await refusal(conn.query("SELECT Nope FROM Lead"), "INVALID_FIELD");
    await refusal(conn.query("SELECT Id FROM Nope"), "INVALID_TYPE");
    await refusal(conn.query("SELEC"), "MALFORMED_QUERY");
  },

  async search(given) {
    const conn = connect(given);
    const sosl = "FIND {4155550101} IN PHONE FIELDS RETURNING Contact(Id, Name)";
    const { searchRecords } = await conn.search(sosl);
    assert.deepEqual(searchRecords.map((one) => one.Name), ["Ana Ito"]);
    await refusal(conn.search("FIND nothing"), "MALFORMED_SEARCH");
  },

  async crud(given) {
    const conn = connect(given);
    const accounts = conn.sobject("Account");
    const { id, success } = await accounts.create({ Name: "From outside" });
    assert.equal(success, true);
    assert.equal((await accounts.retrieve(id)).Name, "From outside");
    assert.equal((await accounts.update({ Id: id, Phone: "1" })).success, true);
    const start = new Date(Date.now() - 5 * 60_000).toISOString();
    const end = new Date(Date.now() + 5 * 60_000).toISOString();
    assert.ok((await accounts.updated(start, end)).ids.includes(id));
    assert.equal((await accounts.destroy(id)).success, true);
    const gone = (await accounts.deleted(start, end)).deletedRecords.map((one) => one.id);
    assert.ok(gone.includes(id));
    await refusal(accounts.retrieve(id), "ENTITY_IS_DELETED");
    await refusal(accounts.retrieve("001000000000001AAA"), "NOT_FOUND");
    await refusal(conn.sobject("Contact").create({ FirstName: "x" }), "REQUIRED_FIELD_MISSING");
  },

  async upsert(given) {
    const tasks = connect(given).sobject("Task");
    const field = given.externalId;
    const first = await tasks.upsert({ [field]: "js-1", Subject: "One" }, field);
    assert.equal(first.created, true);
    const second = await tasks.upsert({ [field]: "js-1", Subject: "Two" }, field);
    assert.deepEqual([second.created, second.id], [false, first.id]);
    assert.equal((await tasks.retrieve(first.id)).Subject, "Two");
    const many = ["js-1", "js-2"].map((value) => ({ [field]: value, Subject: "Many" }));
    const results = await tasks.upsert(many, field, { allowRecursive: true });
    assert.deepEqual(results.map((one) => one.success), [true, true]);
  },

  async collections(given) {
    const conn = connect(given);
    const wanted = leads(450, "Many");
    wanted[7].LastName = undefined;
    const made = await conn.sobject("Lead").create(wanted, { allowRecursive: true });
    assert.equal(made.length, 450);
    assert.deepEqual([made[7].success, made[7].id], [false, undefined]);
    assert.equal(made[7].errors[0].statusCode, "REQUIRED_FIELD_MISSING");
    const ids = made.filter((one) => one.success).map((one) => one.id);
    assert.equal(new Set(ids).size, 449);
    const changes = ids.map((Id) => ({ Id, Title: "Changed" }));
    const changed = await conn.sobject("Lead").update(changes, { allowRecursive: true });
    assert.ok(changed.every((one) => one.success));
    const read = await conn.sobject("Lead").retrieve(ids.slice(0, 300));
    assert.ok(read.every((one) => one.Title === "Changed"));
    const removed = await conn.sobject("Lead").destroy(ids, { allowRecursive: true });
    assert.ok(removed.every((one) => one.success));
    await refusal(conn.sobject("Lead").create(leads(201, "Over")), "EXCEEDED_ID_LIMIT");
  },

  async composite(given) {
    const conn = connect(given);
    const base = `/services/data/v${VERSION}`;
    const { compositeResponse } = await conn.requestPost(`${base}/composite`, {
      allOrNone: true,
      compositeRequest: [
        {
          method: "POST",
          url: `${base}/sobjects/Lead`,
          referenceId: "lead",
          body: { LastName: "Ito", Company: "Acme" },
        },
        {
          method: "POST",
          url: `${base}/sobjects/Task`,
          referenceId: "call",
          body: { WhoId: "@{lead.id}", Subject: "Call" },
        },
      ],
    });
    assert.deepEqual(compositeResponse.map((one) => one.httpStatusCode), [201, 201]);
    const task = await conn.sobject("Task").retrieve(compositeResponse[1].body.id);
    assert.equal(task.WhoId, compositeResponse[0].body.id);
  },

  async describe(given) {
    const conn = connect(given);
    const contact = await conn.describe("Contact");
    const phones = contact.fields.filter((one) => one.type === "phone").map((one) => one.name);
    assert.ok(phones.includes("MobilePhone"));
    const names = (await conn.describeGlobal()).sobjects.map((one) => one.name);
    assert.ok(names.includes("Task"));
    await refusal(conn.describe("Nope"), "NOT_FOUND");
  },

  async limits(given) {
    const conn = connect(given);
    const { DailyApiRequests } = await conn.limits();
    assert.equal(DailyApiRequests.Max, 100_000);
    assert.equal(conn.limitInfo.apiUsage.limit, 100_000);
    assert.ok(conn.limitInfo.apiUsage.used >= 1);
  },

  async refresh(given) {
    await act(given, "set-rotation", { on: false }); // jsforce does not adopt a new refresh token
    const conn = connect(given);
    const renewed = [];
    conn.on("refresh", (token) => renewed.push(token));
    for (const round of [1, 2]) {
      await act(given, "expire-access-tokens");
      assert.ok((await conn.query("SELECT Id FROM Account LIMIT 1")).totalSize === 1);
      assert.equal(renewed.length, round);
    }
    assert.equal(conn.accessToken, renewed[1]);
  },

  async revoke(given) {
    const conn = connect(given);
    await conn.logout(true);
    assert.equal(conn.accessToken, null);
    const after = connect(given);
    const query = after.query("SELECT Id FROM Account LIMIT 1");
    await assert.rejects(query, /expired access\/refresh token/);
  },
};

const [name, given] = process.argv.slice(2);
scenarios[name](JSON.parse(given)).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
