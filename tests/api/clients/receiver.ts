// What a receiver of webhooks does with each call: check it with the standardwebhooks of npm.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

type Call = { secret: string; body: string; headers: Record<string, string> };

function verdict(call: Call): string {
  try {
    const event = new Webhook(call.secret).verify(call.body, call.headers) as { type: string };
    return event.type;
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

const calls = JSON.parse(readFileSync(0, "utf8")) as Call[];
console.log(JSON.stringify(calls.map(verdict)));
