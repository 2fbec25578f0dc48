// What a shop's programmer writes with the types that openapi-typescript made: portal.ts.
import createClient from "openapi-fetch";
import type { components, paths } from "./portal.js";

function named(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set.`);
  return value;
}

const portal = named("PORTAL");
const given = await fetch(`${portal}/oauth/token`, {
  method: "POST",
  headers: { Authorization: `Basic ${btoa(`${named("CLIENT_ID")}:${named("CLIENT_SECRET")}`)}` },
  body: new URLSearchParams({ grant_type: "client_credentials", scope: named("SCOPE") }),
});
const token = (await given.json()) as { access_token: string };
const client = createClient<paths>({
  baseUrl: portal,
  headers: { Authorization: `Bearer ${token.access_token}` },
});

function taken<T>(answer: { data?: T; error?: components["schemas"]["Problem"] }): T {
  if (answer.data === undefined) throw new Error(answer.error?.detail ?? "No answer.");
  return answer.data;
}

const page = taken(
  await client.GET("/api/v1/queries/", { params: { query: { view: "your_turn", limit: 1 } } }),
);
const [query] = page.results;
if (query === undefined) throw new Error("Nothing waits.");

const path = { query_id: query.id };
const words = { body: "It left this morning.", closes: false };
const refused = await client.POST("/api/v1/queries/{query_id}/reply/", {
  params: { path, header: { "If-Match": '"0"' } },
  body: words,
});
const reply = await client.POST("/api/v1/queries/{query_id}/reply/", {
  params: { path, header: { "If-Match": `"${query.version}"`, "Idempotency-Key": "reply-1" } },
  body: words,
});
taken(reply);

const read = taken(await client.GET("/api/v1/queries/{query_id}/", { params: { path } }));
const closed = taken(
  await client.POST("/api/v1/queries/{query_id}/close/", {
    params: { path, header: { "If-Match": `"${read.version}"` } },
    body: { predicted_score: 8 },
  }),
);
if (closed.state !== "closed") throw new Error(`It is ${closed.state}.`);

const scored = taken(
  await client.GET("/api/v1/measurements/", { params: { query: { score: 9 } } }),
);

console.log(
  JSON.stringify({
    closed: closed.id,
    subject: query.subject,
    more: page.next !== null,
    refused: refused.error?.code,
    scores: scored.results.map((each) => each.score),
  }),
);
